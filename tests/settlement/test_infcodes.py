"""Every refusal that a transaction can meet has a number of its own, for good."""

from types import ModuleType

import pytest

from app.kit.errors import CATALOGUE, ErrorKind
from app.ledger import errors as ledger_errors
from app.settlement import errors
from app.settlement.infcodes import GROUPS, INFCODES, OTHER, infcode_of
from app.vouchers import errors as voucher_errors

ONLY_AT_THE_SCAN = {"business_not_here", "code_unknown", "code_expired", "clock_off"}
"""POST /terminal/decode is answered with problem documents."""
ONLY_ON_PHONES = {"voucher_person_not_allowed", "voucher_too_many_devices", "voucher_face_required"}


def test_each_number_is_one_code_s_and_in_a_group() -> None:
    assert len(set(INFCODES.values())) == len(INFCODES)
    assert {number // 100 for number in INFCODES.values()} <= set(GROUPS)
    assert OTHER not in INFCODES.values()
    assert 0 not in INFCODES.values()


@pytest.mark.parametrize("code", INFCODES)
def test_a_number_is_of_a_refusal_that_there_is(code: str) -> None:
    assert code in CATALOGUE


@pytest.mark.parametrize("room", [errors, voucher_errors, ledger_errors])
def test_what_a_transaction_can_meet_has_a_number(room: ModuleType) -> None:
    """A new refusal gets its number, or a reason why no transaction meets it."""
    defined = {one.code for one in vars(room).values() if isinstance(one, ErrorKind)}
    assert defined
    assert defined - ONLY_AT_THE_SCAN - ONLY_ON_PHONES <= set(INFCODES)


def test_what_has_no_number_for_a_reason_is_there_and_has_none() -> None:
    for reasons in (ONLY_AT_THE_SCAN, ONLY_ON_PHONES):
        assert reasons <= set(CATALOGUE) - set(INFCODES)


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
