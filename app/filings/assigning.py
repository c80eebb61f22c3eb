"""Named people on a case: experts who were drawn for it. Who is named may act on the case until the assignment ends."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.filings.models import Assignment, Ended, Filing, FilingEvent
from app.kit import clock, ids


def assign(
    session: Session, filing: Filing, account_id: UUID, *, part: str, round_: int, due_at: datetime
) -> Assignment:
    """Name somebody for a part of the case."""
    made = Assignment(
        id=ids.new_id(),
        filing_id=filing.id,
        person_id=filing.person_id,
        account_id=account_id,
        part=part,
        round=round_,
        due_at=due_at,
        created_at=clock.now(),
    )
    session.add(made)
    # Read again within the same transaction by whoever asks who is named.
    session.flush()
    return made


def end(assignment: Assignment, how: Ended, *, at: datetime) -> None:
    """End an assignment; its person has nothing more to do with the case."""
    assignment.ended_at, assignment.ended = at, how


def of_filing(session: Session, filing_id: UUID) -> Sequence[Assignment]:
    """All assignments of a case, ended ones too, the oldest first: a handful."""
    return session.execute(_OF_FILING, {"filing_id": filing_id}).scalars().all()


_OF_FILING = select(Assignment).where(Assignment.filing_id == bindparam("filing_id")).order_by(Assignment.id)


def acted(session: Session, filing_id: UUID) -> set[UUID]:
    """The accounts that have done anything to the case."""
    query = select(FilingEvent.actor_account_id).where(
        FilingEvent.filing_id == filing_id, FilingEvent.actor_account_id.is_not(None)
    )
    return {account_id for account_id in session.execute(query).scalars() if account_id is not None}


def is_named(session: Session, filing_id: UUID, account_id: UUID) -> bool:
    """Whether the account is named for the case now."""
    values = {"filing_id": filing_id, "account_id": account_id}
    return session.execute(_NAMED, values).first() is not None


_NAMED = (
    select(Assignment.id)
    .where(
        Assignment.account_id == bindparam("account_id"),
        Assignment.filing_id == bindparam("filing_id"),
        Assignment.ended_at.is_(None),
    )
    .limit(1)
)
