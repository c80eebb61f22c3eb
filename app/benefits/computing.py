"""What is paid of one bill (domain.md §3), step by step: pure, and always an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.benefits import wording
from app.benefits.choosing import Chosen, NotPaid, choose
from app.benefits.lines import JudgedBill, judge_lines
from app.benefits.model import Addition, Question, Result, Step, StepKind, Used
from app.benefits.pack_model import Benefit, Figure, PersonLimit, PolicyPack
from app.benefits.rounding import WHOLE, share
from app.benefits.wording import Bound, BoundOf

RESULT_RULE = "result"
_UNUSED = Used()


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a benefit or a limit contributes: added to the year, how it came about, and how much it is (fen)."""

    additions: tuple[Addition, ...]
    steps: tuple[Step, ...]
    fund_fen: int


_NO_RELIEF = _Paid((), (), 0)


def compute(pack: PolicyPack | None, question: Question) -> Result:
    """The bill settled by the pack of its day; ``pack`` None: no rule of the region is known.

    The fund paying nothing is a result whose steps say why. Raises ValueError only for questions that cannot be.
    """
    total = question.bill.total_fen
    judged = judge_lines(pack, question.bill)
    chosen = choose(pack, question)
    if isinstance(chosen, NotPaid):
        paid = _Paid((), (Step(StepKind.NOT_PAID, chosen.words, 0, chosen.reason.value),), 0)
    else:
        paid = _pay(chosen, judged, question)
    relief = _relieve(pack, question, total - paid.fund_fen)
    person = total - paid.fund_fen - relief.fund_fen
    # what a limit spares the person is taken off what accounts could pay: they never pay class C
    payable = max(0, person - judged.own_expense_fen)
    words = wording.result(total, paid.fund_fen, relief.fund_fen, person, person - payable)
    fund = paid.fund_fen + relief.fund_fen
    return Result(
        medfee_sumamt_fen=total,
        fulamt_ownpay_amt_fen=judged.own_expense_fen,
        overlmt_selfpay_fen=judged.over_limit_fen,
        preselfpay_amt_fen=judged.first_share_fen,
        inscp_scp_amt_fen=judged.in_scope_fen,
        act_pay_dedc_fen=sum(one.deductible_fen for one in paid.additions),
        fund_pay_sumamt_fen=fund,
        relief_fen=relief.fund_fen,
        psn_part_amt_fen=person,
        account_payable_fen=payable,
        pack_id=None if pack is None else pack.pack_id,
        benefit_id=chosen.benefit.benefit_id if isinstance(chosen, Chosen) else None,
        not_paid=chosen.reason if isinstance(chosen, NotPaid) else None,
        additions=tuple(one for one in (*paid.additions, *relief.additions) if _adds(one)),
        lines=tuple(one.result for one in judged.lines),
        steps=(*judged.steps, *paid.steps, *relief.steps, Step(StepKind.RESULT, words, fund, RESULT_RULE)),
    )


def _adds(addition: Addition) -> bool:
    return bool(addition.counted_fen or addition.deductible_fen or addition.fund_fen)


@dataclass(frozen=True, slots=True)
class _Meter:
    """One accumulator of the year as this bill finds it, and the caps on it."""

    accumulator: str
    used: Used
    counted_cap: Figure | None
    fund_cap: Figure | None
    year: int
    counted_of: BoundOf = BoundOf.BENEFIT
    fund_of: BoundOf = BoundOf.BENEFIT

    def counted_bound(self, cap: Figure) -> Bound:
        return Bound(self.year, cap.value, self.used.counted_fen, self.counted_of)

    def fund_bound(self, cap: Figure) -> Bound:
        return Bound(self.year, cap.value, self.used.fund_fen, self.fund_of)


def _benefit_meter(chosen: Chosen, question: Question) -> _Meter:
    benefit = chosen.benefit
    of = BoundOf.BENEFIT
    if len(benefit.counted_caps) > 1:
        of = BoundOf.ALL_DISEASES if chosen.diseases > 1 else BoundOf.ONE_DISEASE
    return _Meter(
        accumulator=benefit.accumulator,
        used=question.used.get(benefit.accumulator, _UNUSED),
        counted_cap=benefit.counted_cap(chosen.diseases),
        fund_cap=benefit.fund_cap,
        year=question.bill.day.year,
        counted_of=of,
    )


def _disease_meter(chosen: Chosen, question: Question) -> _Meter | None:
    """The year of the disease that the bill is for, where the benefit limits diseases; None where it does not."""
    benefit, disease = chosen.benefit, chosen.disease
    if disease is None or not benefit.disease_limits:
        return None
    limit, accumulator = benefit.disease_limit(disease), benefit.disease_accumulator(disease)
    return _Meter(
        accumulator=accumulator,
        used=question.used.get(accumulator, _UNUSED),
        counted_cap=limit.counted if limit is not None else None,
        fund_cap=limit.fund if limit is not None else None,
        year=question.bill.day.year,
        counted_of=BoundOf.THIS_DISEASE,
        fund_of=BoundOf.THIS_DISEASE,
    )


