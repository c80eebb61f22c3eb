"""2206 and 2207: what a bill comes to, and the same paid.

Settling is one transaction, and everything that is written of it is written in it: the numbers of message and bill, the
use of the voucher code, the bill, what the year has used, the ledger. The order of locks is numbers, person, personal
account. A message or bill that was settled before gets the first answer again, whatever the same person shows with it,
however old the bill is by now, and though the institution's contract has ended since.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.models import AccessKind
from app.kit import clock, ids
from app.kit.asking import together
from app.kit.sealing import insert_sealed, is_whole
from app.kit.text import Text
from app.ledger import service as ledger
from app.settlement import accumulators, answers, claims, telling
from app.settlement.bills import BILL_FIELDS, bill_of, bill_problems, day_of
from app.settlement.businesses import Purpose
from app.settlement.claims import Claim, Claiming
from app.settlement.envelope import Given, Message, Transaction
from app.settlement.errors import (
    BILL_DIFFERS,
    BILL_UNDONE,
    MESSAGE_NUMBER_USED,
    ORDER_REVERSED,
    SETTLEMENT_TAMPERED,
)
from app.settlement.fields import Fields
from app.settlement.identify import (
    IDENTITY_FIELDS,
    identify,
    identity_problems,
    shown_person_id,
)
from app.settlement.inquiries import note_look
from app.settlement.institution import Terminal
from app.settlement.judging import Judged, amounts_of, balance_after, judge, look_at_means, take_means
from app.settlement.models import ClaimState, Settlement, SettlementState
from app.vouchers import service as vouchers

PREVIEW: Final = Transaction(
    "2206", Text("预结算", "preview"), Fields(*BILL_FIELDS), checks=(identity_problems, bill_problems)
)
SETTLE: Final = Transaction(
    "2207",
    Text("结算", "settle"),
    Fields(*BILL_FIELDS),
    checks=(identity_problems, bill_problems),
    without_contract=True,  # asked of a new bill alone
)
_BESIDE_THE_BILL: Final = frozenset({*(one.name for one in IDENTITY_FIELDS), "invono", "psn_setlway"})
"""A retry may come with the voucher scanned anew, or with the card instead, or with its invoice printed meanwhile: it is
the same order all the same, if it is of the same person."""


def preview(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """2206: what 2207 would answer at this moment. Writes nothing but that the till has looked: the answer tells what the
    account holds and what of the deductible is used. Raises as ``identify`` does, and CODE_USED."""
    given = message.given
    bill = bill_of(given, day_of(given))
    who = identify(session, terminal, given, bill.day, purpose=Purpose.SETTLEMENT)
    if who.token is not None:
        vouchers.require_unused(session, who.token)
    note_look(session, terminal, who.person.id, AccessKind.COVERAGE_VIEWED)
    means = look_at_means(session, bill, who)
    return answers.preview(message, judge(session, terminal, given, bill, who, means))


def settle(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """2207: settle, or the first answer again.

    Raises as ``bill_of``, ``identify`` and ``judge`` do, INSTITUTION_INACTIVE, CODE_USED, BILL_DIFFERS or
    MESSAGE_NUMBER_USED (a number that settled something else), BILL_STANDS_PAID, ORDER_REVERSED, BILL_UNDONE,
    SETTLEMENT_TAMPERED, ACCOUNT_SHORT.
    """
    given, settlement_id, now = message.given, ids.new_id(), clock.now()
    # Once: whoever waits for a lock over midnight is judged by one day all the same.
    day = day_of(given)
    claiming = Claiming(terminal.institution.id, _numbers(message), ClaimState.PAID, settlement_id, now)
    # By themselves, before the person: whoever reverses takes them in this order, too.
    before = claims.claim(session, claiming)
    if before:
        return _answer_again(session, terminal, message, before)
    terminal.require_contract()
    bill = bill_of(given, day)
    who = identify(session, terminal, given, day, purpose=Purpose.SETTLEMENT, lock=True)
    use = None
    if who.token is not None:
        use = vouchers.asking_use(who.token, payment_id=settlement_id, now=now)
    means, may_pay = take_means(session, given, bill, who, use)
    if who.token is not None and not may_pay:
        vouchers.refuse_use(session, who.token)
    judged = judge(session, terminal, given, bill, who, means)
    detail = judged.detail()
    settlement = _record(terminal, message, judged, settlement_id, detail)
    posting = _posting(settlement, judged)
    with together(session) as batch:
        moved = [batch.ask(one) for one in ledger.moving(posting)]
        insert_sealed(session, settlement)
        accumulators.add(session, who.person.id, settlement.year, judged.result.additions)
        ledger.write(session, posting)
        telling.tell(session, settlement.id)
    for account in moved:
        account()
    return answers.settled(settlement, detail, who.person.psn_no)


def _numbers(message: Message) -> tuple[str, str]:
    given = message.given
    return claims.of_message(message.msgid), claims.of_bill(given["mdtrt_id"] or "", given["chrg_bchno"])


def request_hash(message: Message) -> str:
    """The same for the same bill, however the person was identified and whatever the message's number is.

    Of setl_time the day alone: a system that sends a bill again may write down the time anew. Of what did not come nothing,
    so that a field which is added one day does not make other bills of those that were settled before.
    """
    given = {name: value for name, value in _came(message.given).items() if name not in _BESIDE_THE_BILL}
    if "setl_time" in given:
        given["setl_time"] = clock.china_day(given["setl_time"])
    if "feedetail" in given:
        given["feedetail"] = [_came(line) for line in given["feedetail"]]
    return replace(message, given=given).fingerprint()


def _came(given: Given) -> dict[str, Any]:
    """The fields that hold something."""
    return {name: value for name, value in given.items() if value not in (None, ())}


def _answer_again(
    session: Session, terminal: Terminal, message: Message, before: Mapping[str, Claim]
) -> Mapping[str, Any]:
    """The first answer, if this is the same bill of the same person, and it and the message's number still stand."""
    of_message, of_bill = _numbers(message)
    bill, is_reversed = before.get(of_bill), any(one.state is ClaimState.REVERSED for one in before.values())
    if bill is None or bill.settlement_id is None or bill.state is ClaimState.REVERSED:
        raise ORDER_REVERSED() if is_reversed else MESSAGE_NUMBER_USED()
    first = session.get_one(Settlement, bill.settlement_id, with_for_update=True)
    if not is_whole(first):
        raise SETTLEMENT_TAMPERED()
    if first.request_hash != request_hash(message):
        raise BILL_DIFFERS()
    if shown_person_id(session, terminal, message.given) != first.person_id:
        # A system whose bill numbers begin anew would tell the next patient that all is paid.
        raise BILL_DIFFERS()
    if first.state is not SettlementState.SETTLED:
        raise ORDER_REVERSED() if is_reversed else BILL_UNDONE()
    if is_reversed:
        # The message's number alone: a till that is told to begin anew would have the bill paid twice.
        raise answers.stands_paid(first)
    if of_message not in before:
        # The same bill under a new number, which is ours since a moment ago: it stands for this settlement now.
        claims.change(session, terminal.institution.id, [of_message], ClaimState.PAID, first.id)
        first.answered_msgid = message.msgid
        session.flush()
    elif before[of_message].settlement_id != first.id:
        raise MESSAGE_NUMBER_USED()
    return answers.settled(first, first.detail, answers.psn_no_of(session, first))


