"""Does the ledger hold? Every transaction sums to zero and bears its seal, every balance is the sum of its entries.

All is read as it was at one moment, a few hundred rows at a time, in the order of keys: ten million entries take no more
memory than ten. Other rooms add checks of their own (``also``), which see the same moment.

Not found by this: a transaction taken out whole, with the balance and what refers to it made to agree; and the database
put back whole to what it once was. Finding those takes a witness outside of the database.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, Table, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session

from app.identity.models import Coverage
from app.kit.crypto import same
from app.kit.db import Database
from app.ledger.models import AccountKind, LedgerEntry, LedgerTransaction, PersonalAccount, TransactionKind
from app.ledger.seals import seal_of_account, seal_of_transaction

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: which row of which table, and what is wrong with it."""

    table: str
    row: str
    what: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How much was looked at up to now, of all tables together."""

    transactions: int = 0
    entries: int = 0
    accounts: int = 0
    other: int = 0

    def __add__(self, more: "Progress") -> "Progress":
        return Progress(
            self.transactions + more.transactions,
            self.entries + more.entries,
            self.accounts + more.accounts,
            self.other + more.other,
        )


Step = Finding | Progress
Check = Callable[[Session], Iterator[Step]]
"""A room's own check: findings, and after each batch how much that was (``Progress(other=…)``)."""


def check(database: Database, *, also: Iterable[Check] = ()) -> Iterator[Step]:
    """Walk the ledger as it is now: each fault as it is found, and after each batch all that was looked at so far."""
    done = Progress()
    with database.snapshot() as session:
        for one in (_transactions, _orphans, _accounts, *also):
            for step in one(session):
                if isinstance(step, Progress):
                    done += step
                    yield done
                else:
                    yield step
    yield done


