"""What a remote-care policy pack holds once it is read: frozen values, each with the source it rests on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kit.packs import PackNote, RegionPack, Ruled, Source
from app.materials.kinds import PaperKind
from app.services.remote_care.categories import (
    Approver,
    BothDirections,
    Category,
    Decision,
    MedType,
    Proof,
    ProofMode,
    Situation,
)

MONTHS_OF_LOCK_AT_MOST = 6
"""医保发〔2022〕22号: a region's lock on a long-term filing is in principle no longer than six months."""


class AreaScope(StrEnum):
    """How far home reaches: a person does not file to a place inside it."""

    CITY = "city"
    COUNTY = "county"


class Ground(StrEnum):
    """What an answer rests on when no exemption applies."""

    FILE_ACROSS_PROVINCES = "file_across_provinces"
    FILE_IN_PROVINCE = "file_in_province"
    CHRONIC_RECOGNITION = "chronic_recognition"


class ExemptionKind(StrEnum):
    STUDENT_NATIONWIDE = "student_nationwide"
    WITHIN_PROVINCE = "within_province"
    CHRONIC_IN_PROVINCE = "chronic_in_province"
    ALLIANCE = "alliance"
    EMERGENCY_COUNTS_AS_FILED = "emergency_counts_as_filed"
    AUTOMATIC_AT_DISCHARGE = "automatic_at_discharge"
    PERSONAL_ACCOUNT_NATIONWIDE = "personal_account_nationwide"


@dataclass(frozen=True, slots=True)
class ExemptionRule:
    """From ``since`` on, care of these ``med_types`` needs no filing (for an alliance: in these regions)."""

    kind: ExemptionKind
    since: date
    med_types: frozenset[MedType]
    regions: tuple[str, ...]
    source: Source


ShareKey = tuple[str, str, MedType, Situation, int | None]
"""Insurance, group of persons, kind of care, situation, hospital level (None: any)."""


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The fund's share in whole percent of what is in scope above the deductible; level None means any."""

    insutype: str
    person: str
    med_type: MedType
    situation: Situation
    hospital_level: int | None
    percent: int
    source: Source

    @property
    def key(self) -> ShareKey:
        return (self.insutype, self.person, self.med_type, self.situation, self.hospital_level)


@dataclass(frozen=True, slots=True)
class StartWindow:
    """The days before (≥ 0) and after the day of filing on which a filing may begin, back-filing aside."""

    earliest_days: int
    latest_days: int


@dataclass(frozen=True, slots=True)
class BackfilePolicy:
    """Whether one may file late: before the hospital settles the bill, and after paying it oneself."""

    before_settlement: bool
    after_self_paid: bool


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """One paper to hand in; any of these kinds will do."""

    any_of: tuple[PaperKind, ...]


@dataclass(frozen=True, slots=True)
class CategoryRules:
    """A region's rules for one category. Months of validity 0: open-ended; months of lock 0: no lock."""

    offered: Ruled[bool]
    proof: Ruled[ProofMode]
    papers: Ruled[Mapping[Proof, tuple[PaperGroup, ...]]]
    decision: Ruled[Mapping[Proof, Decision]]
    approver: Ruled[Approver]
    deadline_days: Ruled[int]
    validity_months: Ruled[int]
    lock_months: Ruled[int]
    change_allowed: Ruled[bool]
    cancel_allowed: Ruled[bool]
    start_window: Ruled[StartWindow]
    backfile: Ruled[BackfilePolicy]
    both_directions: Ruled[Mapping[Proof, BothDirections]]


@dataclass(frozen=True, slots=True)
class Pack(RegionPack):
    """The rules of one region during one time. A case keeps ``pack_id`` and is judged by it for ever."""

    home_area: Ruled[AreaScope]
    grounds: Mapping[Ground, Source]
    rules: Mapping[Category, CategoryRules]
    exemptions: tuple[ExemptionRule, ...]
    shares: Mapping[ShareKey, ShareRow]
    drop_limits: Mapping[Situation, Ruled[int]]
    notes: tuple[PackNote, ...]

    def sources(self) -> Iterator[Source]:
        """Every source that a rule, number or note of this pack rests on, with repetitions."""
        yield self.home_area.source
        yield from self.grounds.values()
        for rules in self.rules.values():
            for name in CategoryRules.__dataclass_fields__:
                yield getattr(rules, name).source
        for group in (
            self.exemptions,
            self.shares.values(),
            self.drop_limits.values(),
            self.notes,
        ):
            for item in group:
                yield item.source
