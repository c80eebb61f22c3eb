"""What an approval gives: institutions of one's choice, and a withdrawal only with a reason that the person reads."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from clinic import HYPERTENSION, REGION, Clinic
from sqlalchemy import select

from app.identity.actor import Role
from app.kit import clock
from app.kit.periods import add_months
from app.notices.models import Notice, NoticeKind
from tests.somebody import Somebody

REASON = "经核查，提交的住院病历不是本人的"


@pytest.fixture
def benefit(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    case = clinic.apply(patient, HYPERTENSION)
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    [found] = patient.ok("GET", "/chronic/entitlements")["items"]
    return dict(found)


def hospitals(clinic: Clinic, count: int, region: str = REGION) -> list[str]:
    return [str(clinic.world.hospital(region).id) for _ in range(count)]


def path(benefit: dict[str, Any]) -> str:
    return f"/chronic/entitlements/{benefit['id']}/institutions"


def choose(who: Somebody, benefit: dict[str, Any], chosen: list[str]) -> dict[str, Any]:
    [now] = who.ok("GET", "/chronic/entitlements")["items"]
    body = {"institution_ids": chosen, "expected_version": now["version"]}
    answer: dict[str, Any] = who.ok("PUT", path(benefit), body)
    return answer


def not_chosen(who: Somebody, benefit: dict[str, Any], chosen: list[str]) -> tuple[int, str]:
    [now] = who.ok("GET", "/chronic/entitlements")["items"]
    return who.refused("PUT", path(benefit), {"institution_ids": chosen, "expected_version": now["version"]})


def test_the_first_choice_is_free_and_then_one_change_in_twelve_months(
    clinic: Clinic, patient: Somebody, benefit: dict[str, Any]
) -> None:
    first, second, third = hospitals(clinic, 3)
    assert choose(patient, benefit, [first])["institutions_free_from"] is None
    today = clock.today()
    changed = choose(patient, benefit, [first, second])
    assert sorted(changed["institution_ids"]) == sorted([first, second])
    again_from = add_months(today, 12)
    assert changed["institutions_free_from"] == str(again_from)
    assert not_chosen(patient, benefit, [third]) == (409, "chronic_institutions_fixed")
    assert choose(patient, benefit, [second, first])["version"] == changed["version"], "the same is no change"
    with clinic.later(date.fromordinal(again_from.toordinal() - 1)):
        assert not_chosen(clinic.again(patient), benefit, [third]) == (409, "chronic_institutions_fixed")
    with clinic.later(again_from):
        assert choose(clinic.again(patient), benefit, [third])["institution_ids"] == [third]


def test_what_was_chosen_with_the_application_is_the_first_choice(clinic: Clinic, patient: Somebody) -> None:
    first, second, third = hospitals(clinic, 3)
    case = clinic.apply(patient, HYPERTENSION, institution_ids=[first])
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    choose(patient, benefit, [second])
    assert not_chosen(patient, benefit, [third]) == (409, "chronic_institutions_fixed")


@pytest.mark.parametrize("how", ["four", "none", "twice the same", "another county's", "unknown"])
def test_a_list_that_cannot_be(clinic: Clinic, patient: Somebody, benefit: dict[str, Any], how: str) -> None:
    [one] = hospitals(clinic, 1)
    lists = {
        "four": lambda: [one, *hospitals(clinic, 3)],
        "none": list[str],
        "twice the same": lambda: [one, one],
        "another county's": lambda: [one, *hospitals(clinic, 1, "610702")],
        "unknown": lambda: [str(UUID(int=9))],
    }
    assert not_chosen(patient, benefit, lists[how]()) == (422, "invalid_input")
    assert patient.ok("GET", "/chronic/entitlements")["items"][0]["institution_ids"] == []


def test_a_version_that_is_not_the_last_is_refused(
    clinic: Clinic, patient: Somebody, benefit: dict[str, Any]
) -> None:
    first, second = hospitals(clinic, 2)
    choose(patient, benefit, [first])
    body = {"institution_ids": [second], "expected_version": benefit["version"]}
    assert patient.refused("PUT", path(benefit), body) == (409, "stale_version")


def test_another_s_benefit_is_not_there(clinic: Clinic, patient: Somebody, benefit: dict[str, Any]) -> None:
    stranger = clinic.world.citizen(region=REGION)
    body = {"institution_ids": hospitals(clinic, 1), "expected_version": benefit["version"]}
    assert stranger.refused("PUT", path(benefit), body) == (404, "not_found")
    query = f"/chronic/entitlements?person_id={patient.person_id}"
    assert stranger.refused("GET", query) == (404, "not_found")
    assert stranger.ok("GET", "/chronic/entitlements")["items"] == []


def held_by_child(clinic: Clinic, guardian: Somebody) -> tuple[UUID, dict[str, Any]]:
    """A child's benefit, for which the guardian applied: whose, and which."""
    child = clinic.world.child(guardian, region=REGION)
    body = {
        "service_code": "chronic_disease",
        "subject_id": str(child),
        "form": clinic.form(HYPERTENSION),
        "material_ids": clinic.papers_for(guardian, HYPERTENSION),
        "submit": True,
    }
    case = guardian.ok("POST", "/filings", body)
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(guardian.ok("GET", f"/filings/{case['id']}"))
    [held] = guardian.ok("GET", f"/chronic/entitlements?person_id={child}")["items"]
    return child, held


