"""A share of an amount is rounded half up to the fen, exactly, without a float in between."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.benefits.rounding import WHOLE, share


@pytest.mark.parametrize(
    ("amount", "permille", "fen"),
    [
        (0, 700, 0),
        (1, 500, 1),
        (1, 499, 0),
        (5, 700, 4),  # 3.5
        (3, 500, 2),  # 1.5
        (5, 500, 3),  # 2.5: half up, not half to even
        (7, 0, 0),
        (7, 1000, 7),
        (999_999_999_999, 333, 333_000_000_000),  # 332,999,999,999.667
    ],
)
def test_half_a_fen_goes_up(amount: int, permille: int, fen: int) -> None:
    assert share(amount, permille) == fen


@given(st.integers(0, 10**15), st.integers(0, WHOLE))
def test_it_is_the_nearest_fen_and_the_upper_of_two(amount: int, permille: int) -> None:
    assert share(amount, permille) == floor(Fraction(amount * permille, 1000) + Fraction(1, 2))


@pytest.mark.parametrize(("amount", "permille"), [(-1, 500), (1, -1), (1, 1001)])
def test_what_is_no_share_of_an_amount_is_refused(amount: int, permille: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        share(amount, permille)
