"""What a policy pack holds once it is read: one region's rules for paying bills, each number with its source's key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.benefits.model import ItemKind, MedType, PersonGroup, Place, PlaceKind, RemoteStanding, Standing
from app.kit.packs import RegionPack, Source
from app.kit.text import Text


class Where(StrEnum):
    """For which care a benefit is: at home (or paid as at home), remote, or both."""

    HOME = "home"
    AWAY = "away"
    ANY = "any"

    def admits(self, remote: RemoteStanding) -> bool:
        return self is Where.ANY or (self is Where.HOME) == remote.at_home


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a pack, in fen or permille, and the key of its source. ``ours``: no document says so, but we do."""

    value: int
    source: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Class B: who pays ``permille`` of the whole line first, for unit prices above ``over_e4`` and up to ``up_to_e4``.

    Prices in 1/10,000 yuan; ``up_to_e4`` None: however dear.
    """

    over_e4: int
    up_to_e4: int | None
    permille: int
    source: str

    def holds(self, unit_price_e4: int) -> bool:
        return self.up_to_e4 is None or unit_price_e4 <= self.up_to_e4


ShareKey = tuple[PersonGroup, Standing | None, int | None]
"""Group of persons, standing of remote care (None: at home), hospital level (None: any)."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The fund's share of what is counted above the deductible. ``at_least``: the source gives it as a floor.

    ``ours``: the share was never published to us; what is paid is a floor that follows from others.
    """

    person: PersonGroup
    standing: Standing | None
    level: int | None
    permille: int
    at_least: bool
    source: str
    ours: bool

    @property
    def key(self) -> ShareKey:
        return (self.person, self.standing, self.level)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which bills a rule is for. ``regions``: region codes with all below them, () for any; ``area``: their name."""

    insutypes: frozenset[str]
    med_types: frozenset[MedType]
    where: Where
    regions: tuple[str, ...]
    area: Text | None
    institutions: frozenset[PlaceKind]

    def covers(self, insutype: str, med_type: MedType) -> bool:
        return insutype in self.insutypes and med_type in self.med_types

    def reaches(self, place: Place) -> bool:
        """Whether the place lies in the regions, whatever kind it is."""
        return not self.regions or place.region_code.startswith(self.regions)

    def admits(self, place: Place, remote: RemoteStanding) -> bool:
        return place.kind in self.institutions and self.where.admits(remote) and self.reaches(place)

    def meets(self, other: "Scope") -> bool:
        """Whether some bill is in both."""
        return bool(
            self.insutypes & other.insutypes
            and self.med_types & other.med_types
            and self.institutions & other.institutions
            and (self.where is other.where or Where.ANY in {self.where, other.where})
            and _regions_meet(self.regions, other.regions)
        )


def _regions_meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if not one or not other:
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one for b in other)


@dataclass(frozen=True, slots=True)
class DiseaseLimit:
    """What is counted and what the fund pays for one disease in a year, None: as much as the benefit has room for.

    ``disease`` None: for each disease without a limit of its own.
    """

    disease: str | None
    counted: Figure | None
    fund: Figure | None
    source: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit: for which bills, its deductible, shares and caps. Amounts in fen, all of one calendar year.

    ``kinds``: the lines that it pays, all if empty. ``counted_caps``: how much expense is counted for holders of one
    disease, of two, …; the last for all beyond. ``disease_limits``: by disease code, None for all others.
    ``accumulator``: under which the year is added up, the region in front.
    """

    benefit_id: str
    name: Text
    scope: Scope
    kinds: frozenset[ItemKind]
    deductible: Figure
    shares: Mapping[ShareKey, ShareRow]
    retired_plus: Figure | None
    fund_cap: Figure | None
    counted_caps: tuple[Figure, ...]
    disease_limits: Mapping[str | None, DiseaseLimit]
    accumulator: str

    @property
    def deductible_is_unknown(self) -> bool:
        """Whether none is taken only because no source gives one."""
        return self.deductible.ours and not self.deductible.value

    def disease_limit(self, disease_code: str) -> DiseaseLimit | None:
        """The limit of a disease: its own, or that of all others; None: it has none."""
        return self.disease_limits.get(disease_code) or self.disease_limits.get(None)

    def disease_accumulator(self, disease_code: str) -> str:
        """Under which the year of one disease is added up, beside the benefit's own."""
        return f"{self.accumulator}:{disease_code}"

    def pays(self, kind: ItemKind) -> bool:
        return not self.kinds or kind in self.kinds

    def counted_cap(self, diseases: int) -> Figure | None:
        """The cap on counted expense for a holder of that many diseases; None: no cap."""
        return (
            self.counted_caps[min(max(diseases, 1), len(self.counted_caps)) - 1]
            if self.counted_caps
            else None
        )


@dataclass(frozen=True, slots=True)
class PersonLimit:
    """Low-income people never pay more than ``limit`` permille of such a bill; the fund's side pays what is above."""

    limit_id: str
    name: Text
    scope: Scope
    limit: Figure
    accumulator: str


@dataclass(frozen=True, slots=True)
class PolicyPack(RegionPack):
    """The rules of one region from one day on. A settlement keeps ``pack_id``; steps name keys of ``sources``."""

    sources: Mapping[str, Source]
    first_shares: Mapping[ItemKind, tuple[Band, ...]]
    benefits: tuple[Benefit, ...]
    person_limits: tuple[PersonLimit, ...]

    def cited(self) -> Iterator[str]:
        """The source's key of every number, with repetitions."""
        for bands in self.first_shares.values():
            yield from (band.source for band in bands)
        for benefit in self.benefits:
            yield benefit.deductible.source
            yield from (row.source for row in benefit.shares.values())
            yield from (cap.source for cap in benefit.counted_caps)
            yield from (limit.source for limit in benefit.disease_limits.values())
            yield from (figure.source for figure in (benefit.retired_plus, benefit.fund_cap) if figure)
        yield from (limit.limit.source for limit in self.person_limits)
