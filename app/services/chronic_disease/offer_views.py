"""Visits taken and offers as answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import catalogue as services
from app.filings import views as filing_views
from app.filings.models import Filing
from app.identity import service as identity
from app.kit.masking import mask_name
from app.kit.pages import Page
from app.places.models import Institution
from app.services.chronic_disease import evidence, offers
from app.services.chronic_disease.benefits import disease_name
from app.services.chronic_disease.offer_models import ChronicOffer, Visit
from app.services.chronic_disease.offer_wording import OFFER_REASONS, OFFER_STATES
from app.services.chronic_disease.offers import Answered
from app.services.chronic_disease.visits import Taken


def present_taken(taken: Taken, language: str) -> dict[str, Any]:
    """What became of the rows that a terminal sent."""
    return {
        "taken": taken.new,
        "known": taken.known,
        "bad": [
            {
                "position": row.line,
                "problems": [
                    {"field": one.field, "text": one.text.in_language(language)} for one in row.faults
                ],
            }
            for row in taken.bad
        ],
    }


def present_offers(session: Session, page: Page[ChronicOffer], language: str) -> dict[str, Any]:
    """A page of offers with what they rest on; a fixed number of statements."""
    return {"items": _present(session, page.items, language), "next_cursor": page.next_cursor}


def present_answered(session: Session, answered: Answered, language: str) -> dict[str, Any]:
    """An offer that was just answered, with the application that came of it."""
    [offer] = _present(session, [answered.offer], language)
    filing = None if answered.seen is None else filing_views.present(session, answered.seen, language)
    return {"offer": offer, "filing": filing}


def case_evidence(session: Session, filing: Filing) -> dict[str, list[dict[str, Any]]]:
    """Disease → the visits that stand in for papers, of a case that came of an offer; for its reviewers."""
    offer_id = filing.form.get("offer_id")
    offer = None if offer_id is None else session.get(ChronicOffer, UUID(offer_id))
    if offer is None or offer.filing_id != filing.id:
        return {}
    return {offer.disease_code: _visits(*evidence.visits_of(session, [offer]))}


def _visits(visits: Sequence[Visit], institutions: Mapping[UUID, Institution]) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind,
            "visited_on": one.visited_on,
            "discharged_on": one.discharged_on,
            "hospital_name": institutions[one.institution_id].name,
            "icd10": one.icd10,
        }
        for one in visits
    ]


def _present(session: Session, found: Sequence[ChronicOffer], language: str) -> list[dict[str, Any]]:
    visits, institutions = evidence.visits_of(session, found)
    persons = identity.persons_by_ids(session, {one.person_id for one in found})
    return [
        {
            "id": one.id,
            "person_id": one.person_id,
            "person_name": mask_name(persons[one.person_id].name or ""),
            "benefit": one.benefit,
            "benefit_name": services.get(one.benefit).name.in_language(language),
            "disease_code": one.disease_code,
            "disease_name": disease_name(one.disease_code),
            "origin": one.origin,
            "reason": OFFER_REASONS[one.origin].in_language(language),
            "evidence": _visits([visit for visit in visits if str(visit.id) in one.evidence], institutions),
            "status": one.state,
            "status_text": OFFER_STATES[one.state].in_language(language),
            "made_on": one.made_on,
            "expires_on": one.expires_on,
            "source_filing_id": one.source_filing_id,
            "filing_id": one.filing_id,
            "version": one.version,
            "available_actions": offers.available_actions(one),
        }
        for one in found
    ]
