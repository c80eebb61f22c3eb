"""Whose row is whose, by whatever numbers an institution keeps: no paid bill may be called unpaid."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.settlement import comparing
from app.settlement.comparing import AMOUNTS, Comparison, OurBill

Row = dict[str, Any]
SETTLED_AT = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)
AMOUNT = dict(zip(AMOUNTS, (1000, 700, 200, 0, 100), strict=True))


def ours(number: int) -> OurBill:
    return OurBill(UUID(int=number), "V1", f"B{number}", SETTLED_AT, tuple(AMOUNT.values()))


def row(setl_id: object = None, bill: int | None = None, **more: object) -> Row:
    """A row of theirs: under our number or one of their own, and with the bill's numbers."""
    names = (
        {"mdtrt_id": None, "chrg_bchno": None}
        if bill is None
        else {"mdtrt_id": "V1", "chrg_bchno": f"B{bill}"}
    )
    return {"setl_id": None if setl_id is None else str(setl_id), **names, **AMOUNT, **more}


def compared(theirs: list[Row], *bills: int) -> Comparison:
    found = Comparison(theirs)
    for number in bills:
        found.meet(ours(number))
    found.end(lambda _: {})
    return found


def named(theirs: list[Row], *bills: int) -> list[tuple[str, str | None]]:
    found = compared(theirs, *bills)
    assert found.count == len(found.named)
    return [(one["kind"], one["chrg_bchno"] or one["setl_id"]) for one in found.named]


@pytest.mark.parametrize(
    "theirs",
    [
        row(UUID(int=1)),
        row(str(UUID(int=1)).upper()),
        row(bill=1),
        row(UUID(int=1), 1),
        row("HIS-20260301-77", 1),
        row(UUID(int=987), 1),
        row(UUID(int=1), 2),
    ],
    ids=["ours", "upper case", "theirs", "both", "their own setl_id", "their own UUID", "ours goes first"],
)
def test_a_row_is_found_by_our_number_or_else_by_the_institution_s(theirs: Row) -> None:
    assert named([theirs], 1) == []


def test_a_row_that_bears_the_number_of_another_bill_is_that_bill_s() -> None:
    """Bill 2 comes first, and its number stands in the row of bill 1."""
    swapped = [row(UUID(int=1), 2), row(UUID(int=2), 1)]
    assert named(swapped, 2, 1) == []
    assert named(swapped[:1], 2, 1) == [("ours_only", "B2")]


def test_rows_of_systems_that_count_the_bills_of_each_visit_are_told_apart_by_our_number() -> None:
    rows = [{**row(UUID(int=number)), "chrg_bchno": "1"} for number in (1, 2)]
    assert named(rows, 1, 2) == []


def test_one_bill_in_two_rows_is_there_twice() -> None:
    for again in (row(bill=1), row("HIS-1", 1)):
        found = compared([row(UUID(int=1)), again], 1)
        [difference] = found.named
        assert (difference["kind"], difference["dscr"]) == ("theirs_only", comparing._TWICE)


def test_what_one_side_alone_has_says_where_to_look() -> None:
    found = compared([row("HIS-9", 9)], 1)
    ours_only, theirs_only = found.named
    assert (ours_only["kind"], ours_only["setl_time"]) == ("ours_only", "2026-03-01 23:59:59")
    assert "2026-03-01 23:59:59" in ours_only["dscr"]
    assert "前后两天" in ours_only["dscr"]
    assert (theirs_only["kind"], theirs_only["setl_time"]) == ("theirs_only", None)
    assert "没有支付" in theirs_only["dscr"]


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"fund_pay_sumamt": 701}, True),
        ({"psn_cash_pay": 99}, True),
        ({"acct_mulaid_pay": 1}, True),
        ({"psn_cash_pay": None, "acct_mulaid_pay": None}, False),
    ],
)
def test_every_amount_that_is_sent_is_compared(change: Mapping[str, object], differs: bool) -> None:
    kinds = [kind for kind, _ in named([row(bill=1, **change)], 1)]
    assert kinds == (["amounts_differ"] if differs else [])


def test_so_many_differences_are_named_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "NAMED", 2)
    asked: list[Mapping[int, object]] = []
    found = Comparison([row(f"X{number}") for number in range(3)])
    found.meet(ours(1))
    found.end(lambda rows: asked.append(rows) or {})  # type: ignore[func-returns-value]
    assert found.count == 4
    assert [one["kind"] for one in found.named] == ["ours_only", "theirs_only"]
    assert [list(rows) for rows in asked] == [[0]], "what is not named is not looked up"
