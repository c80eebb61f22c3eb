"""Topping up personal accounts (个人账户划入) from the monthly batches of those who collect contributions.

A batch tops up a person once: the same line again is known, in whatever file and on whatever line it comes, and one with
another amount is refused. So a file that broke off, or whose bad lines were put right, is simply run again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Final, cast
from uuid import UUID, uuid5

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.models import Coverage, CoverageStatus, InsuType
from app.kit import clock
from app.kit.csv_rows import BadLine, Fault, Line
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
    "没有此人，或此人没有职工医保参保关系", "nobody of this number is insured as an employee"
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
    """What became of lines. known: posted before, by the same batch with the same amount. amount_fen: of the new."""

    new: int = 0
    amount_fen: int = 0
    known: int = 0
    bad: list[BadLine] = field(default_factory=list)


def bring_in(database: Database, lines: Iterable[Line | BadLine], on_batch: Callable[[Taken], None]) -> None:
    """Take the lines of a file, some at a time, each time in a transaction of its own. ``on_batch`` gets what became of
    them; nothing is kept of earlier ones."""
    for some in _batches(lines):
        read = [read_line(one) if isinstance(one, Line) else one for one in some]
        taken = database.run(partial(take, lines=[one for one in read if isinstance(one, TopUpLine)]))
        taken.bad.extend(one for one in read if isinstance(one, BadLine))
        taken.bad.sort(key=lambda one: one.line)
        on_batch(taken)


def take(session: Session, lines: Sequence[TopUpLine]) -> Taken:
    """Top up by at most BATCH lines; a fixed number of statements. Accounts that nobody used before are opened."""
    taken = Taken()
    covers = _coverages(session, {one.psn_no for one in lines})
    accounts = lock_accounts_of(session, [(cover.person_id, cover) for cover in covers.values()])
    # Asked only now: who brings in the same batch at the same moment waits for the accounts.
    posted = _posted(session, [_reference(one, covers) for one in lines if one.psn_no in covers])
    postings = []
    for one in lines:
        if one.psn_no not in covers:
            taken.bad.append(BadLine(one.line, (Fault("psn_no", NOT_INSURED),)))
            continue
        reference_id = _reference(one, covers)
        before_fen = posted.setdefault(reference_id, 0)
        if before_fen == 0:
            posted[reference_id] = one.amount_fen
            cover = covers[one.psn_no]
            postings.append(_posting(one, reference_id, accounts[cover.id], cover))
        elif before_fen == one.amount_fen:
            taken.known += 1
        else:
            taken.bad.append(BadLine(one.line, (Fault("amount", DIFFERS),)))
    post_many(session, postings)
    taken.new = len(postings)
    taken.amount_fen = sum(one.entries[1].amount_fen for one in postings)
    return taken


def _coverages(session: Session, psn_nos: set[str]) -> dict[str, Coverage]:
    """psn_no → the employee insurance that is topped up: the newest of those that have begun and not ended, arrears or
    not, for contributions that were owed come in while it is suspended."""
    person_ids = identity.person_ids_by_psn_no(session, psn_nos)
    today = clock.today()
    newest = {
        cover.person_id: cover
        for cover in identity.coverages_of_persons(session, set(person_ids.values()))
        if cover.insutype is InsuType.EMPLOYEE
        and cover.status is not CoverageStatus.ENDED
        and cover.begin_date <= today
        and (cover.end_date is None or cover.end_date >= today)
    }
    return {psn_no: newest[person_id] for psn_no, person_id in person_ids.items() if person_id in newest}


def _reference(line: TopUpLine, covers: Mapping[str, Coverage]) -> UUID:
    """The identity of a top-up: the batch and the person, who may be insured elsewhere when a file is run again."""
    return uuid5(_REFERENCES, f"{line.batch_no} {covers[line.psn_no].person_id}")


def _posted(session: Session, references: Sequence[UUID]) -> dict[UUID, int]:
    """What was posted before of these: reference → fen."""
    if not references:
        return {}
    rows = session.connection().execute(_POSTED, {"references": references})
    return {row.reference_id: row.amount_fen for row in rows}


def _posting(line: TopUpLine, reference_id: UUID, account: Account, cover: Coverage) -> Posting:
    return Posting(
        TransactionKind.TOP_UP,
        reference_id,
        account.person_id,
        clock.today(),
        (
            entries.contributions(cover.region_code, -line.amount_fen),
            entries.personal(account.id, account.person_id, line.amount_fen),
        ),
        line.batch_no,
    )


def _batches(lines: Iterable[Line | BadLine]) -> Iterator[list[Line | BadLine]]:
    walk = iter(lines)
    while batch := list(islice(walk, BATCH)):
        yield batch
