"""Contradictions inside one pack, and between a pack and the one before it: what no single value shows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations

from app.benefits.model import EMPLOYEE, ItemKind, MedType, PersonGroup, PlaceKind, Standing
from app.benefits.pack_model import Benefit, PersonLimit, PolicyPack, Scope, Where
from app.benefits.rounding import WHOLE
from app.benefits.share_checks import share_findings
from app.kit.packs import PackCatalogue
from app.kit.toml_section import PackError

_LEVELS = {1: PlaceKind.HOSPITAL_1, 2: PlaceKind.HOSPITAL_2, 3: PlaceKind.HOSPITAL_3}


def contradictions(pack: PolicyPack) -> Iterator[PackError]:
    """Everything in the pack that cannot hold together, or leaves out a case that its own rows begin to settle."""
    file = pack.head.file
    for benefit in pack.benefits:
        checks = (_amounts, _ours, _scope, _diseases, _groups, _levels)
        for key, words in (finding for check in checks for finding in check(benefit)):
            yield PackError(file, f"benefit.{benefit.benefit_id}.{key}", words)
    for benefit_id, key, words in share_findings(pack):
        yield PackError(file, f"benefit.{benefit_id}.{key}", words)
    yield from _overlaps(file, "benefit", [(one.benefit_id, one.scope) for one in pack.benefits])
    yield from _overlaps(file, "low_income_limit", [(one.limit_id, one.scope) for one in pack.person_limits])
    yield from _accumulators(file, pack.benefits, pack.person_limits)


def broken_years(packs: Sequence[PolicyPack]) -> Iterator[PackError]:
    """A pack that takes over within a year must go on with its accumulators, also a county's from its city's."""
    catalogue = PackCatalogue("policy pack", packs)
    for pack in packs:
        begins = pack.effective_from
        if (begins.month, begins.day) == (1, 1):
            continue
        try:
            before = catalogue.pack_for(pack.region_code, begins - timedelta(days=1))
        except LookupError:
            continue
        for earlier in before.benefits:
            for later in pack.benefits:
                if earlier.scope.meets(later.scope) and earlier.accumulator != later.accumulator:
                    words = (
                        f"is {later.accumulator}, but {earlier.accumulator} in {before.pack_id}: deductible and caps "
                        "would begin anew within the year"
                    )
                    yield PackError(pack.head.file, f"benefit.{later.benefit_id}.accumulator", words)


Finding = tuple[str, str]


def _amounts(benefit: Benefit) -> Iterator[Finding]:
    caps = [cap.value for cap in benefit.counted_caps]
    if caps and caps[0] <= benefit.deductible.value:
        yield "counted_cap", "is not above the deductible: the benefit would never pay"
    if caps != sorted(caps):
        yield "counted_cap", "is lower for more diseases than for fewer"
    if len(caps) > 1 and not any(kind.entitlement for kind in benefit.scope.med_types):
        yield "counted_cap", "differs by diseases, but the benefit asks for none"
    if benefit.retired_plus is None:
        return
    for row in benefit.shares.values():
        if row.permille + benefit.retired_plus.value > WHOLE:
            yield "retired_plus", f"and {row.permille} permille together are more than the whole"
    if benefit.scope.insutypes != {EMPLOYEE}:
        yield "retired_plus", "is for the employees' insurance only"


def _ours(benefit: Benefit) -> Iterator[Finding]:
    """What no source gives is no number: a share of ours is a floor, a deductible of ours is none, a cap of ours cannot be."""
    if benefit.deductible.ours and benefit.deductible.value:
        yield "deductible", "of ours must be 0: no source, no number"
    if any(row.ours and not row.at_least for row in benefit.shares.values()):
        yield "share", "of ours must be a floor that follows from published ones: at_least = true"
    limits = [one for limit in benefit.disease_limits.values() for one in (limit.counted, limit.fund)]
    for key, figures in (
        ("retired_plus", [benefit.retired_plus]),
        ("fund_cap", [benefit.fund_cap]),
        ("counted_cap", benefit.counted_caps),
        ("disease_limit", limits),
    ):
        if any(figure is not None and figure.ours for figure in figures):
            yield key, "cannot be ours: no source, no number"


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


def _diseases(benefit: Benefit) -> Iterator[Finding]:
    if not benefit.disease_limits:
        return
    if benefit.scope.med_types != {MedType.CHRONIC_OUTPATIENT}:
        yield "disease_limit", "is for 14 only: no other bill must name its disease"
    others = benefit.disease_limits.get(None)
    if others is not None and others.counted is None and others.fund is None:
        yield "disease_limit", "without a disease and without an amount limits nothing: take it out"


def _groups(benefit: Benefit) -> Iterator[Finding]:
    groups = {row.person for row in benefit.shares.values()}
    if benefit.scope.insutypes != {EMPLOYEE} and groups & {PersonGroup.EMPLOYED, PersonGroup.RETIRED}:
        yield "share", "employed and retired are groups of the employees' insurance only"
    if benefit.retired_plus is not None and PersonGroup.RETIRED in groups:
        yield "share", "has rows for retired people, who get retired_plus already"


def _levels(benefit: Benefit) -> Iterator[Finding]:
    for level in sorted({row.level for row in benefit.shares.values() if row.level is not None}):
        if _LEVELS[level] not in benefit.scope.institutions:
            yield "share", f"has a row for level {level}, but institutions does not"


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
        if _caps(one) != _caps(other):
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


def _caps(benefit: Benefit) -> object:
    """All caps by which the year of an accumulator is bounded."""
    return (
        benefit.fund_cap and benefit.fund_cap.value,
        [cap.value for cap in benefit.counted_caps],
        {
            disease: (limit.counted and limit.counted.value, limit.fund and limit.fund.value)
            for disease, limit in benefit.disease_limits.items()
        },
    )
