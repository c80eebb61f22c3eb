"""Bill by bill: what an institution has of a day against what we have (3201), and what to do about each difference.

A row of theirs is found by our number (setl_id), and where that is none of ours (many systems put a number of their own
there) by the institution's own two, mdtrt_id and chrg_bchno. To call a paid bill unpaid would have it paid twice.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.settlement import claims
from app.settlement.envelope import Given
from app.settlement.fields import platform_time, yuan_number
from app.settlement.models import Settlement, SettlementState

NAMED: Final = 1_000
"""So many differences are named; all are counted."""
ALWAYS_SENT: Final = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")
SENT_BY_SOME: Final = ("acct_mulaid_pay", "psn_cash_pay")
AMOUNTS: Final = (*ALWAYS_SENT, *SENT_BY_SOME)

OURS_ONLY: Final = "ours_only"
THEIRS_ONLY: Final = "theirs_only"
AMOUNTS_DIFFER: Final = "amounts_differ"

_OURS_ONLY: Final = (
    "中心有、机构没有：中心在 {time} 结算。请先在机构前后两天的账里找这一笔；确实没有的，请补记，或冲正、撤销"
)
_AMOUNTS_DIFFER: Final = "两边金额不一致：请按中心的金额更正"
_NEVER_PAID: Final = "机构有、中心没有：这笔没有支付，请机构核对后重新结算"
_TAKEN_BACK: Final = "机构有，但这笔已经撤销或冲正：请机构按没有支付处理，不要再当作已结算"
_ELSEWHERE: Final = (
    "机构有，但这笔是 {time} 按险种 {insutype} 结算的，不在所对的范围内：已经支付，请不要重新结算"
)
_TWICE: Final = "同一笔结算在机构的明细里出现了两次：请机构去掉一笔"

_TABLE = cast(Table, Settlement.__table__)
_BECAME: Final = select(_TABLE.c.id, _TABLE.c.state, _TABLE.c.settled_at, _TABLE.c.insutype).where(
    _TABLE.c.id.in_(bindparam("ids", expanding=True)),
    _TABLE.c.institution_id == bindparam("institution_id"),
)

Number = tuple[str, str]
"""mdtrt_id ("" where there is none) and chrg_bchno."""


@dataclass(frozen=True, slots=True)
class OurBill:
    """One of ours; amounts in fen, in the order of AMOUNTS."""

    setl_id: UUID
    mdtrt_id: str
    chrg_bchno: str
    settled_at: datetime
    amounts: tuple[int, ...]

    @property
    def number(self) -> Number:
        return self.mdtrt_id, self.chrg_bchno

    @property
    def numbers(self) -> dict[str, str | None]:
        return {
            "setl_id": str(self.setl_id),
            "mdtrt_id": self.mdtrt_id or None,
            "chrg_bchno": self.chrg_bchno,
            "setl_time": platform_time(self.settled_at),
        }


def names_of(row: Given) -> tuple[UUID | str | None, Number | None]:
    """By what a row of theirs can be found: its setl_id, which may be a number of their own, and their two numbers."""
    setl_id, chrg_bchno = row["setl_id"], row["chrg_bchno"]
    number = None if chrg_bchno is None else (row["mdtrt_id"] or "", chrg_bchno)
    return None if setl_id is None else _uuid(setl_id) or setl_id, number


class Comparison:
    """One pass over our bills: memory grows with their list, not with how many bills we have.

    bills, sums: of ours. count: of all differences; named: the first NAMED of them.
    """

    def __init__(self, theirs: Sequence[Given]) -> None:
        self._theirs = theirs
        self._left = dict.fromkeys(range(len(theirs)))
        self._by_id: dict[UUID | str, int] = {}
        self._by_number: dict[Number, list[int]] = defaultdict(list)
        for place, row in enumerate(theirs):
            setl_id, number = names_of(row)
            if setl_id is not None:
                self._by_id[setl_id] = place
            if number is not None:
                self._by_number[number].append(place)
        self._waiting: list[OurBill] = []
        self._numbers_met: set[Number] = set()
        self.bills = 0
        self.sums = [0] * len(AMOUNTS)
        self.count = 0
        self.named: list[dict[str, Any]] = []

    def meet(self, ours: OurBill) -> None:
        """Look at the next of our bills."""
        self.bills += 1
        self.sums = [total + fen for total, fen in zip(self.sums, ours.amounts, strict=True)]
        has_number = ours.number in self._by_number
        if has_number:
            self._numbers_met.add(ours.number)
        if (place := self._by_id.get(ours.setl_id)) is not None:
            self._pair(ours, place)
        elif has_number:
            # A row that bears our number goes first to the bill whose number it bears, which may be yet to come.
            self._waiting.append(ours)
        else:
            self._add(OURS_ONLY, ours, None)

    def end(self, became: Callable[[Mapping[int, Given]], Mapping[int, str]]) -> None:
        """After the last of ours: what is left, they alone have. became: what to say of such rows, by their places."""
        for ours in self._waiting:
            place = next((one for one in self._by_number[ours.number] if one in self._left), None)
            if place is None:
                self._add(OURS_ONLY, ours, None)
            else:
                self._pair(ours, place)
        words = {place: _TWICE for place in self._left if self._is_again(place)}
        unknown = [place for place in self._left if place not in words]
        named = unknown[: max(0, NAMED - len(self.named))]
        words |= became({place: self._theirs[place] for place in named}) if named else {}
        for place in self._left:
            self._add(THEIRS_ONLY, None, self._theirs[place], words.get(place, _NEVER_PAID))

    def _pair(self, ours: OurBill, place: int) -> None:
        del self._left[place]
        row = self._theirs[place]
        if any(said not in {None, fen} for said, fen in zip(amounts_of(row), ours.amounts, strict=True)):
            self._add(AMOUNTS_DIFFER, ours, row)

    def _is_again(self, place: int) -> bool:
        """Whether it bears the number of a bill of ours that another row was paired with."""
        return names_of(self._theirs[place])[1] in self._numbers_met

    def _add(self, kind: str, ours: OurBill | None, theirs: Given | None, words: str = "") -> None:
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(
                {
                    "kind": kind,
                    "dscr": words or _words(kind, ours),
                    **(_numbers_of(theirs) if ours is None else ours.numbers),
                    "ours": None if ours is None else _in_yuan(ours.amounts),
                    "theirs": None if theirs is None else _in_yuan(amounts_of(theirs)),
                }
            )


def what_became(session: Session, institution_id: UUID, rows: Mapping[int, Given]) -> dict[int, str]:
    """Of bills that they alone have in the days compared: those that we know all the same, and what to say of them.

    Each is looked up under all of its numbers. Two statements.
    """
    names = {place: names_of(row) for place, row in rows.items()}
    claimed = {place: claims.of_bill(*number) for place, (_, number) in names.items() if number is not None}
    settled = claims.settlements_of(session, institution_id, set(claimed.values())) if claimed else {}
    wanted = {
        place: [one for one in (setl_id, settled.get(claimed.get(place, ""))) if isinstance(one, UUID)]
        for place, (setl_id, _) in names.items()
    }
    values = {
        "ids": list({one for many in wanted.values() for one in many}),
        "institution_id": institution_id,
    }
    if not values["ids"]:
        return {}
    found = {
        row.id: _ELSEWHERE.format(time=platform_time(row.settled_at), insutype=row.insutype.value)
        if row.state is SettlementState.SETTLED
        else _TAKEN_BACK
        for row in session.connection().execute(_BECAME, values)
    }
    return {
        place: found[known[0]]
        for place, many in wanted.items()
        if (known := [one for one in many if one in found])
    }


def amounts_of(row: Given) -> tuple[int | None, ...]:
    """In the order of AMOUNTS; None where they do not say."""
    return tuple(row[name] for name in AMOUNTS)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _words(kind: str, ours: OurBill | None) -> str:
    if kind == OURS_ONLY and ours is not None:
        return _OURS_ONLY.format(time=platform_time(ours.settled_at))
    return _AMOUNTS_DIFFER


def _numbers_of(row: Given | None) -> dict[str, str | None]:
    numbers = {name: row[name] if row else None for name in ("setl_id", "mdtrt_id", "chrg_bchno")}
    return {**numbers, "setl_time": None}


def _in_yuan(amounts: Sequence[int | None]) -> dict[str, float | None]:
    return {
        name: None if fen is None else yuan_number(fen) for name, fen in zip(AMOUNTS, amounts, strict=True)
    }
