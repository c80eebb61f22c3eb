"""Yuan as they are written, fen as they are counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.money import parse_yuan, spoken_yuan, yuan


@given(st.integers(0, 99_999_999_999))
def test_what_is_written_is_read_back(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize(
    ("written", "fen"), [("0", 0), ("12", 1200), ("12.5", 1250), ("12.05", 1205), ("007.10", 710)]
)
def test_an_amount_is_read(written: str, fen: int) -> None:
    assert parse_yuan(written) == fen


@pytest.mark.parametrize(
    "written",
    ["", " ", "-1", "+1", "1.", ".5", "1.005", "1,000", "1e2", "12元", "１２", "1 2", "1\n", "9" * 10],
)
def test_what_could_mean_something_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_yuan(written)


@pytest.mark.parametrize(("fen", "words"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-1205, "-12.05")])
def test_an_amount_is_shown_with_two_decimals(fen: int, words: str) -> None:
    assert yuan(fen) == words


@pytest.mark.parametrize(
    ("fen", "words"), [(0, "0"), (60_000, "600"), (17_850, "178.50"), (5, "0.05"), (-1200, "-12")]
)
def test_a_sentence_has_decimals_only_where_there_are_fen(fen: int, words: str) -> None:
    assert spoken_yuan(fen) == words
