"""3201: an institution's bills of a day against ours, in sums and bill by bill."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from app.kit import clock
from app.places.models import InstitutionType
from app.settlement import comparing
from tests.settlement.bills import bill, drugs, line
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee
from tests.world import World

Bill = dict[str, Any]
SUMS = comparing.AMOUNTS


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def pharmacy(world: World) -> Counter:
    return Counter(world, InstitutionType.PHARMACY, "230502")


def paid(counter: Counter, patient: Any, amount: str, **more: object) -> Bill:
    info: Bill = counter.output("2207", **bill(patient, drugs(amount), med_type="41", **more))["setlinfo"]
    return info


def statement(
    bills: Sequence[Mapping[str, Any]], *, detail: bool = True, days: tuple[date, date] | None = None
) -> dict[str, object]:
    """What an institution with these bills sends of today, or of other days."""
    begin, end = days or (clock.today(), clock.today())
    said: dict[str, object] = {"stmt_begndate": str(begin), "stmt_enddate": str(end)}
    said |= {name: f"{sum(one[name] for one in bills):.2f}" for name in SUMS}
    said["fixmedins_setl_cnt"] = len(bills)
    if detail:
        said["detail"] = [
            {"setl_id": one["setl_id"], **{name: str(one[name]) for name in SUMS}} for one in bills
        ]
    return said


def by_number(one: Bill) -> Bill:
    """A row of detail under the institution's own numbers."""
    return {name: one[name] for name in ("mdtrt_id", "chrg_bchno", *SUMS)}


def found(output: Any) -> list[tuple[str, str | None]]:
    assert output["stmtinfo"]["diff_cnt"] == len(output["differences"])
    return [(one["kind"], one["setl_id"] or one["chrg_bchno"]) for one in output["differences"]]


def test_the_same_bills_agree_and_a_difference_is_named_bill_by_bill(world: World, pharmacy: Counter) -> None:
    """One day of a pharmacy, looked at in every way that an institution may have it."""
    patient, resident = employee(world, 500_00), world.citizen(region="2305")
    ours = [paid(pharmacy, patient, amount) for amount in ("600.00", "100.00", "20.50")]
    gone = paid(pharmacy, patient, "9.00")
    pharmacy.output("2208", setl_id=gone["setl_id"], psn_no=gone["psn_no"])
    dated_back = f"{clock.today().year - 1}-06-01 10:00:00"
    ours.append(paid(pharmacy, resident, "30.00", setl_time=dated_back))

    # Equal: by our numbers, by theirs, in sums alone. What was undone is out on either side.
    expected = {
        "stmt_rslt": "0",
        "stmt_rslt_dscr": "对账一致",
        "fixmedins_setl_cnt": 4,
        "medfee_sumamt": 750.5,
        "fund_pay_sumamt": 84.35,  # 70 % of 100.00 and 20.50, after the deductible of 600
        "acct_pay": 500,
    }
    assert pharmacy.output("3201", **statement(ours, detail=False)) == {"stmtinfo": expected}
    both = {"stmtinfo": {**expected, "diff_cnt": 0}, "differences": []}
    assert pharmacy.output("3201", **statement(ours)) == both
    named = {**statement(ours), "detail": [by_number(one) for one in reversed(ours)]}
    assert pharmacy.output("3201", **named) == both

    # One insurance alone.
    employees = pharmacy.output("3201", **statement(ours[:3]), insutype="310")
    assert employees["stmtinfo"]["stmt_rslt"] == "0"
    other = pharmacy.output("3201", **statement(ours), insutype="310")
    assert found(other) == [("theirs_only", ours[3]["setl_id"])]
    assert "不在所对的范围内" in other["differences"][0]["dscr"]

    # Ours only, theirs only (never paid; taken back), and other amounts.
    changed = {**ours[0], "acct_pay": ours[0]["acct_pay"] - 0.01}
    unknown = {**by_number(ours[0]), "setl_id": None, "chrg_bchno": "NEVER-SENT"}
    theirs = statement([changed, ours[1], gone, unknown])
    theirs["detail"] = [statement([changed])["detail"][0], by_number(ours[1]), by_number(gone), unknown]  # type: ignore[index]
    output = pharmacy.output("3201", **theirs)
    assert output["stmtinfo"]["stmt_rslt"] == "1"
    assert found(output) == [
        ("amounts_differ", ours[0]["setl_id"]),
        ("ours_only", ours[2]["setl_id"]),
        ("ours_only", ours[3]["setl_id"]),
        ("theirs_only", gone["chrg_bchno"]),
        ("theirs_only", "NEVER-SENT"),
    ]
    differ = {one["chrg_bchno"]: one for one in output["differences"]}
    assert differ[ours[0]["chrg_bchno"]]["ours"] == {name: ours[0][name] for name in SUMS}
    assert differ[ours[0]["chrg_bchno"]]["theirs"]["acct_pay"] == 499.99
    assert "已经撤销或冲正" in differ[gone["chrg_bchno"]]["dscr"]
    assert "没有支付" in differ["NEVER-SENT"]["dscr"]

    # Sums that agree by chance do not hide that the bills are others.
    swapped = {**by_number(ours[1]), "chrg_bchno": "ANOTHER"}
    chance = {
        **statement(ours),
        "detail": [by_number(one) for one in (ours[0], ours[2], ours[3])] + [swapped],
    }
    output = pharmacy.output("3201", **chance)
    assert output["stmtinfo"]["stmt_rslt"] == "1"
    assert found(output) == [("ours_only", ours[1]["setl_id"]), ("theirs_only", "ANOTHER")]

    # One bill under both of its numbers is there twice.
    twice = statement([*ours, ours[1]])
    twice["detail"] = [*twice["detail"][:4], by_number(ours[1])]  # type: ignore[index]
    output = pharmacy.output("3201", **twice)
    assert found(output) == [("theirs_only", ours[1]["chrg_bchno"])]
    assert "出现了两次" in output["differences"][0]["dscr"]

    # It was yesterday for them: paid all the same, and not to be settled again.
    yesterday = clock.today() - timedelta(days=1)
    output = pharmacy.output("3201", **statement(ours[:1], days=(yesterday, yesterday)))
    assert found(output) == [("theirs_only", ours[0]["setl_id"])]
    assert "请不要重新结算" in output["differences"][0]["dscr"]
    month = (clock.today() - timedelta(days=30), clock.today())
    assert pharmacy.output("3201", **statement(ours, detail=False, days=month)) == {"stmtinfo": expected}

    # Another institution has none of these bills, and is told nothing of them.
    stranger = Counter(world, InstitutionType.PHARMACY, "230502")
    output = stranger.output("3201", **statement(ours))
    assert output["stmtinfo"] == {
        "stmt_rslt": "1",
        "stmt_rslt_dscr": "对账不一致，请按差异逐笔核对",
        "fixmedins_setl_cnt": 0,
        "medfee_sumamt": 0,
        "fund_pay_sumamt": 0,
        "acct_pay": 0,
        "diff_cnt": 4,
    }
    assert {one["dscr"] for one in output["differences"]} == {comparing._NEVER_PAID}


