"""A bill as an institution sends it (2206, 2207), read into what the rules look at.

With ``feedetail`` each line says its class (chrgitm_lv) and what it is for (med_chrgitm_type), and the rules take it
apart. Without, the bill is one line for all, taken apart by the institution's own totals (fulamt_ownpay_amt,
overlmt_selfpay, preselfpay_amt); beside a feedetail these totals are not looked at, since some systems always send 0.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from app.benefits.model import Bill, BillLine, ItemKind, LineClass, MedType
from app.kit import clock
from app.kit.text import Text
from app.settlement.envelope import Given
from app.settlement.errors import BILL_TOO_OLD
from app.settlement.fields import (
    Decimals,
    Field,
    FieldProblem,
    Fields,
    Flag,
    Moment,
    OneOf,
    ReadPast,
    Rows,
    Words,
    Yuan,
)
from app.settlement.identify import IDENTITY_FIELDS, INSUTYPE
from app.settlement.models import BILL_NUMBER_LENGTH

MOST_LINES: Final = 2_000
MOST_DAYS_BACK: Final = 31
"""Ours, of all but inpatient care: a year's deductible and caps are not to be used up a year later."""
TOO_MANY_LINES: Final = Text(
    "最多 {most} 行。更多的请不送明细（feedetail），改填 fulamt_ownpay_amt、overlmt_selfpay、preselfpay_amt 三项合计。",
    "At most {most} rows. Beyond, leave feedetail out and send the sums fulamt_ownpay_amt, overlmt_selfpay, "
    "preselfpay_amt.",
)
_E4_PER_FEN: Final = 100
_E4: Final = 10_000

LINE_FIELDS: Final = Fields(
    Field("feedetl_sn", Words(30), about="The line's own number"),
    Field("med_list_codg", Words(50), required=True),
    Field("med_list_name", Words(200), about="As the patient is to read it"),
    Field("chrgitm_lv", OneOf(tuple(LineClass)), required=True, about="01 class A, 02 B, 03 C"),
    Field(
        "med_chrgitm_type",
        Words(6),
        required=True,
        about="09 10 11 drugs, 08 consumables, 02–07 12 treatment",
    ),
    Field("cnt", Decimals(), required=True),
    Field("pric", Decimals(), required=True),
    Field("det_item_fee_sumamt", Yuan(), required=True),
    Field("overlmt_amt", Yuan(), about="What of it lies above a price ceiling"),
    Field("fee_ocur_time", Moment()),
)
BILL_FIELDS: Final = (
    *IDENTITY_FIELDS,
    INSUTYPE,
    Field("mdtrt_id", Words(BILL_NUMBER_LENGTH), about="The visit or the stay"),
    Field(
        "chrg_bchno",
        Words(BILL_NUMBER_LENGTH),
        required=True,
        about="The institution's own number of this bill",
    ),
    Field("med_type", OneOf(tuple(MedType)), required=True),
    Field("medfee_sumamt", Yuan(), required=True),
    Field("dise_codg", Words(30), about="Of 14 and 9901: the disease for which the benefit is held"),
    Field("acct_used_flag", Flag(), about="0: no personal account, cash instead. Without it: 1"),
    Field("er_flag", Flag(), about="1: emergency"),
    Field(
        "setl_time",
        Moment(),
        about=f"The bill's day, at most {MOST_DAYS_BACK} days ago, of inpatient care last year at the earliest. "
        "Without it: the latest line's, else today",
    ),
    Field("invono", Words(50)),
    Field("psn_setlway", Words(6)),
    Field("fulamt_ownpay_amt", Yuan(), about="Class C; read where there is no feedetail"),
    Field("overlmt_selfpay", Yuan(), about="Above price ceilings; read where there is no feedetail"),
    Field("preselfpay_amt", Yuan(), about="First share of class B; read where there is no feedetail"),
    Field("inscp_scp_amt", ReadPast(), about="It follows from the others"),
    Field("feedetail", Rows(LINE_FIELDS, MOST_LINES, beyond=TOO_MANY_LINES)),
)

_KINDS: Final[Mapping[str, ItemKind]] = MappingProxyType(
    {
        **dict.fromkeys(("09", "10", "11"), ItemKind.DRUG),
        "08": ItemKind.CONSUMABLE,
        **dict.fromkeys(("02", "03", "04", "05", "06", "07", "12"), ItemKind.TREATMENT),
        **dict.fromkeys(("01", "13", "14"), ItemKind.OTHER),
    }
)
"""med_chrgitm_type → what rules tell apart; 01 bed, 13 registration and 14 others are none of the three."""

NOTHING_TO_SETTLE = Text("费用总额应大于零。", "The bill must come to more than zero.")
LINES_DIFFER = Text(
    "各行金额之和与费用总额（medfee_sumamt）不一致，请核对明细。",
    "The lines do not sum to medfee_sumamt; compare them.",
)
LINE_DIFFERS = Text(
    "金额与单价乘数量不一致，请核对这一行。", "The amount is not price times quantity; compare this line."
)
CEILING_DIFFERS = Text(
    "超限价金额不能大于这一行的金额。", "What lies above the ceiling is within the line's amount."
)
TOTALS_DIFFER = Text(
    "自费、超限价和先行自付之和大于费用总额，请核对。",
    "Own expense, excess over ceilings and first share are more than the bill; compare them.",
)
UNKNOWN_ITEM_TYPE = Text(
    "没有这个收费项目类别，应为 01 至 14。", "There is no such type of item; it is 01 to 14."
)
DAY_AHEAD = Text("结算日期不能晚于今天。", "The bill's day cannot lie ahead.")


