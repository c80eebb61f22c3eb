"""The agency decides disease by disease: what it leaves out of an approval has a reason that the person reads."""

import re
from typing import Any

import pytest
from clinic import DIABETES, HYPERTENSION, REGION, Clinic
from feed import offers_of
from forms import check, download, words_of
from sqlalchemy import update

from app.filings import history
from app.filings.history import Break
from app.kit.api.application import Application
from app.kit.api.document import openapi_document
from app.services.chronic_disease.models import ChronicItem
from tests.somebody import Somebody

WHY = "提交的住院病历与医院的记录不一致"
REJECTED = {"disease_code": DIABETES, "reason": WHY}


@pytest.fixture
def certified(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    """Both diseases certified, nobody of the agency has looked yet."""
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    clinic.decide_all(case, HYPERTENSION, DIABETES)
    return case


@pytest.fixture
def handler(clinic: Clinic) -> Somebody:
    return clinic.world.handler(REGION)


def decide(
    clinic: Clinic, handler: Somebody, case: dict[str, Any], *rejected: dict[str, str], **more: Any
) -> Any:
    """The answer to an approval that leaves these out."""
    held = handler.ok("GET", f"/filings/{case['id']}")
    if "claim" in held["available_actions"]:
        held = clinic.world.act(handler, held, "claim")
    body = {
        "action": "approve",
        "expected_version": held["version"],
        "data": {"rejected": list(rejected)},
        **more,
    }
    return handler.send("POST", f"/filings/{case['id']}/actions", body)


def held_diseases(who: Somebody) -> set[str]:
    return {one["opsp_dise_code"] for one in who.ok("GET", "/chronic/entitlements")["items"]}


def outcome(who: Somebody, case: dict[str, Any]) -> dict[str, str]:
    return {one["label"]: one["value"] for one in who.ok("GET", f"/filings/{case['id']}")["outcome"]}


class TestOneIsGrantedAndOneIsNot:
    @pytest.fixture(autouse=True)
    def decided(self, clinic: Clinic, handler: Somebody, certified: dict[str, Any]) -> None:
        answer = decide(clinic, handler, certified, REJECTED)
        assert answer.status_code == 200, answer.text
        assert answer.get_json()["status"] == "approved"

    def test_only_the_other_becomes_a_benefit(
        self, clinic: Clinic, patient: Somebody, certified: dict[str, Any]
    ) -> None:
        assert clinic.states(patient, certified) == {HYPERTENSION: "approved", DIABETES: "rejected"}
        assert held_diseases(patient) == {HYPERTENSION}

    def test_the_person_reads_why_in_the_case_the_notice_and_the_history(
        self, clinic: Clinic, patient: Somebody, certified: dict[str, Any]
    ) -> None:
        said = outcome(patient, certified)
        assert said["糖尿病"] == "不予办理"
        assert said["糖尿病：理由"] == WHY
        assert "高血压病：理由" not in said
        [told] = clinic.notices(patient, "filing_approved_in_part")
        assert f"糖尿病：{WHY}" in told
        assert clinic.notices(patient, "filing_approved") == []
        events = patient.ok("GET", f"/filings/{certified['id']}/events?limit=50")["items"]
        [step] = [one for one in events if one["action"] == "approve"]
        assert step["reason"] == f"糖尿病：{WHY}"

    def test_the_form_says_it_and_who_checks_its_code_reads_no_reason_beside_the_form(
        self, clinic: Clinic, patient: Somebody, certified: dict[str, Any]
    ) -> None:
        pdf = download(patient, certified)
        flat = re.sub(r"\s", "", words_of(pdf))
        assert f"高血压病病种编码{HYPERTENSION}结论认定" in flat
        assert WHY in flat
        assert "复核结论同意专家认定的病种，糖尿病除外" in flat
        checked = check(clinic, pdf)
        assert checked["genuine"]
        lines = {part["heading"]: part["lines"] for part in checked["sections"]}
        of_diabetes = {line["label"]: line["value"] for line in lines["糖尿病"]}
        assert (of_diabetes["结论"], of_diabetes["复核理由"]) == ("不予认定", WHY)
        assert "复核理由" not in {line["label"] for line in lines["高血压病"]}
        now = {one["label"]: one["value"] for one in checked["gives_now"]}
        assert now["糖尿病"] == "不予办理", "and no reason: it is for whoever sees the case"
        assert set(now) == {"高血压病", "糖尿病"}

    def test_what_is_kept_of_it_is_sound(self, clinic: Clinic) -> None:
        with clinic.world.parts.database.reading() as session:
            assert [one for one in history.verify(session) if isinstance(one, Break)] == []

    def test_a_reason_that_was_rubbed_out_is_found(self, clinic: Clinic) -> None:
        clinic.world.write(lambda session: session.execute(update(ChronicItem).values(reason_sealed=None)))
        with clinic.world.parts.database.reading() as session:
            found = [one for one in history.verify(session) if isinstance(one, Break)]
        assert [one.table for one in found] == ["chronic_item"]

    def test_what_the_agency_rejected_cannot_be_appealed_to_an_expert(
        self, clinic: Clinic, patient: Somebody, certified: dict[str, Any]
    ) -> None:
        assert "appeal" not in patient.ok("GET", f"/filings/{certified['id']}")["available_actions"]
        assert clinic.refused(patient, certified, "appeal", reason="不同意") == (409, "wrong_state")

    def test_hypertension_and_diabetes_are_offered_as_two_disease(self, patient: Somebody) -> None:
        [offer] = offers_of(patient)
        assert (offer["benefit"], offer["disease_code"]) == ("two_disease", DIABETES)


def test_a_reason_for_all_stands_before_those_of_the_diseases(
    clinic: Clinic, patient: Somebody, handler: Somebody, certified: dict[str, Any]
) -> None:
    assert decide(clinic, handler, certified, REJECTED, reason="已电话核实").status_code == 200
    [told] = clinic.notices(patient, "filing_approved_in_part")
    assert f"已电话核实；糖尿病：{WHY}" in told
    assert outcome(patient, certified)["糖尿病：理由"] == WHY


def test_leaving_out_everything_is_a_rejection_and_the_words_say_so(
    clinic: Clinic, patient: Somebody, handler: Somebody, certified: dict[str, Any]
) -> None:
    every = [REJECTED, {"disease_code": HYPERTENSION, "reason": WHY}]
    refused = decide(clinic, handler, certified, *every)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "chronic_nothing_to_grant")
    assert "不予办理" in refused.get_json()["detail"]
    assert clinic.states(patient, certified) == {HYPERTENSION: "certified", DIABETES: "certified"}
    assert clinic.do(handler, certified, "reject", reason=WHY)["status"] == "rejected"


