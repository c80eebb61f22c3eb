"""What holds for every bill: it adds up, more never pays less, order does not matter, a year can be cut anywhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.benefits.computing import compute
from app.benefits.model import (
    Bill,
    BillLine,
    Entitlement,
    HeldBenefit,
    Insured,
    ItemKind,
    LineClass,
    MedType,
    NotPaidReason,
    Place,
    PlaceKind,
    PlaceType,
    Question,
    RemoteStanding,
    Result,
    Standing,
    StepKind,
    Used,
)
from app.benefits.pack_model import PolicyPack
from app.benefits.packs import catalogue
from tests.benefits.trial_policy import trial_pack

PACKS = (*catalogue().packs, trial_pack())
HELD = tuple(HeldBenefit(kind, "M03900", "高血压") for kind in Entitlement)


@st.composite
def bill_lines(draw: st.DrawFn) -> BillLine:
    amount = draw(st.one_of(st.integers(0, 99), st.integers(0, 500_000)))
    over = draw(st.one_of(st.just(0), st.integers(0, amount)))
    stated = draw(st.one_of(st.none(), st.integers(0, amount - over)))
    return BillLine(
        number=draw(st.integers(1, 999)),
        code="X",
        name="项目",
        line_class=draw(st.sampled_from(LineClass)),
        kind=draw(st.sampled_from(ItemKind)),
        unit_price_e4=draw(st.sampled_from([0, 999_999, 1_000_000, 1_000_001, 5_000_000, 9_000_000])),
        amount_fen=amount,
        over_limit_fen=over,
        stated_first_share_fen=stated,
    )


@st.composite
def cases_of(draw: st.DrawFn, pack: PolicyPack) -> tuple[str, MedType, Place, RemoteStanding]:
    """Insurance, kind of care, place and standing: mostly of one of the pack's rules, so that it pays; sometimes any."""
    scope = draw(st.sampled_from([None, *(one.scope for one in (*pack.benefits, *pack.person_limits))]))
    kinds = sorted(PlaceKind) if scope is None else sorted(scope.institutions)
    kind, _, level = draw(st.sampled_from(kinds)).partition("_")
    place = Place(pack.region_code, PlaceType(kind), int(level) if level.isdecimal() else None)
    if scope is None:
        remote = RemoteStanding(draw(st.sampled_from([None, *Standing])))
        return draw(st.sampled_from(["310", "390"])), draw(st.sampled_from(MedType)), place, remote
    known = [row.standing for one in pack.benefits if one.scope is scope for row in one.shares.values()]
    remote = RemoteStanding(draw(st.sampled_from(known or [None])))
    return (
        draw(st.sampled_from(sorted(scope.insutypes))),
        draw(st.sampled_from(sorted(scope.med_types))),
        place,
        remote,
    )


@st.composite
def packs_and_questions(draw: st.DrawFn) -> tuple[PolicyPack, Question]:
    """A pack, somebody of its region, and a bill that its benefits may or may not pay."""
    pack = draw(st.sampled_from(PACKS))
    insutype, med_type, place, remote = draw(cases_of(pack))
    flags = {name: draw(st.booleans()) for name in ("retired", "student", "low_income")}
    lines = tuple(draw(st.lists(bill_lines(), max_size=5)))
    accumulators = {
        key for one in pack.benefits for key in (one.accumulator, one.disease_accumulator("M03900"))
    }
    question = Question(
        bill=Bill(date(2024, 5, 6), med_type, lines, draw(st.sampled_from([None, "M03900"]))),
        insured=Insured(insutype, pack.region_code, **flags),
        place=place,
        remote=remote,
        held=draw(st.sampled_from([HELD, HELD, ()])),
        used={key: Used(*draw(st.tuples(*[st.integers(0, 250_000)] * 3))) for key in accumulators},
    )
    return pack, question


def test_the_bills_made_up_here_are_mostly_paid() -> None:
    """Else the rules below would hold of nothing."""
    paid: list[bool] = []

    @settings(max_examples=200, derandomize=True, database=None)
    @given(packs_and_questions())
    def count(asked: tuple[PolicyPack, Question]) -> None:
        paid.append(compute(*asked).benefit_id is not None)

    count()

    assert sum(paid) > len(paid) / 2


def amounts(result: Result) -> tuple[int, ...]:
    return tuple(value for name in Result.__slots__ if isinstance(value := getattr(result, name), int))


