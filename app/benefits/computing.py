"""What is paid of one bill (domain.md §3), step by step: pure, and always an answer."""

from dataclasses import dataclass

from app.benefits import wording
from app.benefits.choosing import Chosen, NotPaid, choose
from app.benefits.lines import JudgedBill, judge_lines
from app.benefits.model import Addition, Question, Result, Step, StepKind, Used
from app.benefits.pack_model import PersonLimit, PolicyPack
from app.benefits.rounding import WHOLE, share
from app.kit.packs import SourceKind

RESULT_RULE = "result"
_UNUSED = Used()


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a benefit or a limit contributes: added to its accumulator, and how it came about."""

    addition: Addition
    steps: tuple[Step, ...]


def compute(pack: PolicyPack | None, question: Question) -> Result:
    """The bill settled by the pack of its day; ``pack`` None: no rule of the region is known.

    The fund paying nothing is a result whose steps say why. Raises ValueError only for questions that cannot be.
    """
    bill = question.bill
    judged = judge_lines(pack, bill)
    chosen = choose(pack, question)
    paid: list[_Paid] = []
    steps = list(judged.steps)
    if isinstance(chosen, NotPaid):
        steps.append(Step(StepKind.NOT_PAID, chosen.words, 0, chosen.rule))
    else:
        paid.append(_pay(chosen, judged, question))
        steps.extend(paid[0].steps)
    fund = sum(one.addition.fund_fen for one in paid)
    relief = _relieve(pack, question, bill.total_fen - fund)
    if relief is not None:
        paid.append(relief)
        steps.extend(relief.steps)
        fund += relief.addition.fund_fen
    person = bill.total_fen - fund
    # what a limit spares the person is taken off what accounts could pay: they never pay class C
    payable = max(0, person - judged.own_expense_fen)
    result = wording.result(bill.total_fen, fund, person, person - payable)
    steps.append(Step(StepKind.RESULT, result, fund, RESULT_RULE))
    return Result(
        medfee_sumamt_fen=bill.total_fen,
        fulamt_ownpay_amt_fen=judged.own_expense_fen,
        overlmt_selfpay_fen=judged.over_limit_fen,
        preselfpay_amt_fen=judged.first_share_fen,
        inscp_scp_amt_fen=judged.in_scope_fen,
        act_pay_dedc_fen=sum(one.addition.deductible_fen for one in paid),
        fund_pay_sumamt_fen=fund,
        psn_part_amt_fen=person,
        account_payable_fen=payable,
        pack_id=None if pack is None else pack.pack_id,
        benefit_id=chosen.benefit.benefit_id if isinstance(chosen, Chosen) else None,
        additions=tuple(one.addition for one in paid if _adds(one.addition)),
        lines=tuple(one.result for one in judged.lines),
        steps=tuple(steps),
    )


def _adds(addition: Addition) -> bool:
    return bool(addition.counted_fen or addition.deductible_fen or addition.fund_fen)


def _pay(chosen: Chosen, judged: JudgedBill, question: Question) -> _Paid:
    """The covered lines, up to the cap on counted expense; of these the deductible; of the rest the share, up to the cap."""
    benefit = chosen.benefit
    used = question.used.get(benefit.accumulator, _UNUSED)
    counted, steps = _count(chosen, judged, question, used)
    deductible = min(counted, max(0, benefit.deductible.value - used.deductible_fen))
    steps += _deductible_steps(chosen, question, used, counted, deductible)
    above = counted - deductible
    permille = chosen.row.permille
    plus = benefit.retired_plus.value if benefit.retired_plus and question.insured.retired else None
    if plus is not None:
        permille += plus
    fund = share(above, permille)
    if above:
        words = wording.share(benefit.name, chosen.row, question.remote, above, deductible, plus, fund)
        steps.append(Step(StepKind.SHARE, words, fund, benefit.benefit_id, chosen.row.source))
    cap = benefit.fund_cap
    if cap is not None and fund > max(0, cap.value - used.fund_fen):
        allowed = max(0, cap.value - used.fund_fen)
        words = wording.fund_cap(cap.value, used.fund_fen, fund, allowed)
        steps.append(Step(StepKind.FUND_CAP, words, allowed, benefit.benefit_id, cap.source))
        fund = allowed
    return _Paid(Addition(benefit.accumulator, counted, deductible, fund), tuple(steps))


def _count(chosen: Chosen, judged: JudgedBill, question: Question, used: Used) -> tuple[int, list[Step]]:
    """How much expense is counted: of lines that the benefit pays, as far as the year's cap has room."""
    benefit = chosen.benefit
    steps: list[Step] = []
    left_out = [one for one in judged.lines if one.result.in_scope_fen and not benefit.pays(one.line.kind)]
    outside = sum(one.result.in_scope_fen for one in left_out)
    if outside:
        words = wording.not_covered(benefit, [one.line for one in left_out], outside)
        source = chosen.row.source
        steps.append(Step(StepKind.NOT_COVERED, words, outside, benefit.benefit_id, source))
    covered = judged.in_scope_fen - outside
    cap = benefit.counted_cap(chosen.diseases)
    if cap is None:
        return covered, steps
    counted = min(covered, max(0, cap.value - used.counted_fen))
    if counted < covered:
        several = chosen.diseases if len(benefit.counted_caps) > 1 else 0
        med_type = question.bill.med_type
        words = wording.counted_cap(cap.value, used.counted_fen, med_type, covered, counted, several)
        steps.append(Step(StepKind.COUNTED_CAP, words, covered - counted, benefit.benefit_id, cap.source))
    return counted, steps


def _deductible_steps(
    chosen: Chosen, question: Question, used: Used, counted: int, deductible: int
) -> list[Step]:
    if not counted:
        return []
    benefit = chosen.benefit
    if benefit.deductible.value:
        words = wording.deductible(
            benefit.deductible.value, used.deductible_fen, question.bill.med_type, counted, deductible
        )
    else:
        ours = chosen.pack.sources[benefit.deductible.source].kind is SourceKind.OURS
        words = wording.unknown_deductible(chosen.pack, benefit) if ours else wording.no_deductible(benefit)
    return [Step(StepKind.DEDUCTIBLE, words, deductible, benefit.benefit_id, benefit.deductible.source)]


def _relieve(pack: PolicyPack | None, question: Question, person_fen: int) -> _Paid | None:
    """What the fund's side pays so that a low-income person's whole part, class C too, is not above the limit."""
    limit = _limit(pack, question)
    if limit is None:
        return None
    total = question.bill.total_fen
    allowed = total * limit.limit.value // WHOLE  # down to the fen: never above the limit
    if person_fen <= allowed:
        return None
    relief = person_fen - allowed
    words = wording.person_limit(limit, total, person_fen, allowed, relief)
    step = Step(StepKind.PERSON_LIMIT, words, relief, limit.limit_id, limit.limit.source)
    return _Paid(Addition(limit.accumulator, 0, 0, relief), (step,))


def _limit(pack: PolicyPack | None, question: Question) -> PersonLimit | None:
    if pack is None or not question.insured.low_income:
        return None
    for limit in pack.person_limits:
        covered = limit.scope.covers(question.insured.insutype, question.bill.med_type)
        if covered and limit.scope.admits(question.place, question.remote):
            return limit
    return None