def test_everything_wrong_with_the_list_is_said_at_once(
    clinic: Clinic, handler: Somebody, certified: dict[str, Any]
) -> None:
    unknown = {"disease_code": "M05300", "reason": WHY}
    refused = decide(clinic, handler, certified, unknown, REJECTED, REJECTED, unknown)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_input")
    found = refused.get_json()["errors"]
    assert set(found) == {f"data.rejected.{place}.disease_code" for place in (0, 2, 3)}
    assert "高血压病、糖尿病" in found["data.rejected.0.disease_code"][0], "which ones can be named"


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"disease_code": DIABETES}, "reason"),
        ({"disease_code": DIABETES, "reason": " "}, "reason"),
        ({"disease_code": DIABETES, "reason": "长" * 201}, "reason"),
        ({"disease_code": "糖尿病", "reason": WHY}, "disease_code"),
    ],
)
def test_no_disease_is_left_out_without_a_code_and_a_reason(
    clinic: Clinic, handler: Somebody, certified: dict[str, Any], entry: dict[str, str], wrong: str
) -> None:
    refused = decide(clinic, handler, certified, entry)
    assert refused.status_code == 422
    assert list(refused.get_json()["errors"]) == [f"data.rejected.0.{wrong}"]


def test_a_rejection_takes_no_list_and_another_s_case_is_not_decided(
    clinic: Clinic, handler: Somebody, certified: dict[str, Any]
) -> None:
    clinic.do(handler, certified, "claim")
    data = {"rejected": [REJECTED]}
    assert clinic.refused(handler, certified, "reject", reason=WHY, data=data) == (422, "invalid_input")
    colleague = clinic.world.handler(REGION)
    assert clinic.refused(colleague, certified, "approve", data=data) == (409, "held_by_another")


def test_an_expert_s_refusal_and_the_agency_s_stand_beside_each_other(
    clinic: Clinic, patient: Somebody, handler: Somebody
) -> None:
    """The disease that an expert refused is not before the agency, and stays open to an appeal."""
    coronary = "M04600"
    case = clinic.apply(patient, HYPERTENSION, DIABETES, coronary)
    clinic.decide_all(case, HYPERTENSION, DIABETES)
    refused = decide(clinic, handler, case, {"disease_code": coronary, "reason": WHY})
    assert list(refused.get_json()["errors"]) == ["data.rejected.0.disease_code"]
    assert decide(clinic, handler, case, REJECTED).status_code == 200
    said = outcome(patient, case)
    assert (said["糖尿病：理由"], said["冠心病：理由"]) == (WHY, "未达到认定标准")
    clinic.do(patient, case, "appeal", reason="上周又做了造影")
    assert clinic.states(patient, case) == {
        HYPERTENSION: "approved",
        DIABETES: "rejected",
        coronary: "waiting",
    }
    assert outcome(patient, case)["糖尿病：理由"] == WHY, "throughout the appeal"


