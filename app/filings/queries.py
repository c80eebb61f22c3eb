"""Lists of cases. Each has its index; none counts, none is unbounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.filings.models import Assignment, Filing, FilingEvent, FilingMaterial
from app.identity.actor import Actor, Role
from app.kit.pages import (
    NewestFirst,
    Page,
    decode_cursor,
    encode_cursor,
    moment_as_key,
    newest_first,
    read_moment,
)
from app.places.regions import code_range
from app.workflow.table import Action, Status

OPEN = (Status.DRAFT, Status.SUBMITTED, Status.ACCEPTED, Status.NEEDS_CORRECTION, Status.CERTIFIED)
UNDER_WAY = (Status.SUBMITTED, Status.ACCEPTED, Status.NEEDS_CORRECTION, Status.CERTIFIED)
REVIEWING_ROLES = (Role.HANDLER, Role.SUPERVISOR)
REASONED = frozenset({Status.NEEDS_CORRECTION, Status.REFUSED, Status.REJECTED, Status.WITHDRAWN})
"""States that somebody else put the case into; the step that led there says why."""
MAX_SEQ_DIGITS = 9


def of_applicant(
    session: Session,
    account_id: UUID,
    person_ids: Sequence[UUID],
    *,
    status: Status | None,
    service_code: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Filing]:
    """Cases that the account filed about these persons, newest first."""
    values = {
        "account_id": account_id,
        "person_ids": person_ids,
        "status": status,
        "service_code": service_code,
    }
    newest = _of_applicant(by_status=status is not None, by_service=service_code is not None)
    return newest.page(session, values, cursor, limit)


@cache
def _of_applicant(*, by_status: bool, by_service: bool) -> NewestFirst[Filing]:
    query = select(Filing).where(
        Filing.applicant_account_id == bindparam("account_id"),
        Filing.person_id.in_(bindparam("person_ids", expanding=True)),
    )
    if by_status:
        query = query.where(Filing.status == bindparam("status"))
    if by_service:
        query = query.where(Filing.service_code == bindparam("service_code"))
    return NewestFirst(query, Filing.id)


def of_subjects(
    session: Session,
    person_ids: Sequence[UUID],
    *,
    status: Status | None,
    service_code: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Filing]:
    """Cases about these persons, newest first."""
    query = _narrow(select(Filing).where(Filing.person_id.in_(person_ids)), status, service_code)
    return newest_first(session, query, Filing.id, cursor, limit)


def in_queues(
    session: Session,
    actor: Actor,
    *,
    status: Status | None,
    service_code: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Filing]:
    """Open cases in the queues that the actor serves, the most urgent first."""
    places = _queue_conditions(actor)
    if not places:
        return Page([], None)
    query = _narrow(select(Filing).where(or_(*places)), status, service_code)
    if cursor is not None:
        query = query.where(tuple_(Filing.due_at, Filing.id) > decode_cursor(cursor, read_moment))
    rows = session.execute(query.order_by(Filing.due_at, Filing.id).limit(limit + 1)).scalars().all()
    items = rows[:limit]
    last = items[-1] if len(rows) > limit else None
    if last is None or last.due_at is None:
        return Page(items, None)
    return Page(items, encode_cursor(last.id, moment_as_key(last.due_at)))


def _named_for(account_id: UUID) -> Select[UUID]:
    return select(Assignment.filing_id).where(
        Assignment.account_id == account_id, Assignment.ended_at.is_(None)
    )


def _queue_conditions(actor: Actor) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if actor.grants_of([Role.EXPERT]):
        # An expert's queue is what the draws gave; the most urgent first, as everywhere.
        conditions.append(Filing.id.in_(_named_for(actor.account_id)))
    for grant in actor.grants_of(REVIEWING_ROLES):
        if grant.institution_id is not None:
            place = Filing.queue_organisation_id == grant.organisation_id
        else:
            first, beyond = code_range(grant.region_code)
            place = and_(
                Filing.queue_organisation_id.is_(None),
                Filing.queue_region >= first,
                Filing.queue_region < beyond,
            )
        conditions.append(and_(Filing.queue_role == grant.role.value, place))
    return conditions


def _narrow(query: Select[Filing], status: Status | None, service_code: str | None) -> Select[Filing]:
    if status is not None:
        query = query.where(Filing.status == status)
    if service_code is not None:
        query = query.where(Filing.service_code == service_code)
    return query


def locked(session: Session, filing_id: UUID) -> Filing | None:
    """The case, locked until the transaction ends."""
    return session.execute(_LOCKED, {"filing_id": filing_id}).scalar_one_or_none()


_LOCKED = (
    select(Filing)
    .where(Filing.id == bindparam("filing_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def subject_of(session: Session, filing_id: UUID) -> UUID | None:
    """Whom the case is about."""
    return session.execute(select(Filing.person_id).where(Filing.id == filing_id)).scalar_one_or_none()


def page_of_events(session: Session, filing_id: UUID, *, cursor: str | None, limit: int) -> Page[FilingEvent]:
    """The history of a case, oldest first. The cursor's key is the number of the last step seen."""
    after = 0 if cursor is None else decode_cursor(cursor, _read_seq)[0]
    values = {"filing_id": filing_id, "after": after, "rows_of_page": limit + 1}
    rows = session.execute(_EVENTS_AFTER, values).scalars().all()
    items = rows[:limit]
    last = items[-1] if len(rows) > limit else None
    return Page(items, None if last is None else encode_cursor(last.id, str(last.seq)))


