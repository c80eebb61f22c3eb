"""What is paid of a bill and by whom: the facts are gathered, the rules asked, the person's part shared out.

Preview and settlement ask here alike, so what a preview shows is what would be settled at that moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits import packs, paying
from app.benefits.computing import compute
from app.benefits.model import Bill, Entitlement, NotPaidReason, Question, Result, Used
from app.benefits.paying import Payment
from app.kit import asking
from app.ledger import service as ledger
from app.settlement import accumulators, facts
from app.settlement.envelope import Given
from app.settlement.errors import DISEASE_UNCLEAR
from app.settlement.identify import Who
from app.settlement.institution import Terminal


@dataclass(frozen=True, slots=True)
class Judged:
    """A bill with all that was found out about it. ``account``: of the personal account; None: none, or not used."""

    who: Who
    bill: Bill
    result: Result
    payment: Payment
    account_id: UUID | None
    balance_fen: int | None

    def detail(self) -> dict[str, Any]:
        """What is kept of it, sealed: the lines, the explanation, and what it adds to the year."""
        names = {line.number: line.name for line in self.bill.lines}
        return {
            "lines": [
                {
                    "number": one.number,
                    "name": names[one.number],
                    "amount_fen": one.amount_fen,
                    "own_expense_fen": one.own_expense_fen,
                    "over_limit_fen": one.over_limit_fen,
                    "first_share_fen": one.first_share_fen,
                    "in_scope_fen": one.in_scope_fen,
                    "zh": one.words.zh,
                    "en": one.words.en,
                    "source": one.source,
                }
                for one in self.result.lines
            ],
            "steps": [
                {
                    "kind": one.kind.value,
                    "zh": one.words.zh,
                    "en": one.words.en,
                    "amount_fen": one.amount_fen,
                    "rule": one.rule,
                    "source": one.source,
                }
                for one in self.result.steps
            ],
            "additions": [
                {
                    "accumulator": one.accumulator,
                    "counted_fen": one.counted_fen,
                    "deductible_fen": one.deductible_fen,
                    "fund_fen": one.fund_fen,
                    "within": one.within,
                }
                for one in self.result.additions
            ],
        }


@dataclass(frozen=True, slots=True)
class Means:
    """What there is to pay a bill from: what the year has used of the benefits, and the personal account of the insurance
    that settles. ``account_id`` None: there is none, or it is not used; ``balance_fen`` None: there is none."""

    used: Mapping[str, Used]
    account_id: UUID | None
    balance_fen: int | None


def look_at_means(session: Session, bill: Bill, who: Who) -> Means:
    """For a preview: nothing is locked, nothing opened."""
    used = accumulators.used_in(session, who.person.id, bill.day.year)
    return Means(used, None, ledger.balance_of(session, who.cover))


def take_means(
    session: Session, given: Given, bill: Bill, who: Who, paying_code: asking.Question[bool] | None
) -> tuple[Means, bool]:
    """For a settlement: the account is locked, and opened at its first use; and whether the code that was shown may pay
    (``paying_code``; True without one). One round trip, a second for an account's first use or where it is not to be used.
    """
    with asking.together(session) as batch:
        code = batch.ask(paying_code) if paying_code is not None else None
        used = batch.ask(accumulators.asking_used(who.person.id, bill.day.year))
        is_wanted = ledger.has_account(who.cover) and given["acct_used_flag"] is not False
        account = batch.ask(ledger.locking_account_of(who.cover.id)) if is_wanted else None
    may_pay = code is None or code()
    if account is None:
        return Means(used(), None, ledger.balance_of(session, who.cover)), may_pay
    found = account() or ledger.lock_accounts_of(session, [(who.person.id, who.cover)])[who.cover.id]
    return Means(used(), found.id, found.balance_fen), may_pay


def judge(session: Session, terminal: Terminal, given: Given, bill: Bill, who: Who, means: Means) -> Judged:
    """The bill by the rules of its day and what its year has used. No statement for a plain bill at home.

    Raises DISEASE_UNCLEAR: settled for nothing, the bill's number would be used up for what one field mends.
    """
    insured = who.insured
    pack = packs.pack_on(insured.region_code, bill.day)
    held: tuple[facts.Held, ...] = ()
    # Inside the pooling region no filing is needed, and only these bills rest on a benefit that was granted.
    if bill.med_type.entitlement or not terminal.institution.region_code.startswith(insured.region_code):
        held = facts.held_under(session, who.person.id, insured, bill.day, terminal.institution.id)
    remote = facts.facts().standing(
        session,
        who.person.id,
        insured,
        terminal.institution.region_code,
        bill.day,
        bill.med_type,
        urgent=bool(given["er_flag"]),
        chronic_entitled=any(one.benefit.benefit is Entitlement.CHRONIC for one in held),
    )
    question = Question(
        bill=bill,
        insured=insured,
        place=terminal.place,
        remote=remote,
        held=tuple(one.benefit for one in held),
        used=means.used,
    )
    result = compute(pack, question)
    if result.not_paid is NotPaidReason.DISEASE_CODE:
        raise DISEASE_UNCLEAR()
    usable = (
        means.balance_fen if means.balance_fen is not None and given["acct_used_flag"] is not False else 0
    )
    payment = paying.split(result.psn_part_amt_fen, result.account_payable_fen, usable)
    return Judged(who, bill, result, payment, means.account_id, means.balance_fen)


def balance_after(judged: Judged) -> int | None:
    """What the personal account holds once the bill is paid (fen); None without an account."""
    if judged.balance_fen is None:
        return None
    return judged.balance_fen - judged.payment.acct_pay_fen


Amounts = Mapping[str, int]


def amounts_of(judged: Judged) -> Amounts:
    """The columns of a settlement (fen)."""
    result, payment = judged.result, judged.payment
    return {
        "medfee_fen": result.medfee_sumamt_fen,
        "fulamt_ownpay_fen": result.fulamt_ownpay_amt_fen,
        "overlmt_selfpay_fen": result.overlmt_selfpay_fen,
        "preselfpay_fen": result.preselfpay_amt_fen,
        "inscp_scp_fen": result.inscp_scp_amt_fen,
        "act_pay_dedc_fen": result.act_pay_dedc_fen,
        "fund_pay_fen": result.fund_pay_sumamt_fen,
        "relief_fen": result.relief_fen,
        "acct_pay_fen": payment.acct_pay_fen,
        "acct_mulaid_pay_fen": payment.acct_mulaid_pay_fen,
        "psn_cash_pay_fen": payment.cash_fen,
    }
