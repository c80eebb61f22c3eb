"""Offers, screenings and visits at the same moment, on both databases: one of each, whoever comes first."""

from typing import Any

import pytest
from clinic import HYPERTENSION, REGION, Clinic
from feed import HEART_STAY, Feed, at_once, notices, offers_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.models import Filing
from app.kit import clock
from app.notices.models import NoticeKind
from app.services.chronic_disease import offer_reminders
from app.services.chronic_disease.offer_models import ChronicOffer, OfferStatus
from app.services.chronic_disease.screening import Screened, screen
from tests.somebody import Somebody


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


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


def test_of_many_taps_at_once_one_files(patient: Somebody, offer: dict[str, Any], feed: Feed) -> None:
    path = f"/chronic/offers/{offer['id']}/actions"

    def tap(action: str) -> int:
        body = {"action": action, "expected_version": offer["version"]}
        return patient.send("POST", path, body).status_code

    found = at_once(*[lambda: tap("accept")] * 4, *[lambda: tap("decline")] * 2)

    assert sorted(found) == [200, 409, 409, 409, 409, 409]
    [kept] = feed.offers()
    filings = feed.world.write(lambda session: list(session.execute(select(Filing)).scalars()))
    assert len(filings) == (kept.state is OfferStatus.ACCEPTED)


def test_accepting_and_applying_at_once_is_one_application(
    clinic: Clinic, patient: Somebody, offer: dict[str, Any]
) -> None:
    papers = clinic.papers_for(patient, HYPERTENSION)
    body = {
        "service_code": "chronic_disease",
        "form": clinic.form(HYPERTENSION),
        "material_ids": papers,
        "submit": True,
    }
    tap = {"action": "accept", "expected_version": offer["version"]}
    found = at_once(
        lambda: patient.send("POST", f"/chronic/offers/{offer['id']}/actions", tap).status_code,
        lambda: patient.send("POST", "/filings", body).status_code,
    )
    assert sorted(found) in ([200, 409], [201, 409])


def test_two_screenings_at_once_offer_once(clinic: Clinic, feed: Feed) -> None:
    patients = [clinic.world.citizen(region=REGION) for _ in range(6)]
    feed.report(*[feed.row(one, icd10) for one in patients for icd10 in (HEART_STAY, "I13.000")])
    database = feed.world.parts.database

    found: list[Screened] = at_once(*[lambda: screen(database)] * 3)

    assert sum(one.offers for one in found) == 6
    assert len(feed.offers()) == 6
    assert notices(feed, NoticeKind.BENEFIT_OFFERED) == 6


def test_the_same_visits_reported_at_once_are_one_each(feed: Feed, patient: Somebody) -> None:
    rows = [feed.row(patient) for _ in range(20)]
    found = at_once(*[lambda: feed.report(*rows)] * 3)
    assert sum(one["taken"] for one in found) == 20
    assert sum(one["known"] for one in found) == 40


def test_a_reminder_and_an_acceptance_at_once(feed: Feed, patient: Somebody, offer: dict[str, Any]) -> None:
    def age(session: Session) -> None:
        found = session.execute(select(ChronicOffer)).scalar_one()
        found.next_step_on = clock.today()

    feed.world.write(age)
    fresh = offers_of(patient)[0]
    tap = {"action": "accept", "expected_version": fresh["version"]}
    found = at_once(
        lambda: patient.send("POST", f"/chronic/offers/{offer['id']}/actions", tap).status_code,
        lambda: offer_reminders.remind_of_offers(feed.world.parts.database),
    )
    assert found[0] in {200, 409}
    [kept] = feed.offers()
    assert kept.state is (OfferStatus.ACCEPTED if found[0] == 200 else OfferStatus.OPEN)


def test_a_reminder_and_an_application_at_once(
    clinic: Clinic, feed: Feed, patient: Somebody, offer: dict[str, Any]
) -> None:
    def age(session: Session) -> None:
        session.execute(select(ChronicOffer)).scalar_one().next_step_on = clock.today()

    feed.world.write(age)
    body = {
        "service_code": "chronic_disease",
        "form": clinic.form(HYPERTENSION),
        "material_ids": clinic.papers_for(patient, HYPERTENSION),
        "submit": True,
    }
    found = at_once(
        lambda: patient.send("POST", "/filings", body).status_code,
        lambda: offer_reminders.remind_of_offers(feed.world.parts.database),
    )
    assert found[0] == 201
    [kept] = feed.offers()
    assert kept.state is OfferStatus.APPLIED
