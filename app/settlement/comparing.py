"""Bill by bill: what an institution has of a day against what we have (3201), and what to do about each difference."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from app.settlement import claims
from app.settlement.envelope import Given
from app.settlement.fields import yuan_number
from app.settlement.models import Settlement, SettlementState

NAMED: Final = 1_000
"""So many differences are named; all are counted."""
AMOUNTS: Final = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")

OURS_ONLY: Final = "ours_only"
THEIRS_ONLY: Final = "theirs_only"
AMOUNTS_DIFFER: Final = "amounts_differ"

_OURS_ONLY: Final = "中心有、机构没有：请机构补记，或冲正、撤销"
_AMOUNTS_DIFFER: Final = "两边金额不一致：请按中心的金额更正"
_NEVER_PAID: Final = "机构有、中心没有：这笔没有支付，请机构核对后重新结算"
_TAKEN_BACK: Final = "机构有，但这笔已经撤销或冲正：请机构按没有支付处理，不要再当作已结算"
_ELSEWHERE: Final = (
    "机构有，但这笔是 {day} 按险种 {insutype} 结算的，不在所对的范围内：已经支付，请不要重新结算"
)
_TWICE: Final = "同一笔结算在机构的明细里出现了两次：请机构去掉一笔"

_TABLE = cast(Table, Settlement.__table__)
_BECAME: Final = select(_TABLE.c.id, _TABLE.c.state, _TABLE.c.settled_on, _TABLE.c.insutype).where(
    _TABLE.c.id.in_(bindparam("ids", expanding=True)),
    _TABLE.c.institution_id == bindparam("institution_id"),
)
_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class OurBill:
    """One of ours; amounts in fen, in the order of AMOUNTS."""

    setl_id: UUID
    mdtrt_id: str
    chrg_bchno: str
    amounts: tuple[int, ...]

    @property
    def numbers(self) -> dict[str, str | None]:
        return {
            "setl_id": str(self.setl_id),
            "mdtrt_id": self.mdtrt_id or None,
            "chrg_bchno": self.chrg_bchno,
        }


def key_of(row: Given) -> str | None:
    """By what a row of theirs is found: our number, or their own two; None without any."""
    if row["setl_id"] is not None:
        return str(_uuid(row["setl_id"]) or row["setl_id"])
    return None if row["chrg_bchno"] is None else _number(row["mdtrt_id"] or "", row["chrg_bchno"])


def _number(mdtrt_id: str, chrg_bchno: str) -> str:
    return f"{mdtrt_id}{_SEPARATOR}{chrg_bchno}"


class Comparison:
    """One pass over our bills: memory grows with their list, not with how many bills we have.

    bills, sums: of ours. count: of all differences; named: the first NAMED of them.
    """

    def __init__(self, theirs: Sequence[Given]) -> None:
        self._left = {key: row for row in theirs if (key := key_of(row)) is not None}
        self.bills = 0
        self.sums = [0] * len(AMOUNTS)
        self.count = 0
        self.named: list[dict[str, Any]] = []

    def meet(self, ours: OurBill) -> None:
        """Look at the next of our bills."""
        self.bills += 1
        self.sums = [total + fen for total, fen in zip(self.sums, ours.amounts, strict=True)]
        keys = (str(ours.setl_id), _number(ours.mdtrt_id, ours.chrg_bchno))
        rows = [row for key in keys if (row := self._left.pop(key, None)) is not None]
        if not rows:
            self._add(OURS_ONLY, _OURS_ONLY, ours, None)
            return
        if _amounts(rows[0]) != ours.amounts:
            self._add(AMOUNTS_DIFFER, _AMOUNTS_DIFFER, ours, rows[0])
        for row in rows[1:]:
            self._add(THEIRS_ONLY, _TWICE, None, row)

    def end(self, became: Callable[[Sequence[Given]], Mapping[str, str]]) -> None:
        """After the last of ours: what is left, they alone have. became: what to say of such rows, by their keys."""
        left, self._left = self._left, {}
        rows = list(left.values())
        words = became(rows[: max(0, NAMED - len(self.named))]) if rows else {}
        for key, row in left.items():
            self._add(THEIRS_ONLY, words.get(key, _NEVER_PAID), None, row)

    def _add(self, kind: str, words: str, ours: OurBill | None, theirs: Given | None) -> None:
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(
                {
                    "kind": kind,
                    "dscr": words,
                    **(_numbers_of(theirs) if ours is None else ours.numbers),
                    "ours": None if ours is None else _in_yuan(ours.amounts),
                    "theirs": None if theirs is None else _in_yuan(_amounts(theirs)),
                }
            )


def what_became(session: Session, institution_id: UUID, rows: Sequence[Given]) -> dict[str, str]:
    """Of bills that they alone have in the days compared: those that we know all the same, and what to say of them.

    To call a bill of another day unpaid would have it paid twice. Two statements.
    """
    by_number = {
        key: claims.of_bill(row["mdtrt_id"] or "", row["chrg_bchno"])
        for row in rows
        if row["setl_id"] is None and (key := key_of(row)) is not None
    }
    settled = claims.settlements_of(session, institution_id, by_number.values()) if by_number else {}
    wanted = {key: settled[claim] for key, claim in by_number.items() if claim in settled}
    wanted |= {key: one for row in rows if (key := key_of(row)) and (one := _uuid(row["setl_id"]))}
    if not wanted:
        return {}
    values = {"ids": list(set(wanted.values())), "institution_id": institution_id}
    found = {row.id: row for row in session.connection().execute(_BECAME, values)}
    return {
        key: _ELSEWHERE.format(day=row.settled_on, insutype=row.insutype.value)
        if row.state is SettlementState.SETTLED
        else _TAKEN_BACK
        for key, setl_id in wanted.items()
        if (row := found.get(setl_id)) is not None
    }


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def _numbers_of(row: Given | None) -> dict[str, str | None]:
    return {name: row[name] if row else None for name in ("setl_id", "mdtrt_id", "chrg_bchno")}


def _amounts(row: Given) -> tuple[int, ...]:
    return tuple(row[name] for name in AMOUNTS)


def _in_yuan(amounts: Sequence[int]) -> dict[str, float]:
    return {name: yuan_number(fen) for name, fen in zip(AMOUNTS, amounts, strict=True)}
