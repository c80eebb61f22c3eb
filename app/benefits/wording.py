"""The words of each step: what happened, with the numbers in it, as one would say it at the counter. Amounts come in fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from app.benefits.model import BillLine, ItemKind, LineClass, MedType, RemoteStanding
from app.benefits.names import (
    COSTS,
    GROUPS,
    KINDS,
    LEVELS,
    STANDINGS,
    lines_named,
    listed,
    percent,
    points,
    price,
)
from app.benefits.pack_model import Band, Benefit, PersonLimit, PolicyPack, ShareRow
from app.kit.money import spoken_yuan as yuan
from app.kit.text import Text

# ---- lines

CLASS_A_LINE = Text("甲类，全部算进报销范围。", "class A: in scope as a whole.")
CLASS_C_LINE = Text(
    "丙类（自费），医保不报，也不能用个人账户付。", "class C: own expense; accounts do not pay it either."
)


def line(item: BillLine, band: Band | None) -> Text:
    """How a line of class A or B fared."""
    kind = KINDS[item.kind]
    if item.line_class is LineClass.A and item.stated_first_share_fen is None:
        words = CLASS_A_LINE
    elif item.stated_first_share_fen is not None:
        first = yuan(item.stated_first_share_fen)
        words = Text(
            f"没有明细，按机构报来的合计先自付{first}元。",
            f"no detail: {first} yuan first, as the institution states.",
        )
    elif band is None:
        words = Text(
            f"乙类{kind.zh}，没有收录先自付的规定，没有先扣。",
            f"class B, {kind.en}: no rule of a first share is recorded, none is taken.",
        )
    else:
        at, rate = _prices(band), percent(band.permille)
        words = Text(
            f"乙类{kind.zh}{at.zh}，先自付{rate}。",
            f"class B, {kind.en}{at.en}: {rate} of the line is paid first.",
        )
    if item.over_limit_fen:
        over = yuan(item.over_limit_fen)
        words = Text(
            f"{words.zh}超出限价的{over}元自己付。",
            f"{words.en} {over} yuan above the price ceiling are the person's.",
        )
    return words


def _prices(band: Band) -> Text:
    """``，单价超过100元``; nothing where the rule is for every price."""
    over, up_to = price(band.over_e4), band.up_to_e4
    if up_to is None:
        if not band.over_e4:
            return Text("", "")
        return Text(f"，单价超过{over}元", f" above {over} yuan each")
    to = price(up_to)
    if not band.over_e4:
        return Text(f"，单价不超过{to}元", f" of at most {to} yuan each")
    return Text(f"，单价超过{over}元、不超过{to}元", f" above {over} and of at most {to} yuan each")


def own_expense(lines: Sequence[BillLine], own: int) -> Text:
    names = lines_named(lines)
    return Text(
        f"自费（丙类）：{names.zh}，{yuan(own)}元。医保不报，也不能用个人账户，要用现金付。",
        f"Own expense (class C): {names.en}, {yuan(own)} yuan. Neither the fund nor accounts pay it, but cash.",
    )


def over_limit(lines: Sequence[BillLine], over: int) -> Text:
    names = lines_named(lines)
    return Text(
        f"{names.zh}超出限价{yuan(over)}元，超出的部分医保不报，自己付。",
        f"{names.en}: {yuan(over)} yuan above the price ceiling, which the fund does not pay.",
    )


def first_share(band: Band, lines: Sequence[BillLine], first: int) -> Text:
    """The lines that met one rule of class B. A single line is told with its unit price."""
    names, at, rate = lines_named(lines), _prices(band), percent(band.permille)
    kinds = listed([KINDS[kind] for kind in sorted({one.kind for one in lines})])
    total = yuan(sum(one.amount_fen for one in lines))
    if len(lines) == 1 and at.zh:
        each = price(lines[0].unit_price_e4)
        bound = at.zh.removeprefix("，单价")
        return Text(
            f"乙类{kinds.zh}{names.zh}{total}元，单价{each}元，{bound}，先自付{rate}，就是{yuan(first)}元。",
            f"Class B, {kinds.en}: {names.en}, {total} yuan, at {each} yuan each ({at.en.strip()}): "
            f"{rate} is paid first, {yuan(first)} yuan.",
        )
    every = "每项" if len(lines) > 1 else ""
    return Text(
        f"乙类{kinds.zh}{at.zh}：{names.zh}，共{total}元，{every}先自付{rate}，一共{yuan(first)}元。",
        f"Class B, {kinds.en}{at.en}: {names.en}, {total} yuan; {rate} of each line is paid first, "
        f"{yuan(first)} yuan in all.",
    )


def stated_first_share(first: int) -> Text:
    if not first:
        return Text(
            "机构没有送来明细，只能按它报来的合计算，没有要先自付的部分。",
            "The institution sent no detail; by its totals nothing is paid first.",
        )
    return Text(
        f"机构没有送来明细，按它报来的合计，先自付{yuan(first)}元。",
        f"The institution sent no detail; by its totals {yuan(first)} yuan are paid first.",
    )


def no_first_share(pack: PolicyPack | None, kind: ItemKind, lines: Sequence[BillLine]) -> Text:
    names, total = lines_named(lines), yuan(sum(one.amount_fen for one in lines))
    region = Text("您的参保地", "your region") if pack is None else pack.name
    return Text(
        f"乙类{KINDS[kind].zh}{names.zh}，{total}元：没有收录{region.zh}先自付的规定，这次没有先扣。",
        f"Class B, {KINDS[kind].en}: {names.en}, {total} yuan. No rule of {region.en} for a first share is recorded; "
        "none is taken.",
    )


def in_scope(total: int, own: int, over: int, first: int, scope: int) -> Text:
    parts = [
        Text(f"{zh}{yuan(fen)}元", f"{yuan(fen)} {en}")
        for zh, en, fen in (
            ("自费", "own expense", own),
            ("超限价", "above the ceiling", over),
            ("先自付", "first share", first),
        )
        if fen
    ]
    if not parts:
        return Text(
            f"总费用{yuan(total)}元，全部能算进医保报销范围。",
            f"All {yuan(total)} yuan of the bill are in scope.",
        )
    taken = listed(parts)
    return Text(
        f"总费用{yuan(total)}元，去掉{taken.zh}，能算进医保报销范围的是{yuan(scope)}元。",
        f"Of {yuan(total)} yuan, less {taken.en}, {yuan(scope)} yuan are in scope.",
    )


# ---- the benefit


def not_covered(benefit: Benefit, lines: Sequence[BillLine], outside: int) -> Text:
    kinds = listed([name for kind, name in KINDS.items() if kind in benefit.kinds])
    names = lines_named(lines)
    return Text(
        f"{benefit.name.zh}只报{kinds.zh}，{names.zh}{yuan(outside)}元不算在内，自己付。",
        f"The {benefit.name.en} pays {kinds.en} only: {names.en}, {yuan(outside)} yuan, are the person's.",
    )


class BoundOf(Enum):
    """Whose a cap is, in the words before it."""

    BENEFIT = Text("", "")
    ONE_DISEASE = Text("您有其中一种病，", "with one of the diseases ")
    ALL_DISEASES = Text("您两种病都有，合计", "with both diseases ")
    THIS_DISEASE = Text("这种病", "for this disease ")


@dataclass(frozen=True, slots=True)
class Bound:
    """A deductible or a cap of one calendar year, and how much of it was used before this bill (fen)."""

    year: int
    most: int
    used: int
    of: BoundOf = BoundOf.BENEFIT

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


def counted_cap(bound: Bound, med_type: MedType, covered: int, counted: int) -> Text:
    """The year's cap on counted expense is reached."""
    costs, of, year = COSTS[med_type], bound.of.value, bound.year
    rule = Text(
        f"{of.zh}一年最多算{yuan(bound.most)}元{costs.zh}",
        _begun(f"{of.en}at most {yuan(bound.most)} yuan of {costs.en} are counted a year"),
    )
    if not counted:
        return Text(
            f"{rule.zh}，{year}年已经算满，这次的{yuan(covered)}元不能再算，自己付。",
            f"{rule.en}; those of {year} are used up, so the {yuan(covered)} yuan are the person's.",
        )
    used = yuan(bound.used)
    before = (
        Text(f"{year}年已算{used}元，", f"; {used} of {year} are counted already")
        if bound.used
        else Text("", "")
    )
    return Text(
        f"{rule.zh}，{before.zh}这次的{yuan(covered)}元只能算{yuan(counted)}元，超出的{yuan(covered - counted)}元自己付。",
        f"{rule.en}{before.en}. Of these {yuan(covered)} yuan {yuan(counted)} are counted, "
        f"the other {yuan(covered - counted)} are the person's.",
    )


