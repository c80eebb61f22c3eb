"""What is a transaction and what is none, before anything is written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from till import DAY, HOSPITAL, REGION, bill

from app.kit import ids
from app.ledger import service as ledger
from app.ledger.service import Account, Entry, Posting, TransactionKind

ACCOUNT = Account(ids.new_id(), ids.new_id(), ids.new_id(), 0)


def posting(entries: list[Entry]) -> Posting:
    return Posting(TransactionKind.SETTLEMENT, ids.new_id(), ACCOUNT.person_id, DAY, entries)


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=2, max_size=8))
def test_entries_are_a_transaction_just_when_they_sum_to_zero(amounts: list[int]) -> None:
    entries = [ledger.fund(REGION, "310", one) for one in amounts]
    if sum(amounts):
        with pytest.raises(ValueError, match="sum to zero"):
            posting(entries)
    else:
        assert list(posting(entries).entries) == entries
    rest = ledger.payable(HOSPITAL, -sum(amounts))
    assert sum(one.amount_fen for one in posting([*entries, rest]).entries) == 0


@pytest.mark.parametrize("off", [1, -1])
def test_one_fen_too_much_or_too_little_is_no_transaction(off: int) -> None:
    entries = bill(ACCOUNT, 5_00)
    entries[0] = replace(entries[0], amount_fen=entries[0].amount_fen + off)
    with pytest.raises(ValueError, match="sum to zero"):
        posting(entries)


def test_a_side_that_pays_nothing_is_left_out() -> None:
    written = posting(bill(ACCOUNT, 5_00, fund_fen=0, cash_fen=0)).entries
    assert [one.account_kind.value for one in written] == ["personal", "payable"]


@pytest.mark.parametrize("amounts", [[], [0], [0, 0]])
def test_what_moves_nothing_is_no_transaction(amounts: list[int]) -> None:
    with pytest.raises(ValueError, match="at least two entries"):
        posting([ledger.cash(HOSPITAL, one) for one in amounts])


@pytest.mark.parametrize("many", [101, 100_000])
def test_there_is_a_bound_to_the_entries_of_a_transaction(many: int) -> None:
    with pytest.raises(ValueError, match="not too many"):
        posting([ledger.cash(HOSPITAL, 1)] * (many - 1) + [ledger.payable(HOSPITAL, 1 - many)])


def test_no_amount_is_beyond_what_a_reader_of_json_keeps() -> None:
    posting([ledger.cash(HOSPITAL, -(2**53)), ledger.payable(HOSPITAL, 2**53)])
    with pytest.raises(ValueError, match="no such amount"):
        posting([ledger.cash(HOSPITAL, -(2**53) - 1), ledger.payable(HOSPITAL, 2**53 + 1)])


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9))
def test_the_opposite_of_the_opposite_is_the_same_and_both_cancel_out(
    account_fen: int, fund_fen: int, cash_fen: int
) -> None:
    entries = posting(bill(ACCOUNT, account_fen, fund_fen=fund_fen, cash_fen=cash_fen)).entries
    back = ledger.opposite(entries)
    assert ledger.opposite(back) == entries
    assert [one.amount_fen + other.amount_fen for one, other in zip(entries, back, strict=True)] == [0] * len(
        entries
    )
    assert [replace(one, amount_fen=0) for one in entries] == [replace(one, amount_fen=0) for one in back]


def test_what_an_institution_is_owed_is_payable_and_cash_together() -> None:
    """100 yuan, of which 60 come from the fund, 25 from the account and 15 were paid at the counter: 85 are owed."""
    owed = [one.amount_fen for one in bill(ACCOUNT, 25_00) if one.account == str(HOSPITAL)]
    assert sum(owed) == 85_00
