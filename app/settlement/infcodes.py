"""The numbers (infcode) under which refusals leave in the national envelope: one table, stable for ever.

0 is success. The national platform fixes no other number, so these are ours, grouped: 1xx the message, 2xx the person,
3xx the voucher, 4xx the bill and its money, 5xx the state of an order, 9xx busy, try again. A number is never given to
another code, and a code keeps its number. The words are those of docs/errors.md; docs/infcodes.md shows both together
and is made by ``zhangban docs write``.

Whoever defines a refusal that a transaction can meet adds it here; a test holds that for this package's errors.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.kit.text import Text

OK: Final = 0
OTHER: Final = 999
"""A refusal without a number of its own. None is known: a test goes through those that can be met."""

GROUPS: Final[Mapping[int, Text]] = MappingProxyType(
    {
        1: Text("报文", "The message"),
        2: Text("人员与参保", "The person and the insurance"),
        3: Text("医保码", "The voucher code"),
        4: Text("单据与费用", "The bill and its money"),
        5: Text("结算状态", "The state of an order"),
        9: Text("请稍后重试", "Try again later"),
    }
)

INFCODES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "message_invalid": 101,
        "transaction_unknown": 102,
        "transaction_differs": 103,
        "terminal_without_institution": 111,
        "institution_differs": 112,
        "institution_inactive": 113,
        "person_not_matched": 201,
        "psn_no_differs": 202,
        "newborn_period_over": 203,
        "name_differs": 204,
        "coverage_not_in_force": 211,
        "coverage_type_not_held": 212,
        "code_used": 301,
        "voucher_revoked": 302,
        "voucher_not_activated": 303,
        "wrong_business": 304,
        "ec_token_invalid": 305,
        "ec_token_expired": 306,
        "settlement_unknown": 401,
        "bill_differs": 402,
        "message_number_used": 403,
        "account_short": 404,
        "reversal_differs": 405,
        "bill_too_old": 406,
        "disease_unclear": 407,
        "order_reversed": 501,
        "bill_undone": 502,
        "settlement_tampered": 503,
        "bill_stands_paid": 504,
        "later_bills_depend": 505,
        "busy": 901,
        "temporarily_unavailable": 902,
        "too_many_requests": 903,
    }
)
"""Stable error code → infcode."""


def infcode_of(code: str) -> int:
    """The number of a refusal's stable code."""
    return INFCODES.get(code, OTHER)
