"""The policy packs: all load, each rule names its source, the right one is found, a broken one says where."""

from datetime import date
from pathlib import Path

import pytest

from app.kit.packs import SourceKind
from app.services.remote_care.categories import Category, Decision, MedType, Proof, ProofMode, Situation
from app.services.remote_care.pack_model import MONTHS_OF_LOCK_AT_MOST, Pack
from app.services.remote_care.packs import (
    PACKS_DIR,
    Catalogue,
    PackError,
    catalogue,
    check_packs,
    pack_by_id,
    pack_for,
)

ALL_PACKS = catalogue().packs
EVERY_PACK = pytest.mark.parametrize("pack", ALL_PACKS, ids=lambda pack: pack.pack_id)


def test_all_packs_of_the_product_are_sound() -> None:
    assert check_packs() == []
    assert len(ALL_PACKS) == len(list(PACKS_DIR.glob("*.toml")))


@EVERY_PACK
def test_every_rule_number_and_note_of_a_pack_names_its_source(pack: Pack) -> None:
    sources = list(pack.sources())

    assert len(sources) > len(Category) * 10
    assert all(source.ref.strip() and source.text.strip() for source in sources)


@EVERY_PACK
def test_choices_of_our_own_are_marked_as_ours_and_regional_ones_cite_a_document(pack: Pack) -> None:
    for source in pack.sources():
        assert (source.kind is SourceKind.OURS) == ("ours" in source.ref)
        if source.kind is SourceKind.REGIONAL:
            assert source.ref.startswith("[00")


@EVERY_PACK
def test_a_long_term_filing_is_never_locked_longer_than_six_months(pack: Pack) -> None:
    assert all(0 <= rules.lock_months.value <= MONTHS_OF_LOCK_AT_MOST for rules in pack.rules.values())


@EVERY_PACK
def test_temporary_filings_hold_at_least_six_months_and_long_term_ones_without_end(pack: Pack) -> None:
    for category, rules in pack.rules.items():
        if category.long_term:
            assert rules.validity_months.value == 0
        else:
            assert rules.validity_months.value >= 6


@pytest.mark.parametrize(
    ("region_code", "on", "pack_id"),
    [
        pytest.param("1401", "2022-07-01", "1401@2022-07-01", id="first day of a pack"),
        pytest.param("1401", "2023-06-30", "1401@2022-07-01", id="last day before automatic filing"),
        pytest.param("1401", "2023-07-01", "1401@2023-07-01", id="first day of automatic filing"),
        pytest.param("1401", "2030-01-01", "1401@2023-07-01", id="an open pack goes on"),
        pytest.param("140105", "2024-01-01", "1401@2023-07-01", id="a district has its city's rules"),
        pytest.param("1310", "2024-01-01", "13@2022-07-01", id="a city has its province's rules"),
        pytest.param("320922", "2024-01-01", "320922@2022-07-01", id="a county with rules of its own"),
        pytest.param("320922001", "2024-01-01", "320922@2022-07-01", id="a town of that county"),
        pytest.param("3209", "2024-01-01", "default@2022-07-01", id="the city of that county has none"),
        pytest.param("610727", "2024-01-01", "610727@2022-07-01", id="略阳"),
        pytest.param("6109", "2024-01-01", "6109@2022-07-01", id="安康"),
        pytest.param("6104", "2024-01-01", "6104@2022-07-01", id="咸阳"),
        pytest.param("2305", "2024-01-01", "2305@2022-07-01", id="双鸭山"),
        pytest.param("11", "2023-03-31", "default@2022-07-01", id="before a region's first pack the default"),
        pytest.param("1101", "2023-04-01", "11@2023-04-01", id="a municipality"),
        pytest.param("4401", "2024-01-01", "default@2022-07-01", id="a region without a pack"),
    ],
)
def test_a_question_is_judged_by_the_pack_of_its_region_and_day(
    region_code: str, on: str, pack_id: str
) -> None:
    assert pack_for(region_code, date.fromisoformat(on)).pack_id == pack_id


