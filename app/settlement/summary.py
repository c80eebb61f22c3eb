"""A person's year: what bills came to, and of each benefit what is used and what is left.

The figures of a benefit are those of the accumulators by which bills are settled, its yearly bounds those of the pack
that holds on the last day looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits import packs
from app.benefits.model import Used
from app.benefits.pack_model import Benefit, PersonLimit, PolicyPack
from app.benefits.wording import Bound
from app.kit import clock
from app.kit.money import spoken_yuan as yuan
from app.kit.packs import Source
from app.kit.text import Text
from app.settlement import accumulators, person_bills
from app.settlement.models import SettlementState
from app.settlement.person_bills import Group, Totals

_NOTHING: Final = Totals()
_NONE_USED: Final = Used()


@dataclass(frozen=True, slots=True)
class Care:
    """The bills of one kind of care."""

    med_type: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class BenefitUse:
    """A benefit in a year (fen). Bounds are None where the benefit has none, or no source gives it.

    counted_caps_fen: the bounds of counted expense for who holds one disease, two, …; the last for all beyond.
    ``bills``: those that were paid by it; None for relief, which pays on top of what a benefit does.
    """

    accumulator: str
    name: Text
    region: Text
    used: Used
    counted_caps_fen: tuple[int, ...]
    deductible_yearly_fen: int | None
    fund_cap_fen: int | None
    bills: Totals | None
    words: Text
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Year:
    """A person's year. ``totals``: of the bills that stand; ``taken_back``: how many do not."""

    person_id: UUID
    year: int
    until: date
    totals: Totals
    care: Sequence[Care]
    benefits: Sequence[BenefitUse]
    without_benefit: Totals
    taken_back: int
    words: Text


@dataclass(frozen=True, slots=True)
class _Rules:
    """The benefits of one pack that share an accumulator, or the one limit that has it, in a year."""

    year: int
    pack: PolicyPack
    benefits: Sequence[Benefit]
    limit: PersonLimit | None


def year_of(session: Session, person_id: UUID, year: int) -> Year:
    """Two statements, however many bills there are, of a session that sees one moment."""
    groups = person_bills.sums_of_year(session, person_id, year)
    used = accumulators.used_in(session, person_id, year)
    standing = [one for one in groups if one.state is SettlementState.SETTLED]
    until = person_bills.last_day_of(year, clock.today())
    by_accumulator, without = _by_accumulator(standing)
    uses = [
        _use(key, used.get(key, _NONE_USED), by_accumulator.get(key, _NOTHING), rules)
        for key in sorted({*(k for k, one in used.items() if one != _NONE_USED), *by_accumulator})
        if (rules := _rules(key, until, standing)) is not None
    ]
    totals = _sum(one.totals for one in standing)
    taken_back = sum(one.totals.count for one in groups) - totals.count
    return Year(
        person_id=person_id,
        year=year,
        until=until,
        totals=totals,
        care=_by_care(standing),
        benefits=uses,
        without_benefit=without,
        taken_back=taken_back,
        words=_year_words(year, totals, taken_back),
    )


def _sum(many: Iterable[Totals]) -> Totals:
    return sum(many, start=_NOTHING)


def _by_care(groups: Sequence[Group]) -> list[Care]:
    kinds = sorted({one.med_type for one in groups})
    return [Care(kind, _sum(one.totals for one in groups if one.med_type == kind)) for kind in kinds]


def _by_accumulator(groups: Sequence[Group]) -> tuple[Mapping[str, Totals], Totals]:
    """The bills of each benefit's accumulator; and those that no benefit paid."""
    found: dict[str, Totals] = {}
    without = _NOTHING
    for one in groups:
        benefit = _benefit(one)
        if benefit is None:
            without += one.totals
        else:
            found[benefit.accumulator] = found.get(benefit.accumulator, _NOTHING) + one.totals
    return found, without


def _benefit(group: Group) -> Benefit | None:
    if group.pack_id is None or group.benefit_id is None:
        return None
    return packs.benefit_by_id(group.pack_id, group.benefit_id)


