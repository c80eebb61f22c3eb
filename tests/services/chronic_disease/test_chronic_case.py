"""From the application to the benefit: experts drawn by lot certify, the agency approves."""

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, Clinic

from tests.somebody import Somebody


def items(who: Somebody, case: dict[str, object]) -> dict[str, dict[str, object]]:
    answer = who.ok("GET", f"/chronic/cases/{case['id']}")
    return {item["disease_code"]: item for item in answer["items"]}


def test_a_certified_and_approved_disease_becomes_a_benefit(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION, institution_ids=[str(clinic.hospital.id)])
    assert (case["status"], case["stage"]) == ("submitted", "expert_review")
    expert = clinic.expert_of(case)

    certified = clinic.decide(expert, case, HYPERTENSION, certify=True)
    assert certified["status"] == "certified"
    approved = clinic.review(certified)

    assert approved["status"] == "approved"
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    assert benefit["opsp_dise_code"] == HYPERTENSION
    assert benefit["in_force"]
    assert benefit["institution_ids"] == [str(clinic.hospital.id)]
    item = items(patient, case)[HYPERTENSION]
    assert item["status"] == "approved"
    assert item["entitlement_id"] == benefit["id"]


def test_of_several_diseases_some_may_be_refused(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, HYPERTENSION, DIABETES)
    first, second = clinic.named(case)
    specialties = {item["specialty"]: code for code, item in items(patient, case).items()}
    assert len(specialties) == 2, "two specialties, so two experts"

    for expert in (first, second):
        yours = [code for code, item in items(expert, case).items() if item["yours"]]
        assert len(yours) == 1
        clinic.decide(expert, case, yours[0], certify=yours[0] == HYPERTENSION)

    done = clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    assert done["status"] == "approved"
    states = {code: item["status"] for code, item in items(patient, case).items()}
    assert states == {HYPERTENSION: "approved", DIABETES: "refused"}
    assert "appeal" in patient.ok("GET", f"/filings/{case['id']}")["available_actions"]


def test_an_appeal_that_the_second_expert_grants_goes_to_a_third(clinic: Clinic, patient: Somebody) -> None:
    case = clinic.apply(patient, CORONARY)
    first = clinic.expert_of(case)
    refused = clinic.decide(first, case, CORONARY, certify=False)
    assert refused["status"] == "refused"

    seen = patient.ok("GET", f"/filings/{case['id']}")
    appealed = clinic.world.act(patient, seen, "appeal", reason="上周又做了造影")
    second = clinic.expert_of(appealed)
    still = clinic.decide(second, case, CORONARY, certify=True)
    assert still["status"] == "submitted"
    third = clinic.expert_of(still)
    certified = clinic.decide(third, case, CORONARY, certify=True)

    assert certified["status"] == "certified"
    assert len({first.account_id, second.account_id, third.account_id}) == 3
    opinions = items(patient, case)[CORONARY]["opinions"]
    assert [one["certified"] for one in opinions] == [False, True, True]


def test_nobody_but_the_expert_who_was_drawn_sees_the_case_among_experts(
    clinic: Clinic, patient: Somebody
) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    drawn = clinic.expert_of(case)

    for account_id, expert in clinic.experts.items():
        queue = expert.ok("GET", "/filings?scope=queue")["items"]
        if account_id == drawn.account_id:
            assert [one["id"] for one in queue] == [case["id"]]
        else:
            assert queue == []
            assert expert.refused("GET", f"/filings/{case['id']}") == (404, "not_found")


@pytest.mark.parametrize("certify", [True, False])
def test_an_opinion_names_every_criterion_and_fits_its_decision(
    clinic: Clinic, patient: Somebody, certify: bool
) -> None:
    case = clinic.apply(patient, HYPERTENSION)
    expert = clinic.expert_of(case)
    seen = expert.ok("GET", f"/filings/{case['id']}")
    wrong = clinic.findings(HYPERTENSION, met=not certify)
    action = "certify" if certify else "refuse"

    def code(findings: list[dict[str, object]]) -> tuple[int, str]:
        body = {
            "action": action,
            "expected_version": seen["version"],
            "reason": "写明理由",
            "data": {"findings": findings},
        }
        return expert.refused("POST", f"/filings/{case['id']}/actions", body)

    assert code(wrong[1:]) == (422, "invalid_input")
    assert code(wrong) == (422, "chronic_criteria_unmet" if certify else "chronic_criteria_met")