def _pay(chosen: Chosen, judged: JudgedBill, question: Question) -> _Paid:
    """The covered lines, up to the caps on counted expense; of these the deductible; of the rest the share, up to the caps.

    Where diseases have limits, the disease's come first, then those of the benefit, which all diseases share.
    """
    benefit = chosen.benefit
    own, of_disease = _benefit_meter(chosen, question), _disease_meter(chosen, question)
    meters = (own,) if of_disease is None else (of_disease, own)
    counted, steps = _count(chosen, judged, question, meters)
    taken = min(counted, max(0, benefit.deductible.value - own.used.deductible_fen))
    if counted:
        steps.append(_deductible_step(chosen, question, own, counted, taken))
    fund = 0
    if counted > taken:
        fund, step = _share(chosen, question, counted - taken, taken)
        steps.append(step)
    fund, capped = _cap(benefit, meters, fund)
    additions = [Addition(own.accumulator, counted, taken, fund)]
    if of_disease is not None:
        additions.append(Addition(of_disease.accumulator, counted, 0, fund, within=own.accumulator))
    return _Paid(tuple(additions), (*steps, *capped), fund)


def _count(
    chosen: Chosen, judged: JudgedBill, question: Question, meters: Sequence[_Meter]
) -> tuple[int, list[Step]]:
    """How much expense is counted: of lines that the benefit pays, as far as the year's caps have room."""
    benefit = chosen.benefit
    steps: list[Step] = []
    left_out = [one for one in judged.lines if one.result.in_scope_fen and not benefit.pays(one.line.kind)]
    outside = sum(one.result.in_scope_fen for one in left_out)
    if outside:
        words = wording.not_covered(benefit, [one.line for one in left_out], outside)
        source = chosen.row.source
        steps.append(Step(StepKind.NOT_COVERED, words, outside, benefit.benefit_id, source))
    counted = judged.in_scope_fen - outside
    for meter in meters:
        cap = meter.counted_cap
        if cap is None or counted <= (bound := meter.counted_bound(cap)).left:
            continue
        words = wording.counted_cap(bound, question.bill.med_type, counted, bound.left)
        steps.append(Step(StepKind.COUNTED_CAP, words, counted - bound.left, benefit.benefit_id, cap.source))
        counted = bound.left
    return counted, steps


def _deductible_step(chosen: Chosen, question: Question, meter: _Meter, counted: int, taken: int) -> Step:
    benefit = chosen.benefit
    yearly = benefit.deductible
    if yearly.value:
        bound = Bound(meter.year, yearly.value, meter.used.deductible_fen)
        words = wording.deductible(bound, question.bill.med_type, counted, taken)
    elif benefit.deductible_is_unknown:
        words = wording.unknown_deductible(chosen.pack, benefit)
    else:
        words = wording.no_deductible(benefit)
    return Step(StepKind.DEDUCTIBLE, words, taken, benefit.benefit_id, yearly.source)


def _share(chosen: Chosen, question: Question, above: int, taken: int) -> tuple[int, Step]:
    """What the fund pays by its share of what is above the deductible, and the step that says so."""
    benefit, row = chosen.benefit, chosen.row
    plus = benefit.retired_plus.value if benefit.retired_plus and question.insured.retired else None
    fund = share(above, row.permille + (plus or 0))
    words = wording.share(benefit.name, row, question.remote, above, taken, plus, fund)
    return fund, Step(StepKind.SHARE, words, fund, benefit.benefit_id, row.source)


def _cap(benefit: Benefit, meters: Sequence[_Meter], by_share: int) -> tuple[int, list[Step]]:
    """What the year's caps leave of the fund's share."""
    fund = by_share
    steps: list[Step] = []
    for meter in meters:
        cap = meter.fund_cap
        if cap is None or fund <= (bound := meter.fund_bound(cap)).left:
            continue
        words = wording.fund_cap(bound, by_share, bound.left)
        steps.append(Step(StepKind.FUND_CAP, words, bound.left, benefit.benefit_id, cap.source))
        fund = bound.left
    return fund, steps


def _relieve(pack: PolicyPack | None, question: Question, person_fen: int) -> _Paid:
    """What medical relief pays so that a low-income person's whole part, class C too, is not above the limit."""
    limit = _limit(pack, question)
    if limit is None:
        return _NO_RELIEF
    total = question.bill.total_fen
    allowed = total * limit.limit.value // WHOLE  # down to the fen: never above the limit
    if person_fen <= allowed:
        return _NO_RELIEF
    relief = person_fen - allowed
    words = wording.person_limit(limit, total, person_fen, allowed, relief)
    step = Step(StepKind.PERSON_LIMIT, words, relief, limit.limit_id, limit.limit.source)
    return _Paid((Addition(limit.accumulator, 0, 0, relief),), (step,), relief)


def _limit(pack: PolicyPack | None, question: Question) -> PersonLimit | None:
    if pack is None or not question.insured.low_income:
        return None
    for limit in pack.person_limits:
        covered = limit.scope.covers(question.insured.insutype, question.bill.med_type)
        if covered and limit.scope.admits(question.place, question.remote):
            return limit
    return None
