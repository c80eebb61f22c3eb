"""3201: an institution's bills of a day against ours, in sums and bill by bill. Whose row is whose: test_comparing."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from app.kit import clock
from app.kit.errors import Problem
from app.places.models import InstitutionType
from app.settlement import comparing
from app.settlement.envelope import read_message
from app.settlement.reconciling import RECONCILE
from tests.settlement.bills import bill, drugs, line
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee
from tests.world import World

Bill = dict[str, Any]
SUMS = comparing.ALWAYS_SENT


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
    dated_back = f"{clock.today() - timedelta(days=31)} 10:00:00"
    ours.append(paid(pharmacy, resident, "30.00", setl_time=dated_back))

    # Equal: by our numbers, by theirs, in sums alone. What was undone is out on either side.
    expected = {
        "stmt_rslt": "0",
        "stmt_rslt_dscr": "对账一致",
        "fixmedins_setl_cnt": 4,
        "medfee_sumamt": 750.5,
        "fund_pay_sumamt": 84.35,  # 70 % of 100.00 and 20.50, after the deductible of 600
        "acct_pay": 500,
        "acct_mulaid_pay": 0,
        "psn_cash_pay": 166.15,
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

    # Their own setl_id hides no bill: neither one of the day, nor what became of another.
    foreign = [{**by_number(one), "setl_id": f"HIS-{place}"} for place, one in enumerate(ours)]
    assert pharmacy.output("3201", **{**statement(ours), "detail": foreign}) == both
    undone = pharmacy.output(
        "3201", **{**statement([gone]), "detail": [{**by_number(gone), "setl_id": "HIS-9"}]}
    )
    assert "已经撤销或冲正" in undone["differences"][-1]["dscr"]
    cash = {"psn_cash_pay": "166.15", "acct_mulaid_pay": "0"}
    assert pharmacy.output("3201", **statement(ours, detail=False), **cash) == {"stmtinfo": expected}
    wrong = pharmacy.output("3201", **statement(ours, detail=False), **{**cash, "psn_cash_pay": "166.14"})
    assert wrong["stmtinfo"]["stmt_rslt"] == "1"

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
    assert differ[ours[0]["chrg_bchno"]]["ours"] == {name: ours[0][name] for name in comparing.AMOUNTS}
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
        "acct_mulaid_pay": 0,
        "psn_cash_pay": 0,
        "diff_cnt": 4,
    }
    assert {one["dscr"] for one in output["differences"]} == {comparing._NEVER_PAID}


def test_a_large_day_is_compared_in_parts_by_the_time_that_settling_answered(
    world: World, pharmacy: Counter
) -> None:
    """Around midnight, and with goods of class C in each bill: the account pays none of them."""
    today = clock.today()
    midnight = datetime.combine(today, time(), clock.CHINA)
    patient = employee(world, 100_00)
    bills = []
    for seconds in (-30, 60, 61, 600):
        with clock.travel(midnight + timedelta(seconds=seconds)):
            pharmacy.terminal = world.terminal(pharmacy.place)
            lines = [*drugs("10.00"), line("5.00", lv="03")]
            output = pharmacy.output("2207", **bill(patient, lines, med_type="41"))
            bills.append(output["setlinfo"])
    last_night, *ours = bills
    assert (last_night["medfee_sumamt"], last_night["acct_pay"]) == (15, 10)
    pharmacy.terminal = world.terminal(pharmacy.place)

    def part(first: Bill, last: Bill) -> dict[str, object]:
        return {"begntime": first["setl_time"], "endtime": last["setl_time"]}

    for of_part in (ours[:2], ours[1:], ours[2:]):
        for detail in (True, False):
            said = statement(of_part, detail=detail) | part(of_part[0], of_part[-1])
            assert pharmacy.output("3201", **said)["stmtinfo"]["stmt_rslt"] == "0"
    other = pharmacy.output("3201", **statement(ours[:1]), **part(ours[1], ours[2]))
    assert found(other) == [
        ("ours_only", ours[1]["setl_id"]),
        ("ours_only", ours[2]["setl_id"]),
        ("theirs_only", ours[0]["setl_id"]),
    ]
    assert ours[0]["setl_time"] in other["differences"][2]["dscr"]

    # Sent just before midnight, and booked by the institution on the next day: both days say where to look.
    yesterday = (today - timedelta(days=1),) * 2
    [missing] = pharmacy.output("3201", **statement([], days=yesterday))["differences"]
    assert missing["setl_time"] == last_night["setl_time"]
    assert f"{last_night['setl_time']} 结算" in missing["dscr"]
    [early] = pharmacy.output("3201", **statement([last_night, *ours]))["differences"]
    assert (early["kind"], early["setl_id"]) == ("theirs_only", last_night["setl_id"])
    assert f"{last_night['setl_time']} 按险种 310 结算" in early["dscr"]


DAY = "2026-03-01"
ROW = {"chrg_bchno": "B1", **dict.fromkeys(SUMS, "1.00")}
OF_ONE_ROW = {"fixmedins_setl_cnt": 1, **dict.fromkeys(SUMS, "1.00")}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"stmt_enddate": "2026-02-28"}, {("stmt_enddate", "days_turned")}),
        ({"stmt_begndate": "2026-01-29"}, {("stmt_enddate", "too_many_days")}),
        (
            {"stmt_begndate": "2026-02-28", "detail": [ROW], **OF_ONE_ROW},
            {("stmt_enddate", "one_day")},
        ),
        (
            {
                "detail": [ROW, ROW, {**ROW, "chrg_bchno": None}],
                "fixmedins_setl_cnt": "3",
                "acct_pay": "2.99",
            },
            {
                ("detail.1.setl_id", "twice"),
                ("detail.2.setl_id", "required"),
                *((name, "detail_differs") for name in SUMS),
            },
        ),
        (
            {"detail": [ROW], **OF_ONE_ROW, "fixmedins_setl_cnt": 2},
            {("fixmedins_setl_cnt", "detail_differs")},
        ),
        (
            {"detail": [{**ROW, "psn_cash_pay": 1}], **OF_ONE_ROW, "psn_cash_pay": 2},
            {("psn_cash_pay", "detail_differs")},
        ),
        (
            {"fixmedins_setl_cnt": "1.5", "refd_setl_flag": "1"},
            {("fixmedins_setl_cnt", "not_a_count"), ("refd_setl_flag", "not_a_choice")},
        ),
        ({"begntime": f"{DAY} 10:00:00"}, {("endtime", "both_times")}),
        (
            {"begntime": f"{DAY} 10:00:01", "endtime": f"{DAY} 10:00:00"},
            {("endtime", "times_outside")},
        ),
        (
            {"begntime": f"{DAY} 10:00:00", "endtime": "2026-03-02 00:00:00"},
            {("endtime", "times_outside")},
        ),
        ({"endtime": "9999-12-31 23:59:59"}, {("endtime", "not_a_time")}),
        (
            {
                "clr_type": 1.5,
                "setl_optins": [],
                "detail": [{**ROW, "setl_id": "X"}, ROW],
                **dict.fromkeys(SUMS, 2),
                "fixmedins_setl_cnt": 2,
            },
            set(),
        ),
        ({"begntime": f"{DAY} 00:00:00", "endtime": f"{DAY} 23:59:59"}, set()),
    ],
)
def test_what_is_wrong_with_a_statement_is_named_all_at_once(
    change: dict[str, object], expected: set[tuple[str, str]]
) -> None:
    good = {"stmt_begndate": DAY, "stmt_enddate": DAY, "fixmedins_setl_cnt": 0, **dict.fromkeys(SUMS, "0.00")}
    message = {"msgid": "M1", "input": {**good, **change}}
    try:
        read_message(json.dumps(message).encode(), RECONCILE)
    except Problem as problem:
        fields: Any = problem.extra["fields"]
        assert {(one["field"].removeprefix("input."), one["code"]) for one in fields} == expected
    else:
        assert not expected
