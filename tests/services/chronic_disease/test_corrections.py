"""What experts miss goes back to the applicant in one notice, and comes back to the same experts."""

from typing import Any

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, Clinic
from sqlalchemy import select

from app.filings.acting import CORRECTION_REMINDER
from app.filings.deadlines import remind_of_correction
from app.kit import clock
from app.kit.outbox import OutboxMessage
from app.kit.workdays import add_workdays
from tests.somebody import Somebody


@pytest.fixture
def case(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    """Two diseases of two specialties, so two experts."""
    return clinic.apply(patient, HYPERTENSION, DIABETES)


def by_disease(clinic: Clinic, case: dict[str, Any]) -> dict[str, Somebody]:
    """Disease → the expert for whom it waits."""
    found = {}
    for expert in clinic.named(case):
        for code, item in clinic.items(expert, case).items():
            if item["yours"]:
                found[code] = expert
    return found


def test_the_wishes_of_two_experts_go_out_in_one_notice(
    clinic: Clinic, patient: Somebody, case: dict[str, Any]
) -> None:
    experts = by_disease(clinic, case)
    after = clinic.ask(experts[HYPERTENSION], case, "outpatient_record")
    assert after["status"] == "submitted", "the other expert has not spoken"
    assert clinic.notices(patient, "correction_needed") == []

    clinic.ask(experts[DIABETES], case, "examination_report")

    seen = patient.ok("GET", f"/filings/{case['id']}")
    assert seen["status"] == "needs_correction"
    assert {item["kind"] for item in seen["missing"]} == {"outpatient_record", "examination_report"}
    [told] = clinic.notices(patient, "correction_needed")
    assert "请补outpatient_record" in told
    assert "请补examination_report" in told
    assert "请补outpatient_record" in seen["reason"]
    assert "请补examination_report" in seen["reason"]


def test_it_comes_back_to_the_same_experts_when_everything_is_there(
    clinic: Clinic, patient: Somebody, case: dict[str, Any]
) -> None:
    experts = by_disease(clinic, case)
    clinic.ask(experts[HYPERTENSION], case, "outpatient_record")
    clinic.ask(experts[DIABETES], case, "examination_report")
    for expert in experts.values():
        assert expert.refused("GET", f"/filings/{case['id']}") == (404, "not_found"), "not theirs now"

    record = str(clinic.world.paper(patient, "outpatient_record")["id"])
    assert clinic.refused(patient, case, "resubmit", material_ids=[record]) == (422, "papers_missing")
    report = str(clinic.world.paper(patient, "examination_report")["id"])
    clinic.do(patient, case, "resubmit", material_ids=[record, report])

    assert by_disease(clinic, case) == experts
    clinic.decide_all(case, HYPERTENSION, DIABETES)
    assert patient.ok("GET", f"/filings/{case['id']}")["status"] == "certified"


def test_a_second_notice_only_repeats_the_first(
    clinic: Clinic, patient: Somebody, case: dict[str, Any]
) -> None:
    experts = by_disease(clinic, case)
    clinic.ask(experts[HYPERTENSION], case, "outpatient_record")
    clinic.decide(experts[DIABETES], case, DIABETES, certify=True)
    record = str(clinic.world.paper(patient, "outpatient_record")["id"])
    clinic.do(patient, case, "resubmit", material_ids=[record])

    new = [{"kind": "examination_report", "text": "再补一份化验单"}]
    refused = clinic.refused(experts[HYPERTENSION], case, "request_correction", items=new, reason="还缺")
    assert refused == (409, "correction_in_instalments")
    clinic.ask(experts[HYPERTENSION], case, "outpatient_record")
    assert patient.ok("GET", f"/filings/{case['id']}")["status"] == "needs_correction"


def test_nobody_else_is_drawn_for_the_part_of_who_asked(
    clinic: Clinic, patient: Somebody, case: dict[str, Any]
) -> None:
    experts = by_disease(clinic, case)
    clinic.ask(experts[HYPERTENSION], case, "outpatient_record")
    with clinic.later(add_workdays(clock.today(), 2)):
        assert clinic.overdue() == 1, "the other one is late"
        [other] = clinic.named(case)
        assert other.account_id not in {one.account_id for one in experts.values()}
        assert [code for code, one in clinic.items(other, case).items() if one["yours"]] == [DIABETES]
        clinic.decide_all(case, DIABETES)
        assert clinic.again(patient).ok("GET", f"/filings/{case['id']}")["status"] == "needs_correction"


def test_a_disease_that_no_expert_has_seen_may_be_taken_out(
    clinic: Clinic, patient: Somebody, case: dict[str, Any]
) -> None:
    experts = by_disease(clinic, case)
    clinic.decide(experts[DIABETES], case, DIABETES, certify=True)
    clinic.ask(experts[HYPERTENSION], case, "outpatient_record")

    record = str(clinic.world.paper(patient, "outpatient_record")["id"])
    form = clinic.form(DIABETES)
    done = clinic.do(patient, case, "resubmit", form=form, material_ids=[record])

    assert done["status"] == "certified", "nothing is left to decide, so it goes on by itself"
    assert clinic.states(patient, case) == {DIABETES: "certified"}
    assert clinic.review(done)["status"] == "approved"


def test_a_disease_that_an_expert_decided_stays_as_it_was(
    clinic: Clinic, patient: Somebody, case: dict[str, Any]
) -> None:
    experts = by_disease(clinic, case)
    clinic.decide(experts[DIABETES], case, DIABETES, certify=True)
    clinic.ask(experts[HYPERTENSION], case, "outpatient_record")
    record = str(clinic.world.paper(patient, "outpatient_record")["id"])

    def problem(form: dict[str, Any]) -> list[str]:
        version = patient.ok("GET", f"/filings/{case['id']}")["version"]
        body = {"action": "resubmit", "expected_version": version, "form": form, "material_ids": [record]}
        answer = patient.send("POST", f"/filings/{case['id']}/actions", body)
        return list(answer.get_json().get("errors", {}))

    assert problem(clinic.form(HYPERTENSION)) == ["form.diseases"]
    changed = clinic.form(HYPERTENSION, DIABETES)
    entries: Any = changed["diseases"]
    entries[1]["diagnosed_on"] = "2020-01-01"
    assert problem(changed) == ["form.diseases.1.disease_code"]
    entries[1]["diagnosed_on"] = entries[0]["diagnosed_on"]
    entries[0]["diagnosed_on"] = "2020-01-01"
    assert problem(changed) == [], "what still waits may be put right"


def test_another_disease_may_come_in_with_a_correction(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    first = clinic.expert_of(case)
    clinic.ask(first, case, "outpatient_record")
    papers = clinic.papers_for(patient, DIABETES)
    clinic.do(patient, case, "resubmit", form=clinic.form(HYPERTENSION, DIABETES), material_ids=papers)
    assert set(by_disease(clinic, case)) == {HYPERTENSION, DIABETES}
    assert by_disease(clinic, case)[HYPERTENSION] == first


def test_two_diseases_of_one_specialty_are_one_expert_s(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION, CORONARY)
    expert = clinic.expert_of(case)
    unsaid = {"findings": clinic.findings(HYPERTENSION)}
    assert clinic.refused(expert, case, "certify", data=unsaid) == (422, "chronic_which_disease")
    clinic.decide(expert, case, HYPERTENSION, certify=True)
    twice = {"disease_code": HYPERTENSION, "findings": clinic.findings(HYPERTENSION)}
    assert clinic.refused(expert, case, "certify", data=twice) == (409, "chronic_disease_not_yours")
    clinic.ask(expert, case, "examination_report")
    assert patient.ok("GET", f"/filings/{case['id']}")["status"] == "needs_correction"
    report = str(clinic.world.paper(patient, "examination_report")["id"])
    clinic.do(patient, case, "resubmit", material_ids=[report])
    assert clinic.expert_of(case) == expert
    done = clinic.decide(expert, case, CORONARY, certify=False)
    assert done["status"] == "certified"


def test_a_correction_that_does_not_come_ends_the_case(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    clinic.ask(clinic.expert_of(case), case, "outpatient_record")
    with clinic.later(add_workdays(clock.today(), 16)):
        clinic.overdue()
        seen = clinic.again(patient).ok("GET", f"/filings/{case['id']}")
        assert seen["status"] == "withdrawn"
        assert clinic.states(clinic.again(patient), case) == {HYPERTENSION: "withdrawn"}
        assert clinic.named(case) == []


def test_the_applicant_is_reminded_of_the_notice_that_still_holds(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    expert = clinic.expert_of(case)
    clinic.ask(expert, case, "outpatient_record")
    [first] = reminders(clinic)
    record = str(clinic.world.paper(patient, "outpatient_record")["id"])
    clinic.do(patient, case, "resubmit", material_ids=[record])
    clinic.ask(expert, case, "outpatient_record")
    _, second = reminders(clinic)

    database = clinic.world.parts.database
    remind_of_correction(database, first)
    assert clinic.notices(patient, "correction_reminder") == [], "another notice has taken its place"
    remind_of_correction(database, second)
    assert len(clinic.notices(patient, "correction_reminder")) == 1


def reminders(clinic: Clinic) -> list[dict[str, Any]]:
    """What the outbox will remind of, the oldest first."""
    query = select(OutboxMessage.payload).where(OutboxMessage.topic == CORRECTION_REMINDER)
    return clinic.world.write(
        lambda session: list(session.execute(query.order_by(OutboxMessage.id)).scalars())
    )