@given(packs_and_questions())
def test_every_bill_adds_up_line_by_line_and_step_by_step(asked: tuple[PolicyPack, Question]) -> None:
    pack, question = asked
    result = compute(pack, question)

    for line, given_line in zip(result.lines, question.bill.lines, strict=True):
        parts = (line.own_expense_fen, line.over_limit_fen, line.first_share_fen, line.in_scope_fen)
        assert min(parts) >= 0
        assert sum(parts) == line.amount_fen == given_line.amount_fen
    assert result.medfee_sumamt_fen == question.bill.total_fen
    assert result.inscp_scp_amt_fen == sum(line.in_scope_fen for line in result.lines)
    assert result.fund_pay_sumamt_fen + result.psn_part_amt_fen == result.medfee_sumamt_fen
    assert [step.kind for step in result.steps].count(StepKind.RESULT) == 1
    assert result.steps[-1].kind is StepKind.RESULT
    assert (result.benefit_id is None) == any(step.kind is StepKind.NOT_PAID for step in result.steps)
    relieved = sum(step.amount_fen for step in result.steps if step.kind is StepKind.PERSON_LIMIT)
    assert result.relief_fen == relieved


@given(packs_and_questions())
def test_accounts_never_pay_class_c(asked: tuple[PolicyPack, Question]) -> None:
    result = compute(*asked)
    class_c = sum(line.amount_fen for line in asked[1].bill.lines if line.line_class is LineClass.C)

    assert result.fulamt_ownpay_amt_fen == class_c
    assert result.account_payable_fen == max(0, result.psn_part_amt_fen - class_c)


@given(packs_and_questions())
def test_deductible_and_caps_are_never_passed(asked: tuple[PolicyPack, Question]) -> None:
    pack, question = asked
    result = compute(pack, question)
    of = {benefit.benefit_id: benefit for benefit in pack.benefits}
    if result.benefit_id is None:
        return
    benefit = of[result.benefit_id]
    used = question.used[benefit.accumulator]
    added = {one.accumulator: one for one in result.additions}.get(benefit.accumulator)
    if added is None:
        return
    assert added.deductible_fen <= max(0, benefit.deductible.value - used.deductible_fen)
    assert added.fund_fen <= added.counted_fen - added.deductible_fen
    assert added.fund_fen == 0 or used.deductible_fen + added.deductible_fen >= benefit.deductible.value
    if benefit.fund_cap is not None:
        assert added.fund_fen <= max(0, benefit.fund_cap.value - used.fund_fen)
    cap = benefit.counted_cap(1)
    if cap is not None:
        assert added.counted_fen <= max(0, cap.value - used.counted_fen)
    limit = benefit.disease_limit("M03900")
    if limit is not None:
        used = question.used[benefit.disease_accumulator("M03900")]
        assert limit.counted is not None
        assert added.counted_fen <= max(0, limit.counted.value - used.counted_fen)


