"""Personal accounts (个人账户): opened at their first use, locked before money is counted, never below zero."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, select
from sqlalchemy.orm import Session

from app.identity.models import Coverage, InsuType
from app.identity.service import Cover
from app.kit import clock, ids
from app.kit.asking import Question, Rows
from app.kit.db import insert_absent
from app.ledger import entries
from app.ledger.models import PersonalAccount, TransactionKind
from app.ledger.posting import Posting, post_many
from app.ledger.seals import seal_of_account

_ACCOUNT = cast(Table, PersonalAccount.__table__)
_COLUMNS: Final = (_ACCOUNT.c.id, _ACCOUNT.c.person_id, _ACCOUNT.c.coverage_id, _ACCOUNT.c.balance_fen)
_BY_ID: Final = select(*_COLUMNS).where(_ACCOUNT.c.id.in_(bindparam("ids", expanding=True)))
_BY_COVERAGE: Final = select(*_COLUMNS).where(_ACCOUNT.c.coverage_id.in_(bindparam("ids", expanding=True)))


def _locked(query: Select[Any]) -> Select[Any]:
    """In the order of ids, as everybody locks accounts. FOR NO KEY UPDATE: the key of an account never changes."""
    return query.order_by(_ACCOUNT.c.id).with_for_update(key_share=True)


_LOCK_BY_ID: Final = _locked(_BY_ID)
_LOCK_BY_COVERAGE: Final = _locked(_BY_COVERAGE)
_LOCK_OF: Final = _locked(select(*_COLUMNS).where(_ACCOUNT.c.coverage_id == bindparam("coverage_id")))


@dataclass(frozen=True, slots=True)
class Account:
    """A personal account as it was read."""

    id: UUID
    person_id: UUID
    coverage_id: UUID
    balance_fen: int


AnyCover = Coverage | Cover
Owned = tuple[UUID, AnyCover]
"""A person and a coverage of that person."""


def has_account(cover: AnyCover) -> bool:
    """Only employees have a personal account."""
    return cover.insutype == InsuType.EMPLOYEE


def accounts_of_coverages(session: Session, coverage_ids: Collection[UUID]) -> dict[UUID, Account]:
    """Coverage → its account, for those that are open. Nothing is locked: for showing, not for paying."""
    return {one.coverage_id: one for one in _read(session, _BY_COVERAGE, coverage_ids)}


def balance_of(session: Session, cover: AnyCover) -> int | None:
    """What the account of a coverage holds, in fen, opened or not; None without an account. Writes and locks nothing."""
    if not has_account(cover):
        return None
    account = accounts_of_coverages(session, [cover.id]).get(cover.id)
    return cover.opening_balance_fen if account is None else account.balance_fen


def lock_accounts(session: Session, account_ids: Collection[UUID]) -> dict[UUID, Account]:
    """These accounts by id, locked until the transaction ends; one statement."""
    return {one.id: one for one in _read(session, _LOCK_BY_ID, account_ids)}


def locking_account_of(coverage_id: UUID) -> Question[Account | None]:
    """The account of a coverage, locked until the transaction ends. None: it is not open; ``lock_accounts_of`` opens it."""
    return Question(_LOCK_OF, {"coverage_id": coverage_id}, _read_one)


def lock_accounts_of(session: Session, owned: Collection[Owned]) -> dict[UUID, Account]:
    """Coverage → its account, locked until the transaction ends, and opened with what the coverage began with if this is
    its first use; coverages without one are left out. One statement when all are open."""
    wanted = {cover.id: (person_id, cover) for person_id, cover in owned if has_account(cover)}
    found = _read(session, _LOCK_BY_COVERAGE, wanted)
    if len(found) < len(wanted):
        there = {one.coverage_id for one in found}
        _open(session, [one for coverage_id, one in wanted.items() if coverage_id not in there])
        found = _read(session, _LOCK_BY_COVERAGE, wanted)
    return {one.coverage_id: one for one in found}


def _read(session: Session, query: Select[Any], wanted: Collection[UUID]) -> list[Account]:
    if not wanted:
        return []
    return _accounts(session.connection().execute(query, {"ids": sorted(set(wanted))}).all())


def _read_one(rows: Rows) -> Account | None:
    return next(iter(_accounts(rows)), None)


def _accounts(rows: Rows) -> list[Account]:
    return [Account(row.id, row.person_id, row.coverage_id, row.balance_fen) for row in rows]


def _open(session: Session, owned: Sequence[Owned]) -> None:
    """Open accounts unless somebody else does at this moment. All go in the order of coverages, so that two who open the
    same ones do not wait for each other."""
    now = clock.now()
    ordered = sorted(owned, key=lambda one: one[1].id)
    rows = [_row(person_id, cover, now) for person_id, cover in ordered]
    opened = insert_absent(session, PersonalAccount, rows)
    ours = {row["id"] for row in rows}
    if opened < len(rows):
        ours = {one.id for one in _read(session, _BY_ID, ours)}
    post_many(
        session,
        [
            _opening(person_id, cover, row["id"], now)
            for (person_id, cover), row in zip(ordered, rows, strict=True)
            if row["id"] in ours and cover.opening_balance_fen
        ],
    )


def _row(person_id: UUID, cover: AnyCover, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"person_id": person_id, "coverage_id": cover.id, "opened_at": now}
    account_id = ids.new_id()
    seal = seal_of_account(account_id=account_id, **row)
    return {"id": account_id, "balance_fen": 0, "seal": seal, **row}


def _opening(person_id: UUID, cover: AnyCover, account_id: UUID, now: datetime) -> Posting:
    amount_fen = cover.opening_balance_fen
    return Posting(
        TransactionKind.OPENING,
        cover.id,
        person_id,
        clock.china_day(now),
        (
            entries.contributions(cover.region_code, -amount_fen),
            entries.personal(account_id, person_id, amount_fen),
        ),
    )