def test_a_case_finds_the_pack_it_was_submitted_under_after_the_rules_have_changed() -> None:
    submitted_under = pack_for("1401", date(2023, 6, 30)).pack_id

    assert pack_by_id(submitted_under).title == "太原市：自助备案"


def test_unknown_packs_and_days_before_all_rules_are_lookup_errors() -> None:
    with pytest.raises(LookupError, match="1401@1999-01-01"):
        pack_by_id("1401@1999-01-01")
    with pytest.raises(LookupError, match="2022-06-30"):
        pack_for("4401", date(2022, 6, 30))


def test_the_packs_hold_exactly_the_shares_that_are_published_and_no_others() -> None:
    """domain.md §3: 咸阳 residents' remote inpatient care, 太原 not filed and not urgent."""
    xianyang = {
        Situation.LONG_TERM: (90, 70, 50),
        Situation.REFERRAL: (80, 70, 50),
        Situation.EMERGENCY: (80, 70, 50),
        Situation.OTHER_TEMPORARY: (70, 60, 40),
        Situation.NOT_FILED: (70, 60, 40),
    }
    expected = {
        ("6104@2022-07-01", "390", "any", MedType.INPATIENT, situation, level, percent)
        for situation, percents in xianyang.items()
        for level, percent in enumerate(percents, start=1)
    } | {
        (
            "1401@2023-07-01",
            insutype,
            person,
            MedType.INPATIENT,
            Situation.NOT_FILED_NOT_URGENT,
            None,
            percent,
        )
        for insutype, person, percent in (("310", "employed", 72), ("310", "retired", 81), ("390", "any", 50))
    }

    assert {(p.pack_id, *r.key, r.percent) for p in ALL_PACKS for r in p.shares.values()} == expected


def test_the_baseline_lays_no_numbers_under_a_region() -> None:
    assert pack_for("4401", date(2024, 1, 1)).shares == {}


def test_taiyuan_lets_people_file_by_a_commitment_at_once_while_binhai_reviews_papers() -> None:
    taiyuan, binhai = (pack_for(code, date(2024, 1, 1)) for code in ("1401", "320922"))
    resident = Category.LONG_TERM_RESIDENT

    assert taiyuan.rules[resident].proof.value is ProofMode.COMMITMENT
    assert taiyuan.rules[resident].decision.value[Proof.COMMITMENT] is Decision.INSTANT
    assert binhai.rules[resident].proof.value is ProofMode.DOCUMENTS
    assert binhai.rules[resident].decision.value[Proof.DOCUMENTS] is Decision.REVIEW


def test_a_later_pack_keeps_what_it_does_not_restate_with_the_first_ones_source() -> None:
    earlier, later = pack_by_id("1401@2022-07-01"), pack_by_id("1401@2023-07-01")

    assert later.rules == earlier.rules
    assert set(earlier.exemptions) < set(later.exemptions)
    assert later.notes == ()


REGION_PACK = """
region_code = "9901"
name = "试验市"
name_en = "Trial"
title = "试验"
effective_from = 2023-01-01
baseline = "default@2022-07-01"

[sources.one]
kind = "regional"
ref = "[002] a document"
text = "what it says"

[category.long_term_resident]
lock_months = { value = 3, source = "one" }

[[exemption]]
kind = "within_province"
since = 2023-01-01
med_types = ["21"]
source = "one"

[[share]]
insutype = "390"
person = "any"
med_type = "21"
situation = "long_term"
hospital_level = "1"
percent = 70
source = "one"

[[note]]
zh = "话"
en = "words"
source = "one"
"""


def folder_with(tmp_path: Path, pack: str, *, name: str = "9901-2023-01-01.toml") -> Path:
    """A folder with the product's default pack and one region's."""
    default = PACKS_DIR / "default-2022-07-01.toml"
    (tmp_path / default.name).write_text(default.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / name).write_text(pack, encoding="utf-8")
    return tmp_path