def _pack(pack_id: str) -> PolicyPack | None:
    """The pack of a bill; None for one that is not kept any more."""
    try:
        return packs.pack_by_id(pack_id)
    except LookupError:
        return None


def _rules(key: str, until: date, groups: Sequence[Group]) -> _Rules | None:
    """Who has this accumulator: in the pack of the last day looked at, else in one by which a bill was settled."""
    region = key.partition(":")[0]
    settled_by = {one.pack_id for one in groups if one.pack_id is not None}
    settled = [pack for pack in map(_pack, sorted(settled_by, reverse=True)) if pack is not None]
    # a county may go on with its city's accumulator: the pack of the smaller region says what holds for it
    regions = sorted(
        {region, *(pack.region_code for pack in settled if _has(pack, key))}, key=len, reverse=True
    )
    for pack in (*(packs.pack_on(region, until) for region in regions), *settled):
        if pack is None:
            continue
        benefits = [one for one in pack.benefits if one.accumulator == key]
        limit = next((one for one in pack.person_limits if one.accumulator == key), None)
        if benefits or limit is not None:
            return _Rules(until.year, pack, benefits, limit)
    return None


def _has(pack: PolicyPack, key: str) -> bool:
    return any(one.accumulator == key for one in pack.benefits)


def _use(key: str, used: Used, bills: Totals, rules: _Rules) -> BenefitUse:
    if rules.limit is not None:
        return _relief(key, used, rules.pack, rules.limit)
    first = rules.benefits[0]
    known = [one for one in rules.benefits if not one.deductible_is_unknown]
    cap = first.fund_cap
    figures = [figure for one in rules.benefits for figure in (one.deductible, one.fund_cap) if figure]
    figures.extend(first.counted_caps)
    return BenefitUse(
        accumulator=key,
        name=_names(rules.benefits),
        region=rules.pack.name,
        used=used,
        counted_caps_fen=tuple(one.value for one in first.counted_caps),
        deductible_yearly_fen=max((one.deductible.value for one in known), default=0) or None,
        fund_cap_fen=cap.value if cap is not None else None,
        bills=bills,
        words=_benefit_words(rules, used),
        sources=[rules.pack.sources[one] for one in dict.fromkeys(figure.source for figure in figures)],
    )


def _relief(key: str, used: Used, pack: PolicyPack, limit: PersonLimit) -> BenefitUse:
    paid = yuan(used.fund_fen)
    words = Text(
        f"{limit.name.zh}：医疗救助已替您付{paid}元。",
        f"{limit.name.en}: medical relief paid {paid} yuan for you.",
    )
    return BenefitUse(
        accumulator=key,
        name=limit.name,
        region=pack.name,
        used=used,
        counted_caps_fen=(),
        deductible_yearly_fen=None,
        fund_cap_fen=None,
        bills=None,
        words=words,
        sources=[pack.sources[limit.limit.source]],
    )


def _names(benefits: Sequence[Benefit]) -> Text:
    names = [one.name for one in benefits]
    return Text("、".join(one.zh for one in names), ", ".join(one.en for one in names))


def _benefit_words(rules: _Rules, used: Used) -> Text:
    """What is used of the benefit and what is left, in sentences."""
    first, name = rules.benefits[0], _names(rules.benefits)
    parts = [
        _deductible_words(rules, used),
        _counted_words(first, rules.year, used),
        _fund_words(first, rules.year, used),
        _disease_words(first),
    ]
    said = [part for part in parts if part]
    return Text(
        f"{name.zh}：{''.join(f'{part.zh}。' for part in said)}",
        f"{name.en}: {'; '.join(part.en for part in said)}.",
    )