def _read_seq(text: str) -> int:
    if not text.isdecimal() or len(text) > MAX_SEQ_DIGITS:
        raise ValueError("not the number of a step")
    return int(text)


_EVENTS_AFTER = (
    select(FilingEvent)
    .where(FilingEvent.filing_id == bindparam("filing_id"), FilingEvent.seq > bindparam("after"))
    .order_by(FilingEvent.seq)
    .limit(bindparam("rows_of_page"))
)


def last_event(session: Session, filing_id: UUID, action: Action) -> FilingEvent | None:
    """The last time that ``action`` was done to a case."""
    return session.execute(_LAST_EVENT, {"filing_id": filing_id, "action": action}).scalar_one_or_none()


_LAST_EVENT = (
    select(FilingEvent)
    .where(FilingEvent.filing_id == bindparam("filing_id"), FilingEvent.action == bindparam("action"))
    .order_by(FilingEvent.seq.desc())
    .limit(1)
)


def reason_of(session: Session, filing: Filing) -> str | None:
    """Why the case is in its state, in the words of who put it there; nothing is read where there are none."""
    if filing.status not in REASONED or filing.submitted_at is None:
        return None
    values = {"filing_id": filing.id, "status": filing.status.value}
    event = session.execute(_LED_THERE, values).scalar_one_or_none()
    # Who withdrew knows why.
    return None if event is None or event.action == Action.WITHDRAW else event.reason


_LED_THERE = (
    select(FilingEvent)
    .where(
        FilingEvent.filing_id == bindparam("filing_id"),
        FilingEvent.after == bindparam("status"),
        FilingEvent.before != bindparam("status"),
    )
    .order_by(FilingEvent.seq.desc())
    .limit(1)
)


def count_saves(session: Session, filing_id: UUID) -> int:
    """How often a case was saved."""
    query = select(func.count()).where(FilingEvent.filing_id == filing_id, FilingEvent.action == Action.SAVE)
    return session.execute(query).scalar_one()


def papers_of(session: Session, filing_id: UUID) -> Sequence[FilingMaterial]:
    return session.execute(_PAPERS_OF, {"filing_id": filing_id}).scalars().all()


# What every filing executes is built once: building a statement takes longer than executing it.
_PAPERS_OF = (
    select(FilingMaterial)
    .where(FilingMaterial.filing_id == bindparam("filing_id"))
    .order_by(FilingMaterial.added_at)
)


def pending_of_subject(
    session: Session, person_id: UUID, service_code: str, besides: UUID
) -> Sequence[Filing]:
    """Cases about the person that are submitted and not finished, other than ``besides``."""
    values = {"person_id": person_id, "service_code": service_code, "besides": besides}
    return session.execute(_PENDING_OF_SUBJECT, values).scalars().all()


