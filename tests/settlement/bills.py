"""Bills as cashiers send them.

counter.output("2207", **bill(patient, drugs("100.00")))
"""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tests.settlement.counter import card_of
from tests.somebody import Somebody

Line = dict[str, Any]
_bills = itertools.count(1)


def line(amount: str, *, lv: str = "01", item: str = "09", count: int = 1, **more: object) -> Line:
    """One line: ``count`` of the same for the amount in yuan."""
    return {
        "med_list_codg": f"X{lv}{item}",
        "med_list_name": "某种药品",
        "chrgitm_lv": lv,
        "med_chrgitm_type": item,
        "cnt": count,
        "pric": str(Decimal(amount) / count),
        "det_item_fee_sumamt": amount,
        **more,
    }


def drugs(amount: str) -> list[Line]:
    """Class A drugs."""
    return [line(amount)]


def bill(patient: Somebody, lines: Sequence[Line], *, med_type: str = "11", **more: object) -> dict[str, Any]:
    """A bill by identity card, under a number of its own."""
    total = sum((Decimal(str(one["det_item_fee_sumamt"])) for one in lines), Decimal(0))
    return {
        **card_of(patient),
        "chrg_bchno": f"B{next(_bills):06d}",
        "mdtrt_id": "V1",
        "med_type": med_type,
        "medfee_sumamt": f"{total:.2f}",
        "feedetail": list(lines),
        **more,
    }