def test_a_guardian_chooses_for_a_child(clinic: Clinic, patient: Somebody) -> None:
    _, held = held_by_child(clinic, patient)
    chosen = {"institution_ids": hospitals(clinic, 1), "expected_version": held["version"]}
    assert patient.ok("PUT", path(held), chosen)["institution_ids"] == chosen["institution_ids"]


class TestWithdrawal:
    @staticmethod
    def send(who: Somebody, benefit: dict[str, Any], **more: Any) -> Any:
        body = {"action": "withdraw", "reason": REASON, "expected_version": benefit["version"], **more}
        return who.send("POST", f"/chronic/entitlements/{benefit['id']}/actions", body)

    def test_the_person_is_told_why(self, clinic: Clinic, patient: Somebody, benefit: dict[str, Any]) -> None:
        handler = clinic.world.handler(REGION)
        item = clinic.items(handler, {"id": benefit["filing_id"]})[HYPERTENSION]
        assert (item["entitlement_id"], item["entitlement_version"]) == (benefit["id"], benefit["version"])
        answer = self.send(handler, benefit)
        assert answer.status_code == 200, answer.text

        [now] = patient.ok("GET", "/chronic/entitlements")["items"]
        assert (now["status"], now["in_force"], now["enddate"]) == ("withdrawn", False, str(clock.today()))
        assert now["withdrawn_reason"] == REASON
        [told] = clinic.notices(patient, "entitlement_withdrawn")
        assert REASON in told
        assert "高血压" in told
        seen = patient.ok("GET", "/me/accesses")["items"]
        assert any("门诊慢特病" in one["text"] for one in seen)
        assert clinic.apply(patient, HYPERTENSION)["status"] == "submitted", "one may apply anew"

    @pytest.mark.parametrize("acts", [True, False], ids=["still acts", "acts no longer"])
    def test_of_a_child_s_the_guardian_who_applied_is_told_while_he_or_she_acts(
        self, clinic: Clinic, patient: Somebody, acts: bool
    ) -> None:
        child_id, held = held_by_child(clinic, patient)
        if not acts:
            clinic.world.part(child_id, patient)

        assert self.send(clinic.world.handler(REGION), held).status_code == 200

        query = select(Notice.person_id).where(Notice.kind == NoticeKind.ENTITLEMENT_WITHDRAWN)
        told = clinic.world.write(lambda session: set(session.execute(query).scalars()))
        assert told == ({child_id, patient.person_id} if acts else {child_id})
        assert [REASON in one for one in clinic.notices(patient, "entitlement_withdrawn")] == [True] * acts

    def test_once(self, clinic: Clinic, patient: Somebody, benefit: dict[str, Any]) -> None:
        handler = clinic.world.handler(REGION)
        version = self.send(handler, benefit).get_json()["version"]
        assert self.send(handler, benefit).get_json()["code"] == "stale_version"
        again = self.send(handler, benefit, expected_version=version).get_json()
        assert again["code"] == "chronic_entitlement_ended"
        body = {"institution_ids": hospitals(clinic, 1), "expected_version": version}
        assert patient.refused("PUT", path(benefit), body) == (409, "chronic_entitlement_ended")

    def test_not_without_a_reason(self, clinic: Clinic, benefit: dict[str, Any]) -> None:
        handler = clinic.world.handler(REGION)
        for reason in (None, "", "无"):
            assert self.send(handler, benefit, reason=reason).status_code == 422

    def test_not_by_another_county_s_handler_nor_by_other_roles(
        self, clinic: Clinic, patient: Somebody, benefit: dict[str, Any]
    ) -> None:
        assert self.send(clinic.world.handler("610702"), benefit).status_code == 404
        desk = clinic.world.desk(clinic.hospital)
        assert self.send(desk, benefit).status_code == 404
        for who in (patient, clinic.world.staff(Role.AUDITOR, REGION), next(iter(clinic.experts.values()))):
            assert self.send(who, benefit).status_code == 403
        assert patient.ok("GET", "/chronic/entitlements")["items"][0]["in_force"]

    def test_not_the_own_nor_a_relative_s(
        self, clinic: Clinic, patient: Somebody, benefit: dict[str, Any]
    ) -> None:
        relative = clinic.world.handler(REGION)
        clinic.world.relate(patient, relative)
        assert self.send(relative, benefit).get_json()["code"] == "chronic_own_entitlement"


def test_the_agency_is_told_of_what_the_person_got_meanwhile(clinic: Clinic, patient: Somebody) -> None:
    small = clinic.apply(patient, HYPERTENSION, service="two_disease")
    case = clinic.apply(patient, HYPERTENSION)
    clinic.decide_all(case, HYPERTENSION)
    clinic.review(patient.ok("GET", f"/filings/{case['id']}"))
    handler = clinic.world.handler(REGION)
    clinic.do(handler, small, "claim")
    assert clinic.refused(handler, small, "approve") == (409, "chronic_held_meanwhile")
    done = clinic.do(handler, small, "reject", reason="已有门诊慢特病待遇")
    assert done["status"] == "rejected"