_PENDING_OF_SUBJECT = (
    select(Filing)
    .where(
        Filing.person_id == bindparam("person_id"),
        Filing.service_code == bindparam("service_code"),
        Filing.status.in_(UNDER_WAY),
        Filing.id != bindparam("besides"),
    )
    .limit(50)
)


def filings_with_paper(session: Session, material_id: UUID) -> Sequence[Filing]:
    """The cases that hold a paper: a handful, for a paper belongs to one owner."""
    query = (
        select(Filing)
        .join(FilingMaterial, FilingMaterial.filing_id == Filing.id)
        .where(FilingMaterial.material_id == material_id)
        .limit(50)
    )
    return session.execute(query).scalars().all()


def in_other_cases(session: Session, material_ids: Sequence[UUID], besides: UUID) -> set[UUID]:
    """Which of these papers a case other than ``besides`` holds."""
    query = (
        select(FilingMaterial.material_id)
        .where(FilingMaterial.material_id.in_(material_ids), FilingMaterial.filing_id != besides)
        .distinct()
    )
    return set(session.execute(query).scalars())


def count_open(session: Session, account_id: UUID, about: Sequence[UUID] | None = None) -> int:
    """How many unfinished cases the account has, drafts included; only those about these persons, if given."""
    if about is None:
        return session.execute(_COUNT_OPEN, {"account_id": account_id}).scalar_one()
    narrowed = _COUNT_OPEN.where(Filing.person_id.in_(about))
    return session.execute(narrowed, {"account_id": account_id}).scalar_one()


_COUNT_OPEN = select(func.count()).where(
    Filing.applicant_account_id == bindparam("account_id"), Filing.status.in_(OPEN)
)


@dataclass(frozen=True)
class Overdue:
    """A case with its deadline: enough to find it and to go on after it."""

    due_at: datetime
    id: UUID
    number: str


def overdue(session: Session, now: datetime, limit: int, after: Overdue | None = None) -> list[Overdue]:
    """Cases past their deadline that nothing has been done about yet, the latest first, after ``after``."""
    query = select(Filing.due_at, Filing.id, Filing.number).where(
        Filing.due_at < now, Filing.due_at.is_not(None)
    )
    if after is not None:
        query = query.where(tuple_(Filing.due_at, Filing.id) > (after.due_at, after.id))
    rows = session.execute(query.order_by(Filing.due_at, Filing.id).limit(limit))
    return [Overdue(due_at, filing_id, number) for due_at, filing_id, number in rows if due_at is not None]


def in_stage(
    session: Session, service_code: str, stage: str, limit: int, after: Overdue | None = None
) -> list[Overdue]:
    """Cases that wait in a stage of their service, by their deadline, after ``after``."""
    query = select(Filing.due_at, Filing.id, Filing.number).where(
        Filing.due_at.is_not(None),
        Filing.queue_role.is_not(None),
        Filing.service_code == service_code,
        Filing.stage == stage,
    )
    if after is not None:
        query = query.where(tuple_(Filing.due_at, Filing.id) > (after.due_at, after.id))
    rows = session.execute(query.order_by(Filing.due_at, Filing.id).limit(limit))
    return [Overdue(due_at, filing_id, number) for due_at, filing_id, number in rows if due_at is not None]


def locked_in_stage(session: Session, filing_id: UUID, stage: str) -> Filing | None:
    """The case, locked, unless somebody acts on it just now or it has left the stage."""
    query = select(Filing).where(
        Filing.id == filing_id, Filing.stage == stage, Filing.queue_role.is_not(None)
    )
    return session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()


def locked_if_overdue(session: Session, filing_id: UUID, now: datetime) -> Filing | None:
    """The case, locked, unless somebody acts on it just now or its deadline has moved."""
    query = select(Filing).where(Filing.id == filing_id, Filing.due_at < now, Filing.due_at.is_not(None))
    return session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none()