def test_a_region_states_little_and_takes_the_rest_from_its_baseline(tmp_path: Path) -> None:
    pack = Catalogue(folder_with(tmp_path, REGION_PACK)).pack_by_id("9901@2023-01-01")
    rules = pack.rules[Category.LONG_TERM_RESIDENT]

    assert (rules.lock_months.value, rules.lock_months.source.ref) == (3, "[002] a document")
    assert rules.validity_months.source.ref == "医保发〔2022〕22号"


SHARE = '[[share]]\ninsutype = "390"\nperson = "any"\nmed_type = "21"\nsituation = "long_term"\n'


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param("percent = 70", "percent = 170", "share[1].percent", id="percent above 100"),
        pytest.param("percent = 70", "percent = -1", "share[1].percent", id="percent below 0"),
        pytest.param("percent = 70", "percent = 70.5", "share[1].percent", id="percent not whole"),
        pytest.param("percent = 70", "percent = true", "share[1].percent", id="percent no number"),
        pytest.param('"long_term"\n', '"somehow"\n', "share[1].situation", id="unknown situation"),
        pytest.param('"390"', '"999"', "share[1].insutype", id="unknown insurance"),
        pytest.param('person = "any"', 'person = "rich"', "share[1].person", id="unknown person"),
        pytest.param('level = "1"', 'level = "4"', "share[1].hospital_level", id="unknown hospital level"),
        pytest.param(
            'percent = 70\nsource = "one"', "percent = 70", "share[1].source", id="number without source"
        ),
        pytest.param(
            'percent = 70\nsource = "one"',
            'percent = 70\nsource = "two"',
            "share[1].source",
            id="unknown source",
        ),
        pytest.param(
            "[[note]]",
            SHARE + 'hospital_level = "1"\npercent = 60\nsource = "one"\n\n[[note]]',
            "share[2].percent",
            id="two shares for one case",
        ),
        pytest.param("[[note]]", "[[notes]]", "notes", id="unknown table"),
        pytest.param('zh = "话"', "", "note[1].zh", id="note without Chinese"),
        pytest.param("long_term_resident", "tourist", "category.tourist", id="unknown category"),
        pytest.param(
            "lock_months", "lock_years", "category.long_term_resident.lock_years", id="unknown rule"
        ),
        pytest.param(
            "value = 3",
            "value = 7",
            "category.long_term_resident.lock_months.value",
            id="lock beyond 6 months",
        ),
        pytest.param(
            '3, source = "one"',
            "3",
            "category.long_term_resident.lock_months.source",
            id="rule without source",
        ),
        pytest.param(
            'lock_months = { value = 3, source = "one" }',
            'papers = { documents = [["passport"]], commitment = [["commitment"]], source = "one" }',
            "category.long_term_resident.papers.documents",
            id="unknown paper",
        ),
        pytest.param(
            'lock_months = { value = 3, source = "one" }',
            'papers = { documents = [["social_card"]], commitment = [["social_card"]], source = "one" }',
            "category.long_term_resident.papers.commitment",
            id="commitment without the commitment",
        ),
        pytest.param(
            'lock_months = { value = 3, source = "one" }',
            'papers = { commitment = [["commitment"]], source = "one" }',
            "category.long_term_resident.papers.documents",
            id="documents without a document",
        ),
        pytest.param(
            'lock_months = { value = 3, source = "one" }',
            'decision = { commitment = "instant", source = "one" }',
            "category.long_term_resident.decision.documents",
            id="undecided proof",
        ),
        pytest.param(
            'lock_months = { value = 3, source = "one" }',
            'approver = { value = "referring_hospital", source = "one" }',
            "category.long_term_resident.approver",
            id="hospital approving residence",
        ),
        pytest.param(
            "[category.long_term_resident]\nlock_months = { value = 3",
            "[category.other_temporary]\nvalidity_months = { value = 0",
            "category.other_temporary.validity_months",
            id="temporary without end",
        ),
        pytest.param(
            '[category.long_term_resident]\nlock_months = { value = 3, source = "one" }',
            '[category.referral]\napprover = { value = "referring_hospital", source = "one" }\n'
            'decision = { value = "instant", source = "one" }',
            "category.referral.decision.referral_slip",
            id="hospital approving what is instant",
        ),
        pytest.param("within_province", "for_friends", "exemption[1].kind", id="unknown exemption"),
        pytest.param('["21"]', '["99"]', "exemption[1].med_types", id="unknown kind of care"),
        pytest.param('["21"]', "[]", "exemption[1].med_types", id="exemption for nothing"),
        pytest.param("within_province", "alliance", "exemption[1].regions", id="alliance without allies"),
        pytest.param("since = 2023-01-01", 'since = "2023"', "exemption[1].since", id="date as text"),
        pytest.param(
            'kind = "regional"', 'kind = "hearsay"', "sources.one.kind", id="unknown kind of source"
        ),
        pytest.param('text = "what it says"', "", "sources.one.text", id="source that says nothing"),
        pytest.param(
            "[category",
            '[sources.two]\nkind = "ours"\nref = "x"\ntext = "x"\n[category',
            "sources.two",
            id="unused source",
        ),
        pytest.param(
            'region_code = "9901"', 'region_code = "here"', "region_code", id="region code no digits"
        ),
        pytest.param('name = "试验市"', "", "name", id="nameless"),
        pytest.param(
            "effective_from = 2023-01-01",
            "effective_from = 2023-02-01",
            "effective_from",
            id="file name differs",
        ),
        pytest.param(
            "baseline",
            "effective_until = 2022-12-31\nbaseline",
            "effective_until",
            id="ends before it begins",
        ),
        pytest.param("default@2022-07-01", "default@1999-01-01", "baseline", id="unknown baseline"),
        pytest.param('baseline = "default@2022-07-01"', "", "home_area", id="no baseline and not complete"),
        pytest.param("title =", "title", "(file)", id="not TOML"),
    ],
)
def test_a_broken_pack_is_refused_with_its_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in REGION_PACK
    folder = folder_with(tmp_path, REGION_PACK.replace(old, new, 1))

    findings = check_packs(folder)

    assert any(finding.startswith(f"9901-2023-01-01.toml: {key}: ") for finding in findings), findings
    with pytest.raises(PackError):
        Catalogue(folder)


