"""The daily look at open offers: remind twice, then let them expire; end those that are of no use any more.

Who applies ends the offer of the same at once (``offering.note_application``). An offer that was made at that very moment
is ended here.
"""

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit import clock
from app.kit.db import Database
from app.notices.service import NoticeKind
from app.services.chronic_disease.benefits import Benefit, criteria_of
from app.services.chronic_disease.offer_models import ChronicOffer, OfferStatus
from app.services.chronic_disease.offer_terms import next_step
from app.services.chronic_disease.offering import tell
from app.services.chronic_disease.packs import pack_by_id
from app.services.chronic_disease.standings import Standing, standings

BATCH: Final = 200
"""Offers of one transaction: their rows are locked for it."""
_log = structlog.get_logger("app.offers")


def remind_of_offers(database: Database) -> int:
    """Do what is due today to every open offer. Returns to how many something was done.

    An offer's next day is moved on in the transaction that queues its notice, so a run that is cut off is gone on with
    by the next. Of two workers at once each passes over the rows that the other has locked.
    """
    today, total = clock.today(), 0
    while done := database.run(lambda session: _some(session, today)):
        total += done
    if total:
        _log.info("offers_looked_at", offers=total)
    return total


def _some(session: Session, today: date) -> int:
    due = (
        select(ChronicOffer)
        .where(ChronicOffer.state == OfferStatus.OPEN, ChronicOffer.next_step_on <= today)
        .order_by(ChronicOffer.next_step_on, ChronicOffer.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    offers = session.execute(due).scalars().all()
    person_ids = {offer.person_id for offer in offers}
    standing = standings(session, person_ids, today)
    insured = {
        (coverage.person_id, coverage.insutype)
        for coverage in identity.coverages_of_persons(session, person_ids)
        if coverage.in_force(today)
    }
    persons = identity.persons_by_ids(session, person_ids)
    for offer in offers:
        ended = _ended(offer, standing[offer.person_id], insured, today)
        if ended is not None:
            offer.state, offer.decided_on = ended, today
        else:
            offer.next_step_on = next_step(offer.made_on, today)
            offer.reminders += 1
            tell(
                session,
                NoticeKind.OFFER_REMINDER,
                person_id=offer.person_id,
                benefit=offer.benefit,
                last=offer.expires_on,
                ward=identity.is_minor(persons[offer.person_id].birth_date, today),
            )
    return len(offers)


def _ended(
    offer: ChronicOffer, standing: Standing, insured: Collection[tuple[UUID, str]], today: date
) -> OfferStatus | None:
    """Why nobody need be asked any more; None: the question stands."""
    if today > offer.expires_on:
        return OfferStatus.EXPIRED
    if (offer.benefit, offer.disease_code) in standing.under_way:
        return OfferStatus.APPLIED
    if (offer.person_id, offer.insutype) not in insured:
        return OfferStatus.VOID
    pack, benefit = pack_by_id(offer.pack_id), Benefit(offer.benefit)
    rules = criteria_of(pack, benefit, offer.disease_code)
    return OfferStatus.VOID if rules is None or standing.has(pack, benefit, rules) else None