@given(packs_and_questions(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(asked: tuple[PolicyPack, Question], chance: object) -> None:
    pack, question = asked
    lines = list(question.bill.lines)
    chance.shuffle(lines)  # type: ignore[attr-defined]
    shuffled = replace(question, bill=replace(question.bill, lines=tuple(lines)))

    one, other = compute(pack, question), compute(pack, shuffled)

    assert amounts(one) == amounts(other)
    assert one.additions == other.additions


@given(packs_and_questions(), st.integers(1, 100_000))
def test_one_more_line_in_scope_never_makes_the_fund_pay_less(
    asked: tuple[PolicyPack, Question], amount: int
) -> None:
    pack, question = asked
    line = BillLine(1000, "X", "项目", LineClass.A, ItemKind.DRUG, 0, amount)
    more = replace(question, bill=replace(question.bill, lines=(*question.bill.lines, line)))

    one, other = compute(pack, question), compute(pack, more)

    assert other.fund_pay_sumamt_fen >= one.fund_pay_sumamt_fen
    assert other.act_pay_dedc_fen >= one.act_pay_dedc_fen
    assert other.psn_part_amt_fen >= one.psn_part_amt_fen


@given(packs_and_questions())
def test_what_was_used_before_never_makes_caps_wider(asked: tuple[PolicyPack, Question]) -> None:
    """Given the deductible as it is, more counted and more paid before never let the fund pay more now."""
    pack, question = asked
    fresh = {key: replace(used, counted_fen=0, fund_fen=0) for key, used in question.used.items()}

    now, before = compute(pack, question), compute(pack, replace(question, used=fresh))

    assert now.fund_pay_sumamt_fen <= before.fund_pay_sumamt_fen


@given(packs_and_questions())
def test_retired_employees_never_get_less_than_those_at_work(asked: tuple[PolicyPack, Question]) -> None:
    pack, question = asked
    employee = replace(question.insured, insutype="310", student=False)
    results = [
        compute(pack, replace(question, insured=replace(employee, retired=retired)))
        for retired in (False, True)
    ]

    assert results[0].fund_pay_sumamt_fen <= results[1].fund_pay_sumamt_fen


@given(packs_and_questions())
def test_a_low_income_person_never_pays_more_than_the_limit_and_never_more_than_others(
    asked: tuple[PolicyPack, Question],
) -> None:
    pack, question = asked
    low, other = (
        compute(pack, replace(question, insured=replace(question.insured, low_income=low)))
        for low in (True, False)
    )

    assert low.psn_part_amt_fen <= other.psn_part_amt_fen
    if any(step.kind is StepKind.PERSON_LIMIT for step in low.steps):
        assert low.psn_part_amt_fen == question.bill.total_fen // 10
    else:
        assert low.psn_part_amt_fen == other.psn_part_amt_fen


def settle_all(pack: PolicyPack, question: Question, bills: Sequence[tuple[BillLine, ...]]) -> list[Result]:
    """The bills one after the other, each adding to the year."""
    used = dict(question.used)
    results = []
    for lines in bills:
        result = compute(pack, replace(question, bill=replace(question.bill, lines=lines), used=used))
        for one in result.additions:
            had = used.get(one.accumulator, Used())
            used[one.accumulator] = Used(
                had.counted_fen + one.counted_fen,
                had.deductible_fen + one.deductible_fen,
                had.fund_fen + one.fund_fen,
            )
        results.append(result)
    return results


@given(packs_and_questions(), st.integers(0, 5))
def test_a_bill_cut_in_two_comes_to_the_same_but_for_the_rounding(
    asked: tuple[PolicyPack, Question], cut: int
) -> None:
    """The first share is rounded once a line, so cutting between lines changes only the rounding of the fund's share."""
    pack, question = asked
    lines = question.bill.lines
    question = replace(question, insured=replace(question.insured, low_income=False))

    [whole] = settle_all(pack, question, [lines])
    parts = settle_all(pack, question, [lines[:cut], lines[cut:]])

    for name in ("inscp_scp_amt_fen", "act_pay_dedc_fen", "preselfpay_amt_fen"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
    assert sum(one.counted_fen for part in parts for one in part.additions) == sum(
        one.counted_fen for one in whole.additions
    )
    assert abs(sum(part.fund_pay_sumamt_fen for part in parts) - whole.fund_pay_sumamt_fen) <= 1


@given(packs_and_questions())
def test_the_same_question_has_the_same_answer(asked: tuple[PolicyPack, Question]) -> None:
    assert compute(*asked) == compute(*asked)


@given(packs_and_questions())
def test_without_a_pack_the_fund_pays_nothing_and_says_so(asked: tuple[PolicyPack, Question]) -> None:
    result = compute(None, asked[1])

    assert result.fund_pay_sumamt_fen == 0
    assert result.preselfpay_amt_fen == sum(
        line.stated_first_share_fen or 0 for line in asked[1].bill.lines if line.line_class is not LineClass.C
    )
    assert result.additions == ()
    assert StepKind.NOT_PAID in {step.kind for step in result.steps}


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_fen": -1},
        {"unit_price_e4": -1},
        {"over_limit_fen": -1},
        {"stated_first_share_fen": -1},
        {"over_limit_fen": 101},
        {"over_limit_fen": 60, "stated_first_share_fen": 41},
    ],
)
def test_a_line_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    line = BillLine(1, "X", "项目", LineClass.A, ItemKind.DRUG, 0, 100)
    with pytest.raises(ValueError, match="line 1: "):
        replace(line, **wrong)


def test_a_result_that_does_not_add_up_cannot_be() -> None:
    pack = trial_pack()
    line = BillLine(1, "X", "项目", LineClass.A, ItemKind.DRUG, 0, 100_000)
    question = Question(
        Bill(date(2024, 5, 6), MedType.PHARMACY, (line,)),
        Insured("310", "9901"),
        Place("9901", PlaceType.PHARMACY),
    )
    result = compute(pack, question)

    for name in ("fund_pay_sumamt_fen", "psn_part_amt_fen", "inscp_scp_amt_fen", "medfee_sumamt_fen"):
        with pytest.raises(ValueError, match="does not add up"):
            replace(result, **{name: getattr(result, name) + 1})
    for wrong in (
        {"account_payable_fen": result.psn_part_amt_fen + 1},
        {"relief_fen": 1},
        {"relief_fen": -1},
        {"benefit_id": None},
        {"not_paid": NotPaidReason.NO_RULE},
    ):
        with pytest.raises(ValueError, match="does not add up"):
            replace(result, **wrong)