def _begun(en: str) -> str:
    return en[0].upper() + en[1:]


def deductible(bound: Bound, med_type: MedType, counted: int, taken: int) -> Text:
    """The yearly deductible: paid up before, all of the bill, just paid up, or crossed in the middle of the bill."""
    costs, year = COSTS[med_type], bound.year
    rule = Text(f"起付线每年{yuan(bound.most)}元，", f"The deductible is {yuan(bound.most)} yuan a year; ")
    if not bound.left:
        return Text(
            f"{rule.zh}{year}年已经付满，这次不再扣。",
            f"{rule.en}it is paid up for {year}, nothing is taken.",
        )
    used = yuan(bound.used)
    before = (
        Text(f"{year}年已付{used}元，", f"{used} of {year} are paid already; ")
        if bound.used
        else Text("", "")
    )
    if counted > taken:
        return Text(
            f"{rule.zh}{before.zh}这次从{costs.zh}里先扣{yuan(taken)}元。",
            f"{rule.en}{before.en}{yuan(taken)} yuan of the {costs.en} are taken first.",
        )
    if taken == bound.left:
        return Text(
            f"{rule.zh}{before.zh}这次的{yuan(taken)}元正好付满，{year}年内不再扣。",
            f"{rule.en}{before.en}these {yuan(taken)} yuan just pay it up for {year}.",
        )
    missing = yuan(bound.left - taken)
    return Text(
        f"{rule.zh}{before.zh}这次的{yuan(taken)}元全部算进起付线，还差{missing}元才开始报销。",
        f"{rule.en}{before.en}all of these {yuan(taken)} yuan go into it, {missing} more are left to pay.",
    )


