"""Leave: days, both included, on which an expert is not drawn.

A case that the expert has already stays there: who does not come back in time is replaced when the deadline passes.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit.errors import invalid
from app.kit.text import Text
from app.services.chronic_disease import pool_log
from app.services.chronic_disease.experts import add_leave, profile_of
from app.services.chronic_disease.models import ExpertLeave, PoolChange

MAX_LEAVE_DAYS: Final = 366
"""Ours: a year that was mistyped would keep an expert away unnoticed."""


def begin(
    session: Session, username: str, begins_on: date, ends_on: date, today: date, *, by: str
) -> ExpertLeave:
    """Enter leave; with what overlaps it becomes one, so the same again changes nothing, and more makes it longer.

    What it changes is logged, with ``by``, who did it.
    Raises invalid_input with all that is wrong.
    """
    problems = {}
    account_id = _locked(session, username)
    if account_id is None:
        problems["username"] = [NOT_ENTERED]
    if begins_on < today:
        problems["begins_on"] = [IN_THE_PAST]
    if ends_on < begins_on:
        problems["ends_on"] = [ENDS_BEFORE]
    elif ends_on - begins_on >= timedelta(days=MAX_LEAVE_DAYS):
        problems["ends_on"] = [TOO_LONG.format(days=MAX_LEAVE_DAYS)]
    if problems or account_id is None:
        raise invalid(problems)
    there = _touching(session, account_id, begins_on, ends_on)
    if not there:
        return add_leave(session, account_id, begins_on, ends_on, by=by)
    before = pool_log.known(session, account_id)
    first, *others = there
    first.begins_on = min(first.begins_on, begins_on)
    first.ends_on = max(ends_on, *(one.ends_on for one in there))
    for one in others:
        session.delete(one)
    pool_log.note(session, account_id, PoolChange.LEAVE_ADDED, before=before, by=by)
    return first


def end(session: Session, username: str, day: date, today: date, *, by: str) -> ExpertLeave | None:
    """End the leave in which ``day`` lies: from today on the expert can be drawn again. It is logged.

    Returns what is left of it, the days that are over; None if nothing is. Raises invalid_input.
    """
    account_id = _locked(session, username)
    if account_id is None:
        raise invalid({"username": [NOT_ENTERED]})
    there = _touching(session, account_id, day, day)
    if not there:
        raise invalid({"day": [NO_LEAVE.format(day=day)]})
    if all(one.ends_on < today for one in there):
        raise invalid({"day": [OVER]})
    before = pool_log.known(session, account_id)
    kept = None
    for one in there:
        if one.begins_on < today:
            one.ends_on, kept = min(one.ends_on, today - timedelta(days=1)), one
        else:
            session.delete(one)
    pool_log.note(session, account_id, PoolChange.LEAVE_ENDED, before=before, by=by)
    return kept


def coming(session: Session, accounts: Collection[UUID], today: date) -> Sequence[ExpertLeave]:
    """The leave of these experts that is not over, the next one first."""
    query = (
        select(ExpertLeave)
        .where(ExpertLeave.account_id.in_(accounts), ExpertLeave.ends_on >= today)
        .order_by(ExpertLeave.begins_on, ExpertLeave.id)
    )
    return session.execute(query).scalars().all()


def next_leaves(session: Session, accounts: Collection[UUID], today: date) -> dict[UUID, ExpertLeave]:
    """Account → today's leave, else the next one."""
    found: dict[UUID, ExpertLeave] = {}
    for one in coming(session, accounts, today):
        found.setdefault(one.account_id, one)
    return found


def _locked(session: Session, username: str) -> UUID | None:
    """The expert's account, the profile locked: of two who enter leave at once one sees the other's. None: no expert."""
    account = identity.expert_account(session, username)
    if account is None or profile_of(session, account.account_id) is None:
        return None
    return account.account_id


def _touching(session: Session, account_id: UUID, first: date, last: date) -> Sequence[ExpertLeave]:
    query = (
        select(ExpertLeave)
        .where(
            ExpertLeave.account_id == account_id,
            ExpertLeave.begins_on <= last,
            ExpertLeave.ends_on >= first,
        )
        .order_by(ExpertLeave.begins_on, ExpertLeave.id)
    )
    return session.execute(query).scalars().all()


NOT_ENTERED: Final = Text("没有这位专家，请核对用户名。", "No expert is entered by this user name.")
IN_THE_PAST: Final = Text(
    "休假不能从过去的日子开始：过去的抽取已经完成。",
    "Leave begins today or later: past days have been drawn.",
)
ENDS_BEFORE: Final = Text("结束日期不能早于开始日期。", "It ends before it begins.")
TOO_LONG: Final = Text("一次最多 {days} 天，请核对年份。", "At most {days} days at once. Check the year.")
NO_LEAVE: Final = Text("{day} 这天没有休假。", "There is no leave on {day}.")
OVER: Final = Text("这段休假已经结束。", "This leave is over already.")
