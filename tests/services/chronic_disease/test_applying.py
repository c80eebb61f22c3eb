"""What an application must be: everything that is wrong is said at once, over all diseases."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic
from sqlalchemy import update

from app.benefits.model import Entitlement
from app.kit import clock, ids
from app.places import service as places
from app.places.models import InstitutionType
from app.services.chronic_disease.benefits import Benefit
from app.services.chronic_disease.held import held
from app.services.chronic_disease.models import ChronicEntitlement
from tests.somebody import Somebody, numbers

TUMOUR_THERAPY, TUMOUR_AFTERCARE = "M00503", "M00504"
NO_DIALYSIS, HAEMODIALYSIS = "M07800", "M07803"
STROKE, HEPATITIS_C = "M04803", "M00202"
JULY_2023 = date(2023, 7, 20)
AUGUST_2023 = date(2023, 8, 2)


def hospital(clinic: Clinic, level: int | None, kind: InstitutionType = InstitutionType.HOSPITAL) -> str:
    made = clinic.world.write(
        lambda session: (
            places.add_institution(
                session,
                code=f"H61072{next(numbers):06d}",
                name=f"第{next(numbers)}卫生院",
                kind=kind,
                region_code=REGION,
                address="街 1 号",
                level=level,
            ).id
        )
    )
    return str(made)


def refusal(patient: Somebody, clinic: Clinic, form: dict[str, Any], papers: list[str], **more: Any) -> Any:
    """The problem document that answers an application."""
    body = {"service_code": "chronic_disease", "form": form, "material_ids": papers, "submit": True, **more}
    answer = patient.send("POST", "/filings", body)
    assert answer.status_code >= 400, answer.text
    return answer.get_json()


def ends_by_benefit(clinic: Clinic, patient: Somebody, day: date) -> dict[Entitlement, date | None]:
    """What settlement is told that the patient holds on a day, and until when."""
    assert patient.person_id is not None
    with clinic.world.parts.database.reading() as session:
        found = held(session, patient.person_id, day, ids.new_id())
    return {one.benefit.benefit: one.ends_on for one in found}


def test_what_is_missing_is_named_at_once_over_all_diseases(clinic: Clinic, patient: Somebody) -> None:
    problem = refusal(patient, clinic, clinic.form(HYPERTENSION, TUMOUR_THERAPY), [])

    assert problem["code"] == "papers_missing"
    said = problem["errors"]["material_ids"]
    assert len(said) == 4, "two papers for each of the two"
    assert sum("高血压" in one for one in said) == 2
    assert any("病理" in one and "恶性肿瘤" in one for one in said)
    assert any("24 个月以内的" in one for one in said), (
        "how old it may be is said, for the experts look at it"
    )


def test_a_photograph_counts_for_the_disease_to_which_it_is_put(clinic: Clinic, patient: Somebody) -> None:
    papers = clinic.papers_for(patient, HYPERTENSION, DIABETES)
    form = clinic.form(HYPERTENSION, DIABETES)
    entries: Any = form["diseases"]
    entries[0]["material_ids"] = papers
    entries[1]["material_ids"] = papers[:1]

    problem = refusal(patient, clinic, form, papers)

    [missing] = problem["errors"]["material_ids"]
    assert "糖尿病" in missing
    entries[1]["material_ids"] = papers
    body = {"service_code": "chronic_disease", "form": form, "material_ids": papers, "submit": True}
    assert patient.ok("POST", "/filings", body)["status"] == "submitted"


def test_a_paper_that_is_not_in_the_case_counts_for_nothing(clinic: Clinic, patient: Somebody) -> None:
    papers = clinic.papers_for(patient, HYPERTENSION)
    form = clinic.form(HYPERTENSION)
    entries: Any = form["diseases"]
    entries[0]["material_ids"] = [str(ids.new_id())]
    problem = refusal(patient, clinic, form, papers)
    assert list(problem["errors"]) == ["form.diseases.0.material_ids"]


BAD_FORMS: list[tuple[str, dict[str, Any], str]] = [
    ("no such disease", {"disease_code": "M99999"}, "disease_code"),
    ("not a code", {"disease_code": "high blood"}, "disease_code"),
    ("diagnosed tomorrow", {"diagnosed_on": "2999-01-01"}, "diagnosed_on"),
    ("diagnosed before the birth", {"diagnosed_on": "1900-01-01"}, "diagnosed_on"),
    ("no date", {"diagnosed_on": "2024-02-30"}, "diagnosed_on"),
    ("no hospital at all", {"institution_id": None}, "institution_id"),
    ("a hospital that is not there", {"institution_id": str(UUID(int=7))}, "institution_id"),
]


@pytest.mark.parametrize(("change", "field"), [case[1:] for case in BAD_FORMS], ids=[c[0] for c in BAD_FORMS])
def test_each_wrong_entry_is_named_by_its_place(
    clinic: Clinic, patient: Somebody, change: dict[str, Any], field: str
) -> None:
    form = clinic.form(HYPERTENSION, DIABETES)
    entries: Any = form["diseases"]
    entries[1] = {key: value for key, value in {**entries[1], **change}.items() if value is not None}
    papers = clinic.papers_for(patient, HYPERTENSION, DIABETES)

    problem = refusal(patient, clinic, form, papers)

    assert problem["code"] == "invalid_input"
    assert list(problem["errors"]) == [f"form.diseases.1.{field}"]


def test_wrong_entries_and_missing_papers_come_in_one_answer(clinic: Clinic, patient: Somebody) -> None:
    form = clinic.form(HYPERTENSION, CORONARY)
    entries: Any = form["diseases"]
    entries[0]["diagnosed_on"] = "2999-01-01"
    problem = refusal(patient, clinic, form, [])
    assert set(problem["errors"]) == {"form.diseases.0.diagnosed_on", "material_ids"}


def test_wrong_institutions_and_missing_papers_come_in_one_answer(clinic: Clinic, patient: Somebody) -> None:
    chosen = [str(clinic.hospital.id), str(clinic.world.hospital("610702").id), str(UUID(int=7))]
    problem = refusal(patient, clinic, clinic.form(HYPERTENSION, institution_ids=chosen), [])
    assert set(problem["errors"]) == {"form.institution_ids.1", "form.institution_ids.2", "material_ids"}
    assert "参保地" in problem["errors"]["form.institution_ids.1"][0]
    assert "没有这家" in problem["errors"]["form.institution_ids.2"][0]


@pytest.mark.parametrize(("level", "taken"), [(None, False), (1, False), (2, True), (3, True)])
def test_the_hospital_s_level_must_do(
    clinic: Clinic, patient: Somebody, level: int | None, taken: bool
) -> None:
    form = clinic.form(HYPERTENSION)
    entries: Any = form["diseases"]
    entries[0]["institution_id"] = hospital(clinic, level)
    papers = clinic.papers_for(patient, HYPERTENSION)
    body = {"service_code": "chronic_disease", "form": form, "material_ids": papers, "submit": True}
    answer = patient.send("POST", "/filings", body)
    assert (answer.status_code == 201) is taken, answer.text
    if not taken:
        assert "二级及以上" in answer.get_json()["errors"]["form.diseases.0.institution_id"][0]


def test_a_pharmacy_diagnoses_nothing(clinic: Clinic, patient: Somebody) -> None:
    form = clinic.form(HYPERTENSION)
    entries: Any = form["diseases"]
    entries[0]["institution_id"] = hospital(clinic, 3, InstitutionType.PHARMACY)
    problem = refusal(patient, clinic, form, clinic.papers_for(patient, HYPERTENSION))
    assert list(problem["errors"]) == ["form.diseases.0.institution_id"]


def test_one_disease_is_named_once(clinic: Clinic, patient: Somebody) -> None:
    problem = refusal(patient, clinic, clinic.form(HYPERTENSION, HYPERTENSION), [])
    assert list(problem["errors"]) == ["form.diseases"]


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [(HAEMODIALYSIS, NO_DIALYSIS, "不能与"), (TUMOUR_THERAPY, TUMOUR_AFTERCARE, "已经包含")],
    ids=["excluding", "covering"],
)
def test_diseases_that_cannot_be_held_together_are_not_applied_for_together(
    clinic: Clinic, patient: Somebody, one: str, other: str, word: str
) -> None:
    for pair in ((one, other), (other, one)):
        problem = refusal(patient, clinic, clinic.form(*pair), clinic.papers_for(patient, *pair))
        [(field, [said])] = problem["errors"].items()
        assert field.startswith("form.diseases.")
        assert word in said


def test_the_two_disease_benefit_is_for_residents_and_two_diseases(clinic: Clinic, patient: Somebody) -> None:
    papers = clinic.papers_for(patient, HYPERTENSION)
    problem = refusal(patient, clinic, clinic.form(CORONARY), papers, service_code="two_disease")
    assert "高血压和糖尿病" in problem["errors"]["form.diseases.0.disease_code"][0]
    employee = clinic.world.citizen(region=REGION, insutype="310")
    problem = refusal(employee, clinic, clinic.form(HYPERTENSION), [], service_code="two_disease")
    assert list(problem["errors"]) == ["form.diseases.0.disease_code"]


def test_what_is_pending_is_not_applied_for_again(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    papers = clinic.papers_for(patient, HYPERTENSION, DIABETES)
    problem = refusal(patient, clinic, clinic.form(DIABETES, HYPERTENSION), papers)
    assert problem["code"] == "chronic_pending"
    assert case["number"] in problem["detail"]
    assert clinic.apply(patient, DIABETES)["status"] == "submitted"


def test_what_excludes_a_pending_one_waits_for_it(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, NO_DIALYSIS)
    papers = clinic.papers_for(patient, HAEMODIALYSIS)
    problem = refusal(patient, clinic, clinic.form(HAEMODIALYSIS), papers)
    assert problem["code"] == "chronic_excluded_pending"
    clinic.do(patient, case, "withdraw")
    assert clinic.apply(patient, HAEMODIALYSIS)["status"] == "submitted"


def granted(clinic: Clinic, patient: Somebody, code: str) -> dict[str, Any]:
    case = clinic.apply(patient, code)
    clinic.decide_all(case, code)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    benefits = patient.ok("GET", "/chronic/entitlements")["items"]
    return next(one for one in benefits if one["filing_id"] == case["id"])


@pytest.mark.parametrize(
    ("held", "wanted", "code"),
    [
        (HYPERTENSION, HYPERTENSION, "chronic_already_entitled"),
        (STROKE, STROKE, "chronic_already_entitled"),
        (NO_DIALYSIS, HAEMODIALYSIS, "chronic_excluded"),
        (TUMOUR_THERAPY, TUMOUR_AFTERCARE, "chronic_covered"),
    ],
    ids=["held for ever", "held for two years", "excluded by what is held", "covered by what is held"],
)
def test_what_is_held_stands_against_it(
    clinic: Clinic, patient: Somebody, held: str, wanted: str, code: str
) -> None:
    granted(clinic, patient, held)
    papers = clinic.papers_for(patient, wanted)
    assert refusal(patient, clinic, clinic.form(wanted), papers)["code"] == code


def test_the_wider_disease_may_follow_the_narrower(clinic: Clinic, patient: Somebody) -> None:
    granted(clinic, patient, TUMOUR_AFTERCARE)
    assert clinic.apply(patient, TUMOUR_THERAPY)["status"] == "submitted"


def test_the_two_disease_benefit_is_not_given_beside_the_disease_s_own_and_ends_with_it(
    clinic: Clinic, patient: Somebody
) -> None:
    small = clinic.apply(patient, HYPERTENSION, service="two_disease")
    clinic.review(small)
    granted(clinic, patient, HYPERTENSION)

    benefits = {one["benefit"]: one for one in patient.ok("GET", "/chronic/entitlements")["items"]}
    assert benefits["chronic_disease"]["in_force"]
    assert (benefits["two_disease"]["status"], benefits["two_disease"]["in_force"]) == ("withdrawn", False)
    assert "门诊慢特病" in benefits["two_disease"]["withdrawn_reason"]
    # Without a gap and without an overlap: a bill of an earlier day is still paid by what held then.
    before = clock.today() - timedelta(days=1)
    begun = update(ChronicEntitlement).where(ChronicEntitlement.benefit == Benefit.TWO_DISEASE)
    clinic.world.write(lambda session: session.execute(begun.values(begndate=before - timedelta(days=30))))
    assert ends_by_benefit(clinic, patient, clock.today()) == {Entitlement.CHRONIC: None}
    assert ends_by_benefit(clinic, patient, before) == {Entitlement.TWO_DISEASE: before}
    papers = clinic.papers_for(patient, HYPERTENSION, benefit="two_disease")
    problem = refusal(patient, clinic, clinic.form(HYPERTENSION), papers, service_code="two_disease")
    assert problem["code"] == "chronic_excluded"


def test_a_renewal_begins_when_the_old_one_ends_and_takes_fewer_papers(
    clinic: Clinic, patient: Somebody
) -> None:
    first = granted(clinic, patient, HEPATITIS_C)
    end = date.fromisoformat(first["enddate"])
    assert end > clock.today()

    with clinic.later(end - timedelta(days=31)):
        early = clinic.again(patient)
        papers = clinic.papers_for(early, HEPATITIS_C)
        problem = refusal(early, clinic, clinic.form(HEPATITIS_C), papers)
        assert problem["code"] == "chronic_already_entitled"
    with clinic.later(end - timedelta(days=30)):
        late = clinic.again(patient)
        record = [str(clinic.world.paper(late, "outpatient_record")["id"])]
        case = clinic.apply(late, HEPATITIS_C, material_ids=record)
        clinic.decide_all(case, HEPATITIS_C)
        clinic.review(late.ok("GET", f"/filings/{case['id']}"))
        second, before = late.ok("GET", "/chronic/entitlements")["items"]
        assert (before["enddate"], before["in_force"]) == (first["enddate"], True)
        assert (second["begndate"], second["in_force"]) == (str(end + timedelta(days=1)), False)
        problem = refusal(late, clinic, clinic.form(HEPATITIS_C), record)
        assert problem["code"] == "chronic_already_entitled", "it is renewed already"
    with clinic.later(end + timedelta(days=1)):
        held = clinic.again(patient).ok("GET", "/chronic/entitlements")["items"]
        assert [one["in_force"] for one in held] == [True, False]


def test_a_case_is_judged_by_the_pack_of_the_day_it_was_first_submitted(
    clinic: Clinic, patient: Somebody
) -> None:
    with clinic.later(JULY_2023):
        then = clinic.again(patient)
        case = clinic.apply(then, HYPERTENSION)
        assert case["pack_id"] == "610727@2022-06-01"
        expert = clinic.expert_of(case)
        assert clinic.assignments(case)[0].due_at - clock.now() > timedelta(days=14), "15 working days then"
        clinic.ask(expert, case, "outpatient_record")
    with clinic.later(AUGUST_2023):
        now = clinic.again(patient)
        paper = str(clinic.world.paper(now, "outpatient_record")["id"])
        back = clinic.do(now, case, "resubmit", material_ids=[paper])
        assert back["pack_id"] == "610727@2022-06-01"
        assert clinic.apply(now, DIABETES)["pack_id"] == "610727@2023-08-01"