def no_deductible(benefit: Benefit) -> Text:
    return Text(f"{benefit.name.zh}不设起付线。", f"The {benefit.name.en} has no deductible.")


def unknown_deductible(pack: PolicyPack, benefit: Benefit) -> Text:
    return Text(
        f"没有查到{pack.name.zh}{benefit.name.zh}的起付线，这次没有扣。",
        f"No deductible of {pack.name.en} for {benefit.name.en} is known to us; none is taken.",
    )


def share(
    name: Text,
    row: ShareRow,
    remote: RemoteStanding,
    above: int,
    taken: int,
    retired_plus: int | None,
    fund: int,
) -> Text:
    """The fund's share of what is above the deductible. retired_plus: permille more for a retired person, None for others.

    A share of ours is a floor that follows from published ones: the words say so, and where to claim what is above it.
    """
    lead = Text("扣掉起付线后剩下的", "Of the ") if taken else Text("这", "Of the ")
    after = Text("", " yuan above the deductible ") if taken else Text("", " yuan ")
    case = _case(row, remote)
    rate = percent(row.permille)
    if retired_plus is not None:
        more, raised = points(retired_plus), percent(row.permille + retired_plus)
        words = Text(
            f"报{rate}，退休人员多{more}个百分点，按{raised}报",
            f"{rate}, for retired people {more} points more: {raised}",
        )
    elif row.ours:
        words = Text(f"没有查到公布的比例，至少报{rate}，这次先按{rate}报", f"at least {rate}, here {rate}")
    elif row.at_least:
        words = Text(f"规定至少报{rate}，这次按{rate}报", f"at least {rate}, here {rate}")
    else:
        words = Text(f"报{rate}", rate)
    rest = _CLAIM_THE_REST if row.ours else Text("", "")
    return Text(
        f"{lead.zh}{yuan(above)}元，{name.zh}{case.zh}{words.zh}，就是{yuan(fund)}元。{rest.zh}",
        f"{lead.en}{yuan(above)}{after.en}the {name.en}{case.en} pays {words.en}, {yuan(fund)} yuan.{rest.en}",
    )


