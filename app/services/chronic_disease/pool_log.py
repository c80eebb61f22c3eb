"""The log of the pools: every change of what a draw knows of an expert, with who made it and when.

A change is a sealed row with all that is known of the expert before and after it. So each row begins as the one before
ended, and the last one ends as profile and leave are now: ``pool_audit`` looks whether they do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.pages import Page, newest_first
from app.services.chronic_disease.models import ExpertLeave, ExpertPoolChange, ExpertProfile, PoolChange

PROGRAM: Final = "zhangban"
"""Who enters the experts of a demo: nobody but the program."""
LOOK_BACK: Final = timedelta(days=1)
"""Leave that was over yesterday is still told of: so leave that ends now shows with what is left of it."""
Known = Mapping[str, Any]
"""What is known of an expert, as JSON has it: ``pool`` (the id of its organisation), ``specialties``, ``hospital``,
``title``, ``daily_limit``, and ``leave``, a list of first and last days."""


def known(session: Session, account_id: UUID) -> Known | None:
    """What is known of an expert at this moment; None if he or she is not entered."""
    session.flush()
    return known_of(session, [account_id], clock.today()).get(account_id)


def known_of(session: Session, accounts: Collection[UUID], today: date) -> dict[UUID, Known]:
    """Account → what is known. Who is not entered is not in it. Two statements."""
    query = select(ExpertLeave).where(
        ExpertLeave.account_id.in_(accounts), ExpertLeave.ends_on >= today - LOOK_BACK
    )
    leave: defaultdict[UUID, list[list[str]]] = defaultdict(list)
    for one in session.execute(query).scalars():
        leave[one.account_id].append([one.begins_on.isoformat(), one.ends_on.isoformat()])
    profiles = session.execute(select(ExpertProfile).where(ExpertProfile.account_id.in_(accounts))).scalars()
    return {
        one.account_id: {
            "pool": str(one.organisation_id),
            "specialties": sorted(one.specialties),
            "hospital": one.hospital,
            "title": one.title,
            "daily_limit": one.daily_limit,
            "leave": sorted(leave[one.account_id]),
        }
        for one in profiles
    }


def note(session: Session, account_id: UUID, what: PoolChange, *, before: Known | None, by: str) -> None:
    """Log a change that was just made, if it changed anything. ``before``: what was ``known``.

    The expert's profile must be locked, or new: of two at once one would take the other's number.
    """
    after = known(session, account_id)
    if after is None or after == before:
        return
    last = select(func.max(ExpertPoolChange.seq)).where(ExpertPoolChange.account_id == account_id)
    moved = before is not None and before["pool"] != after["pool"]
    made = ExpertPoolChange(
        id=ids.new_id(),
        account_id=account_id,
        seq=(session.execute(last).scalar_one() or 0) + 1,
        organisation_id=UUID(after["pool"]),
        moved_from_id=UUID(before["pool"]) if before is not None and moved else None,
        what=what,
        before=None if before is None else dict(before),
        after=dict(after),
        at=clock.now(),
    )
    made.by = by
    session.add(made)
    session.flush()


def page(
    session: Session,
    *,
    pools: Collection[UUID] | None = None,
    account_id: UUID | None = None,
    cursor: str | None = None,
    limit: int,
) -> Page[ExpertPoolChange]:
    """The changes, the latest first: all, or those of some pools, or of one expert. Raises invalid_input (cursor)."""
    query = select(ExpertPoolChange)
    if pools is not None:
        here = (ExpertPoolChange.organisation_id, ExpertPoolChange.moved_from_id)
        query = query.where(or_(*(column.in_(pools) for column in here)))
    if account_id is not None:
        query = query.where(ExpertPoolChange.account_id == account_id)
    return newest_first(session, query, ExpertPoolChange.id, cursor, limit)


def differences(before: Known | None, after: Known) -> Iterator[tuple[str, Any, Any]]:
    """What changed: the field, what it was (None if nothing was known), and what it is."""
    old = before or {}
    for field in sorted({*old, *after}):
        if before is None or old.get(field) != after.get(field):
            yield field, old.get(field), after.get(field)
