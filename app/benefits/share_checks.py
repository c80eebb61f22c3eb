"""What is wrong with the shares of a pack: gaps in a table, and people who are better placed but get less.

The rows are asked as a bill asks them, for everybody and every place, so that no row's absence hides behind another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Final

from app.benefits.choosing import find_benefit, find_share
from app.benefits.model import (
    EMPLOYEE,
    Insured,
    MedType,
    PersonGroup,
    Place,
    PlaceKind,
    PlaceType,
    RemoteStanding,
    Standing,
)
from app.benefits.pack_model import Benefit, PolicyPack, ShareRow

Finding = tuple[str, str, str]
"""The benefit, the key of its table, what is wrong."""

NO_LESS_THAN: Final[Mapping[Standing, tuple[Standing, ...]]] = {
    Standing.AS_AT_HOME: (Standing.LONG_TERM, Standing.COUNTS_AS_FILED),
    Standing.LONG_TERM: (Standing.REFERRAL, Standing.EMERGENCY),
    Standing.REFERRAL: (Standing.OTHER_TEMPORARY,),
    Standing.EMERGENCY: (Standing.OTHER_TEMPORARY,),
    Standing.OTHER_TEMPORARY: (Standing.NOT_FILED,),
    Standing.COUNTS_AS_FILED: (Standing.NOT_FILED,),
    Standing.NOT_FILED: (Standing.NOT_FILED_NOT_URGENT,),
}
"""Who files, is an emergency or is exempt must not get less than who is not. As at home: by the rows for care at home."""

_PLACES: Final = {kind: _type for _type in PlaceType for kind in PlaceKind if kind.startswith(_type)}
_LEVELS: Final = {PlaceKind.HOSPITAL_1: 1, PlaceKind.HOSPITAL_2: 2, PlaceKind.HOSPITAL_3: 3}
_ELSEWHERE: Final = "00"


def share_findings(pack: PolicyPack) -> Iterator[Finding]:
    """Each gap of a table once, and each standing that is worse off than a lesser one, with one example."""
    for benefit in pack.benefits:
        yield from _gaps(benefit)
    found: dict[tuple[str, Standing], Finding] = {}
    for insutype, med_type in sorted(
        {pair for one in pack.benefits for pair in product(one.scope.insutypes, one.scope.med_types)}
    ):
        for benefit_id, better, words in _worse_off(pack, insutype, med_type):
            found.setdefault((benefit_id, better), (benefit_id, "share", words))
    yield from found.values()


def _gaps(benefit: Benefit) -> Iterator[Finding]:
    """Whoever is named beside others must not leave those without a row, nor one level the others."""
    scope = benefit.scope
    people = [one for insutype in sorted(scope.insutypes) for one in _people(insutype)]
    for standing in (None, *Standing):
        remote = RemoteStanding(standing)
        if standing is Standing.AS_AT_HOME or not scope.where.admits(remote):
            continue
        cases = list(product(people, sorted(scope.institutions)))
        missing = [
            (person, kind)
            for person, kind in cases
            if find_share(benefit, person, _place(kind, _ELSEWHERE), remote) is None
        ]
        if len(missing) < len(cases):
            for person, kind in missing:
                words = f"has no row for {kind} ({_group(person)}, {standing or 'home'}): there is a gap"
                yield benefit.benefit_id, "share", words


def _worse_off(pack: PolicyPack, insutype: str, med_type: MedType) -> Iterator[tuple[str, Standing, str]]:
    """The benefit that pays the lesser standing, the better one, and the words."""
    areas = {code for one in pack.benefits for code in one.scope.regions}
    for kind, area, person in product(PlaceKind, sorted({_ELSEWHERE, *areas}), _people(insutype)):
        place = _place(kind, area)
        paid = {one: _paid(pack, person, med_type, place, one) for one in Standing}
        for better, lesser in _ORDER:
            more, less = paid[better], paid[lesser]
            if less is None or (more is not None and more[1].permille >= less[1].permille):
                continue
            benefit, row = less
            gets = "gets nothing" if more is None else f"gets {more[1].permille}"
            words = f"gives {lesser} {row.permille} permille, but {better} {gets} ({kind}, {_group(person)})"
            yield benefit.benefit_id, better, words


def _paid(
    pack: PolicyPack, person: Insured, med_type: MedType, place: Place, standing: Standing
) -> tuple[Benefit, ShareRow] | None:
    remote = RemoteStanding(standing)
    benefit = find_benefit(pack, person.insutype, med_type, place, remote)
    row = None if benefit is None else find_share(benefit, person, place, remote)
    return None if benefit is None or row is None else (benefit, row)


def _order() -> Iterator[tuple[Standing, Standing]]:
    """Each standing with each lesser one, the nearest first."""
    for better in NO_LESS_THAN:
        lesser = list(NO_LESS_THAN[better])
        for one in lesser:
            lesser.extend(other for other in NO_LESS_THAN.get(one, ()) if other not in lesser)
        yield from ((better, one) for one in lesser)


_ORDER: Final = tuple(_order())


def _people(insutype: str) -> tuple[Insured, ...]:
    """Everybody whom a share table can tell apart."""
    plain = Insured(insutype, "")
    retired = (replace(plain, retired=True),) if insutype == EMPLOYEE else ()
    return (plain, *retired, replace(plain, student=True))


def _group(person: Insured) -> str:
    first = person.groups[0]
    return "everybody" if first is PersonGroup.ANY else first.value


def _place(kind: PlaceKind, region_code: str) -> Place:
    return Place(region_code, _PLACES[kind], _LEVELS.get(kind))
