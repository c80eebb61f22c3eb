"""2208 and 2601: a bill taken back whole, because the institution says so or because it never heard that it was paid.

Nothing is deleted: the ledger gets the counter entries, the year's accumulators lose what the bill had added, and the
number of the bill stays used. Each account gets back what it paid, also a relative's whose sharing has ended since.
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
from app.settlement import accumulators, answers, claims, telling
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
            about="With mdtrt_id as in the bill: unless it is paid by then, no other msgid pays it either",
        ),
    ),
    without_contract=True,
)


def undo(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """2208: take a settlement of this institution back; again, the same answer.

    Raises SETTLEMENT_UNKNOWN, PSN_NO_DIFFERS, SETTLEMENT_TAMPERED.
    """
    found = _own(session, terminal, message.given["setl_id"])
    person = identity.lock_person(session, found.person_id)
    if message.given["psn_no"] != person.psn_no:
        raise PSN_NO_DIFFERS()
    mdtrt_id = message.given["mdtrt_id"]
    if mdtrt_id is not None and mdtrt_id != found.mdtrt_id:
        raise SETTLEMENT_UNKNOWN()
    _take_back(session, found, SettlementState.UNDONE)
    return answers.taken_back(found, person.psn_no)


def reverse(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """2601: whatever a message that got no answer did is undone, and if it comes later it is refused. Idempotent.

    A bill that was confirmed meanwhile under another message's number stays paid: what is reversed is the message.
    Raises PSN_NO_DIFFERS, REVERSAL_DIFFERS (the message settled another bill), SETTLEMENT_TAMPERED.
    """
    given, institution_id = message.given, terminal.institution.id
    numbers = [claims.of_message(given["omsgid"])]
    if given["chrg_bchno"] is not None:
        numbers.append(claims.of_bill(given["mdtrt_id"] or "", given["chrg_bchno"]))
    before = claims.claim(session, institution_id, numbers, ClaimState.REVERSED, None, clock.now())
    paid = before.get(numbers[0])
    if paid is None or paid.settlement_id is None:
        return {"setlinfo": None}
    found = session.get_one(Settlement, paid.settlement_id)
    person = identity.lock_person(session, found.person_id)
    if given["psn_no"] is not None and given["psn_no"] != person.psn_no:
        raise PSN_NO_DIFFERS()
    if not _is_named(found, given):
        raise REVERSAL_DIFFERS()
    session.refresh(found, with_for_update=True)
    if found.answered_msgid != given["omsgid"]:
        claims.change(session, institution_id, numbers[:1], ClaimState.REVERSED, None)
        return {"setlinfo": None}
    _take_back(session, found, SettlementState.REVERSED)
    claims.change(
        session,
        institution_id,
        [numbers[0], claims.of_bill(found.mdtrt_id, found.chrg_bchno)],
        ClaimState.REVERSED,
        found.id,
    )
    return answers.taken_back(found, person.psn_no)


def _is_named(found: Settlement, given: Given) -> bool:
    """Whether what is said of the bill is true of this one."""
    said = {"mdtrt_id": found.mdtrt_id, "chrg_bchno": found.chrg_bchno}
    return all(given[name] in {None, value} for name, value in said.items())


def _own(session: Session, terminal: Terminal, setl_id: str) -> Settlement:
    """A settlement of the terminal's institution. Whatever is another's is unknown."""
    try:
        found = session.get(Settlement, UUID(setl_id))
    except ValueError:
        found = None
    if found is None or found.institution_id != terminal.institution.id:
        raise SETTLEMENT_UNKNOWN()
    return found


def _take_back(session: Session, found: Settlement, state: SettlementState) -> None:
    """Undo, unless somebody did. The caller has locked the person."""
    session.refresh(found, with_for_update=True)
    if found.state is not SettlementState.SETTLED:
        return
    if not is_whole(found):
        # Written again it would bear a good seal.
        raise SETTLEMENT_TAMPERED()
    now = clock.now()
    entries = ledger.entries_of(session, ledger.TransactionKind.SETTLEMENT, found.id)
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
