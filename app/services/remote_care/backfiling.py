"""Filing late (补办): for a stay in hospital that has begun already, or is over.

Before the hospital settles the bill a late filing counts, and the hospital must settle directly; after a
self-paid discharge it allows manual reimbursement [002 太原, 医保发〔2022〕22号]. A region may allow less
in its pack.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.kit.packs import Source
from app.kit.text import Text
from app.services.remote_care.categories import Category, FormField, Problem
from app.services.remote_care.pack_model import Pack
from app.services.remote_care.wording import HOTLINE

DAYS_BACK = 365
"""How long ago a stay may have begun that is filed for now. Ours: no source gives a limit, and none at all would let
a record begin before anybody was insured."""


class Settled(StrEnum):
    """What has happened to the hospital's bill."""

    NOT_YET = "not_yet"
    SELF_PAID = "self_paid"
    DIRECT = "direct"


class BackfileOutcome(StrEnum):
    DIRECT_SETTLEMENT = "direct_settlement"
    MANUAL_REIMBURSEMENT = "manual_reimbursement"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Backfile:
    """What late filing gives: its ``begin`` is the day of admission; refused ones carry their problems."""

    outcome: BackfileOutcome
    begin: date | None
    words: Text
    source: Source
    problems: tuple[Problem, ...] = ()


def judge_backfile(
    pack: Pack, category: Category, *, admitted: date, discharged: date | None, settled: Settled, today: date
) -> Backfile:
    """Judge a filing for a stay that has begun already; ``discharged`` None means still in hospital.

    Nothing raises: contradictory dates come back as problems. What was settled directly cannot be filed for
    again.
    """
    policy = pack.rules[category].backfile
    problems = _stay_problems(admitted, discharged, settled, today)
    if not problems and settled is Settled.DIRECT:
        problems.append(
            Problem(
                FormField.SETTLED,
                "backfile_settled_already",
                f"这次住院已经用医保直接结算了，不用也不能再补办备案。对报销有疑问，请拨打 {HOTLINE}。",
                f"This stay was settled directly and cannot be filed for again. Questions: call {HOTLINE}.",
            )
        )
    allowed = policy.value.before_settlement if settled is Settled.NOT_YET else policy.value.after_self_paid
    if not problems and not allowed:
        problems.append(
            Problem(
                FormField.SETTLED,
                "backfile_not_offered",
                f"{pack.name.zh}在这种情况下不办理补办备案，请拨打 {HOTLINE} 询问还能怎么报销。",
                f"{pack.name.en} takes no late filing in this case. Call {HOTLINE} to ask what else can be "
                "done.",
            )
        )
    if problems:
        words = Text("".join(p.zh for p in problems), " ".join(p.en for p in problems))
        return Backfile(BackfileOutcome.REFUSED, None, words, policy.source, tuple(problems))
    if settled is Settled.NOT_YET:
        words = Text(
            "可以补办。备案办好后，请告诉医院医保窗口“已补办异地备案”，出院时直接刷医保结算。",
            "You may file late. Then tell the hospital's insurance desk, and the bill is settled directly.",
        )
        return Backfile(BackfileOutcome.DIRECT_SETTLEMENT, admitted, words, policy.source)
    words = Text(
        "可以补办。因为已经自己付了钱，备案办好后请带发票、费用清单、出院记录到参保地医保窗口申请手工报销。",
        "You may file late. As you have paid yourself, then ask your home desk for reimbursement with the "
        "invoice, "
        "the itemised bill and the discharge record.",
    )
    return Backfile(BackfileOutcome.MANUAL_REIMBURSEMENT, admitted, words, policy.source)


def _stay_problems(admitted: date, discharged: date | None, settled: Settled, today: date) -> list[Problem]:
    problems: list[Problem] = []
    if admitted < today - timedelta(days=DAYS_BACK):
        problems.append(
            Problem(
                FormField.ADMITTED_ON,
                "admission_too_long_ago",
                f"入院日期太早，手机上只能补办一年以内的住院。更早的请带材料到参保地医保窗口咨询，或拨打 {HOTLINE}。",
                f"Only stays of the past year can be filed for here. For older ones ask your home desk or {HOTLINE}.",
            )
        )
    if admitted > today:
        problems.append(
            Problem(
                FormField.ADMITTED_ON,
                "admission_in_future",
                "入院日期还没到。还没住院的，不用补办，按普通备案办理就行。",
                "The day of admission lies ahead. Before a stay, file in the ordinary way.",
            )
        )
    if discharged is not None and discharged > today:
        problems.append(
            Problem(
                FormField.DISCHARGED_ON,
                "discharge_in_future",
                "出院日期还没到。还在住院的，出院日期请留空。",
                "The day of discharge lies ahead. Leave it empty while still in hospital.",
            )
        )
    if discharged is not None and discharged < admitted:
        problems.append(
            Problem(
                FormField.DISCHARGED_ON,
                "discharge_before_admission",
                "出院日期早于入院日期，请核对后重新填写。",
                "The day of discharge lies before that of admission. Please check both.",
            )
        )
    if discharged is None and settled is not Settled.NOT_YET:
        problems.append(
            Problem(
                FormField.DISCHARGED_ON,
                "discharge_missing",
                "您选了已经结算，请填写出院日期；还没出院的，请选“还没结算”。",
                "You say the bill is settled: give the day of discharge, or choose not yet settled.",
            )
        )
    return problems
