"""1101 and 5301: what an institution sees of a person, and that the person sees that it was seen."""

from datetime import date
from typing import Any

import pytest

from app.kit import clock
from app.settlement import schemas
from app.settlement.inquiries import age_on
from tests.services.chronic_disease.clinic import HYPERTENSION, REGION, Clinic
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter, card_of
from tests.somebody import Somebody
from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def test_an_employee_is_shown_masked_with_the_account_in_yuan(world: World, counter: Counter) -> None:
    patient = world.citizen(
        region="2305", insutype="310", name="皇甫砚湉", age=62, retired=True, opening_balance_fen=123_450
    )
    found = counter.output("1101", **card_of(patient))
    base = found["baseinfo"]
    assert base["psn_name"] == "皇**湉"
    assert base["certno"] == f"{patient.id_no[:3]}***********{patient.id_no[-4:]}"
    assert (base["psn_cert_type"], base["age"]) == ("01", 62)
    assert base["gend"] in {"1", "2"}
    assert found["insuinfo"] == [
        {
            "balc": 1234.5,
            "insutype": "310",
            "psn_type": "12",
            "insuplc_admdvs": "2305",
            "psn_insu_stas": "1",
            "psn_insu_date": "2020-01-01",
            "paus_insu_date": None,
        }
    ]
    assert found["idetinfo"] == []
    assert patient.name not in str(found)
    assert patient.id_no not in str(found)


@pytest.mark.parametrize(("age", "psn_type"), [(7, "14"), (30, "15"), (70, "16")])
def test_a_resident_has_no_account_and_a_type_by_age(
    world: World, counter: Counter, age: int, psn_type: str
) -> None:
    patient = world.citizen(age=age, low_income=True)
    found = counter.output("1101", **card_of(patient))
    [insurance] = found["insuinfo"]
    assert (insurance["balc"], insurance["psn_type"]) == (0, psn_type)
    assert [one["psn_idet_type"] for one in found["idetinfo"]] == ["low_income"]


def test_an_insurance_that_ran_out_is_shown_as_ended(world: World, counter: Counter) -> None:
    patient = world.citizen(end_date=date(2024, 12, 31))
    found = counter.output("1101", **card_of(patient, insutype="390"))
    [insurance] = found["insuinfo"]
    assert (insurance["psn_insu_stas"], insurance["paus_insu_date"]) == ("4", "2024-12-31")


def test_full_years_are_counted_to_the_birthday() -> None:
    assert age_on(date(2000, 2, 29), date(2026, 2, 28)) == 25
    assert age_on(date(2000, 2, 29), date(2026, 3, 1)) == 26
    assert age_on(date(2026, 1, 1), date(2026, 1, 1)) == 0


def accesses(patient: Somebody) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = patient.ok("GET", "/me/accesses")["items"]
    return found


def test_the_person_sees_which_institution_looked_once_for_one_visit(world: World, counter: Counter) -> None:
    patient = world.citizen()
    counter.output("1101", mdtrt_cert_type="01", mdtrt_cert_no=counter.scan(patient))
    counter.output("1101", **card_of(patient))
    counter.output("2206", **bill(patient, drugs("1.00")))
    counter.output("2207", **bill(patient, drugs("1.00")))
    [seen] = accesses(patient)
    assert (seen["role"], seen["what"]) == ("terminal", "coverage_viewed")
    assert "收费处" in seen["text"]
    # Which diseases somebody has is more than how somebody is insured, and told apart.
    for _ in range(2):
        counter.output("5301", **card_of(patient))
    asked, _ = accesses(patient)
    assert asked["what"] == "benefits_viewed"
    assert "慢特病" in asked["text"]
    # Another institution is another look, be it by a preview alone; a refused one is none.
    other = Counter(world)
    other.transact("2206", **{**bill(patient, drugs("1.00")), "psn_name": "令狐不在"})
    assert len(accesses(patient)) == 2
    other.output("2206", **bill(patient, drugs("1.00")))
    assert [one["what"] for one in accesses(patient)] == [
        "coverage_viewed",
        "benefits_viewed",
        "coverage_viewed",
    ]


@pytest.fixture
def clinic(world: World) -> Clinic:
    return Clinic(world, count=1)


@pytest.fixture
def recognised(clinic: Clinic) -> Somebody:
    """Hypertension recognised in 略阳."""
    patient = clinic.world.citizen(region=REGION)
    case = clinic.apply(patient, HYPERTENSION)
    clinic.decide(clinic.expert_of(case), case, HYPERTENSION, certify=True)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    return patient


def benefit_of(counter: Counter, patient: Somebody) -> dict[str, Any]:
    [found] = counter.output("5301", **card_of(patient))["feedetail"]
    return dict(found)


def test_a_recognised_disease_is_listed_with_the_med_type_that_settles_it(
    world: World, recognised: Somebody
) -> None:
    counter = Counter(world, region=REGION)
    assert benefit_of(counter, recognised) == {
        "opsp_dise_code": HYPERTENSION,
        "opsp_dise_name": "高血压病",
        "begndate": str(clock.today()),
        "enddate": recognised.ok("GET", "/chronic/entitlements")["items"][0]["enddate"],
        "med_type": "14",
        "place_allowed": "1",
    }


def test_after_a_choice_it_holds_at_the_chosen_institutions_only(world: World, recognised: Somebody) -> None:
    ours, theirs = Counter(world, region=REGION), Counter(world, region=REGION)
    [held] = recognised.ok("GET", "/chronic/entitlements")["items"]
    choice = {"institution_ids": [str(ours.id)], "expected_version": held["version"]}
    recognised.ok("PUT", f"/chronic/entitlements/{held['id']}/institutions", choice)
    assert benefit_of(ours, recognised)["place_allowed"] == "1"
    assert benefit_of(theirs, recognised)["place_allowed"] == "0"


def test_who_holds_nothing_gets_an_empty_list(world: World, counter: Counter) -> None:
    assert counter.output("5301", **card_of(world.citizen()))["feedetail"] == []


def test_the_answers_have_the_fields_that_the_document_names(
    world: World, counter: Counter, recognised: Somebody
) -> None:
    person = counter.output("1101", **card_of(recognised))
    assert set(person) == set(schemas.PersonOutputAnswer().fields) - {"errors"}
    assert set(person["baseinfo"]) == set(schemas.BaseInfoAnswer().fields)
    assert set(person["insuinfo"][0]) == set(schemas.InsuranceAnswer().fields)
    poor = counter.output("1101", **card_of(world.citizen(low_income=True)))
    assert set(poor["idetinfo"][0]) == set(schemas.SpecialStandingAnswer().fields)
    assert set(benefit_of(counter, recognised)) == set(schemas.HeldBenefitAnswer().fields)
