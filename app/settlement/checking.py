"""Do the bills agree with the ledger, and the years' accumulators with the bills? Part of ``zhangban ledger check``.

Person by person in the order of ids, and of a person a few hundred bills at a time, so that memory does not grow with
the number of bills.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, tuple_
from sqlalchemy.orm import Session

from app.kit.crypto import SealBroken
from app.kit.sealing import is_whole
from app.ledger import service as ledger
from app.ledger.checking import Finding, Progress, Step
from app.ledger.models import LedgerTransaction
from app.ledger.service import AccountKind, TransactionKind
from app.settlement import claims
from app.settlement.models import Accumulator, ClaimState, Settlement, SettlementClaim, SettlementState

PERSONS: Final = 100
BILLS: Final = 500
_KINDS: Final = (TransactionKind.SETTLEMENT, TransactionKind.UNDO)
_BILL, _CLAIM, _TRANSACTION = (
    cast(Table, model.__table__) for model in (Settlement, SettlementClaim, LedgerTransaction)
)
_BILLS_OF: Final = (
    select(_BILL.c.id)
    .where(_BILL.c.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(_BILL.c.person_id, _BILL.c.id)
    .execution_options(yield_per=BILLS)
)
_WITHOUT_BILL: Final = (
    select(_TRANSACTION.c.id)
    .outerjoin(_BILL, _BILL.c.id == _TRANSACTION.c.reference_id)
    .where(_TRANSACTION.c.kind.in_(_KINDS), _BILL.c.id.is_(None))
    .execution_options(yield_per=BILLS)
)
_MISSED_BY_NUMBERS: Final = (
    select(_CLAIM.c.settlement_id)
    .distinct()
    .outerjoin(_BILL, _BILL.c.id == _CLAIM.c.settlement_id)
    .where(_CLAIM.c.settlement_id.is_not(None), _BILL.c.id.is_(None))
    .execution_options(yield_per=BILLS)
)

Key = tuple[UUID, int, str]
"""Person, year, accumulator."""
Amounts = tuple[int, int, int]
Sums = dict[Key, Amounts]
Posted = Mapping[tuple[UUID, TransactionKind], list[ledger.Entry]]
Side = tuple[AccountKind, str]


def check(session: Session) -> Iterator[Step]:
    """Every bill whole, posted as it says and its number kept as used; every accumulator the sum of the bills that stand;
    no money moved, and no number used, for a bill that is not there."""
    after: UUID | None = None
    while persons := _persons(session, after):
        sums: Sums = defaultdict(lambda: (0, 0, 0))
        for bills in session.connection().execute(_BILLS_OF, {"persons": persons}).scalars().partitions():
            yield from _each(session, bills, sums)
            yield Progress(other=len(bills))
            session.expunge_all()
        yield from _compare(session, persons, sums)
        session.expunge_all()
        after = persons[-1]
    for transaction_id in session.connection().execute(_WITHOUT_BILL).scalars():
        yield Finding(_TRANSACTION.name, str(transaction_id), "belongs to a settlement that is not there")
    # The one witness where a bill that cash alone paid was taken out together with its transaction.
    for settlement_id in session.connection().execute(_MISSED_BY_NUMBERS).scalars():
        yield Finding(_BILL.name, str(settlement_id), "is not there, yet numbers were used for it")


def _persons(session: Session, after: UUID | None) -> list[UUID]:
    """The next persons with a bill or an accumulator, in order."""
    found: set[UUID] = set()
    for table in (Settlement, Accumulator):
        query = select(table.person_id).distinct().order_by(table.person_id).limit(PERSONS)
        found.update(
            session.execute(query if after is None else query.where(table.person_id > after)).scalars()
        )
    return sorted(found)[:PERSONS]


def _each(session: Session, bill_ids: Sequence[UUID], sums: Sums) -> Iterator[Step]:
    """Look at these bills. One with a value that cannot be read at all is named, and holds up no other."""
    try:
        found = list(_look_at(session, bill_ids, sums))
    except (LookupError, TypeError, ValueError):
        if len(bill_ids) > 1:
            for bill_id in bill_ids:
                yield from _each(session, [bill_id], sums)
            return
        what = "it, or what the ledger has of it, holds a value that cannot be read"
        found = [Finding("settlement", str(bill_ids[0]), what)]
    yield from found


def _look_at(session: Session, bill_ids: Sequence[UUID], sums: Sums) -> Iterator[Finding]:
    # All is read before anything is counted: what is tried again one by one must not count twice.
    bills = session.execute(select(Settlement).where(Settlement.id.in_(bill_ids))).scalars().all()
    posted = ledger.entries_of_many(session, _KINDS, bill_ids)
    numbers = _numbers(session, bills)
    for one in bills:
        for what in _faults(one, posted):
            yield Finding("settlement", str(one.id), what)
        state, settlement_id = numbers.get((one.institution_id, _number(one)), (None, None))
        reversed_ = one.state is SettlementState.REVERSED and state is not ClaimState.REVERSED
        if settlement_id != one.id or reversed_:
            yield Finding("settlement", str(one.id), "its bill's number is not kept as used")
        if one.state is SettlementState.SETTLED:
            yield from _count_in(one, sums)


def _count_in(one: Settlement, sums: Sums) -> Iterator[Finding]:
    try:
        additions = one.detail["additions"]
        rows = [(one.year, str(row["accumulator"]), _amounts(row)) for row in additions]
        # What lies within another accumulator is counted there already.
        fund_fen = sum(int(row["fund_fen"]) for row in additions if row["within"] is None)
    except (SealBroken, KeyError, ValueError):
        yield Finding("settlement", str(one.id), "its detail cannot be read")
        return
    if fund_fen != one.fund_pay_fen:
        yield Finding("settlement", str(one.id), "what it adds to the year is not what the fund paid")
    for year, name, amounts in rows:
        key = (one.person_id, year, name)
        counted, deductible, fund = sums[key]
        sums[key] = (counted + amounts[0], deductible + amounts[1], fund + amounts[2])


def _amounts(row: Mapping[str, Any]) -> Amounts:
    return int(row["counted_fen"]), int(row["deductible_fen"]), int(row["fund_fen"])


def _number(one: Settlement) -> str:
    return claims.of_bill(one.mdtrt_id, one.chrg_bchno)


def _numbers(
    session: Session, bills: Sequence[Settlement]
) -> dict[tuple[UUID, str], tuple[ClaimState, UUID | None]]:
    """(institution, bill number) → what became of the number, and the settlement it paid."""
    wanted = [(one.institution_id, _number(one)) for one in bills]
    query = select(_CLAIM.c.institution_id, _CLAIM.c.claim, _CLAIM.c.state, _CLAIM.c.settlement_id).where(
        tuple_(_CLAIM.c.institution_id, _CLAIM.c.claim).in_(wanted)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in session.connection().execute(query)}


def is_posted_as_it_says(one: Settlement, entries: Sequence[ledger.Entry]) -> bool:
    """Whether these entries of the ledger are what the settlement's own row says that fund, relief, accounts and counter
    paid. No statement. The row itself is held by its seal (``is_whole``)."""
    return _moved(one, entries) == _said(one)


def _faults(one: Settlement, posted: Posted) -> Iterator[str]:
    if not is_whole(one):
        yield "it was changed after it was written"
    entries = posted.get((one.id, TransactionKind.SETTLEMENT), [])
    if not is_posted_as_it_says(one, entries):
        yield "the ledger does not say what it says"
    undone = posted.get((one.id, TransactionKind.UNDO), [])
    if one.state is SettlementState.SETTLED:
        if undone:
            yield "the ledger took it back, yet it stands"
    elif sorted(map(_side, undone)) != sorted(map(_side, ledger.opposite(entries))):
        yield "it was undone, but the ledger did not take it back"


_OWN, _SHARED = "own", "shared"


def _moved(one: Settlement, entries: Sequence[ledger.Entry]) -> dict[Side, int]:
    """Account → what the ledger moved. Personal accounts are the person's own, or relatives'."""
    moved: dict[Side, int] = defaultdict(int)
    for entry in entries:
        account = entry.account
        if entry.account_kind is AccountKind.PERSONAL:
            account = _OWN if entry.person_id == one.person_id else _SHARED
        moved[entry.account_kind, account] += entry.amount_fen
    return {side: fen for side, fen in moved.items() if fen}


def _said(one: Settlement) -> dict[Side, int]:
    """Account → what must have moved, by the bill."""
    institution = str(one.institution_id)
    said = {
        (AccountKind.PAYABLE, institution): one.medfee_fen,
        (AccountKind.FUND, f"{one.insu_admdvs}:{one.insutype.value}"): one.relief_fen - one.fund_pay_fen,
        (AccountKind.RELIEF, one.insu_admdvs): -one.relief_fen,
        (AccountKind.PERSONAL, _OWN): -one.acct_pay_fen,
        (AccountKind.PERSONAL, _SHARED): -one.acct_mulaid_pay_fen,
        (AccountKind.CASH, institution): -one.psn_cash_pay_fen,
    }
    return {side: fen for side, fen in said.items() if fen}


def _side(entry: ledger.Entry) -> tuple[str, str, int]:
    return entry.account_kind.value, entry.account, entry.amount_fen


def _compare(session: Session, persons: Sequence[UUID], sums: Mapping[Key, Amounts]) -> Iterator[Step]:
    rows = session.execute(select(Accumulator).where(Accumulator.person_id.in_(persons))).scalars().all()
    held = {
        (row.person_id, row.year, row.key): (row.counted_fen, row.deductible_fen, row.fund_fen)
        for row in rows
    }
    for key in sorted({*held, *sums}, key=str):
        there, wanted = held.get(key, (0, 0, 0)), sums.get(key, (0, 0, 0))
        if there != wanted:
            words = f"holds {there}, the bills that stand sum to {wanted} (counted, deductible, fund; fen)"
            yield Finding("accumulator", " ".join(map(str, key)), words)
