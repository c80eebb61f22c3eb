"""The bills of the table, worked out by hand, come to what the table says, and their words say what happened."""

import pytest

from app.benefits.computing import compute
from app.benefits.model import Addition, Result, Used
from app.benefits.pack_model import PolicyPack
from app.benefits.packs import pack_on
from tests.benefits.bill_table import Case, cases
from tests.benefits.trial_policy import trial_pack

CASES = list(cases())
BILLS = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def pack_of(case: Case) -> PolicyPack | None:
    region, day = case.question.insured.region_code, case.question.bill.day
    return trial_pack() if region.startswith("9901") else pack_on(region, day)


def test_the_table_is_long_enough_and_names_each_bill_once() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@BILLS
def test_a_bill_comes_to_what_was_worked_out_by_hand(case: Case) -> None:
    result = compute(pack_of(case), case.question)

    found = {name: getattr(result, name) for name in case.expected}
    assert found == case.expected, "\n".join(str(step.words) for step in result.steps)
    assert result.benefit_id == case.benefit
    if case.reason is not None:
        assert result.not_paid is not None
        assert result.not_paid.value == case.reason
    assert_adds_to_its_year(case, result)


def assert_adds_to_its_year(case: Case, result: Result) -> None:
    additions = {one.accumulator: one for one in result.additions}
    for accumulator, wanted in case.adds.items():
        own = additions.get(accumulator, Addition(accumulator, 0, 0, 0))
        assert Used(own.counted_fen, own.deductible_fen, own.fund_fen) == wanted
    if case.relief is not None:
        key, fen = case.relief
        relief = additions.pop(key, Addition(key, 0, 0, 0))
        assert relief == Addition(key, 0, 0, fen)
        assert result.relief_fen == fen
    assert set(additions) <= set(case.accumulators)


@BILLS
def test_the_words_say_with_numbers_and_sources_what_happened(case: Case) -> None:
    pack = pack_of(case)
    result = compute(pack, case.question)
    words = "\n".join(step.words.zh for step in result.steps)

    for sentence in case.says:
        assert sentence in words, words
    if case.silent is not None:
        assert case.silent not in words
    assert all(step.words.en.strip() and "{" not in step.words for step in result.steps)
    cited = {step.source for step in result.steps} | {line.source for line in result.lines}
    cited.discard(None)
    assert cited <= set(pack.sources if pack is not None else ())
    if result.fund_pay_sumamt_fen:
        assert cited, "the fund paid, and nobody says why"
