"""Offers: one tap files the application without papers, the usual review follows; or no, and not again this year."""

from datetime import timedelta
from typing import Any

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic
from feed import HEART_STAY, Feed, act, answer, at, notices, offers_of
from sqlalchemy.orm import Session

from app.identity import register
from app.identity.models import Person, Relation
from app.kit import clock
from app.notices.models import NoticeKind
from app.services.chronic_disease import offer_reminders
from app.services.chronic_disease.offer_models import OfferStatus
from app.services.chronic_disease.offer_terms import next_step
from app.services.chronic_disease.packs import pack_for
from tests.somebody import Somebody


@pytest.fixture
def feed(clinic: Clinic) -> Feed:
    return Feed(clinic)


@pytest.fixture
def offer(feed: Feed, patient: Somebody) -> dict[str, Any]:
    """Hypertension, proven by a stay."""
    feed.stay(patient)
    feed.screen()
    [only] = offers_of(patient)
    return only


def test_accepted_it_is_an_application_without_papers_that_is_reviewed_as_usual(
    clinic: Clinic, patient: Somebody, offer: dict[str, Any]
) -> None:
    """免申不免审."""
    done = answer(patient, offer, "accept", institution_ids=[str(clinic.hospital.id)])

    assert done["offer"]["status"] == "accepted"
    case = done["filing"]
    assert case["id"] == done["offer"]["filing_id"]
    assert (case["status"], case["stage"], case["papers"]) == ("submitted", "expert_review", [])
    expert = clinic.expert_of(case)
    item = expert.ok("GET", f"/chronic/cases/{case['id']}")["items"][0]
    assert [one["icd10"] for one in item["evidence"]] == [HEART_STAY], "the expert sees what it rests on"
    certified = clinic.decide(expert, case, HYPERTENSION, certify=True)
    assert clinic.review(certified)["status"] == "approved"
    [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
    assert benefit["hosp_ide_date"] == offer["evidence"][0]["discharged_on"]
    assert benefit["institution_ids"] == [str(clinic.hospital.id)]


def test_an_expert_of_the_hospital_of_the_stay_is_not_drawn(
    clinic: Clinic, feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    case = answer(patient, offer, "accept")["filing"]
    entry = case["form"]["diseases"][0]
    assert entry["institution_id"] == str(clinic.hospital.id)
    assert entry["hospital_name"]


def test_answered_once_it_stays_answered(patient: Somebody, offer: dict[str, Any]) -> None:
    done = answer(patient, offer, "accept")
    assert act(patient, offer, "decline") == (409, "stale_version")
    assert act(patient, done["offer"], "accept") == (409, "chronic_offer_closed")
    assert len(patient.ok("GET", "/filings?scope=mine")["items"]) == 1


def test_the_same_tap_sent_twice_files_once(patient: Somebody, offer: dict[str, Any]) -> None:
    body = {"action": "accept", "expected_version": offer["version"]}
    path = f"/chronic/offers/{offer['id']}/actions"
    first = patient.ok("POST", path, body, key="one-and-the-same-tap")
    second = patient.ok("POST", path, body, key="one-and-the-same-tap")
    assert first == second
    assert len(patient.ok("GET", "/filings?scope=mine")["items"]) == 1


def test_declined_it_files_nothing_and_is_listed_after_the_open_ones(
    feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    done = answer(patient, offer, "decline")
    assert (done["offer"]["status"], done["filing"]) == ("declined", None)
    assert patient.ok("GET", "/filings?scope=mine")["items"] == []

    feed.stay(patient, "E11.300")
    feed.screen()

    assert [one["status"] for one in offers_of(patient)] == ["open", "declined"]
    pages, cursor = [], ""
    while True:
        page = patient.ok("GET", f"/chronic/offers?limit=1&cursor={cursor}")
        pages.extend(one["status"] for one in page["items"])
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert pages == ["open", "declined"]


def test_another_s_offer_does_not_exist(feed: Feed, offer: dict[str, Any]) -> None:
    other = feed.world.citizen(region=REGION)
    assert act(other, offer, "accept") == (404, "not_found")
    assert offers_of(other) == []


def test_an_offer_is_good_for_its_own_application_only(
    clinic: Clinic, feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    """Nobody files without papers by naming an offer: neither one's own that is open, nor another's."""
    body = {
        "service_code": "chronic_disease",
        "form": clinic.form(HYPERTENSION, offer_id=offer["id"]),
        "submit": True,
    }
    assert patient.refused("POST", "/filings", body) == (422, "invalid_input")
    other = feed.world.citizen(region=REGION)
    assert other.refused("POST", "/filings", body) == (422, "invalid_input")
    answer(patient, offer, "accept")
    assert patient.refused(
        "POST", "/filings", {**body, "form": clinic.form(CORONARY, offer_id=offer["id"])}
    ) == (
        422,
        "invalid_input",
    )


def test_who_adds_a_disease_in_the_correction_shows_papers_for_it(
    clinic: Clinic, patient: Somebody, offer: dict[str, Any]
) -> None:
    case = answer(patient, offer, "accept")["filing"]
    expert = clinic.expert_of(case)
    seen = expert.ok("GET", f"/filings/{case['id']}")
    items = [{"field": "diseases", "text": "请确认病种"}]
    clinic.world.act(expert, seen, "request_correction", items=items, reason="请核对")
    back = patient.ok("GET", f"/filings/{case['id']}")
    more = clinic.form(CORONARY)["diseases"]
    form = {**back["form"], "diseases": [*back["form"]["diseases"], *more]}  # type: ignore[misc]
    body = {"action": "resubmit", "expected_version": back["version"], "form": form}

    assert patient.refused("POST", f"/filings/{case['id']}/actions", body) == (422, "papers_missing")
    same = {"action": "resubmit", "expected_version": back["version"]}
    assert patient.ok("POST", f"/filings/{case['id']}/actions", same)["status"] == "submitted"


def test_who_moves_the_diagnosis_elsewhere_shows_papers(
    clinic: Clinic, patient: Somebody, offer: dict[str, Any]
) -> None:
    case = answer(patient, offer, "accept")["filing"]
    expert = clinic.expert_of(case)
    seen = expert.ok("GET", f"/filings/{case['id']}")
    items = [{"field": "diseases", "text": "请核对医院"}]
    clinic.world.act(expert, seen, "request_correction", items=items, reason="请核对")
    back = patient.ok("GET", f"/filings/{case['id']}")
    entry = {**back["form"]["diseases"][0], "diagnosed_on": "2024-02-03"}
    form = {**back["form"], "diseases": [entry]}
    body = {"action": "resubmit", "expected_version": back["version"], "form": form}
    assert patient.refused("POST", f"/filings/{case['id']}/actions", body) == (422, "papers_missing")


def test_after_thirty_days_it_can_still_be_accepted_on_the_last_day_and_not_after_it(
    patient: Somebody, offer: dict[str, Any], feed: Feed
) -> None:
    with at(31):
        fresh = feed.world.bearer(feed.world.sign_in(patient.account_id))
        assert act(fresh, offer, "accept") == (409, "chronic_offer_expired")
    with at(30):
        fresh = feed.world.bearer(feed.world.sign_in(patient.account_id))
        assert answer(fresh, offer, "accept")["filing"]["status"] == "submitted"


def test_reminded_on_the_tenth_and_the_twentieth_then_it_expires(
    feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    database = feed.world.parts.database
    told = []
    for day in range(33):
        with at(day):
            offer_reminders.remind_of_offers(database)
            offer_reminders.remind_of_offers(database)
            told.append(notices(feed, NoticeKind.OFFER_REMINDER))
    assert (told[9], told[10], told[19], told[20], told[32]) == (0, 1, 1, 2, 2)
    [kept] = feed.offers()
    assert kept.state is OfferStatus.EXPIRED
    assert kept.decided_on == clock.today() + timedelta(days=31)


def test_a_job_that_missed_days_reminds_once() -> None:
    made = clock.today()
    days = [made + timedelta(days=number) for number in (0, 9, 10, 15, 20, 29, 30, 40)]
    steps = [(next_step(made, day) - made).days for day in days]
    assert steps == [10, 10, 20, 20, 31, 31, 31, 31]


class TestAfterARefusal:
    """两病 with the papers of the refused case (灵璧 [002])."""

    def refused(self, clinic: Clinic, patient: Somebody) -> dict[str, Any]:
        case = clinic.apply(patient, HYPERTENSION)
        return clinic.decide(clinic.expert_of(case), case, HYPERTENSION, certify=False)

    def test_two_disease_is_offered_and_taken_in_one_tap_with_the_same_papers(
        self, clinic: Clinic, patient: Somebody
    ) -> None:
        case = self.refused(clinic, patient)
        assert case["status"] == "refused"
        [offer] = offers_of(patient)
        assert (offer["benefit"], offer["origin"]) == ("two_disease", "refused")
        assert offer["source_filing_id"] == case["id"]

        filed = answer(patient, offer, "accept")["filing"]

        assert (filed["service_code"], filed["status"]) == ("two_disease", "submitted")
        before = patient.ok("GET", f"/filings/{case['id']}")["papers"]
        assert {one["material_id"] for one in filed["papers"]} == {one["material_id"] for one in before}
        assert clinic.review(filed)["status"] == "approved"
        [benefit] = patient.ok("GET", "/chronic/entitlements")["items"]
        assert (benefit["benefit"], benefit["opsp_dise_code"]) == ("two_disease", HYPERTENSION)

    def test_a_lost_appeal_leaves_the_one_offer_and_a_won_one_ends_it(
        self, clinic: Clinic, patient: Somebody
    ) -> None:
        other = clinic.world.citizen(region=REGION)
        for who, certify in ((patient, False), (other, True)):
            case = self.refused(clinic, who)
            seen = who.ok("GET", f"/filings/{case['id']}")
            appealed = clinic.world.act(who, seen, "appeal", reason="上周又住院了")
            after = clinic.decide(clinic.expert_of(appealed), case, HYPERTENSION, certify=certify)
            if certify:
                clinic.decide(clinic.expert_of(after), case, HYPERTENSION, certify=True)
        assert [one["status"] for one in offers_of(patient)] == ["open"]
        assert [one["status"] for one in offers_of(other)] == ["void"]

    @pytest.mark.parametrize("became", ["open", "declined", "expired"])
    def test_it_is_offered_whatever_became_of_an_offer_of_the_disease_itself_this_year(
        self, clinic: Clinic, feed: Feed, patient: Somebody, offer: dict[str, Any], became: str
    ) -> None:
        """Given 慢特病 was offered, when the person applies otherwise and is refused, then 两病 is offered."""
        day = clock.today()
        if became == "declined":
            answer(patient, offer, "decline")
        if became == "expired":
            day += timedelta(days=32)
            with at(32):
                offer_reminders.remind_of_offers(feed.world.parts.database)
        assert [one.state for one in feed.offers()] == [became]
        with clinic.later(day):
            again = clinic.again(patient)

            self.refused(clinic, again)

            assert ("two_disease", "open") in {(one["benefit"], one["status"]) for one in offers_of(again)}

    def test_what_the_agency_rejects_is_followed_by_the_offer_too(
        self, clinic: Clinic, patient: Somebody
    ) -> None:
        case = clinic.apply(patient, HYPERTENSION)
        certified = clinic.decide(clinic.expert_of(case), case, HYPERTENSION, certify=True)
        assert offers_of(patient) == []

        assert clinic.review(certified, "reject", reason="与参保记录不符")["status"] == "rejected"

        assert [one["origin"] for one in offers_of(patient)] == ["refused"]

    def test_who_declined_it_is_not_asked_again_this_year(self, clinic: Clinic, patient: Somebody) -> None:
        self.refused(clinic, patient)
        answer(patient, offers_of(patient)[0], "decline")
        self.refused(clinic, patient)
        assert [one["status"] for one in offers_of(patient)] == ["declined"]

    def test_papers_that_a_guardian_uploaded_serve_the_other_guardian_too(
        self, clinic: Clinic, patient: Somebody
    ) -> None:
        """Given a child whose case one parent filed, when the other accepts, then the same papers are taken over."""
        world = clinic.world
        other = world.citizen(region=REGION)
        child_id = world.child(patient, region=REGION)

        def also(session: Session) -> None:
            child, parent = session.get_one(Person, child_id), session.get_one(Person, other.person_id)
            register.add_kinship(session, child, parent, Relation.PARENT, guardian=True)

        world.write(also)
        rules = pack_for(REGION, clock.today()).diseases[HYPERTENSION]
        papers = [str(world.paper(patient, one.kinds[0], person_id=child_id)["id"]) for one in rules.papers]
        body = {
            "service_code": "chronic_disease",
            "subject_id": str(child_id),
            "form": clinic.form(HYPERTENSION),
            "material_ids": papers,
            "submit": True,
        }
        case = patient.ok("POST", "/filings", body)
        clinic.decide(clinic.expert_of(case), case, HYPERTENSION, certify=False)

        filed = answer(other, offers_of(other)[0], "accept")["filing"]

        assert sorted(one["material_id"] for one in filed["papers"]) == sorted(papers)

    def test_for_other_diseases_there_is_nothing_to_offer(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, CORONARY)
        clinic.decide(clinic.expert_of(case), case, CORONARY, certify=False)
        assert offers_of(patient) == []

    def test_employees_have_other_rules_and_are_offered_what_their_region_gives_them(
        self, clinic: Clinic
    ) -> None:
        """The baseline's 两病 is for residents (390)."""
        employee = clinic.world.citizen(region=REGION, insutype="310")
        self.refused(clinic, employee)
        assert offers_of(employee) == []

    def test_of_several_only_the_refused_one_is_offered(self, clinic: Clinic, patient: Somebody) -> None:
        case = clinic.apply(patient, HYPERTENSION, DIABETES)
        for expert in clinic.named(case):
            seen = expert.ok("GET", f"/chronic/cases/{case['id']}")["items"]
            for code in [one["disease_code"] for one in seen if one["yours"]]:
                clinic.decide(expert, case, code, certify=code == DIABETES)
        assert [(one["disease_code"], one["benefit"]) for one in offers_of(patient)] == [
            (HYPERTENSION, "two_disease")
        ]
