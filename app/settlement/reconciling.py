"""3201: does what an institution has agree with what we have, and if not, which bills differ.

Both sides count the bills that were settled in the days asked for and stand now; one that was undone since is out on
either side. With ``detail`` (one day) the differences are named bill by bill.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from app.identity.models import InsuType
from app.kit.text import Text
from app.settlement.comparing import AMOUNTS, Comparison, OurBill, key_of, what_became
from app.settlement.envelope import Given, Message, Transaction
from app.settlement.fields import (
    Count,
    Day,
    Field,
    FieldProblem,
    Fields,
    OneOf,
    Rows,
    Words,
    Yuan,
    yuan_number,
)
from app.settlement.institution import Terminal
from app.settlement.models import BILL_NUMBER_LENGTH, Settlement, SettlementState

MOST_DAYS: Final = 31
MOST_BILLS: Final = 5_000
_AT_ONCE: Final = 500
_BILL: Final = Fields(
    Field("setl_id", Words(36), about="Or mdtrt_id and chrg_bchno"),
    Field("mdtrt_id", Words(BILL_NUMBER_LENGTH)),
    Field("chrg_bchno", Words(BILL_NUMBER_LENGTH)),
    *(Field(name, Yuan(), required=True) for name in AMOUNTS),
)
NEEDS_NUMBER = Text("请填写 setl_id 或 chrg_bchno。", "Give setl_id or chrg_bchno.")
TWICE_NAMED = Text("同一笔结算出现了两次。", "The same settlement is there twice.")
DAYS_TURNED = Text("结束日期不能早于开始日期。", "The last day cannot lie before the first.")
TOO_MANY_DAYS = Text(f"一次最多对 {MOST_DAYS} 天。", f"At most {MOST_DAYS} days at once.")
DETAIL_DIFFERS = Text("与明细之和不一致，请核对。", "This is not what the bills of the detail come to.")
ONE_DAY = Text("带明细时一次只对一天。", "With detail one day at a time.")


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
    return [*found, *_detail_problems(given)] if given["detail"] else found


def _detail_problems(given: Given) -> list[FieldProblem]:
    """Every bill once, and all of them together what was said of the day."""
    found = []
    seen: set[str] = set()
    rows: Sequence[Given] = given["detail"]
    for number, row in enumerate(rows):
        key = key_of(row)
        if key is None:
            found.append(FieldProblem(f"detail.{number}.setl_id", "required", NEEDS_NUMBER))
        elif key in seen:
            found.append(FieldProblem(f"detail.{number}.setl_id", "twice", TWICE_NAMED))
        else:
            seen.add(key)
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
        Field("clr_type", Words(30)),
        Field("setl_optins", Words(12)),
        Field("stmt_begndate", Day(), required=True),
        Field("stmt_enddate", Day(), required=True),
        *(Field(name, Yuan(), required=True) for name in AMOUNTS),
        Field("fixmedins_setl_cnt", Count(), required=True, about="How many bills"),
        Field("refd_setl_flag", OneOf(("0",)), about="What was undone is out on either side"),
        Field("detail", Rows(_BILL, MOST_BILLS), about="All bills of the day, to have differences named"),
    ),
    checks=(_problems,),
    without_contract=True,
)

_TABLE = cast(Table, Settlement.__table__)
_COLUMNS: Final = (_TABLE.c.medfee_fen, _TABLE.c.fund_pay_fen, _TABLE.c.acct_pay_fen)
"""Of AMOUNTS."""


def _standing(query: Select[Any]) -> Select[Any]:
    return query.where(
        _TABLE.c.institution_id == bindparam("institution_id"),
        _TABLE.c.settled_on >= bindparam("begin"),
        _TABLE.c.settled_on <= bindparam("end"),
        _TABLE.c.state == SettlementState.SETTLED,
    )


_SUMS: Final = _standing(select(func.count(), *(func.coalesce(func.sum(column), 0) for column in _COLUMNS)))
_BILLS: Final = (
    _standing(select(_TABLE.c.id, _TABLE.c.mdtrt_id, _TABLE.c.chrg_bchno, *_COLUMNS))
    .order_by(_TABLE.c.id)
    .execution_options(yield_per=_AT_ONCE)
)


def reconcile(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """3201: whether sums and numbers agree, ours beside theirs, and the differences. One statement; with detail two more
    where they have bills that we do not."""
    given = message.given
    period = {
        "institution_id": terminal.institution.id,
        "begin": given["stmt_begndate"],
        "end": given["stmt_enddate"],
    }
    theirs = (given["fixmedins_setl_cnt"], *(given[name] for name in AMOUNTS))
    if given["detail"] is None:
        ours = _sums(session, period, given["insutype"])
        return {"stmtinfo": _stated(ours, equal=ours == theirs)}
    compared = Comparison(given["detail"])
    for bill in _bills(session, period, given["insutype"]):
        compared.meet(bill)
    compared.end(lambda rows: what_became(session, terminal.institution.id, rows))
    ours = (compared.bills, *compared.sums)
    info = _stated(ours, equal=ours == theirs and not compared.count)
    return {"stmtinfo": {**info, "diff_cnt": compared.count}, "differences": compared.named}


def _sums(session: Session, period: Mapping[str, object], insutype: str | None) -> tuple[int, ...]:
    row = session.connection().execute(_of_insurance(_SUMS, insutype), period).one()
    return tuple(int(value) for value in row)


def _bills(session: Session, period: Mapping[str, object], insutype: str | None) -> Iterator[OurBill]:
    for row in session.connection().execute(_of_insurance(_BILLS, insutype), period):
        yield OurBill(row[0], row[1], row[2], tuple(row[3:]))


def _of_insurance(query: Select[Any], insutype: str | None) -> Select[Any]:
    return query if insutype is None else query.where(_TABLE.c.insutype == InsuType(insutype))


def _stated(ours: Sequence[int], *, equal: bool) -> dict[str, Any]:
    return {
        "stmt_rslt": "0" if equal else "1",
        "stmt_rslt_dscr": "对账一致" if equal else "对账不一致，请按差异逐笔核对",
        "fixmedins_setl_cnt": ours[0],
        **{name: yuan_number(fen) for name, fen in zip(AMOUNTS, ours[1:], strict=True)},
    }