class TestTwoDisease:
    @pytest.fixture
    def both(self, clinic: Clinic, patient: Somebody) -> dict[str, Any]:
        return clinic.apply(patient, HYPERTENSION, DIABETES, service="two_disease")

    def test_it_too_is_decided_disease_by_disease(
        self, clinic: Clinic, patient: Somebody, handler: Somebody, both: dict[str, Any]
    ) -> None:
        assert decide(clinic, handler, both, REJECTED).get_json()["status"] == "approved"
        assert held_diseases(patient) == {HYPERTENSION}
        assert outcome(patient, both)["糖尿病：理由"] == WHY
        flat = re.sub(r"\s", "", words_of(download(patient, both)))
        assert "办理结果告知单" in flat
        assert WHY not in flat, "reasons are in the case, not on a paper that others are shown"
        assert len(clinic.notices(patient, "filing_approved_in_part")) == 1

    def test_what_was_got_meanwhile_is_named_and_can_be_left_out(
        self, clinic: Clinic, patient: Somebody, handler: Somebody, both: dict[str, Any]
    ) -> None:
        bigger = clinic.apply(patient, HYPERTENSION)
        clinic.decide_all(bigger, HYPERTENSION)
        clinic.review(patient.ok("GET", f"/filings/{bigger['id']}"))

        refused = decide(clinic, handler, both)

        said = refused.get_json()
        assert (refused.status_code, said["code"]) == (409, "chronic_held_meanwhile")
        assert said["disease_codes"] == [HYPERTENSION]
        assert "高血压病" in said["detail"]
        assert "糖尿病" not in said["detail"]
        assert "rejected" in said["detail"]
        why = {"disease_code": HYPERTENSION, "reason": "已有门诊慢特病待遇"}
        assert decide(clinic, handler, both, why).status_code == 200
        assert clinic.states(patient, both) == {HYPERTENSION: "rejected", DIABETES: "approved"}

    def test_all_that_was_got_meanwhile_is_named(
        self, clinic: Clinic, patient: Somebody, handler: Somebody, both: dict[str, Any]
    ) -> None:
        bigger = clinic.apply(patient, HYPERTENSION, DIABETES)
        clinic.decide_all(bigger, HYPERTENSION, DIABETES)
        clinic.review(patient.ok("GET", f"/filings/{bigger['id']}"))
        said = decide(clinic, handler, both).get_json()
        assert said["disease_codes"] == [HYPERTENSION, DIABETES]
        assert len(said["errors"]["data.rejected"]) == 2


def test_the_document_says_what_an_approval_takes(app: Application) -> None:
    schemas = openapi_document(app)["components"]["schemas"]
    data = schemas["ActOnFilingRequest"]["properties"]["data"]
    assert {"$ref": "#/components/schemas/DecisionData"} in data["anyOf"]
    assert {"$ref": "#/components/schemas/OpinionData"} in data["anyOf"]
    assert "two_disease approve: DecisionData" in data["description"]
    assert schemas["RejectedDisease"]["required"] == ["disease_code", "reason"]


def test_what_the_experts_refused_is_told_with_the_result_and_the_last_day_for_an_appeal(
    clinic: Clinic, patient: Somebody
) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(case, "approve")
    [told] = clinic.notices(patient, "filing_approved_in_part")
    assert "糖尿病：未达到认定标准" in told
    assert str(clinic.items(patient, case)[DIABETES]["appeal_until"]) in told
    assert clinic.notices(patient, "filing_approved") == []
    said = {
        one["action"]: one["reason"] for one in patient.ok("GET", f"/filings/{case['id']}/events")["items"]
    }
    assert said["approve"] is None, "the agency gave no reason"


def test_a_two_disease_paper_tells_nobody_why_something_was_left_out(
    clinic: Clinic, patient: Somebody, handler: Somebody
) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES, service="two_disease")
    assert decide(clinic, handler, case, REJECTED).status_code == 200
    pdf = download(patient, case)
    assert WHY not in words_of(pdf).replace("\n", "")
    assert WHY not in str(check(clinic, pdf))
    assert outcome(patient, case)["糖尿病：理由"] == WHY
