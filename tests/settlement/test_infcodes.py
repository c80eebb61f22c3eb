"""Every refusal that a transaction can meet has a number of its own, for good."""

import pytest

from app.kit.errors import CATALOGUE, ErrorKind
from app.settlement import errors
from app.settlement.infcodes import GROUPS, INFCODES, OTHER, infcode_of

ONLY_AT_THE_SCAN = {"business_not_here"}
"""POST /terminal/decode is answered with problem documents."""


def test_each_number_is_one_code_s_and_in_a_group() -> None:
    assert len(set(INFCODES.values())) == len(INFCODES)
    assert {number // 100 for number in INFCODES.values()} <= set(GROUPS)
    assert OTHER not in INFCODES.values()
    assert 0 not in INFCODES.values()


@pytest.mark.parametrize("code", INFCODES)
def test_a_number_is_of_a_refusal_that_there_is(code: str) -> None:
    assert code in CATALOGUE


def test_what_this_room_refuses_has_a_number() -> None:
    defined = {one.code for one in vars(errors).values() if isinstance(one, ErrorKind)}
    assert len(defined) > 8
    assert defined - ONLY_AT_THE_SCAN <= set(INFCODES)


def test_numbers_stay_what_they_are() -> None:
    """Terminals are programmed against them."""
    expected = {
        "message_invalid": 101,
        "person_not_matched": 201,
        "coverage_not_in_force": 211,
        "code_used": 301,
        "busy": 901,
    }
    assert {code: infcode_of(code) for code in expected} == expected


def test_a_refusal_without_a_number_is_still_one() -> None:
    assert infcode_of("no_such_code") == OTHER
