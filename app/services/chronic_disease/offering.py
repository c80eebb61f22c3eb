"""Making offers: after the screening found proof, and 两病 after 慢特病 was refused (灵璧 [002])."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings import catalogue as services
from app.filings.declaration import Effect
from app.identity import service as identity
from app.kit import clock, ids
from app.kit.db import insert_if_absent
from app.notices import service as notices
from app.notices.service import NoticeKind
from app.services.chronic_disease.benefits import Benefit, criteria_of
from app.services.chronic_disease.catalogue import find
from app.services.chronic_disease.models import ChronicItem, ItemStatus
from app.services.chronic_disease.offer_models import ChronicOffer, OfferOrigin, OfferStatus
from app.services.chronic_disease.offer_terms import last_day, next_step
from app.services.chronic_disease.packs import pack_by_id
from app.services.chronic_disease.standings import standings


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is offered to whom, on what ground. ``ward``: a minor, whose guardian is told."""

    person_id: UUID
    benefit: Benefit
    disease_code: str
    origin: OfferOrigin
    insutype: str
    pack_id: str
    diagnosed_on: date
    institution_id: UUID | None
    evidence: Sequence[UUID] = ()
    source_filing_id: UUID | None = None
    ward: bool = False


def propose(session: Session, proposal: Proposal, today: date) -> bool:
    """Make the offer and tell the person. False where the same is open already, made at this very moment."""
    now = clock.now()
    values: dict[str, Any] = {
        "id": ids.new_id(),
        "person_id": proposal.person_id,
        "benefit": proposal.benefit.value,
        "disease_code": proposal.disease_code,
        "origin": proposal.origin,
        "insutype": proposal.insutype,
        "pack_id": proposal.pack_id,
        "diagnosed_on": proposal.diagnosed_on,
        "institution_id": proposal.institution_id,
        "evidence": [str(one) for one in proposal.evidence],
        "source_filing_id": proposal.source_filing_id,
        "state": OfferStatus.OPEN,
        "version": 1,
        "made_on": today,
        "expires_on": last_day(today),
        "next_step_on": next_step(today, today),
        "reminders": 0,
        "decided_on": None,
        "filing_id": None,
        "created_at": now,
    }
    if not insert_if_absent(session, ChronicOffer, values):
        return False
    tell(
        session,
        NoticeKind.BENEFIT_OFFERED,
        person_id=proposal.person_id,
        benefit=proposal.benefit,
        last=values["expires_on"],
        ward=proposal.ward,
    )
    return True


def tell(
    session: Session, kind: NoticeKind, *, person_id: UUID, benefit: str, last: date, ward: bool
) -> None:
    """Tell the person, and of a minor the first guardian. The message names no disease: others may see it."""
    guardians = identity.guardians_of(session, person_id) if ward else []
    notices.queue_notice(
        session,
        person_id=person_id,
        kind=kind,
        filing_id=None,
        params={"service": services.get(benefit).name, "due": last.isoformat()},
        also_person_id=guardians[0] if guardians else None,
    )


def follow_decision(effect: Effect, items: Sequence[ChronicItem]) -> None:
    """When experts or the agency have spoken: offer 两病 for hypertension and diabetes that were refused.

    The appeal stays possible beside it. Once the disease is certified after all, an offer not yet taken is void.
    """
    for item in items:
        disease = find(item.disease_code)
        if disease is None or not disease.two_disease or effect.filing.service_code != Benefit.CHRONIC:
            continue
        if item.state in {ItemStatus.REFUSED, ItemStatus.REJECTED}:
            _offer_two_disease(effect, item)
        elif item.state is ItemStatus.CERTIFIED:
            withdraw(effect.session, item.person_id, Benefit.TWO_DISEASE, item.disease_code)


def withdraw(session: Session, person_id: UUID, benefit: Benefit, disease_code: str) -> None:
    """Void the person's open offer of this, if there is one."""
    query = select(ChronicOffer).where(
        ChronicOffer.person_id == person_id,
        ChronicOffer.benefit == benefit,
        ChronicOffer.disease_code == disease_code,
        ChronicOffer.state == OfferStatus.OPEN,
    )
    found = session.execute(query.with_for_update()).scalar_one_or_none()
    if found is not None:
        found.state, found.decided_on = OfferStatus.VOID, clock.today()


def note_application(
    session: Session, person_id: UUID, benefit: Benefit, codes: Collection[str], filing_id: UUID
) -> None:
    """The person applied for these: end the open offers of the same, so that nobody is reminded of them.

    The offer whose acceptance made the application is not open any more. Call under the person's lock.
    """
    query = select(ChronicOffer).where(
        ChronicOffer.person_id == person_id,
        ChronicOffer.benefit == benefit,
        ChronicOffer.disease_code.in_(codes),
        ChronicOffer.state == OfferStatus.OPEN,
    )
    for offer in session.execute(query.order_by(ChronicOffer.id).with_for_update()).scalars():
        offer.state, offer.decided_on, offer.filing_id = OfferStatus.APPLIED, clock.today(), filing_id


def reopen(session: Session, filing_id: UUID, today: date) -> None:
    """The application that ended these offers came to nothing: while their time lasts the person may still accept them."""
    query = select(ChronicOffer).where(
        ChronicOffer.filing_id == filing_id, ChronicOffer.state == OfferStatus.APPLIED
    )
    for offer in session.execute(query.order_by(ChronicOffer.id).with_for_update()).scalars().all():
        if today <= offer.expires_on:
            offer.state, offer.decided_on, offer.filing_id = OfferStatus.OPEN, None, None
    session.flush()


def _offer_two_disease(effect: Effect, item: ChronicItem) -> None:
    session, filing, today = effect.session, effect.filing, clock.china_day(effect.now)
    pack = pack_by_id(str(filing.pack_id))
    rules = criteria_of(pack, Benefit.TWO_DISEASE, item.disease_code)
    coverage = identity.get_coverage(session, filing.coverage_id)
    if rules is None or coverage.insutype not in rules.insutypes or not coverage.in_force(today):
        return
    standing = standings(session, [item.person_id], today)[item.person_id]
    if not standing.may_be_offered(pack, Benefit.TWO_DISEASE, rules, after_refusal=True):
        return
    entry = next(one for one in effect.form["diseases"] if one["disease_code"] == item.disease_code)
    person = identity.get_person(session, item.person_id)
    proposal = Proposal(
        person_id=item.person_id,
        benefit=Benefit.TWO_DISEASE,
        disease_code=item.disease_code,
        origin=OfferOrigin.REFUSED,
        insutype=coverage.insutype,
        pack_id=pack.pack_id,
        diagnosed_on=entry["diagnosed_on"],
        institution_id=entry.get("institution_id"),
        source_filing_id=filing.id,
        ward=identity.is_minor(person.birth_date, today),
    )
    propose(session, proposal, today)
