"""The person's part is paid by the own account, then by family sharing, then in cash; class C in cash only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.benefits.paying import Payment, split


@pytest.mark.parametrize(
    ("own_balance", "own", "cash"),
    [
        pytest.param(10_000, 3_000, 2_000, id="class C is left for cash"),
        pytest.param(3_000, 3_000, 2_000, id="just enough"),
        pytest.param(2_999, 2_999, 2_001, id="one fen short"),
        pytest.param(0, 0, 5_000, id="nothing there"),
    ],
)
def test_the_own_account_pays_what_it_may_and_cash_the_rest(own_balance: int, own: int, cash: int) -> None:
    """Given a part of 50 yuan of which 20 are class C."""
    assert split(5_000, 3_000, own_balance) == Payment(own, (), cash)


def test_shared_accounts_come_after_the_own_one_in_the_order_given() -> None:
    shared = [("wife", 500), ("empty", 0), ("son", 10_000), ("daughter", 10_000)]

    paid = split(5_000, 4_000, 1_000, shared)

    assert paid == Payment(1_000, (("wife", 500), ("son", 2_500)), 1_000)
    assert paid.acct_mulaid_pay_fen == 3_000


def test_shared_accounts_do_not_pay_class_c_either() -> None:
    assert split(5_000, 0, 9_000, [("wife", 9_000)]) == Payment(0, (), 5_000)


@pytest.mark.parametrize(
    ("part", "payable", "own", "shared"),
    [
        pytest.param(100, 101, 0, (), id="accounts pay more than the part"),
        pytest.param(100, -1, 0, (), id="accounts pay less than nothing"),
        pytest.param(100, 100, -1, (), id="account below zero"),
        pytest.param(100, 100, 0, (("wife", -1),), id="shared account below zero"),
    ],
)
def test_amounts_that_cannot_be_are_refused(
    part: int, payable: int, own: int, shared: tuple[tuple[str, int], ...]
) -> None:
    with pytest.raises(ValueError, match=r"accounts cannot pay|no account is below zero"):
        split(part, payable, own, shared)


amounts = st.integers(0, 1_000_000)


@given(amounts, amounts, amounts, st.lists(amounts, max_size=6))
def test_every_fen_is_paid_once_and_no_account_more_than_it_has(
    one: int, other: int, own_balance: int, available: list[int]
) -> None:
    payable, part = sorted((one, other))
    shared = [(str(number), fen) for number, fen in enumerate(available)]

    paid = split(part, payable, own_balance, shared)

    assert paid.acct_pay_fen + paid.acct_mulaid_pay_fen + paid.cash_fen == part
    assert 0 <= paid.acct_pay_fen <= own_balance
    assert all(0 < fen <= dict(shared)[account] for account, fen in paid.shared)
    assert paid.acct_pay_fen + paid.acct_mulaid_pay_fen == min(payable, own_balance + sum(available))
    assert not paid.shared or paid.acct_pay_fen == min(payable, own_balance)
