"""Topping up personal accounts (个人账户划入) from the monthly batches of those who collect contributions.

A region's batch tops up a person once: the same line again is known, in whatever file and on whatever line it comes, and
one with another amount is refused. So a file that broke off, or whose bad lines were put right, is simply run again.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, cast
from uuid import UUID, uuid5

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.models import Coverage, InsuType
from app.kit import clock
from app.kit.csv_rows import AnyLine, BadLine, Fault, Line, batches
from app.kit.db import Database
from app.kit.text import Text
from app.ledger import entries
from app.ledger.accounts import Account, lock_accounts_of
from app.ledger.models import AccountKind, LedgerEntry, LedgerTransaction, TransactionKind
from app.ledger.posting import Posting, post_many
from app.ledger.top_up_lines import TopUpLine, read_line

BATCH: Final = 500
"""Lines of one transaction."""

NOT_INSURED: Final = Text(
    "没有此人，或此人在该统筹区没有（过）职工医保参保关系",
    "nobody of this number is or was insured as an employee in this region",
)
DIFFERS: Final = Text(
    "这一批次已给此人充值过，金额不同；补发请用新的批次号",
    "was topped up by this batch with another amount; more of it needs another batch_no",
)

_REFERENCES: Final = UUID("7a4f6f0a-6a35-5d5e-9c1b-3c2f0c9b7d11")
"""The namespace of top-ups. Another one would pay every batch a second time."""
_TRANSACTION, _ENTRY = (cast(Table, model.__table__) for model in (LedgerTransaction, LedgerEntry))
_POSTED: Final = (
    select(_TRANSACTION.c.reference_id, _ENTRY.c.amount_fen)
    .join_from(_TRANSACTION, _ENTRY, _ENTRY.c.transaction_id == _TRANSACTION.c.id)
    .where(
        _TRANSACTION.c.kind == TransactionKind.TOP_UP,
        _TRANSACTION.c.reference_id.in_(bindparam("references", expanding=True)),
        _ENTRY.c.account_kind == AccountKind.PERSONAL,
    )
)


@dataclass(slots=True)
class Taken:
    """What became of lines. known: posted before, of the same batch with the same amount. amount_fen: of the new."""

    new: int = 0
    amount_fen: int = 0
    known: int = 0
    bad: list[BadLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RegionsBatch:
    """What a region's batch came to: how many accounts got how much, and on which days (first and last)."""

    region_code: str
    accounts: int
    amount_fen: int
    first: date
    last: date


_BATCH_OF: Final = (
    select(
        _ENTRY.c.account,
        func.count().label("accounts"),
        (-func.sum(_ENTRY.c.amount_fen)).label("amount_fen"),
        func.min(_TRANSACTION.c.day).label("first"),
        func.max(_TRANSACTION.c.day).label("last"),
    )
    .join_from(_TRANSACTION, _ENTRY, _ENTRY.c.transaction_id == _TRANSACTION.c.id)
    .where(
        _TRANSACTION.c.batch_no == bindparam("batch_no"),
        _ENTRY.c.account_kind == AccountKind.CONTRIBUTIONS,
    )
    .group_by(_ENTRY.c.account)
    .order_by(_ENTRY.c.account)
)


def bring_in(database: Database, lines: Iterable[AnyLine], on_batch: Callable[[Taken], None]) -> None:
    """Take the lines of a file, some at a time, each time in a transaction of its own. ``on_batch`` gets what became of
    them; nothing is kept of earlier ones. Raises BadFile after what came before it."""
    for some in batches(lines, BATCH):
        read = [read_line(one) if isinstance(one, Line) else one for one in some]
        taken = database.run(partial(take, lines=[one for one in read if isinstance(one, TopUpLine)]))
        taken.bad.extend(one for one in read if isinstance(one, BadLine))
        taken.bad.sort(key=lambda one: one.line)
        on_batch(taken)


def take(session: Session, lines: Sequence[TopUpLine]) -> Taken:
    """Top up by at most BATCH lines; a fixed number of statements. Accounts that nobody used before are opened."""
    person_ids = identity.person_ids_by_psn_no(session, {one.psn_no for one in lines})
    theirs = [(one, person_ids[one.psn_no]) for one in lines if one.psn_no in person_ids]
    taken = Taken(bad=[_not_insured(one) for one in lines if one.psn_no not in person_ids])
    covers = _coverages(session, {(line.region_code, person_id) for line, person_id in theirs})
    accounts = lock_accounts_of(session, [(cover.person_id, cover) for cover in covers.values()])
    # Asked only now: who brings in the same batch at the same moment waits for the accounts. And asked of everybody in
    # the register: what was posted is known, whatever became of the insurance since.
    posted = _posted(session, [_reference(*one) for one in theirs])
    postings = []
    for line, person_id in theirs:
        reference_id = _reference(line, person_id)
        cover = covers.get((line.region_code, person_id))
        if reference_id in posted:
            _compare(line, posted[reference_id], taken)
        elif cover is None:
            taken.bad.append(_not_insured(line))
        else:
            posted[reference_id] = line.amount_fen
            postings.append(_posting(line, reference_id, accounts[cover.id]))
            taken.amount_fen += line.amount_fen
    post_many(session, postings)
    taken.new = len(postings)
    return taken


def _not_insured(line: TopUpLine) -> BadLine:
    return BadLine(line.line, (Fault("psn_no", NOT_INSURED),))


def _compare(line: TopUpLine, posted_fen: int, taken: Taken) -> None:
    if line.amount_fen == posted_fen:
        taken.known += 1
    else:
        taken.bad.append(BadLine(line.line, (Fault("amount", DIFFERS),)))


def _coverages(session: Session, wanted: Collection[tuple[str, UUID]]) -> dict[tuple[str, UUID], Coverage]:
    """(region, person) → the employee insurance there whose account gets the money: the newest that has begun. It may be
    suspended or have ended, for contributions that were owed come in later."""
    today = clock.today()
    return {
        (cover.region_code, cover.person_id): cover
        for cover in identity.coverages_of_persons(session, {person_id for _, person_id in wanted})
        if (cover.region_code, cover.person_id) in wanted
        and cover.insutype is InsuType.EMPLOYEE
        and cover.begin_date <= today
    }


def _reference(line: TopUpLine, person_id: UUID) -> UUID:
    """The identity of a top-up: the region that sends, its batch and the person. None of them holds a space."""
    return uuid5(_REFERENCES, f"{line.region_code} {line.batch_no} {person_id}")


def _posted(session: Session, references: Sequence[UUID]) -> dict[UUID, int]:
    """What was posted before of these: reference → fen."""
    if not references:
        return {}
    rows = session.connection().execute(_POSTED, {"references": references})
    return {row.reference_id: row.amount_fen for row in rows}


def _posting(line: TopUpLine, reference_id: UUID, account: Account) -> Posting:
    return Posting(
        TransactionKind.TOP_UP,
        reference_id,
        account.person_id,
        clock.today(),
        (
            entries.contributions(line.region_code, -line.amount_fen),
            entries.personal(account.id, account.person_id, line.amount_fen),
        ),
        line.batch_no,
    )


def batch_of(session: Session, batch_no: str) -> list[RegionsBatch]:
    """What the ledger has under a batch number, by region; empty if nothing. One statement."""
    rows = session.connection().execute(_BATCH_OF, {"batch_no": batch_no})
    return [RegionsBatch(row.account, row.accounts, int(row.amount_fen), row.first, row.last) for row in rows]
