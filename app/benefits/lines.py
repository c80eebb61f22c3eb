"""The first step of settling: each line taken apart into own expense, above the ceiling, first share, and in scope."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.benefits import wording
from app.benefits.model import Bill, BillLine, ItemKind, LineClass, LineResult, Step, StepKind
from app.benefits.pack_model import Band, PolicyPack
from app.benefits.rounding import share

OWN_EXPENSE_RULE = "class_c"
OVER_LIMIT_RULE = "over_limit"
FIRST_SHARE_RULE = "first_share"
SCOPE_RULE = "in_scope"


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A line with what came out of it. ``band``: the rule of its first share, None where none applied."""

    line: BillLine
    result: LineResult
    band: Band | None


@dataclass(frozen=True, slots=True)
class JudgedBill:
    """All lines, their sums (fen), and the steps that led there."""

    lines: tuple[JudgedLine, ...]
    own_expense_fen: int
    over_limit_fen: int
    first_share_fen: int
    in_scope_fen: int
    steps: tuple[Step, ...]


def judge_lines(pack: PolicyPack | None, bill: Bill) -> JudgedBill:
    """Class C is own expense; above a ceiling the person pays; of class B a share of the whole line comes first.

    A kind without a rule in the pack has no first share, and a step says so.
    """
    lines = tuple(_judge(pack, line) for line in bill.lines)
    own = sum(one.result.own_expense_fen for one in lines)
    over = sum(one.result.over_limit_fen for one in lines)
    first = sum(one.result.first_share_fen for one in lines)
    in_scope = sum(one.result.in_scope_fen for one in lines)
    steps = (*_own_steps(lines, own, over), *_first_share_steps(pack, lines))
    scope = Step(
        StepKind.IN_SCOPE, wording.in_scope(bill.total_fen, own, over, first, in_scope), in_scope, SCOPE_RULE
    )
    return JudgedBill(lines, own, over, first, in_scope, (*steps, scope))


def _judge(pack: PolicyPack | None, line: BillLine) -> JudgedLine:
    amount = line.amount_fen
    if line.line_class is LineClass.C:
        return JudgedLine(
            line, LineResult(line.number, amount, amount, 0, 0, 0, wording.CLASS_C_LINE, None), None
        )
    band = _band(pack, line)
    if line.stated_first_share_fen is not None:
        first = line.stated_first_share_fen
    elif band is not None:
        # of the whole line; but no part of a line is paid twice by the person
        first = min(share(amount, band.permille), amount - line.over_limit_fen)
    else:
        first = 0
    result = LineResult(
        number=line.number,
        amount_fen=amount,
        own_expense_fen=0,
        over_limit_fen=line.over_limit_fen,
        first_share_fen=first,
        in_scope_fen=amount - line.over_limit_fen - first,
        words=wording.line(line, band),
        source=None if band is None else band.source,
    )
    return JudgedLine(line, result, band)


def _band(pack: PolicyPack | None, line: BillLine) -> Band | None:
    if pack is None or line.line_class is not LineClass.B or line.stated_first_share_fen is not None:
        return None
    return next((b for b in pack.first_shares.get(line.kind, ()) if b.holds(line.unit_price_e4)), None)


def _own_steps(lines: Sequence[JudgedLine], own: int, over: int) -> Iterator[Step]:
    if own:
        named = [one.line for one in lines if one.result.own_expense_fen]
        yield Step(StepKind.OWN_EXPENSE, wording.own_expense(named, own), own, OWN_EXPENSE_RULE)
    if over:
        named = [one.line for one in lines if one.result.over_limit_fen]
        yield Step(StepKind.OVER_LIMIT, wording.over_limit(named, over), over, OVER_LIMIT_RULE)


def _first_share_steps(pack: PolicyPack | None, lines: Sequence[JudgedLine]) -> Iterator[Step]:
    """One step a rule, with the lines that it met; how each line fared is in the lines."""
    of_band: dict[Band, list[JudgedLine]] = {}
    without: dict[ItemKind, list[BillLine]] = {}
    stated: list[JudgedLine] = []
    for one in lines:
        if one.band is not None:
            of_band.setdefault(one.band, []).append(one)
        elif one.line.stated_first_share_fen is not None:
            stated.append(one)
        elif one.line.line_class is LineClass.B:
            without.setdefault(one.line.kind, []).append(one.line)
    for band in sorted(of_band, key=lambda band: (band.over_e4, band.permille, band.source)):
        met = of_band[band]
        first = sum(one.result.first_share_fen for one in met)
        words = wording.first_share(band, [one.line for one in met], first)
        yield Step(StepKind.FIRST_SHARE, words, first, FIRST_SHARE_RULE, band.source)
    if stated:
        first = sum(one.result.first_share_fen for one in stated)
        yield Step(StepKind.FIRST_SHARE, wording.stated_first_share(first), first, FIRST_SHARE_RULE)
    for kind in sorted(without):
        words = wording.no_first_share(pack, kind, without[kind])
        yield Step(StepKind.NO_FIRST_SHARE, words, 0, FIRST_SHARE_RULE)
