"""How a bill is told to the person whose it is: short sentences with the amounts in them."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Protocol

from app.benefits.model import MedType
from app.benefits.names import HOTLINE, INSURANCES
from app.kit.money import spoken_yuan as yuan
from app.kit.text import Text
from app.settlement.models import SettlementState

CARE: Final[Mapping[MedType, Text]] = {
    MedType.OUTPATIENT: Text("门诊", "outpatient care"),
    MedType.CHRONIC_OUTPATIENT: Text("门诊慢特病", "outpatient care of a chronic disease"),
    MedType.INPATIENT: Text("住院", "inpatient care"),
    MedType.PHARMACY: Text("药店买药", "medicines from a pharmacy"),
    MedType.TWO_DISEASE: Text("两病用药", "medicines for hypertension and diabetes"),
}
_DOING: Final[Mapping[MedType, Text]] = {
    MedType.OUTPATIENT: Text("看门诊", "outpatient care"),
    MedType.CHRONIC_OUTPATIENT: Text("看慢特病门诊", "outpatient care of a chronic disease"),
    MedType.INPATIENT: Text("住院", "inpatient care"),
    MedType.PHARMACY: Text("买药", "medicines"),
    MedType.TWO_DISEASE: Text("买高血压、糖尿病的药", "medicines for hypertension and diabetes"),
}
STATES: Final[Mapping[SettlementState, Text]] = {
    SettlementState.SETTLED: Text("已结算", "Settled"),
    SettlementState.UNDONE: Text("已撤销，不算数", "Taken back, does not count"),
    SettlementState.REVERSED: Text("没有结成，不算数", "Did not come about, does not count"),
}
NOT_GENUINE: Final = Text(
    f"这笔账的记录在系统里被改动过，上面的数字不能作准。请拨打 {HOTLINE} 报告。",
    f"The record of this bill was changed in the system; do not rely on its figures. Please report it to {HOTLINE}.",
)
UNKNOWN_PLACE: Final = Text("一家医院或药店", "an institution")


class Amounts(Protocol):
    """What was paid of a bill (fen)."""

    @property
    def medfee_fen(self) -> int: ...
    @property
    def fund_pay_fen(self) -> int: ...
    @property
    def acct_pay_fen(self) -> int: ...
    @property
    def acct_mulaid_pay_fen(self) -> int: ...
    @property
    def psn_cash_pay_fen(self) -> int: ...


class Told(Amounts, Protocol):
    """A bill as far as a sentence tells of it."""

    @property
    def med_type(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def state(self) -> SettlementState: ...


def care(med_type: str) -> Text:
    """What sort of care, as the head of a column has it."""
    return CARE[MedType(med_type)]


def insurance(insutype: str) -> Text:
    return INSURANCES[insutype]


def day_words(day: date) -> Text:
    return Text(f"{day.year}年{day.month}月{day.day}日", day.isoformat())


def shares(bill: Amounts) -> Text:
    """``一共150元，医保付70元，个人账户付30元，现金付50元``; what nobody paid is left out, but for the fund."""
    total, fund = yuan(bill.medfee_fen), bill.fund_pay_fen
    zh, en = [f"一共{total}元"], [f"{total} yuan in all"]
    zh.append(f"医保付{yuan(fund)}元" if fund else "医保没有报销")
    en.append(f"the insurance pays {yuan(fund)}" if fund else "the insurance pays nothing")
    for fen, chinese, english in (
        (bill.acct_pay_fen, "个人账户付", "the personal account"),
        (bill.acct_mulaid_pay_fen, "家人的个人账户付", "relatives' accounts"),
        (bill.psn_cash_pay_fen, "现金付", "cash"),
    ):
        if fen:
            zh.append(f"{chinese}{yuan(fen)}元")
            en.append(f"{english} {yuan(fen)}")
    return Text("，".join(zh), ", ".join(en))


def occasion(bill: Told, place: str) -> Text:
    """``2026年11月21日在仁和大药房买药``."""
    day, doing = day_words(bill.day), _DOING[MedType(bill.med_type)]
    return Text(f"{day.zh}在{place}{doing.zh}", f"{day.en}, {place}: {doing.en}")


def bill_sentence(bill: Told, place: str) -> Text:
    """The whole bill in a sentence or two."""
    when, paid = occasion(bill, place), shares(bill)
    if bill.state is SettlementState.SETTLED:
        return Text(f"{when.zh}，{paid.zh}。", f"{when.en}, {paid.en}.")
    zh = "这笔账已经撤销，" if bill.state is SettlementState.UNDONE else "这笔账没有结成，"
    en = "It was taken back: " if bill.state is SettlementState.UNDONE else "It did not come about: "
    after = _money_back(bill)
    return Text(f"{when.zh}，{paid.zh}。{zh}{after.zh}。", f"{when.en}, {paid.en}. {en}{after.en}.")


def taken_back(bill: Told, place: str) -> Text:
    """What a notice says of a bill that was taken back, which it has said is so."""
    when, after, total = occasion(bill, place), _money_back(bill), yuan(bill.medfee_fen)
    return Text(f"{when.zh}的{total}元{after.zh}", f"{when.en}, {total} yuan: {after.en}")


def _money_back(bill: Told) -> Text:
    """That a bill does not count any more, and what becomes of its money."""
    zh, en = "不算数了", "it does not count any more"
    back, cash = bill.acct_pay_fen + bill.acct_mulaid_pay_fen, bill.psn_cash_pay_fen
    if back:
        zh += f"，个人账户付的{yuan(back)}元已经退回账户"
        en += f"; the {yuan(back)} yuan from accounts are back in them"
    if cash:
        # Whether cash changed hands is known at the till only.
        zh += f"；要是已经付了现金{yuan(cash)}元，请找这家机构退"
        en += f"; if {yuan(cash)} yuan were paid in cash, ask the institution for them"
    return Text(zh, en)
