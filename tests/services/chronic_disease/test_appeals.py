"""A refusal may be appealed once and in time; what was approved before stays, whatever becomes of the appeal."""

from datetime import date
from typing import Any

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic

from app.kit import clock
from app.kit.workdays import add_workdays
from tests.somebody import Somebody

APPEAL_DAYS = 15
WHY = "上周又做了造影"


@pytest.fixture
def refused(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    case = clinic.apply(patient, CORONARY)
    clinic.decide_all(case)
    return case


@pytest.fixture
def mixed(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    """Hypertension granted, diabetes refused by the expert."""
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    return case


def status(who: Somebody, case: dict[str, Any]) -> str:
    return str(who.ok("GET", f"/filings/{case['id']}")["status"])


def benefits(who: Somebody) -> set[str]:
    return {
        one["opsp_dise_code"] for one in who.ok("GET", "/chronic/entitlements")["items"] if one["in_force"]
    }


def test_the_applicant_reads_why_of_every_disease(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    for expert in clinic.named(case):
        [code] = [code for code, item in clinic.items(expert, case).items() if item["yours"]]
        clinic.decide(expert, case, code, certify=False, reason=f"{code}的检查结果未达到标准")
    seen = patient.ok("GET", f"/filings/{case['id']}")
    assert seen["status"] == "refused"
    for code in (HYPERTENSION, DIABETES):
        assert f"{code}的检查结果未达到标准" in seen["reason"]
    [told] = clinic.notices(patient, "filing_refused")
    assert "高血压" in told
    assert "糖尿病" in told


def test_it_names_the_last_day_and_holds_it(
    clinic: Clinic, patient: Somebody, refused: dict[str, Any]
) -> None:
    last = date.fromisoformat(clinic.items(patient, refused)[CORONARY]["appeal_until"])
    assert last == add_workdays(clock.today(), APPEAL_DAYS)
    with clinic.later(last, hour=23):
        assert clinic.overdue() == 0
        assert clinic.do(clinic.again(patient), refused, "appeal", reason=WHY)["status"] == "submitted"


def test_after_the_last_day_the_refusal_stands(
    clinic: Clinic, patient: Somebody, refused: dict[str, Any]
) -> None:
    with clinic.later(add_workdays(clock.today(), APPEAL_DAYS + 1), hour=1):
        late = clinic.again(patient)
        assert clinic.refused(late, refused, "appeal", reason=WHY) == (409, "chronic_appeal_too_late")
        assert clinic.overdue() == 1
        seen = late.ok("GET", f"/filings/{refused['id']}")
        assert seen["status"] == "rejected"
        assert "appeal" not in seen["available_actions"]
        assert "复核期限" in seen["reason"]
        assert clinic.refused(late, refused, "appeal", reason=WHY)[0] == 409
        assert clinic.apply(late, CORONARY)["status"] == "submitted", "one may apply anew"


def test_an_appeal_needs_words(clinic: Clinic, patient: Somebody, refused: dict[str, Any]) -> None:
    assert clinic.refused(patient, refused, "appeal") == (422, "reason_missing")


def test_where_the_second_refuses_too_it_is_over(
    clinic: Clinic, patient: Somebody, refused: dict[str, Any]
) -> None:
    clinic.do(patient, refused, "appeal", reason=WHY)
    second = clinic.expert_of(refused)
    after = clinic.decide(second, refused, CORONARY, certify=False, reason="造影仍未见狭窄")
    assert after["status"] == "rejected"
    seen = patient.ok("GET", f"/filings/{refused['id']}")
    assert "appeal" not in seen["available_actions"]
    assert "造影仍未见狭窄" in seen["reason"]
    assert clinic.refused(patient, refused, "appeal", reason=WHY) == (409, "wrong_state")
    [told] = clinic.notices(patient, "filing_rejected")
    assert "造影仍未见狭窄" in told


@pytest.mark.parametrize(("third_certifies", "outcome"), [(True, "certified"), (False, "rejected")])
def test_where_the_two_differ_the_third_decides(
    clinic: Clinic, patient: Somebody, refused: dict[str, Any], third_certifies: bool, outcome: str
) -> None:
    clinic.do(patient, refused, "appeal", reason=WHY)
    clinic.decide_all(refused, CORONARY)
    assert status(patient, refused) == "submitted"
    clinic.decide_all(refused, *([CORONARY] if third_certifies else []))
    assert status(patient, refused) == outcome
    assert len({one.account_id for one in clinic.assignments(refused)}) == 3


def test_only_what_was_refused_is_looked_at_again(
    clinic: Clinic, patient: Somebody, mixed: dict[str, Any]
) -> None:
    clinic.do(patient, mixed, "appeal", reason=WHY)
    assert clinic.states(patient, mixed) == {HYPERTENSION: "approved", DIABETES: "waiting"}
    assert benefits(patient) == {HYPERTENSION}, "held throughout"
    assert len(clinic.named(mixed)) == 1


def test_an_appeal_that_is_won_adds_to_what_was_approved(
    clinic: Clinic, patient: Somebody, mixed: dict[str, Any]
) -> None:
    clinic.do(patient, mixed, "appeal", reason=WHY)
    clinic.decide_all(mixed, DIABETES)
    clinic.decide_all(mixed, DIABETES)
    clinic.review(patient.ok("GET", f"/filings/{mixed['id']}"))
    assert status(patient, mixed) == "approved"
    assert benefits(patient) == {HYPERTENSION, DIABETES}
    assert len(patient.ok("GET", "/chronic/entitlements")["items"]) == 2, "nothing is given twice"


def _second_refuses(clinic: Clinic, patient: Somebody, case: dict[str, Any]) -> None:
    clinic.decide_all(case)


def _agency_rejects(clinic: Clinic, patient: Somebody, case: dict[str, Any]) -> None:
    clinic.decide_all(case, DIABETES)
    clinic.decide_all(case, DIABETES)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"), "reject", reason="病历与就诊记录不一致")


def _applicant_withdraws(clinic: Clinic, patient: Somebody, case: dict[str, Any]) -> None:
    clinic.do(patient, case, "withdraw")


def _correction_lapses(clinic: Clinic, patient: Somebody, case: dict[str, Any]) -> None:
    clinic.ask(clinic.expert_of(case), case, "examination_report")
    version = patient.ok("GET", f"/filings/{case['id']}")["version"]
    wild = {"expected_version": version, "form": clinic.form(HYPERTENSION, DIABETES, CORONARY)}
    patient.ok("PATCH", f"/filings/{case['id']}", wild)
    with clinic.later(add_workdays(clock.today(), 16)):
        assert clinic.overdue() == 1


@pytest.mark.parametrize(
    ("end", "left"),
    [
        (_second_refuses, "refused"),
        (_agency_rejects, "rejected"),
        (_applicant_withdraws, "refused"),
        (_correction_lapses, "refused"),
    ],
)
def test_an_appeal_that_fails_leaves_the_case_approved(
    clinic: Clinic, patient: Somebody, mixed: dict[str, Any], end: Any, left: str
) -> None:
    clinic.do(patient, mixed, "appeal", reason=WHY)
    end(clinic, patient, mixed)
    seen = patient.ok("GET", f"/filings/{mixed['id']}")
    assert seen["status"] == "approved"
    assert seen["decided_at"] is not None
    assert "appeal" not in seen["available_actions"]
    assert benefits(patient) == {HYPERTENSION}
    assert clinic.states(patient, mixed) == {HYPERTENSION: "approved", DIABETES: left}
    assert "已有的待遇照常使用" in clinic.notices(patient, "result_kept")[0]
    assert clinic.named(mixed) == []
    codes = [entry["disease_code"] for entry in seen["form"]["diseases"]]
    assert codes == [HYPERTENSION, DIABETES], "what was never handed in is no part of it"


def test_a_case_on_appeal_can_be_corrected_though_a_benefit_of_it_is_held(
    clinic: Clinic, patient: Somebody, mixed: dict[str, Any]
) -> None:
    clinic.do(patient, mixed, "appeal", reason=WHY)
    second = clinic.expert_of(mixed)
    clinic.ask(second, mixed, "examination_report")
    report = str(clinic.world.paper(patient, "examination_report")["id"])
    without = clinic.form(HYPERTENSION)
    assert clinic.refused(patient, mixed, "resubmit", form=without, material_ids=[report]) == (
        422,
        "invalid_input",
    ), "there is an opinion on the other one"
    clinic.do(patient, mixed, "resubmit", material_ids=[report])
    assert clinic.expert_of(mixed) == second


def test_where_the_agency_was_slow_the_time_for_an_appeal_begins_with_its_decision(
    clinic: Clinic, patient: Somebody
) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    clinic.decide_all(case, HYPERTENSION)
    decided = add_workdays(clock.today(), APPEAL_DAYS + 5)
    with clinic.later(decided):
        later = clinic.again(patient)
        clinic.review(later.ok("GET", f"/filings/{case['id']}"))
        until = clinic.items(later, case)[DIABETES]["appeal_until"]
        assert until == str(add_workdays(decided, APPEAL_DAYS))
        assert clinic.do(later, case, "appeal", reason=WHY)["status"] == "submitted"


def test_where_the_agency_rejects_the_rest_the_expert_s_refusal_can_still_be_appealed(
    clinic: Clinic, patient: Somebody
) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"), "reject", reason="参保已中断")
    seen = patient.ok("GET", f"/filings/{case['id']}")
    assert (seen["status"], seen["reason"]) == ("rejected", "参保已中断")
    clinic.do(patient, case, "appeal", reason=WHY)
    assert clinic.states(patient, case) == {HYPERTENSION: "rejected", DIABETES: "waiting"}


def test_who_has_applied_anew_does_not_appeal_too(
    clinic: Clinic, patient: Somebody, refused: dict[str, Any]
) -> None:
    second = clinic.apply(patient, CORONARY)
    assert clinic.refused(patient, refused, "appeal", reason=WHY) == (409, "chronic_pending")
    clinic.decide_all(second, CORONARY)
    clinic.review(patient.ok("GET", f"/filings/{second['id']}"))
    assert clinic.refused(patient, refused, "appeal", reason=WHY) == (409, "chronic_already_entitled")
    assert len(patient.ok("GET", "/chronic/entitlements")["items"]) == 1


def test_nobody_else_appeals(clinic: Clinic, refused: dict[str, Any]) -> None:
    stranger, handler = clinic.world.citizen(region=REGION), clinic.world.handler(REGION)
    body = {"action": "appeal", "expected_version": 1, "reason": WHY}
    assert stranger.refused("POST", f"/filings/{refused['id']}/actions", body) == (404, "not_found")
    assert clinic.refused(handler, refused, "appeal", reason=WHY) == (409, "wrong_party")
