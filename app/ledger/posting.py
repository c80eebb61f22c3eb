"""Writing transactions. Settling waits for this: the statements are built once, and they are few.

The caller's transaction must roll back if anything here raises: part of it may be written.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.asking import Question, Rows
from app.ledger.entries import Entry, balanced
from app.ledger.errors import ACCOUNT_SHORT
from app.ledger.models import AccountKind, LedgerEntry, LedgerTransaction, PersonalAccount, TransactionKind
from app.ledger.seals import seal_of_transaction

_ACCOUNT, _TRANSACTION, _ENTRY = (
    cast(Table, model.__table__) for model in (PersonalAccount, LedgerTransaction, LedgerEntry)
)
_INSERT_TRANSACTION: Final = insert(_TRANSACTION)
_INSERT_ENTRY: Final = insert(_ENTRY)
# The person stands in the condition, so that nobody's account is moved under another's name.
_MOVE: Final = (
    update(_ACCOUNT)
    .where(
        _ACCOUNT.c.id == bindparam("account"),
        _ACCOUNT.c.person_id == bindparam("holder"),
        _ACCOUNT.c.balance_fen + bindparam("moved_fen") >= 0,
    )
    .values(balance_fen=_ACCOUNT.c.balance_fen + bindparam("moved_fen"))
)
_MOVE_AND_TELL: Final = _MOVE.returning(_ACCOUNT.c.balance_fen)
_HOLDER: Final = select(_ACCOUNT.c.person_id).where(_ACCOUNT.c.id == bindparam("account"))
_ENTRIES_OF: Final = (
    select(_ENTRY.c.account_kind, _ENTRY.c.account, _ENTRY.c.amount_fen, _ENTRY.c.person_id)
    .join_from(_TRANSACTION, _ENTRY, _ENTRY.c.transaction_id == _TRANSACTION.c.id)
    .where(
        _TRANSACTION.c.kind == bindparam("wanted_kind"),
        _TRANSACTION.c.reference_id == bindparam("wanted_reference"),
    )
    .order_by(_ENTRY.c.number)
)

_ENTRIES_OF_MANY: Final = (
    select(
        _TRANSACTION.c.reference_id,
        _TRANSACTION.c.kind,
        _ENTRY.c.account_kind,
        _ENTRY.c.account,
        _ENTRY.c.amount_fen,
        _ENTRY.c.person_id,
    )
    .join_from(_TRANSACTION, _ENTRY, _ENTRY.c.transaction_id == _TRANSACTION.c.id)
    .where(
        _TRANSACTION.c.kind.in_(bindparam("kinds", expanding=True)),
        _TRANSACTION.c.reference_id.in_(bindparam("references", expanding=True)),
    )
    .order_by(_TRANSACTION.c.reference_id, _ENTRY.c.number)
)


@dataclass(frozen=True, slots=True)
class Posting:
    """A transaction to be written. person_id: of whom it is; batch_no: of a top-up.

    Entries that move nothing are left out. Raises ValueError for entries that are no transaction.
    """

    kind: TransactionKind
    reference_id: UUID
    person_id: UUID | None
    day: date
    entries: Sequence[Entry]
    batch_no: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", balanced(self.entries))


@dataclass(frozen=True, slots=True)
class Posted:
    """A transaction that was written. balances: of the personal accounts in it, what they hold now (fen)."""

    transaction_id: UUID
    balances: Mapping[UUID, int]


def post(
    session: Session,
    kind: TransactionKind,
    reference_id: UUID,
    person_id: UUID | None,
    day: date,
    entries: Sequence[Entry],
) -> Posted:
    """Write a transaction and move the personal accounts in it: two statements, and one for each personal account.

    Raises ACCOUNT_SHORT if an account would go below zero, ValueError for entries that are no transaction or an account
    of somebody else, IntegrityError for a kind and reference that were posted (what refers to it has a key of its own).
    """
    posting = Posting(kind, reference_id, person_id, day, entries)
    connection = session.connection()
    balances = {
        account_id: _move(connection, account_id, holder, moved_fen)
        for (account_id, holder), moved_fen in sorted(_moved([posting]).items())
    }
    return Posted(write(session, posting), balances)


def moving(posting: Posting) -> list[Question[int]]:
    """The first half of ``post`` for accounts that the caller has locked: what each of them holds then. ``write`` must
    follow in the same transaction. Reading an answer raises ACCOUNT_SHORT."""
    return [
        Question(
            _MOVE_AND_TELL, {"account": account_id, "holder": holder, "moved_fen": moved_fen}, _require_moved
        )
        for (account_id, holder), moved_fen in sorted(_moved([posting]).items())
    ]


def _require_moved(rows: Rows) -> int:
    if not rows:
        raise ACCOUNT_SHORT()
    return int(rows[0][0])


def write(session: Session, posting: Posting) -> UUID:
    """The second half: the rows of the transaction, whose id it gives. Two statements, which give nothing back."""
    [transaction_id] = _write(session.connection(), [posting])
    return transaction_id


def post_many(session: Session, postings: Sequence[Posting]) -> None:
    """Write many transactions at once, as a batch of top-ups; three statements. Raises as ``post`` does."""
    if not postings:
        return
    connection = session.connection()
    moved = [
        {"account": account_id, "holder": holder, "moved_fen": moved_fen}
        for (account_id, holder), moved_fen in sorted(_moved(postings).items())
    ]
    if moved and connection.execute(_MOVE, moved).rowcount != len(moved):
        raise ACCOUNT_SHORT()
    _write(connection, postings)


def entries_of(session: Session, kind: TransactionKind, reference_id: UUID) -> tuple[Entry, ...]:
    """What was posted, for its counter entries (``opposite``); empty if nothing was."""
    rows = session.connection().execute(_ENTRIES_OF, {"wanted_kind": kind, "wanted_reference": reference_id})
    return tuple(Entry(row.account_kind, row.account, row.amount_fen, row.person_id) for row in rows)


def entries_of_many(
    session: Session, kinds: Sequence[TransactionKind], references: Sequence[UUID]
) -> dict[tuple[UUID, TransactionKind], list[Entry]]:
    """What was posted under these references, by reference and kind; one statement."""
    found: dict[tuple[UUID, TransactionKind], list[Entry]] = defaultdict(list)
    values = {"kinds": list(kinds), "references": list(references)}
    for row in session.connection().execute(_ENTRIES_OF_MANY, values):
        entry = Entry(row.account_kind, row.account, row.amount_fen, row.person_id)
        found[row.reference_id, row.kind].append(entry)
    return found


def _moved(postings: Sequence[Posting]) -> dict[tuple[UUID, UUID], int]:
    """(account, holder) → by how much its balance changes. What comes to nothing moves nothing."""
    moved: dict[tuple[UUID, UUID], int] = defaultdict(int)
    for posting in postings:
        for entry in posting.entries:
            if entry.account_kind is not AccountKind.PERSONAL:
                continue
            if entry.person_id is None:
                raise ValueError("an entry of a personal account names its holder")
            moved[UUID(entry.account), entry.person_id] += entry.amount_fen
    return moved


def _move(connection: Connection, account_id: UUID, holder: UUID, moved_fen: int) -> int:
    """Change a balance where it lies, so that two changes at once both count. Returns what the account holds now."""
    values = {"account": account_id, "holder": holder, "moved_fen": moved_fen}
    row = connection.execute(_MOVE_AND_TELL, values).first()
    if row is not None:
        return int(row[0])
    if connection.execute(_HOLDER, {"account": account_id}).scalar_one_or_none() != holder:
        raise ValueError("there is no such personal account, or it is somebody else's")
    raise ACCOUNT_SHORT()


def _write(connection: Connection, postings: Sequence[Posting]) -> list[UUID]:
    """The rows of transactions and entries; two statements. Returns the transactions' ids."""
    now = clock.now()
    transactions: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for posting in postings:
        transaction_id = ids.new_id()
        rows = _entry_rows(transaction_id, posting)
        transactions.append(_transaction_row(transaction_id, posting, now, rows))
        entries.extend(rows)
    connection.execute(_INSERT_TRANSACTION, transactions)
    connection.execute(_INSERT_ENTRY, entries)
    return [row["id"] for row in transactions]


def _entry_rows(transaction_id: UUID, posting: Posting) -> list[dict[str, Any]]:
    return [
        {
            "transaction_id": transaction_id,
            "number": number,
            "account_kind": entry.account_kind,
            "account": entry.account,
            "amount_fen": entry.amount_fen,
            "person_id": entry.person_id or posting.person_id,
        }
        for number, entry in enumerate(posting.entries, start=1)
    ]


def _transaction_row(
    transaction_id: UUID, posting: Posting, now: datetime, entries: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": posting.kind,
        "reference_id": posting.reference_id,
        "person_id": posting.person_id,
        "day": posting.day,
        "batch_no": posting.batch_no,
        "created_at": now,
    }
    sides = (
        (one["number"], one["account_kind"], one["account"], one["amount_fen"], one["person_id"])
        for one in entries
    )
    seal = seal_of_transaction(transaction_id=transaction_id, entries=sides, **row)
    return {"id": transaction_id, "seal": seal, **row}
