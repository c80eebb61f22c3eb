"""Who applies without waiting for an offer ends it: no reminder goes on, and it bars nothing later."""

from typing import Any

import pytest
from clinic import CORONARY, HYPERTENSION, Clinic
from feed import Feed, act, at, notices, offers_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.notices.models import NoticeKind
from app.services.chronic_disease import offer_reminders
from app.services.chronic_disease.offer_models import ChronicOffer, OfferStatus
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


def test_who_applies_for_the_same_ends_the_offer_and_is_not_reminded_of_it(
    clinic: Clinic, feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    case = clinic.apply(patient, HYPERTENSION)

    [ended] = offers_of(patient)
    assert (ended["status"], ended["available_actions"]) == ("applied", [])
    assert (ended["status_text"], ended["filing_id"]) == ("您已另外提交申请", case["id"])
    assert act(patient, offer, "accept") == (409, "stale_version")
    assert act(patient, ended, "accept") == (409, "chronic_offer_closed")
    with at(10):
        offer_reminders.remind_of_offers(feed.world.parts.database)
    assert notices(feed, NoticeKind.OFFER_REMINDER) == 0


@pytest.mark.parametrize(
    ("service", "codes"),
    [
        pytest.param("chronic_disease", [CORONARY], id="another disease"),
        pytest.param("two_disease", [HYPERTENSION], id="another benefit"),
    ],
)
def test_who_applies_for_something_else_keeps_the_offer(
    clinic: Clinic, patient: Somebody, offer: dict[str, Any], service: str, codes: list[str]
) -> None:
    clinic.apply(patient, *codes, service=service)
    assert [(one["id"], one["status"]) for one in offers_of(patient)] == [(offer["id"], "open")]


def test_a_draft_ends_no_offer_and_handing_it_in_does(
    clinic: Clinic, patient: Somebody, offer: dict[str, Any]
) -> None:
    body = {
        "service_code": "chronic_disease",
        "form": clinic.form(CORONARY, HYPERTENSION),
        "material_ids": clinic.papers_for(patient, CORONARY, HYPERTENSION),
    }
    draft = patient.ok("POST", "/filings", body)
    assert offers_of(patient)[0]["status"] == "open"

    clinic.world.act(patient, draft, "submit")

    assert offers_of(patient)[0]["status"] == "applied"


def test_a_disease_that_the_correction_adds_ends_its_offer(
    clinic: Clinic, feed: Feed, patient: Somebody
) -> None:
    case = clinic.apply(patient, CORONARY)
    feed.stay(patient)
    feed.screen()
    assert [one["status"] for one in offers_of(patient)] == ["open"]
    expert = clinic.expert_of(case)
    seen = expert.ok("GET", f"/filings/{case['id']}")
    items = [{"field": "diseases", "text": "请确认病种"}]
    clinic.world.act(expert, seen, "request_correction", items=items, reason="请核对")
    back = patient.ok("GET", f"/filings/{case['id']}")
    form = {**back["form"], "diseases": [*back["form"]["diseases"], *clinic.form(HYPERTENSION)["diseases"]]}  # type: ignore[misc]
    papers = clinic.papers_for(patient, HYPERTENSION)

    clinic.world.act(patient, back, "resubmit", form=form, material_ids=papers)

    assert [(one["status"], one["filing_id"]) for one in offers_of(patient)] == [("applied", case["id"])]


@pytest.mark.parametrize("service", ["chronic_disease", "two_disease"])
def test_who_withdraws_the_application_still_has_the_offer(
    clinic: Clinic, feed: Feed, patient: Somebody, service: str
) -> None:
    """Applying is no answer to the offer: once the application is gone, the question stands again while its time lasts."""
    if service == "two_disease":
        refused = clinic.apply(patient, HYPERTENSION)
        clinic.decide_all(refused)
    else:
        feed.stay(patient)
        feed.screen()
    [offer] = offers_of(patient)
    case = clinic.apply(patient, HYPERTENSION, service=service)
    assert [one["status"] for one in offers_of(patient)] == ["applied"]

    clinic.world.act(patient, case, "withdraw")

    assert [(one["id"], one["status"]) for one in offers_of(patient)] == [(offer["id"], "open")]
    assert "accept" in offers_of(patient)[0]["available_actions"]


def test_an_offer_made_at_the_moment_of_the_application_is_ended_by_the_daily_look(
    clinic: Clinic, feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    """Given a screening that had not seen the application yet, the offer stands open beside it."""
    clinic.apply(patient, HYPERTENSION)

    def reopen(session: Session) -> None:
        late = session.execute(select(ChronicOffer)).scalar_one()
        late.state, late.decided_on, late.filing_id = OfferStatus.OPEN, None, None

    feed.world.write(reopen)
    [late] = offers_of(patient)
    assert act(patient, late, "accept") == (409, "chronic_pending")
    assert offers_of(patient)[0]["status"] == "open", "what could not be filed is not lost"
    with at(10):
        offer_reminders.remind_of_offers(feed.world.parts.database)
    assert notices(feed, NoticeKind.OFFER_REMINDER) == 0
    assert offers_of(patient)[0]["status"] == "applied"