def _deductible_words(rules: _Rules, used: Used) -> Text:
    yearly = sorted({one.deductible.value for one in rules.benefits if one.deductible.value})
    if not yearly:
        if all(one.deductible_is_unknown for one in rules.benefits):
            return Text("没有查到起付线的规定，没有扣", "no deductible is known to us, and none was taken")
        return Text("没有起付线", "there is no deductible")
    year, taken = rules.year, yuan(used.deductible_fen)
    if len(yearly) == 1 and all(one.deductible.value for one in rules.benefits):
        bound = Bound(year, yearly[0], used.deductible_fen)
        whole = yuan(bound.most)
        if not bound.left:
            return Text(
                f"起付线每年{whole}元，{year}年已经付满",
                f"the deductible of {whole} yuan a year is paid up for {year}",
            )
        return Text(
            f"起付线每年{whole}元，{year}年已付{taken}元，再付{yuan(bound.left)}元就开始报销",
            f"of the deductible of {whole} yuan a year {taken} are paid for {year}, {yuan(bound.left)} are left to pay",
        )
    each = [
        Text(
            f"{one.name.zh}{f'每年{yuan(one.deductible.value)}元' if one.deductible.value else '没有'}",
            f"{one.name.en} {f'{yuan(one.deductible.value)} yuan a year' if one.deductible.value else 'none'}",
        )
        for one in rules.benefits
    ]
    return Text(
        f"起付线：{'，'.join(one.zh for one in each)}；{year}年已付{taken}元",
        f"deductible: {', '.join(one.en for one in each)}; {taken} yuan are paid for {year}",
    )


def _counted_words(benefit: Benefit, year: int, used: Used) -> Text:
    caps = [yuan(one.value) for one in benefit.counted_caps]
    if not caps:
        return Text("", "")
    counted = yuan(used.counted_fen)
    if len(caps) == 1:
        return Text(
            f"一年最多算{caps[0]}元费用，{year}年已算{counted}元",
            f"of at most {caps[0]} yuan of costs a year {counted} are counted for {year}",
        )
    return Text(
        f"一年最多算的费用，有一种病的是{caps[0]}元，两种病都有的是{caps[-1]}元，{year}年已算{counted}元",
        f"costs are counted up to {caps[0]} yuan a year with one of the diseases, {caps[-1]} with both; "
        f"{counted} are counted for {year}",
    )


def _fund_words(benefit: Benefit, year: int, used: Used) -> Text:
    paid = yuan(used.fund_fen)
    if benefit.fund_cap is None:
        return Text(f"{year}年医保已报{paid}元", f"the fund paid {paid} yuan for {year}")
    bound = Bound(year, benefit.fund_cap.value, used.fund_fen)
    if not bound.left:
        return Text(
            f"一年最多报{yuan(bound.most)}元，{year}年已经报满",
            f"the fund pays at most {yuan(bound.most)} yuan a year, which are used up for {year}",
        )
    return Text(
        f"一年最多报{yuan(bound.most)}元，{year}年已报{paid}元，还能报{yuan(bound.left)}元",
        f"of at most {yuan(bound.most)} yuan a year the fund paid {paid} for {year}, {yuan(bound.left)} are left",
    )


def _disease_words(benefit: Benefit) -> Text:
    if not benefit.disease_limits:
        return Text("", "")
    return Text("有的病种另有自己的限额", "some diseases have limits of their own")


def _year_words(year: int, totals: Totals, taken_back: int) -> Text:
    if not totals.count:
        words = Text(f"{year}年没有结算过的账。", f"No bill of {year} was settled.")
    else:
        accounts = totals.acct_pay_fen + totals.acct_mulaid_pay_fen
        by_account = Text(
            f"，个人账户付{yuan(accounts)}元" if accounts else "",
            f", accounts {yuan(accounts)}" if accounts else "",
        )
        words = Text(
            f"{year}年一共{totals.count}笔账，总费用{yuan(totals.medfee_fen)}元：医保付{yuan(totals.fund_pay_fen)}元"
            f"{by_account.zh}，现金付{yuan(totals.psn_cash_pay_fen)}元。",
            f"Bills of {year}: {totals.count}, {yuan(totals.medfee_fen)} yuan in all. The insurance paid "
            f"{yuan(totals.fund_pay_fen)}{by_account.en}, cash {yuan(totals.psn_cash_pay_fen)}.",
        )
    if taken_back:
        words = Text(
            f"{words.zh}另有{taken_back}笔已经撤销，没有算在里面。",
            f"{words.en} Taken back and not counted: {taken_back}.",
        )
    return words
