"""The policy packs of the product: all load, each number names its source, and the right one is found for a day."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.benefits.computing import compute
from app.benefits.model import (
    Bill,
    BillLine,
    Insured,
    ItemKind,
    LineClass,
    MedType,
    PersonGroup,
    Place,
    PlaceType,
    Question,
    RemoteStanding,
    Standing,
)
from app.benefits.pack_model import PolicyPack
from app.benefits.packs import PACKS_DIR, catalogue, pack_by_id, pack_on, problems
from app.kit.packs import SourceKind
from app.services.remote_care import packs as remote_packs
from app.services.remote_care.categories import Situation
from tests.benefits.trial_policy import folder_with, trial_pack

ALL_PACKS = catalogue().packs
EVERY_PACK = pytest.mark.parametrize("pack", ALL_PACKS, ids=lambda pack: pack.pack_id)


def test_all_packs_of_the_product_are_sound() -> None:
    assert problems() == []
    assert len(ALL_PACKS) == len(list(PACKS_DIR.glob("*.toml"))) >= 5


@EVERY_PACK
def test_every_number_of_a_pack_names_a_source_that_says_something(pack: PolicyPack) -> None:
    cited = set(pack.cited())

    assert cited
    assert cited <= set(pack.sources)
    assert all(source.ref.strip() and source.text.strip() for source in pack.sources.values())


@EVERY_PACK
def test_numbers_of_our_own_are_marked_as_ours_and_regional_ones_cite_a_document(pack: PolicyPack) -> None:
    for source in pack.sources.values():
        assert (source.kind is SourceKind.OURS) == ("ours" in source.ref)
        if source.kind is SourceKind.REGIONAL:
            assert source.ref.startswith("[00")


@pytest.mark.parametrize(
    ("region_code", "day", "pack_id"),
    [
        pytest.param("2305", "2023-01-01", "2305@2023-01-01", id="first day"),
        pytest.param("2305", "2022-12-31", None, id="the day before"),
        pytest.param("2305", "2030-01-01", "2305@2023-01-01", id="goes on"),
        pytest.param("230502", "2024-01-01", "2305@2023-01-01", id="a district has its city's"),
        pytest.param("230502001", "2024-01-01", "2305@2023-01-01", id="a street of it too"),
        pytest.param("320922", "2024-01-01", "320922@2022-01-01", id="a county with its own"),
        pytest.param("3209", "2024-01-01", None, id="the city of that county has none"),
        pytest.param("320921", "2024-01-01", None, id="nor its neighbour"),
        pytest.param("1401", "2023-06-30", None, id="before the published shares"),
        pytest.param("1401", "2023-07-01", "1401@2023-07-01", id="太原"),
        pytest.param("6104", "2024-01-01", "6104@2022-07-01", id="咸阳"),
        pytest.param("6109", "2024-01-01", "6109@2022-01-01", id="安康"),
        pytest.param("4401", "2024-01-01", None, id="a region without a pack"),
        pytest.param("23", "2024-01-01", None, id="the province of a city that has one"),
    ],
)
def test_a_bill_is_paid_by_the_pack_of_its_region_and_day(
    region_code: str, day: str, pack_id: str | None
) -> None:
    found = pack_on(region_code, date.fromisoformat(day))
    assert (found.pack_id if found else None) == pack_id


def test_a_settlement_finds_the_pack_it_was_settled_by() -> None:
    assert pack_by_id("2305@2023-01-01").title == "双鸭山市：职工门诊统筹"
    with pytest.raises(LookupError, match="there is no policy pack '2305@1999-01-01'"):
        pack_by_id("2305@1999-01-01")


def test_a_later_pack_takes_over_and_builds_on_nothing(tmp_path: Path) -> None:
    later = (PACKS_DIR / "2305-2023-01-01.toml").read_text("utf-8")
    later = later.replace("2023-01-01", "2024-07-01").replace("yuan = 2000", "yuan = 3000")
    earlier = (PACKS_DIR / "2305-2023-01-01.toml").read_text("utf-8")
    folder_with(tmp_path, earlier, name="2305-2023-01-01.toml")
    folder_with(tmp_path, later, name="2305-2024-07-01.toml")

    found = type(catalogue())(tmp_path)

    caps = {}
    for day in (date(2024, 6, 30), date(2024, 7, 1)):
        pack = found.pack_on("2305", day)
        assert pack is not None
        [benefit] = pack.benefits
        assert benefit.fund_cap is not None
        caps[day] = benefit.fund_cap.value
        assert benefit.accumulator == "2305:outpatient_pooling", "the year goes on across the change"
    assert list(caps.values()) == [200_000, 300_000]


def test_the_rows_of_the_rules_with_real_numbers_are_all_there() -> None:
    """domain.md §3, one row after the other (fen and permille)."""
    [pooling] = pack_by_id("2305@2023-01-01").benefits
    assert pooling.retired_plus is not None
    assert pooling.fund_cap is not None
    assert (pooling.deductible.value, pooling.fund_cap.value) == (60_000, 200_000)
    assert [row.permille for row in pooling.shares.values()] == [700]
    assert pooling.retired_plus.value == 50
    bands = pack_by_id("2305@2023-01-01").first_shares
    assert set(bands) == {ItemKind.TREATMENT, ItemKind.CONSUMABLE}
    for kind in bands.values():
        assert [(band.over_e4, band.up_to_e4, band.permille) for band in kind] == [
            (0, 1_000_000, 100),
            (1_000_000, None, 200),
        ]

    primary, level_2 = pack_by_id("320922@2022-01-01").benefits
    assert [primary.deductible.value, level_2.deductible.value] == [0, 10_000]
    assert [[row.permille for row in one.shares.values()] for one in (primary, level_2)] == [[600], [500]]
    for benefit in (primary, level_2):
        assert [cap.value for cap in benefit.counted_caps] == [160_000, 200_000]
        assert benefit.kinds == {ItemKind.DRUG}
        assert benefit.scope.med_types == {MedType.TWO_DISEASE}
    [limit] = pack_by_id("320922@2022-01-01").person_limits
    assert limit.limit.value == 100

    inpatient, chronic = pack_by_id("6109@2022-01-01").benefits
    for benefit in (inpatient, chronic):
        assert [(row.permille, row.at_least) for row in benefit.shares.values()] == [(600, True)]
    assert [row.ours for one in (inpatient, chronic) for row in one.shares.values()] == [False, True]
    assert (chronic.fund_cap, chronic.counted_caps, chronic.disease_limits) == (None, (), {})


def shares_of_remote_inpatient_care(pack: PolicyPack) -> set[tuple[str, str, Standing, int | None, int]]:
    """Those that a source gives; floors of ours are beside them."""
    return {
        (insutype, row.person, row.standing, row.level, row.permille)
        for benefit in pack.benefits
        if MedType.INPATIENT in benefit.scope.med_types
        for row in benefit.shares.values()
        if row.standing is not None and not row.ours
        for insutype in benefit.scope.insutypes
    }


def test_bills_are_paid_by_the_shares_that_people_are_told_before_they_travel() -> None:
    """The packs of remote care advise on the same numbers: both have them, and none has others."""
    advised = {
        (pack.region_code, pack.effective_from): {
            (row.insutype, row.person, row.situation.value, row.hospital_level, row.percent * 10)
            for row in pack.shares.values()
        }
        for pack in remote_packs.catalogue().packs
        if pack.shares
    }
    paid = {
        (pack.region_code, pack.effective_from): {
            (insutype, person.value, standing.value, level, permille)
            for insutype, person, standing, level, permille in shares
        }
        for pack in ALL_PACKS
        if (shares := shares_of_remote_inpatient_care(pack))
    }

    assert paid == advised
    assert len(paid[("6104", date(2022, 7, 1))]) == 15


def test_remote_care_and_benefits_speak_of_the_same_standings() -> None:
    assert {standing.value for standing in Standing} == {situation.value for situation in Situation}


def test_the_trial_pack_reads_levels_groups_and_limits_of_diseases() -> None:
    pack = trial_pack()
    inpatient = pack.benefits[0]

    assert inpatient.shares[(PersonGroup.ANY, None, 2)].permille == 700
    assert inpatient.shares[(PersonGroup.STUDENT, None, None)].permille == 901
    chronic = next(one for one in pack.benefits if one.disease_limits)
    found = {}
    for code in ("M03900", "M01600", "M07803", "M05300"):
        limit = chronic.disease_limit(code)
        assert limit is not None
        found[code] = (limit.counted and limit.counted.value, limit.fund and limit.fund.value)
    assert found == {
        "M03900": (200_000, None),
        "M01600": (None, 80_000),
        "M07803": (None, None),
        "M05300": (100_000, 40_000),
    }


PEOPLE = {
    "310": [Insured("310", "x"), Insured("310", "x", retired=True)],
    "390": [Insured("390", "x"), Insured("390", "x", student=True)],
}
BETTER = [
    (Standing.AS_AT_HOME, Standing.LONG_TERM),
    (Standing.LONG_TERM, Standing.REFERRAL),
    (Standing.LONG_TERM, Standing.EMERGENCY),
    (Standing.REFERRAL, Standing.OTHER_TEMPORARY),
    (Standing.EMERGENCY, Standing.OTHER_TEMPORARY),
    (Standing.OTHER_TEMPORARY, Standing.NOT_FILED),
    (Standing.COUNTS_AS_FILED, Standing.NOT_FILED),
]


@pytest.mark.parametrize(("region", "insutype"), [("1401", "310"), ("1401", "390"), ("6104", "390")])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_who_filed_or_needs_not_file_is_paid_no_less_than_who_did_not(
    region: str, insutype: str, level: int
) -> None:
    pack = pack_on(region, date(2024, 5, 6))
    bill = Bill(
        date(2024, 5, 6),
        MedType.INPATIENT,
        (BillLine(1, "X", "项目", LineClass.A, ItemKind.TREATMENT, 0, 100_000),),
    )
    for person in PEOPLE[insutype]:
        paid = {
            standing: compute(
                pack,
                Question(
                    bill,
                    replace(person, region_code=region),
                    Place("3101", PlaceType.HOSPITAL, level),
                    RemoteStanding(standing),
                ),
            ).fund_pay_sumamt_fen
            for standing in Standing
        }
        assert paid[Standing.NOT_FILED] > 0
        for better, lesser in BETTER:
            assert paid[better] >= paid[lesser], (better, lesser)
