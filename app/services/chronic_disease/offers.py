"""Offers as their people see and answer them: one tap files the application, or declines for the year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import Session

from app.filings import intake
from app.filings import service as filings
from app.filings.models import Filing
from app.filings.service import SeenFiling
from app.identity import service as identity
from app.identity.actor import Actor
from app.kit import clock
from app.kit.errors import NOT_FOUND, STALE_VERSION
from app.kit.pages import BAD_CURSOR, Page, decode_cursor, encode_cursor
from app.materials import service as materials
from app.services.chronic_disease import errors
from app.services.chronic_disease.offer_models import ChronicOffer, OfferStatus

ACCEPT, DECLINE = "accept", "decline"
_OPEN, _PAST = "o", "p"
"""Keys of the cursor: among which offers the page ended."""


@dataclass(frozen=True)
class Answered:
    """An offer after its person has answered, and the application that an acceptance made."""

    offer: ChronicOffer
    seen: SeenFiling | None


def page_of(session: Session, actor: Actor, cursor: str | None, limit: int) -> Page[ChronicOffer]:
    """The offers to the actor and those for whom the actor acts: the open ones first, then the newest."""
    mine = identity.require_person(actor)
    query = select(ChronicOffer).where(ChronicOffer.person_id.in_([mine, *identity.wards_of(session, mine)]))
    if cursor is not None:
        query = _after(query, *decode_cursor(cursor, _read_key))
    in_order = query.order_by(case((_IS_OPEN, 0), else_=1), ChronicOffer.id.desc())
    rows = session.execute(in_order.limit(limit + 1)).scalars().all()
    items = rows[:limit]
    last = items[-1] if len(rows) > limit else None
    return Page(items, None if last is None else encode_cursor(last.id, _key(last)))


_IS_OPEN = ChronicOffer.state == OfferStatus.OPEN


def _after(query: Select[ChronicOffer], key: str, last_id: UUID) -> Select[ChronicOffer]:
    older = ChronicOffer.id < last_id
    if key == _PAST:
        return query.where(ChronicOffer.state != OfferStatus.OPEN, older)
    return query.where(or_(and_(_IS_OPEN, older), ChronicOffer.state != OfferStatus.OPEN))


def _key(offer: ChronicOffer) -> str:
    return _OPEN if offer.state is OfferStatus.OPEN else _PAST


def _read_key(text: str) -> str:
    if text not in {_OPEN, _PAST}:
        raise ValueError(BAD_CURSOR)
    return text


def answer(
    session: Session,
    actor: Actor,
    offer_id: UUID,
    *,
    action: str,
    expected_version: int,
    institution_ids: Sequence[UUID],
    open_limit: int,
) -> Answered:
    """Accept or decline. Raises NOT_FOUND for another's offer, STALE_VERSION, OFFER_CLOSED, OFFER_EXPIRED.

    Accepting files the application and raises what keeps it from being filed; the offer then stays open.
    open_limit: as of ``filings.start``.
    """
    offer = _locked(session, actor, offer_id, expected_version)
    today = clock.today()
    offer.decided_on = today
    if action == DECLINE:
        offer.state = OfferStatus.DECLINED
        session.flush()
        return Answered(offer, None)
    # Before the application, which is judged by it; its number follows.
    offer.state = OfferStatus.ACCEPTED
    session.flush()
    source = _source(session, offer)
    seen = filings.start(
        session,
        actor,
        service_code=offer.benefit,
        subject_id=offer.person_id,
        form=_form(offer, source, institution_ids),
        material_ids=(),
        submit=True,
        open_limit=open_limit,
    )
    if source is not None:
        _take_over_papers(session, actor, source, seen.filing, offer)
    offer.filing_id = seen.filing.id
    session.flush()
    return Answered(offer, seen)


def _locked(session: Session, actor: Actor, offer_id: UUID, expected_version: int) -> ChronicOffer:
    """The person, then the offer, locked in this order as everywhere."""
    offer = session.get(ChronicOffer, offer_id)
    if offer is None or identity.may_act_for(session, actor, offer.person_id) is None:
        raise NOT_FOUND()
    identity.lock_person(session, offer.person_id)
    session.refresh(offer, with_for_update=True)
    if offer.version != expected_version:
        raise STALE_VERSION(extra={"version": offer.version, "available_actions": available_actions(offer)})
    if offer.state is not OfferStatus.OPEN:
        raise errors.OFFER_CLOSED(extra={"available_actions": []})
    if clock.today() > offer.expires_on:
        raise errors.OFFER_EXPIRED(until=offer.expires_on, extra={"available_actions": []})
    return offer


def available_actions(offer: ChronicOffer) -> list[str]:
    """What can be done to an offer now."""
    is_open = offer.state is OfferStatus.OPEN and clock.today() <= offer.expires_on
    return [ACCEPT, DECLINE] if is_open else []


def _source(session: Session, offer: ChronicOffer) -> Filing | None:
    return None if offer.source_filing_id is None else session.get(Filing, offer.source_filing_id)


def _form(offer: ChronicOffer, source: Filing | None, institution_ids: Sequence[UUID]) -> dict[str, Any]:
    """The application as it would be filled in, with what is known."""
    entry: dict[str, Any] = {
        "disease_code": offer.disease_code,
        "diagnosed_on": offer.diagnosed_on.isoformat(),
    }
    if offer.institution_id is not None:
        entry["institution_id"] = str(offer.institution_id)
    elif source is not None:
        entry["hospital_name"] = _entry_of(source, offer.disease_code)["hospital_name"]
    form: dict[str, Any] = {"diseases": [entry], "insutype": offer.insutype, "offer_id": str(offer.id)}
    if institution_ids:
        form["institution_ids"] = [str(one) for one in institution_ids]
    return form


def _entry_of(filing: Filing, disease_code: str) -> Mapping[str, Any]:
    entries: Sequence[Mapping[str, Any]] = filing.form["diseases"]
    return next(one for one in entries if one["disease_code"] == disease_code)


def _take_over_papers(
    session: Session, actor: Actor, source: Filing, filing: Filing, offer: ChronicOffer
) -> None:
    """The papers about the person that the refused case held for this disease, whichever guardian uploaded them."""
    own: Sequence[str] | None = _entry_of(source, offer.disease_code).get("material_ids")
    wanted = {paper.material_id for paper in intake.papers_of(session, source.id)}
    if own:
        wanted &= {UUID(one) for one in own}
    intake.add_papers(session, filing, materials.papers_about(session, wanted, offer.person_id), [], actor)