_ACCOUNT, _TRANSACTION, _ENTRY, _COVERAGE = (
    cast(Table, model.__table__) for model in (PersonalAccount, LedgerTransaction, LedgerEntry, Coverage)
)


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A kind as its text: one that we do not know is a finding and stops nothing."""
    return type_coerce(column, String)


_IDS: Final = {
    table: select(table.c.id).order_by(table.c.id).limit(BATCH) for table in (_TRANSACTION, _ACCOUNT)
}
_IDS_AFTER: Final = {table: query.where(table.c.id > bindparam("after")) for table, query in _IDS.items()}
_SOME_TRANSACTIONS: Final = (
    select(
        _TRANSACTION.c.id,
        _raw(_TRANSACTION.c.kind).label("kind"),
        _TRANSACTION.c.reference_id,
        _TRANSACTION.c.person_id,
        _TRANSACTION.c.day,
        _TRANSACTION.c.batch_no,
        _TRANSACTION.c.seal,
        _TRANSACTION.c.created_at,
    )
    .where(_TRANSACTION.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_TRANSACTION.c.id)
)
_THEIR_ENTRIES: Final = (
    select(
        _ENTRY.c.transaction_id,
        _ENTRY.c.number,
        _raw(_ENTRY.c.account_kind).label("account_kind"),
        _ENTRY.c.account,
        _ENTRY.c.amount_fen,
        _ENTRY.c.person_id,
    )
    .where(_ENTRY.c.transaction_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ENTRY.c.transaction_id, _ENTRY.c.number)
)
_HOLDERS: Final = select(_ACCOUNT.c.id, _ACCOUNT.c.person_id).where(
    _ACCOUNT.c.id.in_(bindparam("ids", expanding=True))
)
_ORPHANS: Final = (
    select(_ENTRY.c.transaction_id, _ENTRY.c.number)
    .outerjoin(_TRANSACTION, _TRANSACTION.c.id == _ENTRY.c.transaction_id)
    .where(_TRANSACTION.c.id.is_(None))
    .order_by(_ENTRY.c.transaction_id, _ENTRY.c.number)
    .execution_options(yield_per=BATCH)
)
_SOME_ACCOUNTS: Final = (
    select(
        _ACCOUNT.c.id,
        _ACCOUNT.c.person_id,
        _ACCOUNT.c.coverage_id,
        _ACCOUNT.c.balance_fen,
        _ACCOUNT.c.opened_at,
        _ACCOUNT.c.seal,
        _COVERAGE.c.person_id.label("insured_id"),
    )
    .outerjoin(_COVERAGE, _COVERAGE.c.id == _ACCOUNT.c.coverage_id)
    .where(_ACCOUNT.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_ACCOUNT.c.id)
)
# By person, for that is indexed: a person has few entries in other accounts.
_SUMS: Final = (
    select(_ENTRY.c.account, func.sum(_ENTRY.c.amount_fen))
    .where(
        _ENTRY.c.person_id.in_(bindparam("persons", expanding=True)),
        _ENTRY.c.account_kind == AccountKind.PERSONAL,
        _ENTRY.c.account.in_(bindparam("accounts", expanding=True)),
    )
    .group_by(_ENTRY.c.account)
)

_KINDS: Final = frozenset(one.value for one in TransactionKind)
_ACCOUNT_KINDS: Final = frozenset(one.value for one in AccountKind)
AnyRow = Row[*tuple[Any, ...]]
Look = Callable[[Session, Sequence[UUID]], Iterator[Step]]


def _transactions(session: Session) -> Iterator[Step]:
    return _walk(session, _TRANSACTION, _look_at_transactions)


def _accounts(session: Session) -> Iterator[Step]:
    return _walk(session, _ACCOUNT, _look_at_accounts)


def _walk(session: Session, table: Table, look: Look) -> Iterator[Step]:
    """All rows of a table in the order of their ids, batch by batch."""
    connection = session.connection()
    rows = connection.execute(_IDS[table]).scalars().all()
    while rows:
        yield from _each(session, table, rows, look)
        rows = connection.execute(_IDS_AFTER[table], {"after": rows[-1]}).scalars().all()


def _each(session: Session, table: Table, row_ids: Sequence[UUID], look: Look) -> Iterator[Step]:
    """Look at these rows. One with a value that cannot be read at all is named, and holds up no other."""
    try:
        found = list(look(session, row_ids))
    except (LookupError, TypeError, ValueError):
        if len(row_ids) > 1:
            for row_id in row_ids:
                yield from _each(session, table, [row_id], look)
            return
        found = [Finding(table.name, str(row_ids[0]), "holds a value that cannot be read")]
    yield from found


def _look_at_transactions(session: Session, transaction_ids: Sequence[UUID]) -> Iterator[Step]:
    connection = session.connection()
    rows = connection.execute(_THEIR_ENTRIES, {"ids": transaction_ids}).all()
    entries = {key: list(group) for key, group in groupby(rows, key=lambda row: row.transaction_id)}
    holders = _holders(session, rows)
    for transaction in connection.execute(_SOME_TRANSACTIONS, {"ids": transaction_ids}):
        for what in _faults(transaction, entries.get(transaction.id, []), holders):
            yield Finding(_TRANSACTION.name, str(transaction.id), what)
    yield Progress(transactions=len(transaction_ids), entries=len(rows))


def _holders(session: Session, entries: Sequence[AnyRow]) -> dict[str, UUID]:
    """Personal account, as entries name it → whose it is, for those that are there."""
    named = {row.account for row in entries if row.account_kind == AccountKind.PERSONAL}
    wanted = [UUID(one) for one in named if _is_uuid(one)]
    rows = session.connection().execute(_HOLDERS, {"ids": wanted})
    return {str(row.id): row.person_id for row in rows}


def _faults(transaction: AnyRow, entries: Sequence[AnyRow], holders: dict[str, UUID]) -> Iterator[str]:
    total = sum(row.amount_fen for row in entries)
    if total != 0:
        yield f"its entries sum to {total} fen, not to zero"
    if len(entries) < 2:
        yield f"it has {len(entries)} entries; money comes from somewhere and goes somewhere"
    unknown = {row.account_kind for row in entries} - _ACCOUNT_KINDS
    if unknown or transaction.kind not in _KINDS:
        yield "it or one of its entries is of a kind that does not exist"
    for row in entries:
        if row.account_kind == AccountKind.PERSONAL and holders.get(row.account) != row.person_id:
            yield f"entry {row.number} moves a personal account that is not there, or somebody else's"
    if not same(_seal(transaction, entries), transaction.seal):
        yield "it or one of its entries was changed after it was written"


def _seal(transaction: AnyRow, entries: Sequence[AnyRow]) -> str:
    return seal_of_transaction(
        transaction_id=transaction.id,
        kind=transaction.kind,
        reference_id=transaction.reference_id,
        person_id=transaction.person_id,
        day=transaction.day,
        batch_no=transaction.batch_no,
        created_at=transaction.created_at,
        entries=(
            (row.number, row.account_kind, row.account, row.amount_fen, row.person_id) for row in entries
        ),
    )


def _orphans(session: Session) -> Iterator[Step]:
    """Entries whose transaction was taken out, by somebody who first took the foreign key off."""
    for row in session.connection().execute(_ORPHANS):
        yield Finding(
            _ENTRY.name, f"{row.transaction_id} {row.number}", "belongs to a transaction that is not there"
        )


def _look_at_accounts(session: Session, account_ids: Sequence[UUID]) -> Iterator[Step]:
    rows = session.connection().execute(_SOME_ACCOUNTS, {"ids": account_ids}).all()
    sums = _sums(session, [str(row.id) for row in rows], {row.person_id for row in rows})
    for row in rows:
        total = sums.get(str(row.id), 0)
        if row.balance_fen != total:
            what = f"its balance is {row.balance_fen} fen, its entries sum to {total}"
            yield Finding(_ACCOUNT.name, str(row.id), what)
        if row.balance_fen < 0:
            yield Finding(_ACCOUNT.name, str(row.id), f"its balance is below zero: {row.balance_fen} fen")
        seal = seal_of_account(
            account_id=row.id,
            person_id=row.person_id,
            coverage_id=row.coverage_id,
            opened_at=row.opened_at,
        )
        if not same(seal, row.seal):
            yield Finding(_ACCOUNT.name, str(row.id), "whose it is was changed after it was opened")
        if row.insured_id != row.person_id:
            yield Finding(_ACCOUNT.name, str(row.id), "its coverage is not there, or is somebody else's")
    yield Progress(accounts=len(rows))


def _sums(session: Session, accounts: Collection[str], persons: Collection[UUID]) -> dict[str, int]:
    rows = session.connection().execute(_SUMS, {"persons": list(persons), "accounts": list(accounts)})
    return {account: int(total) for account, total in rows}


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