def test_all_that_is_wrong_with_a_pack_is_named_at_once(tmp_path: Path) -> None:
    broken = REGION_PACK.replace("percent = 70", "percent = 170").replace("value = 3", "value = 9")
    folder = folder_with(tmp_path, broken)

    keys = {finding.split(": ")[1] for finding in check_packs(folder)}

    assert keys == {"share[1].percent", "category.long_term_resident.lock_months.value"}
    with pytest.raises(PackError) as caught:
        Catalogue(folder)
    assert len(caught.value.__notes__) == 1


@pytest.mark.parametrize("until", ["", "effective_until = 2023-06-01\n"], ids=["open", "one day too long"])
def test_two_packs_of_one_region_must_not_hold_on_the_same_day(tmp_path: Path, until: str) -> None:
    first = REGION_PACK.replace("baseline", f"{until}baseline", 1)
    second = REGION_PACK.replace("effective_from = 2023-01-01", "effective_from = 2023-06-01")
    folder = folder_with(tmp_path, first)
    (folder / "9901-2023-06-01.toml").write_text(second, encoding="utf-8")

    assert any(
        finding.startswith("9901-2023-01-01.toml: effective_until: ") for finding in check_packs(folder)
    )


def test_a_pack_may_build_only_on_the_default_or_its_own_past(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, REGION_PACK.replace("default@2022-07-01", "9902@2023-01-01"))
    other = REGION_PACK.replace('"9901"', '"9902"')
    (folder / "9902-2023-01-01.toml").write_text(other, encoding="utf-8")

    assert [finding.split(": ")[:2] for finding in check_packs(folder)] == [
        ["9901-2023-01-01.toml", "baseline"]
    ]


def test_a_folder_without_a_default_pack_is_refused(tmp_path: Path) -> None:
    assert any("there is no default pack" in finding for finding in check_packs(tmp_path))
