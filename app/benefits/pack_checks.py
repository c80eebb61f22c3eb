"""Contradictions and gaps inside one pack: what no single value shows."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from app.benefits.model import EMPLOYEE, ItemKind, MedType, PersonGroup, PlaceKind, Standing
from app.benefits.pack_model import Benefit, PersonLimit, PolicyPack, Scope, Where
from app.benefits.rounding import WHOLE
from app.kit.toml_section import PackError

_LEVELS = {1: PlaceKind.HOSPITAL_1, 2: PlaceKind.HOSPITAL_2, 3: PlaceKind.HOSPITAL_3}


def contradictions(pack: PolicyPack) -> Iterator[PackError]:
    """Everything in the pack that cannot hold together, or leaves out a case that its own rows begin to settle."""
    file = pack.head.file
    for benefit in pack.benefits:
        for key, words in (*_amounts(benefit), *_scope(benefit), *_persons(benefit), *_levels(benefit)):
            yield PackError(file, f"benefit.{benefit.benefit_id}.{key}", words)
    yield from _overlaps(file, "benefit", [(one.benefit_id, one.scope) for one in pack.benefits])
    yield from _overlaps(file, "low_income_limit", [(one.limit_id, one.scope) for one in pack.person_limits])
    yield from _accumulators(file, pack.benefits, pack.person_limits)


Finding = tuple[str, str]


def _amounts(benefit: Benefit) -> Iterator[Finding]:
    caps = [cap.value for cap in benefit.counted_caps]
    if caps and caps[0] <= benefit.deductible.value:
        yield "counted_cap", "is not above the deductible: the benefit would never pay"
    if caps != sorted(caps):
        yield "counted_cap", "is lower for more diseases than for fewer"
    if benefit.fund_cap is not None and benefit.fund_cap.value < benefit.deductible.value:
        yield "fund_cap", "is below the deductible"
    if len(caps) > 1 and not any(kind.entitlement for kind in benefit.scope.med_types):
        yield "counted_cap", "differs by diseases, but the benefit asks for none"
    if benefit.retired_plus is None:
        return
    for row in benefit.shares.values():
        if row.permille + benefit.retired_plus.value > WHOLE:
            yield "retired_plus", f"and {row.permille} permille together are more than the whole"
    if benefit.scope.insutypes != {EMPLOYEE}:
        yield "retired_plus", "is for the employees' insurance only"


def _scope(benefit: Benefit) -> Iterator[Finding]:
    scope = benefit.scope
    standings = {row.standing for row in benefit.shares.values()}
    if scope.where is Where.HOME and standings != {None}:
        yield "share", "names a standing of remote care, but the benefit is for care at home"
    if scope.where is Where.AWAY and None in standings:
        yield "share", "must name the standing of remote care: the benefit is for no other"
    if Standing.AS_AT_HOME in standings:
        yield "share", "as_at_home is paid by the rows for care at home: give it no row"
    if len({kind.entitlement for kind in scope.med_types}) > 1:
        yield "med_types", "14 and 9901 ask for an entitlement: give each a benefit of its own"
    if MedType.TWO_DISEASE in scope.med_types and benefit.kinds != {ItemKind.DRUG}:
        yield "kinds", 'two-disease benefits pay medicines only: ["drug"]'


def _persons(benefit: Benefit) -> Iterator[Finding]:
    """Whoever is named beside others must not leave those without a row."""
    groups = {row.person for row in benefit.shares.values()}
    for standing in {row.standing for row in benefit.shares.values()}:
        here = {row.person for row in benefit.shares.values() if row.standing is standing}
        working = here & {PersonGroup.EMPLOYED, PersonGroup.RETIRED}
        if len(working) == 1 and PersonGroup.ANY not in here:
            yield "share", f"has a row for {working.pop()} of {standing or 'home'}, but none for the others"
    if benefit.scope.insutypes != {EMPLOYEE} and groups & {PersonGroup.EMPLOYED, PersonGroup.RETIRED}:
        yield "share", "employed and retired are groups of the employees' insurance only"
    if benefit.retired_plus is not None and PersonGroup.RETIRED in groups:
        yield "share", "has rows for retired people, who get retired_plus already"


def _levels(benefit: Benefit) -> Iterator[Finding]:
    """A table by hospital level must have a row for every level that the benefit admits."""
    for person, standing in {(row.person, row.standing) for row in benefit.shares.values()}:
        levels = {level for who, how, level in benefit.shares if (who, how) == (person, standing)}
        covered = None in levels or (PersonGroup.ANY, standing, None) in benefit.shares
        case = f"{person}, {standing or 'home'}"
        if not covered:
            admitted = {kind: level for level, kind in _LEVELS.items()}
            for kind in sorted(benefit.scope.institutions):
                if admitted.get(kind) not in levels:
                    yield "share", f"has no row for {kind} ({case}): there is a gap"
        for level in levels - {None}:
            if level is not None and _LEVELS[level] not in benefit.scope.institutions:
                yield "share", f"has a row for level {level} ({case}), but institutions does not"


def _overlaps(file: str, table: str, scopes: Sequence[tuple[str, Scope]]) -> Iterator[PackError]:
    for (one, scope), (other, others) in combinations(scopes, 2):
        if scope.meets(others):
            words = f"and {one} are both for some bills: which one pays must be plain"
            yield PackError(file, f"{table}.{other}", words)


def _accumulators(
    file: str, benefits: Sequence[Benefit], limits: Sequence[PersonLimit]
) -> Iterator[PackError]:
    for one, other in combinations(benefits, 2):
        if one.accumulator != other.accumulator:
            continue
        caps = [
            (b.fund_cap and b.fund_cap.value, tuple(cap.value for cap in b.counted_caps))
            for b in (one, other)
        ]
        if caps[0] != caps[1]:
            words = f"is shared with {one.benefit_id}, whose caps are others"
            yield PackError(file, f"benefit.{other.benefit_id}.accumulator", words)
        if not one.scope.insutypes & other.scope.insutypes:
            words = f"is shared with {one.benefit_id}, which is of another insurance"
            yield PackError(file, f"benefit.{other.benefit_id}.accumulator", words)
    taken = {benefit.accumulator for benefit in benefits}
    for limit in limits:
        if limit.accumulator in taken:
            words = "is that of a benefit: what limits add would count towards its caps"
            yield PackError(file, f"low_income_limit.{limit.limit_id}.accumulator", words)
