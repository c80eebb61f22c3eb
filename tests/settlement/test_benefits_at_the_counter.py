"""Bills of every region that has figures, through the counter: the register, filings, entitlements and accounts as they are.

How each rule computes is tested in tests/benefits; here it is shown that the counter asks with the right facts.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.identity import register
from app.identity.models import InsuType, Person, Sex
from app.kit import clock, ids
from app.places.models import InstitutionType
from app.services.chronic_disease.models import (
    ChronicEntitlement,
    EntitlementInstitution,
    EntitlementStatus,
)
from tests.settlement.bills import bill, drugs, line
from tests.settlement.counter import Counter
from tests.settlement.test_settling import amounts, employee, findings
from tests.somebody import Somebody
from tests.world import World

DISEASE_UNCLEAR, LATER_DEPEND = 407, 505
HYPERTENSION, DIABETES = ("M03900", "高血压病"), ("M01600", "糖尿病")
Info = dict[str, Any]


def settle(counter: Counter, patient: Somebody, lines: list[dict[str, Any]], **more: Any) -> Info:
    """setlinfo of a bill that was previewed and settled; both say the same."""
    wish = bill(patient, lines, **more)
    preview, settled = counter.output("2206", **wish), counter.output("2207", **wish)
    assert amounts(preview) == amounts(settled)
    assert preview["setldetail"] == settled["setldetail"]
    info: Info = settled["setlinfo"]
    assert (
        round(info["fund_pay_sumamt"] + info["acct_pay"] + info["acct_mulaid_pay"] + info["psn_cash_pay"], 2)
        == info["medfee_sumamt"]
    )
    return {**info, "words": "".join(one["setl_proc_info"] for one in settled["setldetail"])}


def entitle(
    world: World,
    patient: Somebody,
    disease: tuple[str, str],
    *,
    benefit: str = "two_disease",
    region: str = "320922",
    at: UUID | None = None,
    ended: date | None = None,
) -> None:
    """Grant a benefit as an approval does, at one institution if a choice was made."""
    filing = world.filing(patient, "draft")

    def write(session: Session) -> None:
        today, now = clock.today(), clock.now()
        made = ChronicEntitlement(
            id=ids.new_id(),
            person_id=patient.person_id,
            filing_id=UUID(filing["id"]),
            benefit=benefit,
            opsp_dise_code=disease[0],
            opsp_dise_name=disease[1],
            insutype="390",
            insu_admdvs=region,
            psn_no="P1",
            hosp_ide_date=today,
            appy_date=today,
            begndate=today - timedelta(days=400),
            enddate=ended,
            state=EntitlementStatus.ACTIVE,
            pack_id="test",
            created_at=now,
        )
        session.add(made)
        if at is not None:
            session.add(
                EntitlementInstitution(
                    person_id=patient.person_id,
                    entitlement_id=made.id,
                    institution_id=at,
                    chosen_on=today,
                )
            )

    world.write(write)


def test_two_disease_medicines_up_to_the_year_s_caps(world: World) -> None:
    """滨海 320922: primary care 60 %; level 2 takes 100 yuan a year and pays 50 %; 1,600 or 2,000 yuan are counted."""
    clinic = Counter(world, InstitutionType.CLINIC, "320922")
    hospital = Counter(world, region="320922", level=2)
    one, both = world.citizen(region="320922"), world.citizen(region="320922")
    entitle(world, one, HYPERTENSION)
    for disease in (HYPERTENSION, DIABETES):
        entitle(world, both, disease)
    kind = {"med_type": "9901", "dise_codg": HYPERTENSION[0]}

    # One disease: 1,000 at 60 %; at level 2 another 500, of which 100 go into the deductible; 100 of 300 are left to count.
    first = settle(clinic, one, drugs("1000.00"), **kind)
    second = settle(hospital, one, drugs("500.00"), **kind)
    third = settle(clinic, one, drugs("300.00"), **kind)
    fourth = settle(clinic, one, drugs("50.00"), **kind)
    assert [info["fund_pay_sumamt"] for info in (first, second, third, fourth)] == [600, 200, 60, 0]
    assert second["act_pay_dedc"] == 100
    assert "1600元" in third["words"]
    # The third and the fourth were cut by what the first two had used up, so they go before them.
    for counter, one, own in ((clinic, first, [fourth, third]), (hospital, second, [])):
        refused = counter.transact("2208", setl_id=one["setl_id"], psn_no=one["psn_no"])
        assert (refused["infcode"], refused["output"]["later_elsewhere"]) == (LATER_DEPEND, 2 - len(own))
        assert [later["setl_id"] for later in refused["output"]["later"]] == [
            later["setl_id"] for later in own
        ]
    # Both: 400 more are counted.
    assert settle(clinic, both, drugs("1999.99"), **kind)["fund_pay_sumamt"] == 1199.99
    assert settle(clinic, both, drugs("0.02"), **kind)["fund_pay_sumamt"] == 0.01
    assert settle(clinic, both, drugs("10.00"), **kind)["fund_pay_sumamt"] == 0
    # What is no medicine is not counted.
    fresh = world.citizen(region="320922")
    entitle(world, fresh, DIABETES)
    mixed = settle(clinic, fresh, [*drugs("10.00"), line("90.00", item="03")], med_type="9901")
    assert mixed["fund_pay_sumamt"] == 6
    # The hospital's deductible, however much of it is paid, spares nothing where none is taken.
    before = settle(hospital, fresh, drugs("150.00"), med_type="9901")
    assert (
        before["act_pay_dedc"],
        settle(clinic, fresh, drugs("1.00"), med_type="9901")["fund_pay_sumamt"],
    ) == (
        100,
        0.6,
    )
    assert hospital.transact("2208", setl_id=before["setl_id"], psn_no=before["psn_no"])["infcode"] == 0
    # Without detail the bill of such a visit is medicine.
    wish = bill(fresh, drugs("10.00"), med_type="9901")
    del wish["feedetail"]
    assert clinic.output("2207", **wish)["setlinfo"]["fund_pay_sumamt"] == 6
    assert findings(world) == []


def test_a_benefit_is_needed_in_force_for_the_disease_and_at_the_institution(world: World) -> None:
    clinic = Counter(world, InstitutionType.CLINIC, "320922")
    elsewhere = Counter(world, InstitutionType.CLINIC, "320922")
    pharmacy = Counter(world, InstitutionType.PHARMACY, "320922")
    nobody, ended, chosen = (world.citizen(region="320922") for _ in range(3))
    entitle(world, ended, HYPERTENSION, ended=clock.today() - timedelta(days=1))
    entitle(world, chosen, HYPERTENSION, at=clinic.id)
    bought = drugs("100.00")
    kind = {"med_type": "9901"}

    assert "没有查到您的" in settle(clinic, nobody, bought, **kind)["words"]
    refused = settle(clinic, ended, bought, **kind)
    assert refused["fund_pay_sumamt"] == 0
    assert "没有查到您的" in refused["words"]
    # The day before it had ended, it was paid, by that day's facts.
    before = clock.today() - timedelta(days=1)
    dated = settle(clinic, ended, bought, **kind, setl_time=f"{before} 08:00:00")
    assert dated["fund_pay_sumamt"] == 60
    assert settle(clinic, chosen, bought, **kind)["fund_pay_sumamt"] == 60
    other_place = settle(elsewhere, chosen, bought, **kind)
    assert (other_place["fund_pay_sumamt"], "选定的定点机构" in other_place["words"]) == (0, True)
    # Another disease on the bill is refused, not settled for nothing: mended, the same bill is paid.
    other_disease = bill(chosen, bought, **kind, dise_codg=DIABETES[0])
    for infno in ("2206", "2207"):
        assert clinic.transact(infno, **other_disease)["infcode"] == DISEASE_UNCLEAR
    mended = clinic.output("2207", **{**other_disease, "dise_codg": HYPERTENSION[0]})
    assert mended["setlinfo"]["fund_pay_sumamt"] == 60
    assert settle(pharmacy, chosen, bought, **kind)["fund_pay_sumamt"] == 0
    # 慢特病: the entitlement is asked for; no source gives the county's share, and a step says so.
    chronic = settle(clinic, nobody, bought, med_type="14")
    assert chronic["fund_pay_sumamt"] == 0
    assert "没有收录" in chronic["words"]
    assert findings(world) == []


def test_low_income_people_pay_a_tenth_of_inpatient_care_in_the_county(world: World) -> None:
    poor = world.citizen(region="320922", low_income=True)
    others = world.citizen(region="320922")
    county, city = Counter(world, region="320922", level=2), Counter(world, region="320902", level=2)
    stay = [line("800.00"), line("200.05", lv="03")]
    here = settle(county, poor, stay, med_type="21")
    # A tenth of 1,000.05, down to the fen; class C too.
    assert (here["fund_pay_sumamt"], here["psn_cash_pay"]) == (900.05, 100)
    assert here["words"].count("一站式") >= 1
    assert settle(county, others, stay, med_type="21")["fund_pay_sumamt"] == 0
    assert settle(city, poor, stay, med_type="21")["fund_pay_sumamt"] == 0
    assert findings(world) == []


def test_remote_inpatient_care_by_what_was_filed(world: World) -> None:
    """咸阳 6104, a hospital of level 1 in 上海: 90 % filed for the long term, 80 % in an emergency, 70 % not filed."""
    hospital = Counter(world, region="310115", level=1)
    filed, unfiled = world.citizen(region="6104"), world.citizen(region="6104")
    handler = world.handler("6104")
    case = world.act(handler, world.filing(filed), "claim")
    assert world.act(handler, case, "approve")["status"] == "approved"
    stay = [line("1000.00"), line("100.00", lv="03")]
    paid = {
        "filed": settle(hospital, filed, stay, med_type="21"),
        "unfiled": settle(hospital, unfiled, stay, med_type="21"),
        "urgent": settle(hospital, unfiled, stay, med_type="21", er_flag="1"),
    }
    assert {name: info["fund_pay_sumamt"] for name, info in paid.items()} == {
        "filed": 900,
        "unfiled": 700,
        "urgent": 800,
    }
    assert {info["fulamt_ownpay_amt"] for info in paid.values()} == {100}
    # 太原 1401: 非急未转, the employees' share by whether one is retired.
    for retired, fund in ((False, 720), (True, 810)):
        patient = world.citizen(region="1401", insutype="310", retired=retired, age=61)
        info = settle(hospital, patient, [line("1000.00")], med_type="21")
        assert info["fund_pay_sumamt"] == fund
    resident = settle(hospital, world.citizen(region="1401"), [line("1000.00")], med_type="21")
    assert resident["fund_pay_sumamt"] == 500
    assert findings(world) == []


def test_retired_people_get_five_points_more_and_the_account_pays_what_is_left(world: World) -> None:
    """双鸭山 2305: 600 yuan first, then 75 %, at most 2,000 yuan a year; class B first pays 10 % or 20 % of the line."""
    clinic = Counter(world, InstitutionType.CLINIC, "230502")
    patient = employee(world, 1_000_00, retired=True, age=66)
    lines = [line("600.00"), line("100.00", lv="02", item="03"), line("101.00", lv="02", item="08")]
    info = settle(clinic, patient, lines)
    # First share 10.00 and 20.20; 770.80 in scope; 170.80 above the deductible, 75 % of it.
    assert (info["preselfpay_amt"], info["fund_pay_sumamt"]) == (30.2, 128.1)
    assert (info["acct_pay"], info["balc"]) == (672.9, 327.1)
    capped = settle(clinic, patient, [line("5000.00")])
    assert capped["fund_pay_sumamt"] == 1871.9
    assert (capped["acct_pay"], capped["psn_cash_pay"], capped["balc"]) == (327.1, 2801, 0)
    assert settle(clinic, patient, [line("10.00")])["fund_pay_sumamt"] == 0
    assert findings(world) == []


@pytest.mark.parametrize(("days", "infcode"), [(180, 0), (181, 203)])
def test_a_newborn_without_a_card_is_settled_by_the_birth_certificate(
    world: World, days: int, infcode: int
) -> None:
    """安康 6109: residents' inpatient care at home, 60 %."""
    hospital, born = Counter(world, level=3), clock.today() - timedelta(days=days)

    def enter(session: Session) -> Person:
        child = register.add_person(
            session, name="欧阳新", birth_certificate_no="T610900777", birth_date=born, sex=Sex.FEMALE
        )
        register.add_coverage(session, child, insutype=InsuType.RESIDENT, region_code="6109", begin_date=born)
        return child

    child = world.write(enter)
    shown = {"mdtrt_cert_no": "T610900777", "psn_name": "欧阳新"}
    wish = {**bill(world.nobody, [line("1000.00")], med_type="21"), **shown}
    answer = hospital.transact("2207", **wish)
    assert answer["infcode"] == infcode
    if not infcode:
        assert answer["output"]["setlinfo"]["fund_pay_sumamt"] == 600
        assert answer["output"]["setlinfo"]["psn_no"] == child.psn_no
        assert hospital.transact("2207", **wish)["infcode"] == 0
