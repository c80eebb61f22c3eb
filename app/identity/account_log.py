"""The log of what administrators did with accounts of staff and machines: who, what, when. Its rows are sealed.

Found are: a row that was edited or is missing, and an account that was disabled or enabled around the log. Not found are
an end of the log that was cut off otherwise, and what was done to accounts of which the log never told.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.account_models import AccountAct, AccountChange
from app.identity.actor import AccountKind
from app.identity.models import Account
from app.kit import clock, ids
from app.kit.crypto import SealBroken
from app.kit.pages import Page, newest_first
from app.kit.sealing import is_whole


def note(
    session: Session, account: Account, what: AccountAct, by: str, said: Mapping[str, Any] | None = None
) -> None:
    """Write down what was just done with an account, which must be locked, or new."""
    last = select(func.max(AccountChange.seq)).where(AccountChange.account_id == account.id)
    made = AccountChange(
        id=ids.new_id(),
        account_id=account.id,
        seq=(session.execute(last).scalar_one() or 0) + 1,
        what=what,
        said=dict(said or {}),
        at=clock.now(),
    )
    made.by = by
    session.add(made)
    session.flush()


def page(
    session: Session,
    kind: AccountKind,
    *,
    account_id: UUID | None = None,
    cursor: str | None = None,
    limit: int,
) -> Page[AccountChange]:
    """What was done with accounts of a kind, or with one, the latest first. Raises invalid_input (cursor)."""
    query = (
        select(AccountChange)
        .join(Account, Account.id == AccountChange.account_id)
        .where(Account.kind == kind)
    )
    if account_id is not None:
        query = query.where(AccountChange.account_id == account_id)
    return newest_first(session, query, AccountChange.id, cursor, limit)


def author(row: AccountChange) -> str | None:
    """Who did it; None if the row was edited."""
    try:
        return row.by if is_whole(row) else None
    except (SealBroken, ValueError):
        return None


def faults(session: Session) -> Iterator[tuple[UUID, str]]:
    """Each row of the log that does not fit, and what is wrong with it."""
    query = (
        select(AccountChange, Account.disabled_at)
        .join(Account, Account.id == AccountChange.account_id)
        .order_by(AccountChange.account_id, AccountChange.seq)
        .execution_options(yield_per=500)
    )
    for _, several in groupby(session.execute(query), key=lambda found: found[0].account_id):
        expected, is_disabled, was_disabled = 1, False, False
        for row, disabled_at in several:
            if author(row) is None:
                yield row.id, "the row was changed by hand: its seal does not fit"
            if row.seq != expected:
                yield row.id, f"{row.seq - expected} changes before this one are missing"
            expected = row.seq + 1
            was_disabled, is_disabled = disabled_at is not None, _disables(row.what, before=is_disabled)
        if was_disabled is not is_disabled:
            yield row.id, "the account was disabled or enabled without a trace after this change"


def _disables(what: AccountAct, *, before: bool) -> bool:
    return before if what is AccountAct.SECRET_CHANGED else what is AccountAct.DISABLED
