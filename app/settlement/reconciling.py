"""3201: does what an institution has agree with what we have, and if not, which bills differ.

Both sides count the bills that were settled in the days asked for and stand now; one that was undone since is out on
either side. With ``detail`` (one day) the differences are named bill by bill. A day of more than MOST_BILLS is compared
in parts: from begntime to endtime, by the setl_time that 2207 answered, with the sums of that part. Sums alone take a
part too, so that the hour that differs is found without any list.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from app.identity.models import InsuType
from app.kit import clock
from app.kit.text import Text
from app.settlement.comparing import (
    ALWAYS_SENT,
    AMOUNTS,
    SENT_BY_SOME,
    Comparison,
    OurBill,
    amounts_of,
    names_of,
    what_became,
)
from app.settlement.envelope import Given, Message, Transaction
from app.settlement.fields import (
    Count,
    Day,
    Field,
    FieldProblem,
    Fields,
    Moment,
    OneOf,
    ReadPast,
    Rows,
    Words,
    Yuan,
    yuan_number,
)
from app.settlement.institution import Terminal
from app.settlement.models import BILL_NUMBER_LENGTH, PAID_COLUMNS, Settlement, SettlementState

MOST_DAYS: Final = 31
MOST_BILLS: Final = 5_000
_AT_ONCE: Final = 500
_SUMS_FIELDS: Final = (
    *(Field(name, Yuan(), required=True) for name in ALWAYS_SENT),
    *(Field(name, Yuan(), about="Compared where it is given") for name in SENT_BY_SOME),
)
_BILL: Final = Fields(
    Field(
        "setl_id", Words(64), about="What 2207 answered. Where it is none of ours, the next two are looked at"
    ),
    Field("mdtrt_id", Words(BILL_NUMBER_LENGTH)),
    Field("chrg_bchno", Words(BILL_NUMBER_LENGTH), about="setl_id or this is required; better both"),
    *_SUMS_FIELDS,
)
NEEDS_NUMBER = Text("请填写 setl_id 或 chrg_bchno。", "Give setl_id or chrg_bchno.")
TWICE_NAMED = Text("同一笔结算出现了两次。", "The same settlement is there twice.")
DAYS_TURNED = Text("结束日期不能早于开始日期。", "The last day cannot lie before the first.")
TOO_MANY_DAYS = Text(f"一次最多对 {MOST_DAYS} 天。", f"At most {MOST_DAYS} days at once.")
DETAIL_DIFFERS = Text("与明细之和不一致，请核对。", "This is not what the bills of the detail come to.")
ONE_DAY = Text("带明细时一次只对一天。", "With detail one day at a time.")
BOTH_TIMES = Text(
    "begntime 和 endtime 要么都填，要么都不填。", "Give both begntime and endtime, or neither of them."
)
TIMES_OUTSIDE = Text(
    "begntime 到 endtime 应在所对的日期之内，先后不能颠倒。",
    "From begntime to endtime must lie within the days that are compared, in this order.",
)


def _problems(given: Given) -> Sequence[FieldProblem]:
    found = []
    begin, end = given["stmt_begndate"], given["stmt_enddate"]
    if begin is not None and end is not None:
        if end < begin:
            found.append(FieldProblem("stmt_enddate", "days_turned", DAYS_TURNED))
        elif (end - begin).days >= MOST_DAYS:
            found.append(FieldProblem("stmt_enddate", "too_many_days", TOO_MANY_DAYS))
        elif given["detail"] is not None and end != begin:
            found.append(FieldProblem("stmt_enddate", "one_day", ONE_DAY))
        found += _part_problems(given)
    return [*found, *_detail_problems(given)] if given["detail"] else found


def _part_problems(given: Given) -> list[FieldProblem]:
    """Both ends of a part, within the days."""
    first, last = given["begntime"], given["endtime"]
    if first is None or last is None:
        return [] if first is last else [FieldProblem("endtime", "both_times", BOTH_TIMES)]
    days = (given["stmt_begndate"], clock.china_day(first), clock.china_day(last), given["stmt_enddate"])
    within = list(days) == sorted(days) and first <= last
    return [] if within else [FieldProblem("endtime", "times_outside", TIMES_OUTSIDE)]


def _detail_problems(given: Given) -> list[FieldProblem]:
    """Every bill once, and all of them together what was said of the day."""
    found = []
    seen: set[object] = set()
    rows: Sequence[Given] = given["detail"]
    for place, row in enumerate(rows):
        # A bill number may come again under another setl_id: some systems count the bills of each visit.
        setl_id, number = names_of(row)
        name = number if setl_id is None else setl_id
        if name is None:
            found.append(FieldProblem(f"detail.{place}.setl_id", "required", NEEDS_NUMBER))
        elif name in seen:
            found.append(FieldProblem(f"detail.{place}.setl_id", "twice", TWICE_NAMED))
        seen.add(name)
    if given["fixmedins_setl_cnt"] not in {None, len(rows)}:
        found.append(FieldProblem("fixmedins_setl_cnt", "detail_differs", DETAIL_DIFFERS))
    for name in AMOUNTS:
        amounts = [row[name] for row in rows]
        if None not in amounts and given[name] not in {None, sum(amounts)}:
            found.append(FieldProblem(name, "detail_differs", DETAIL_DIFFERS))
    return found


RECONCILE: Final = Transaction(
    "3201",
    Text("医药机构费用结算对总账", "reconcile"),
    Fields(
        Field("insutype", OneOf(tuple(InsuType)), about="Without it: all"),
        Field("clr_type", ReadPast()),
        Field("setl_optins", ReadPast()),
        Field("stmt_begndate", Day(), required=True),
        Field("stmt_enddate", Day(), required=True, about=f"At most {MOST_DAYS} days; with detail one"),
        Field("begntime", Moment(), about="To compare a part of the days: its first second, by setl_time"),
        Field("endtime", Moment(), about="The part's last second, which is in it"),
        *_SUMS_FIELDS,
        Field("fixmedins_setl_cnt", Count(), required=True, about="How many bills"),
        Field("refd_setl_flag", OneOf(("0",)), about="What was undone is out on either side"),
        Field(
            "detail",
            Rows(_BILL, MOST_BILLS),
            about="All bills of the day, to have differences named. A day of more bills is sent in parts: begntime and "
            f"endtime around at most {MOST_BILLS} bills by their setl_time, and count and sums of these",
        ),
    ),
    checks=(_problems,),
    without_contract=True,
)

_TABLE = cast(Table, Settlement.__table__)
_COLUMNS: Final = tuple(_TABLE.c[name] for name in PAID_COLUMNS)
"""Of AMOUNTS, in the same order."""
_A_SECOND: Final = timedelta(seconds=1)
_BEFORE_ALL: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AFTER_ALL: Final = datetime(9999, 1, 1, tzinfo=UTC)


def _standing(query: Select[Any]) -> Select[Any]:
    return query.where(
        _TABLE.c.institution_id == bindparam("institution_id"),
        _TABLE.c.settled_on >= bindparam("begin"),
        _TABLE.c.settled_on <= bindparam("end"),
        _TABLE.c.settled_at >= bindparam("since"),
        _TABLE.c.settled_at < bindparam("before"),
        _TABLE.c.state == SettlementState.SETTLED,
    )


_SUMS: Final = _standing(select(func.count(), *(func.coalesce(func.sum(column), 0) for column in _COLUMNS)))
_BILLS: Final = (
    _standing(select(_TABLE.c.id, _TABLE.c.mdtrt_id, _TABLE.c.chrg_bchno, _TABLE.c.settled_at, *_COLUMNS))
    .order_by(_TABLE.c.id)
    .execution_options(yield_per=_AT_ONCE)
)


def reconcile(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """3201: whether sums and numbers agree, ours beside theirs, and the differences. One statement; with detail two more
    where they have bills that we do not."""
    given = message.given
    period = _period(terminal, given)
    if given["detail"] is None:
        ours = _sums(session, period, given["insutype"])
        return {"stmtinfo": _stated(ours, equal=_agree(ours, given))}
    compared = Comparison(given["detail"])
    for bill in _bills(session, period, given["insutype"]):
        compared.meet(bill)
    compared.end(lambda rows: what_became(session, terminal.institution.id, rows))
    ours = (compared.bills, *compared.sums)
    info = _stated(ours, equal=_agree(ours, given) and not compared.count)
    return {"stmtinfo": {**info, "diff_cnt": compared.count}, "differences": compared.named}


def _period(terminal: Terminal, given: Given) -> dict[str, object]:
    """Whose bills of when. A setl_time that went out was cut to its second."""
    first, last = given["begntime"], given["endtime"]
    return {
        "institution_id": terminal.institution.id,
        "begin": given["stmt_begndate"],
        "end": given["stmt_enddate"],
        "since": _BEFORE_ALL if first is None else first.replace(microsecond=0),
        "before": _AFTER_ALL if last is None else last.replace(microsecond=0) + _A_SECOND,
    }


def _agree(ours: Sequence[int], given: Given) -> bool:
    """Whether count and sums are ours, as far as they are given."""
    theirs = (given["fixmedins_setl_cnt"], *amounts_of(given))
    return all(said in {None, own} for said, own in zip(theirs, ours, strict=True))


def _sums(session: Session, period: Mapping[str, object], insutype: str | None) -> tuple[int, ...]:
    row = session.connection().execute(_of_insurance(_SUMS, insutype), period).one()
    return tuple(int(value) for value in row)


def _bills(session: Session, period: Mapping[str, object], insutype: str | None) -> Iterator[OurBill]:
    for row in session.connection().execute(_of_insurance(_BILLS, insutype), period):
        yield OurBill(row[0], row[1], row[2], row[3], tuple(row[4:]))


def _of_insurance(query: Select[Any], insutype: str | None) -> Select[Any]:
    return query if insutype is None else query.where(_TABLE.c.insutype == InsuType(insutype))


def _stated(ours: Sequence[int], *, equal: bool) -> dict[str, Any]:
    return {
        "stmt_rslt": "0" if equal else "1",
        "stmt_rslt_dscr": "对账一致" if equal else "对账不一致，请按差异逐笔核对",
        "fixmedins_setl_cnt": ours[0],
        **{name: yuan_number(fen) for name, fen in zip(AMOUNTS, ours[1:], strict=True)},
    }