def _record(
    terminal: Terminal, message: Message, judged: Judged, settlement_id: UUID, detail: dict[str, Any]
) -> Settlement:
    given, who, now = message.given, judged.who, clock.now()
    made = Settlement(
        id=settlement_id,
        person_id=who.person.id,
        coverage_id=who.cover.id,
        insutype=who.cover.insutype,
        insu_admdvs=who.cover.region_code,
        institution_id=terminal.institution.id,
        account_id=terminal.actor.account_id,
        mdtrt_id=given["mdtrt_id"] or "",
        chrg_bchno=given["chrg_bchno"],
        msgid=message.msgid,
        answered_msgid=message.msgid,
        request_hash=request_hash(message),
        med_type=judged.bill.med_type.value,
        day=judged.bill.day,
        year=judged.bill.day.year,
        balance_fen=balance_after(judged),
        pack_id=judged.result.pack_id,
        benefit_id=judged.result.benefit_id,
        state=SettlementState.SETTLED,
        settled_at=now,
        settled_on=clock.china_day(now),
        ended_at=None,
        ended_on=None,
        **amounts_of(judged),
    )
    made.detail = detail
    return made


def _posting(settlement: Settlement, judged: Judged) -> ledger.Posting:
    """The fund, medical relief, the account and the person pay; the institution has earned the whole bill."""
    institution_id, paid = settlement.institution_id, judged.payment
    region_code, pooled_fen = settlement.insu_admdvs, settlement.fund_pay_fen - settlement.relief_fen
    entries = [
        ledger.fund(region_code, settlement.insutype.value, -pooled_fen),
        ledger.relief(region_code, -settlement.relief_fen),
        ledger.cash(institution_id, -settlement.psn_cash_pay_fen),
        ledger.payable(institution_id, settlement.medfee_fen),
    ]
    if judged.account_id is not None:
        entries.append(ledger.personal(judged.account_id, settlement.person_id, -paid.acct_pay_fen))
    kind = ledger.TransactionKind.SETTLEMENT
    return ledger.Posting(kind, settlement.id, settlement.person_id, settlement.settled_on, entries)
