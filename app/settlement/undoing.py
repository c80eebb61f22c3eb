"""2208 and 2601: a bill taken back whole, because the institution says so or because it never heard that it was paid.

Nothing is deleted: the ledger gets the counter entries, the year's accumulators lose what the bill had added, and the
number of the bill stays used. Each account gets back what it paid, also a relative's whose sharing has ended since.

2208 waits until the later bills that rest on this one are undone (``dependants``). 2601 never does: it is how machines
mend a lost answer, and must always be possible. It says that nothing was paid only where nothing stands paid: a bill that
stands by another message is named, for the institution would otherwise write it anew and have it paid twice.

Locks are taken as in settling: numbers, person, settlement, personal accounts.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit import clock
from app.kit.sealing import is_whole
from app.kit.text import Text
from app.ledger import service as ledger
from app.settlement import accumulators, answers, checking, claims, dependants, telling
from app.settlement.claims import Claiming
from app.settlement.envelope import Given, Message, Transaction
from app.settlement.errors import (
    PSN_NO_DIFFERS,
    REVERSAL_DIFFERS,
    SETTLEMENT_TAMPERED,
    SETTLEMENT_UNKNOWN,
)
from app.settlement.fields import Field, Fields, OneOf, Words
from app.settlement.institution import Terminal
from app.settlement.models import (
    BILL_NUMBER_LENGTH,
    MSGID_LENGTH,
    ClaimState,
    Settlement,
    SettlementState,
)

UNDO: Final = Transaction(
    "2208",
    Text("结算撤销", "undo"),
    Fields(
        Field("setl_id", Words(36), required=True),
        Field("psn_no", Words(30), required=True),
        Field("mdtrt_id", Words(BILL_NUMBER_LENGTH)),
    ),
    without_contract=True,
)
REVERSE: Final = Transaction(
    "2601",
    Text("冲正", "reverse"),
    Fields(
        Field("omsgid", Words(MSGID_LENGTH), required=True, about="msgid of the message that got no answer"),
        Field("oinfno", OneOf(("2207",)), required=True, about="Others need none: 2208 may be sent again"),
        Field("psn_no", Words(30)),
        Field("mdtrt_id", Words(BILL_NUMBER_LENGTH)),
        Field(
            "chrg_bchno",
            Words(BILL_NUMBER_LENGTH),
            about="With mdtrt_id as in the bill. It should be given: unless the bill is paid by then, no other msgid "
            "pays it either; and if it stands paid by another, the answer says by which (infcode 504)",
        ),
    ),
    without_contract=True,
)


def undo(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """2208: take a settlement of this institution back; again, the same answer.

    Raises SETTLEMENT_UNKNOWN, PSN_NO_DIFFERS, LATER_BILLS_DEPEND, SETTLEMENT_TAMPERED.
    """
    found = _own(session, terminal, message.given)
    psn_no = _lock(session, found, message.given)
    _take_back(session, found, SettlementState.UNDONE)
    return answers.taken_back(found, psn_no)


def reverse(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """2601: whatever a message that got no answer did is undone, and if it comes later it is refused. Idempotent.

    Raises BILL_STANDS_PAID (by another message; nothing is kept of this one then), PSN_NO_DIFFERS, REVERSAL_DIFFERS (the
    message settled another bill), SETTLEMENT_TAMPERED.
    """
    given, institution_id = message.given, terminal.institution.id
    numbers = _numbers(session, institution_id, given)
    before = claims.claim(session, Claiming(institution_id, numbers, ClaimState.REVERSED, None, clock.now()))
    paid = [(one, before[one].settlement_id) for one in numbers if one in before]
    settled = [(one, settlement_id) for one, settlement_id in paid if settlement_id is not None]
    if not settled:
        return {"setlinfo": None}
    number, settlement_id = settled[0]
    found = session.get_one(Settlement, settlement_id)
    psn_no = _lock(session, found, given)
    if not _is_named(found, given):
        raise REVERSAL_DIFFERS()
    by_this_message = number == numbers[0]
    stands = found.state is SettlementState.SETTLED
    if stands and not (by_this_message and found.answered_msgid == given["omsgid"]):
        raise answers.stands_paid(found)
    if not by_this_message:
        return {"setlinfo": None}
    _take_back(session, found, SettlementState.REVERSED)
    of_bill = claims.of_bill(found.mdtrt_id, found.chrg_bchno)
    claims.change(session, institution_id, [numbers[0], of_bill], ClaimState.REVERSED, found.id)
    return answers.taken_back(found, psn_no)


def _numbers(session: Session, institution_id: UUID, given: Given) -> list[str]:
    """The message's number, and that of its bill: the one that it paid, else the one that is named.

    Read without a lock, so that both are claimed at once like those who settle do. (If the message is paid this very
    moment and names no bill, its bill's number comes last; who then waits crosswise is tried again.)
    """
    of_message = claims.of_message(given["omsgid"])
    paid = claims.settlements_of(session, institution_id, [of_message]).get(of_message)
    if paid is not None:
        found = session.get_one(Settlement, paid)
        return [of_message, claims.of_bill(found.mdtrt_id, found.chrg_bchno)]
    if given["chrg_bchno"] is None:
        return [of_message]
    return [of_message, claims.of_bill(given["mdtrt_id"] or "", given["chrg_bchno"])]


def _is_named(found: Settlement, given: Given) -> bool:
    """Whether what is said of the bill is true of this one."""
    said = {"mdtrt_id": found.mdtrt_id, "chrg_bchno": found.chrg_bchno}
    return all(given.get(name) in {None, value} for name, value in said.items())


def _own(session: Session, terminal: Terminal, given: Given) -> Settlement:
    """A settlement of the terminal's institution, of the visit if one is named. Whatever is another's is unknown."""
    try:
        found = session.get(Settlement, UUID(given["setl_id"]))
    except ValueError:
        found = None
    if found is None or found.institution_id != terminal.institution.id or not _is_named(found, given):
        raise SETTLEMENT_UNKNOWN()
    return found


def _lock(session: Session, found: Settlement, given: Given) -> str:
    """Lock the person, then the settlement, as it stands now. Returns the person's psn_no, which must be that given."""
    person = identity.lock_person(session, found.person_id)
    if given["psn_no"] not in {None, person.psn_no}:
        raise PSN_NO_DIFFERS()
    session.refresh(found, with_for_update=True)
    return person.psn_no


def _take_back(session: Session, found: Settlement, state: SettlementState) -> None:
    """Undo, unless somebody did. The caller has locked it."""
    if found.state is not SettlementState.SETTLED:
        return
    if not is_whole(found):
        # Written again it would bear a good seal.
        raise SETTLEMENT_TAMPERED()
    entries = ledger.entries_of(session, ledger.TransactionKind.SETTLEMENT, found.id)
    if not checking.is_posted_as_it_says(found, entries):
        raise SETTLEMENT_TAMPERED()
    if state is SettlementState.UNDONE:
        dependants.require_none(session, found)
    now = clock.now()
    accounts = {UUID(one.account) for one in entries if one.account_kind is ledger.AccountKind.PERSONAL}
    if accounts:
        ledger.lock_accounts(session, accounts)
    accumulators.take_back(session, found.person_id, found.year, found.detail["additions"])
    ledger.post(
        session,
        ledger.TransactionKind.UNDO,
        found.id,
        found.person_id,
        clock.china_day(now),
        ledger.opposite(entries),
    )
    found.state, found.ended_at, found.ended_on = state, now, clock.china_day(now)
    session.flush()
    telling.tell(session, found.id)