def test_so_many_differences_are_named_and_all_are_counted(
    world: World, pharmacy: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "NAMED", 2)
    patient = employee(world)
    paid(pharmacy, patient, "1.00")
    theirs: list[Bill] = [
        {"setl_id": None, "chrg_bchno": f"X{number}", "mdtrt_id": None, **dict.fromkeys(SUMS, 1)}
        for number in range(3)
    ]
    output = pharmacy.output("3201", **{**statement(theirs), "detail": theirs})
    assert output["stmtinfo"]["diff_cnt"] == 4
    assert [one["kind"] for one in output["differences"]] == ["ours_only", "theirs_only"]


def test_what_is_wrong_with_a_statement_is_named_all_at_once(world: World, pharmacy: Counter) -> None:
    today = clock.today()
    row = {"chrg_bchno": "B1", **dict.fromkeys(SUMS, "1.00")}
    good = statement([], detail=False)
    one_row = dict.fromkeys(SUMS, "1.00")
    cases: list[tuple[dict[str, object], set[tuple[str, str]]]] = [
        ({"stmt_enddate": str(today - timedelta(days=1))}, {("stmt_enddate", "days_turned")}),
        ({"stmt_begndate": str(today - timedelta(days=31))}, {("stmt_enddate", "too_many_days")}),
        (
            {
                "stmt_begndate": str(today - timedelta(days=1)),
                "detail": [row],
                "fixmedins_setl_cnt": 1,
                **one_row,
            },
            {("stmt_enddate", "one_day")},
        ),
        (
            {
                "detail": [row, row, {**row, "chrg_bchno": None}],
                "fixmedins_setl_cnt": "3",
                "acct_pay": "2.99",
            },
            {
                ("detail.1.setl_id", "twice"),
                ("detail.2.setl_id", "required"),
                *((name, "detail_differs") for name in SUMS),
            },
        ),
        ({"detail": [row], **one_row}, {("fixmedins_setl_cnt", "detail_differs")}),
        (
            {"fixmedins_setl_cnt": "1.5", "refd_setl_flag": "1"},
            {("fixmedins_setl_cnt", "not_a_count"), ("refd_setl_flag", "not_a_choice")},
        ),
    ]
    for change, expected in cases:
        answer = pharmacy.transact("3201", **{**good, **change})
        assert answer["infcode"] == 101, change
        named = {
            (one["field"].removeprefix("input.data."), one["code"]) for one in answer["output"]["errors"]
        }
        assert named == expected
    assert pharmacy.output("3201", **good)["stmtinfo"]["stmt_rslt"] == "0"
    # An empty list says no more than that there is none.
    assert pharmacy.output("3201", **{**good, "detail": []})["stmtinfo"]["stmt_rslt"] == "0"


def test_class_c_is_in_the_sum_of_the_bill_and_in_nothing_else(world: World, pharmacy: Counter) -> None:
    lines = [*drugs("10.00"), line("5.00", lv="03")]
    info = pharmacy.output("2207", **bill(employee(world, 100_00), lines, med_type="41"))["setlinfo"]
    assert pharmacy.output("3201", **statement([info]))["stmtinfo"]["stmt_rslt"] == "0"
    assert (info["medfee_sumamt"], info["acct_pay"]) == (15, 10)
