"""The history of a case: each step chained by a keyed hash to the one before.

The hash covers everything that the row says, and which form the case held at that step. Who edits rows in the database
does not have the key. The case keeps the number and hash of its last step under a seal of its own, with its state, its
person and its form, written anew at each step: a cut-off end is found although the case was made to agree with what
remains, and so is a form or a state changed by hand.

Not found by this: a paper taken out of a case, a deadline or a claim that was moved; a case that was deleted whole, with
all that refers to it, and a case that was put back whole to what it once was, seal and form included. Finding those takes
a witness outside of the database (a copy of it, the notices that people received, the papers that they hold), for a count
kept inside would be a row that all writers share. What a case gave (a service's own tables) carries seals of its own:
the service's ``audit`` looks at them in the same walk.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings import catalogue
from app.filings.declaration import Break
from app.filings.models import Filing, FilingEvent
from app.kit import ids, sealing
from app.kit.crypto import mac, same
from app.workflow.engine import Applied, Duties

SYSTEM_ROLE = "system"


@dataclass(frozen=True)
class Author:
    """Who made a step, in which role, at which organisation."""

    account_id: UUID | None
    role: str
    organisation_id: UUID | None = None

    @classmethod
    def system(cls) -> "Author":
        return cls(None, SYSTEM_ROLE)


def append(
    session: Session,
    filing: Filing,
    applied: Applied,
    author: Author,
    *,
    at: datetime,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> FilingEvent:
    """Add a step to the history. ``facts`` go out to people: codes and numbers, nothing personal."""
    event = FilingEvent(
        id=ids.new_id(),
        filing_id=filing.id,
        person_id=filing.person_id,
        seq=filing.last_seq + 1,
        action=applied.transition.action.value,
        before=applied.before.value,
        after=applied.after.value,
        duty=applied.transition.duty,
        actor_account_id=author.account_id,
        actor_role=author.role,
        organisation_id=author.organisation_id,
        ground=filing.ground,
        reason=reason,
        facts=dict(facts or {}),
        form_digest=form_digest(filing),
        at=at,
        previous_hash=filing.last_hash,
    )
    event.hash = event_hash(event)
    filing.last_seq, filing.last_hash = event.seq, event.hash
    session.add(event)
    return event


def form_digest(filing: Filing) -> str:
    """Which form the case holds: a digest of what is kept, so that nothing need be opened to compare it."""
    return sha256(filing.form_sealed).hexdigest()


def seal_of(filing: Filing) -> str:
    """The keyed seal over what the case says of itself: whose it is and on what ground, which insurance and rules it
    is judged by, its state, where it lies, its form, what is missing, the end of its history."""
    content = {
        "id": str(filing.id),
        "number": filing.number,
        "service_code": filing.service_code,
        "person_id": str(filing.person_id),
        "applicant": f"{filing.applicant_account_id} {filing.applicant_person_id} {filing.ground}",
        "insurance": f"{filing.coverage_id} {filing.region_code} {filing.pack_id}",
        "queue": f"{filing.queue_role} {filing.queue_region} {filing.queue_organisation_id} {filing.stage}",
        "status": filing.status.value,
        "instant": filing.instant,
        "submitted_at": None if filing.submitted_at is None else filing.submitted_at.isoformat(),
        "last_seq": filing.last_seq,
        "last_hash": filing.last_hash,
        "form": form_digest(filing),
        "missing": None if filing.missing_sealed is None else sha256(filing.missing_sealed).hexdigest(),
    }
    return sealing.row_seal("filing", content)


def seal(filing: Filing) -> None:
    """Seal the case as it stands now: at the end of a step, when everything about it is settled."""
    filing.seal = seal_of(filing)


def event_hash(event: FilingEvent) -> str:
    """The keyed hash over every column of the step and the hash before it."""
    content = {
        "id": str(event.id),
        "filing_id": str(event.filing_id),
        "person_id": str(event.person_id),
        "seq": event.seq,
        "action": event.action,
        "before": event.before,
        "after": event.after,
        "duty": event.duty,
        "actor_account_id": str(event.actor_account_id),
        "actor_role": event.actor_role,
        "organisation_id": str(event.organisation_id),
        "ground": event.ground,
        "reason": event.reason_sealed.hex() if event.reason_sealed else None,
        "facts": event.facts,
        "form": event.form_digest,
        "at": event.at.isoformat(timespec="microseconds"),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return mac(sealing.chain_key(), event.previous_hash, text, suite=sealing.suite()).hex()


def duties_of(session: Session, filing_id: UUID) -> Duties:
    """Who performed which duty on the case."""
    rows = session.execute(
        select(FilingEvent.duty, FilingEvent.actor_account_id).where(
            FilingEvent.filing_id == filing_id, FilingEvent.duty.is_not(None)
        )
    )
    found: dict[str, set[UUID]] = {}
    for duty, account_id in rows:
        if duty is not None and account_id is not None:
            found.setdefault(duty, set()).add(account_id)
    return {duty: frozenset(accounts) for duty, accounts in found.items()}


def steps_of_duty(session: Session, filing_ids: Collection[UUID], duty: str) -> Sequence[FilingEvent]:
    """The steps of one duty on these cases, in the order in which they were taken; one statement."""
    query = (
        select(FilingEvent)
        .where(FilingEvent.filing_id.in_(filing_ids), FilingEvent.duty == duty)
        .order_by(FilingEvent.filing_id, FilingEvent.seq)
    )
    return session.execute(query).scalars().all()


def verify(session: Session, *, batch: int = 500) -> Iterator[Break | int]:
    """Walk all cases; yields a ``Break`` for each fault and, after each batch, the number of cases checked so far."""
    checked, last_id = 0, None
    while True:
        query = select(Filing.id).order_by(Filing.id).limit(batch)
        if last_id is not None:
            query = query.where(Filing.id > last_id)
        filing_ids = session.execute(query).scalars().all()
        if not filing_ids:
            return
        last_id = filing_ids[-1]
        yield from _verify_some(session, filing_ids)
        checked += len(filing_ids)
        session.expunge_all()
        yield checked


def _verify_some(session: Session, filing_ids: Sequence[UUID]) -> Iterator[Break]:
    """Check these cases. One with a value that cannot be read at all is named, and holds up no other."""
    try:
        found = list(_read_and_verify(session, filing_ids))
    except (LookupError, TypeError, ValueError):
        session.expunge_all()
        if len(filing_ids) > 1:
            for filing_id in filing_ids:
                yield from _verify_some(session, [filing_id])
            return
        what = "the case, its history or what it gave holds a value that cannot be read"
        found = [Break("filing", str(filing_ids[0]), "?", what)]
    yield from found


def _read_and_verify(session: Session, filing_ids: Sequence[UUID]) -> Iterator[Break]:
    query = select(Filing).where(Filing.id.in_(filing_ids)).order_by(Filing.id)
    filings = session.execute(query).scalars().all()
    events: dict[UUID, list[FilingEvent]] = {filing.id: [] for filing in filings}
    rows = session.execute(
        select(FilingEvent)
        .where(FilingEvent.filing_id.in_(events))
        .order_by(FilingEvent.filing_id, FilingEvent.seq)
    )
    for event in rows.scalars():
        events[event.filing_id].append(event)
    for filing in filings:
        yield from _verify_case(filing, events[filing.id])
    for service in catalogue.services():
        yield from service.audit(session, filings)


def _verify_case(filing: Filing, events: list[FilingEvent]) -> Iterator[Break]:
    previous, expected = "", 1
    for event in events:
        row = str(event.id)
        if event.seq != expected:
            missing = f"step {expected} is missing before this one"
            yield Break("filing_event", row, filing.number, missing)
            expected = event.seq
        elif event.previous_hash != previous:
            yield Break("filing_event", row, filing.number, "does not follow the step before")
        if event_hash(event) != event.hash:
            yield Break("filing_event", row, filing.number, "was changed after it was written")
        previous, expected = event.hash, expected + 1
    if expected - 1 != filing.last_seq or previous != filing.last_hash:
        what = f"the history ends at step {expected - 1}, the case says {filing.last_seq}"
        yield Break("filing", str(filing.id), filing.number, what)
    elif events and events[-1].after != filing.status.value:
        what = f"the case says {filing.status.value}, its last step led to {events[-1].after}"
        yield Break("filing", str(filing.id), filing.number, what)
    elif events and events[-1].form_digest != form_digest(filing):
        yield Break("filing", str(filing.id), filing.number, "the form was changed without a step")
    elif not same(seal_of(filing), filing.seal):
        what = "the case was changed by hand, or its end was cut off: its seal does not fit"
        yield Break("filing", str(filing.id), filing.number, what)