def bill_problems(given: Given) -> Sequence[FieldProblem]:
    """What is wrong with a bill though each field can be read."""
    found: list[FieldProblem] = []
    lines: Sequence[Given] | None = given["feedetail"]
    total: int | None = given["medfee_sumamt"]
    if total == 0:
        found.append(FieldProblem("medfee_sumamt", "nothing_to_settle", NOTHING_TO_SETTLE))
    if lines:
        found += [problem for number, line in enumerate(lines) for problem in _line_problems(number, line)]
        amounts = [line["det_item_fee_sumamt"] for line in lines]
        if total is not None and None not in amounts and sum(amounts) != total:
            found.append(FieldProblem("medfee_sumamt", "lines_differ", LINES_DIFFER))
    elif total is not None and sum(_totals(given)) > total:
        found.append(FieldProblem("medfee_sumamt", "totals_differ", TOTALS_DIFFER))
    return [*found, *_day_problems(given)]


def _line_problems(number: int, line: Given) -> list[FieldProblem]:
    path = f"feedetail.{number}"
    found = []
    count, price, amount = line["cnt"], line["pric"], line["det_item_fee_sumamt"]
    if None not in {count, price, amount}:
        exact = count * price  # in 1/100,000,000 yuan
        if abs(exact - amount * _E4_PER_FEN * _E4) > _E4_PER_FEN * _E4:
            found.append(FieldProblem(f"{path}.det_item_fee_sumamt", "line_differs", LINE_DIFFERS))
    if amount is not None and (line["overlmt_amt"] or 0) > amount:
        found.append(FieldProblem(f"{path}.overlmt_amt", "ceiling_differs", CEILING_DIFFERS))
    kind = line["med_chrgitm_type"]
    if kind is not None and kind.zfill(2) not in _KINDS:
        found.append(FieldProblem(f"{path}.med_chrgitm_type", "not_a_choice", UNKNOWN_ITEM_TYPE))
    return found


def _day_problems(given: Given) -> list[FieldProblem]:
    """How old it may be is asked of a new bill alone (``bill_of``): one that was paid gets its answer for ever."""
    if day_of(given) <= clock.today():
        return []
    field = "setl_time" if given["setl_time"] is not None else "feedetail"
    return [FieldProblem(field, "day_ahead", DAY_AHEAD)]


def day_of(given: Given) -> date:
    """The day whose rules and whose year count. To be asked once, for an undated bill's day is that of the asking."""
    if given["setl_time"] is not None:
        return clock.china_day(given["setl_time"])
    moments = [
        line["fee_ocur_time"] for line in given["feedetail"] or () if line["fee_ocur_time"] is not None
    ]
    return clock.china_day(max(moments)) if moments else clock.today()


def bill_of(given: Given, day: date) -> Bill:
    """The new bill of a message without problems. Raises BILL_TOO_OLD."""
    lines, med_type = given["feedetail"], MedType(given["med_type"])
    if day < (earliest := _earliest(med_type)):
        raise BILL_TOO_OLD(day=day, earliest=earliest)
    return Bill(
        day=day,
        med_type=med_type,
        lines=tuple(_line(number, line) for number, line in enumerate(lines, 1))
        if lines
        else _summary(given),
        disease_code=given["dise_codg"],
    )


def _earliest(med_type: MedType) -> date:
    """How far a bill may be dated back, into last year too, whose rules then count. A stay is often billed long after."""
    today = clock.today()
    if med_type is MedType.INPATIENT:
        return date(today.year - 1, 1, 1)
    return today - timedelta(days=MOST_DAYS_BACK)


def _line(number: int, line: Given) -> BillLine:
    return BillLine(
        number=number,
        code=line["med_list_codg"],
        name=line["med_list_name"] or line["med_list_codg"],
        line_class=LineClass(line["chrgitm_lv"]),
        kind=_KINDS[line["med_chrgitm_type"].zfill(2)],
        unit_price_e4=line["pric"],
        amount_fen=line["det_item_fee_sumamt"],
        over_limit_fen=line["overlmt_amt"] or 0,
    )


def _totals(given: Given) -> tuple[int, int, int]:
    """Own expense, excess over ceilings, first share, by the institution's word (fen)."""
    return (
        given["fulamt_ownpay_amt"] or 0,
        given["overlmt_selfpay"] or 0,
        given["preselfpay_amt"] or 0,
    )


def _summary(given: Given) -> tuple[BillLine, ...]:
    """A bill without detail as at most two lines: what is in the catalogue, and class C."""
    own_expense, over_limit, first_share = _totals(given)
    kind = ItemKind.DRUG if given["med_type"] in _ALL_DRUGS else ItemKind.OTHER
    rest = given["medfee_sumamt"] - own_expense
    parts: list[dict[str, Any]] = []
    if rest:
        # Class B, so that the first share that the institution states is taken, be it nothing.
        stated = {"over_limit_fen": over_limit, "stated_first_share_fen": first_share}
        parts.append(
            {"name": "目录内费用（未上传明细）", "line_class": LineClass.B, "amount_fen": rest, **stated}
        )
    if own_expense:
        parts.append({"name": "自费费用（未上传明细）", "line_class": LineClass.C, "amount_fen": own_expense})
    return tuple(
        BillLine(number=number, code="", kind=kind, unit_price_e4=one["amount_fen"] * _E4_PER_FEN, **one)
        for number, one in enumerate(parts, 1)
    )


_ALL_DRUGS: Final = frozenset({MedType.PHARMACY, MedType.TWO_DISEASE})
"""What is bought there is medicine unless lines say otherwise."""