_CLAIM_THE_REST = Text(
    "规定的比例更高的，差额可以拿这次的结算单到参保地医保经办机构补报。",
    " No share for this case is known to us. If the rule gives more, the rest may be claimed with this bill at the "
    "handling agency.",
)


def _case(row: ShareRow, remote: RemoteStanding) -> Text:
    """What in a table of shares led to this row: the person, the standing of remote care, the hospital's level."""
    parts = [GROUPS[row.person]] if row.person in GROUPS else []
    if remote.category is not None:
        parts.append(STANDINGS[remote.category])
    if row.level is not None:
        parts.append(LEVELS[row.level])
    words = listed(parts)
    return Text(f"（{words.zh}）", f" ({words.en})") if parts else words


def fund_cap(bound: Bound, by_share: int, allowed: int) -> Text:
    of, year = bound.of.value, bound.year
    rule = Text(
        f"{of.zh}一年最多报{yuan(bound.most)}元",
        _begun(f"{of.en}the fund pays at most {yuan(bound.most)} yuan a year"),
    )
    if not allowed:
        return Text(
            f"{rule.zh}，{year}年已经报满，这次不再报销。",
            f"{rule.en}; those of {year} are used up, it pays no more.",
        )
    used = yuan(bound.used)
    before = (
        Text(f"{year}年已报{used}元，", f"; {used} of {year} are paid already")
        if bound.used
        else Text("", "")
    )
    return Text(
        f"{rule.zh}，{before.zh}这次只能报{yuan(allowed)}元（按比例是{yuan(by_share)}元）。",
        f"{rule.en}{before.en}. This time {yuan(allowed)} yuan are paid instead of {yuan(by_share)}.",
    )


def person_limit(limit: PersonLimit, total: int, person: int, allowed: int, relief: int) -> Text:
    rate = percent(limit.limit.value)
    return Text(
        f"{limit.name.zh}：个人付的不超过总费用的{rate}。这次总费用{yuan(total)}元，个人最多付{yuan(allowed)}元，"
        f"按前面算要付{yuan(person)}元，多出的{yuan(relief)}元由医疗救助付。",
        f"{limit.name.en}: the person never pays more than {rate} of the bill. Of {yuan(total)} yuan that is "
        f"{yuan(allowed)} instead of {yuan(person)}; medical relief pays the other {yuan(relief)}.",
    )


def result(total: int, pooled: int, relief: int, person: int, cash_only: int) -> Text:
    """Who pays how much in the end. pooled: the fund without relief; cash_only: what of the person's part is class C."""
    aid = (
        Text(f"，医疗救助付{yuan(relief)}元", f", medical relief {yuan(relief)}") if relief else Text("", "")
    )
    zh = f"这次总费用{yuan(total)}元，医保付{yuan(pooled)}元{aid.zh}，您自己付{yuan(person)}元。"
    en = f"Of {yuan(total)} yuan the insurance pays {yuan(pooled)}{aid.en} and you pay {yuan(person)}."
    if cash_only:
        zh += f"其中{yuan(cash_only)}元不能用个人账户付。"
        en += f" Accounts may not be used for {yuan(cash_only)} of it."
    return Text(zh, en)
