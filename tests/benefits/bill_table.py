"""Reads ``bills/*.toml``: bills whose expected amounts were worked out by hand, each with its calculation beside it."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.benefits.model import (
    Bill,
    BillLine,
    Entitlement,
    HeldBenefit,
    Insured,
    ItemKind,
    LineClass,
    MedType,
    Place,
    PlaceType,
    Question,
    RemoteStanding,
    Standing,
    Used,
)

FOLDER = Path(__file__).with_name("bills")
DAY = date(2024, 5, 6)
NAMES = {"M03900": "高血压", "M01600": "糖尿病", "M05300": "慢阻肺", "M07803": "血透"}
LINE = re.compile(
    r"(?P<cls>[ABC]) (?P<kind>\w+) (?P<amount>[\d.]+)"
    r"(?: @(?P<price>[\d.]+))?(?: over (?P<over>[\d.]+))?(?: stated (?P<stated>[\d.]+))?"
)
PLACE_AND_PERSON = {"who", "at", "care", "day", "standing", "holds", "disease", "entitlement"}
YEAR = {"used", "used_disease", "accumulator", "adds", "adds_disease", "relief", "relieves"}
AMOUNTS = {"lines", "deductible", "fund", "person", "account", "scope", "own", "first", "over"}
KEYS = {"title", "bills", "name", "benefit", "reason", "says", "silent"} | PLACE_AND_PERSON | YEAR | AMOUNTS


@dataclass(frozen=True)
class Case:
    """One bill of the table and what it must come to. Amounts in fen. ``adds``: accumulator → what the bill adds to it."""

    name: str
    question: Question
    accumulators: tuple[str, str]
    expected: Mapping[str, int]
    benefit: str | None
    reason: str | None
    adds: Mapping[str, Used]
    relief: tuple[str, int] | None
    says: tuple[str, ...]
    silent: str | None


def fen(yuan: str) -> int:
    """Exactly; a table with a third decimal is a mistake."""
    amount = Decimal(yuan) * 100
    assert amount == int(amount), yuan
    return int(amount)


def cases() -> Iterator[Case]:
    """All bills of all files."""
    for path in sorted(FOLDER.glob("*.toml")):
        for group in tomllib.loads(path.read_text("utf-8"))["group"]:
            for bill in group["bills"]:
                assert set(group) | set(bill) <= KEYS, (set(group) | set(bill)) - KEYS
                yield _case(f"{path.stem}: {group['title']}: {bill['name']}", {**group, **bill})


def _case(name: str, row: Mapping[str, Any]) -> Case:
    lines = tuple(a_line(number, text) for number, text in enumerate(row["lines"].split("; "), start=1))
    accumulator = row.get("accumulator", "")
    of_disease = f"{accumulator}:{row.get('disease', '')}"
    day = row.get("day", DAY)
    question = Question(
        bill=Bill(day, MedType(row["care"]), lines, row.get("disease") or None),
        insured=an_insured(row["who"]),
        place=a_place(row["at"]),
        remote=RemoteStanding(Standing(row["standing"]) if row.get("standing") else None),
        held=_held(row),
        used={
            key: a_used(row[name])
            for key, name in ((accumulator, "used"), (of_disease, "used_disease"))
            if name in row
        },
    )
    total = sum(line.amount_fen for line in lines)
    own, over, first = (fen(row.get(key, "0")) for key in ("own", "over", "first"))
    person = fen(row["person"])
    expected = {
        "medfee_sumamt_fen": total,
        "fulamt_ownpay_amt_fen": own,
        "overlmt_selfpay_fen": over,
        "preselfpay_amt_fen": first,
        "inscp_scp_amt_fen": fen(row["scope"]) if "scope" in row else total,
        "act_pay_dedc_fen": fen(row.get("deductible", "0")),
        "fund_pay_sumamt_fen": fen(row["fund"]),
        "psn_part_amt_fen": person,
        "account_payable_fen": fen(row["account"]) if "account" in row else person,
    }
    says = row.get("says", [])
    return Case(
        name=name,
        question=question,
        accumulators=(accumulator, of_disease),
        expected=expected,
        benefit=row["benefit"] or None,
        reason=row.get("reason"),
        adds={
            key: a_used(row[name])
            for key, name in ((accumulator, "adds"), (of_disease, "adds_disease"))
            if name in row
        },
        relief=(row["relief"], fen(row["relieves"])) if "relieves" in row else None,
        says=(says,) if isinstance(says, str) else tuple(says),
        silent=row.get("silent"),
    )


def a_line(number: int, text: str) -> BillLine:
    """``B treatment 300 @100.0001 over 20 stated 5``: class, kind, yuan, unit price, above the ceiling, stated share."""
    found = LINE.fullmatch(text)
    assert found is not None, text
    price = Decimal(found["price"] or found["amount"]) * 10_000
    assert price == int(price), text
    return BillLine(
        number=number,
        code=f"X{number:04}",
        name=f"项目{number}",
        line_class=LineClass[found["cls"]],
        kind=ItemKind(found["kind"]),
        unit_price_e4=int(price),
        amount_fen=fen(found["amount"]),
        over_limit_fen=fen(found["over"] or "0"),
        stated_first_share_fen=fen(found["stated"]) if found["stated"] else None,
    )


def an_insured(text: str) -> Insured:
    """``310 2305 retired``: insurance, pooling region, and what is special."""
    insutype, region_code, *flags = text.split()
    assert set(flags) <= {"retired", "student", "low_income"}
    return Insured(insutype, region_code, **dict.fromkeys(flags, True))


def a_place(text: str) -> Place:
    """``hospital/2 320922``: kind, level, region."""
    kind, region_code = text.split()
    kind, _, level = kind.partition("/")
    return Place(region_code, PlaceType(kind), int(level) if level else None)


def a_used(text: str) -> Used:
    """Counted, deductible, fund in yuan; empty: nothing."""
    return Used(*(fen(part) for part in text.split()))


def _held(row: Mapping[str, Any]) -> tuple[HeldBenefit, ...]:
    kind = Entitlement(row.get("entitlement", "two_disease"))
    codes = row.get("holds", [])
    return tuple(
        HeldBenefit(kind, code.rstrip("!"), NAMES[code.rstrip("!")], place_allowed=not code.endswith("!"))
        for code in codes
    )
