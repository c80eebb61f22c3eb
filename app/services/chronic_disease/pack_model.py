"""What a pack of criteria holds once it is read: frozen values, each with the source it rests on.

``satisfied`` and ``unmet`` are the rule by which an expert's ticks become an opinion: every required criterion, and
of each group at least as many as it asks for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.kit.packs import PackNote, RegionPack, Source
from app.kit.text import Text
from app.materials.kinds import PaperKind

EMPLOYEE: Final = "310"
RESIDENT: Final = "390"
INSUTYPES: Final = (EMPLOYEE, RESIDENT)

PAPER_KINDS: Final = frozenset(map(str, PaperKind))

SPECIALTIES: Final = frozenset(
    {
        *("心血管内科", "内分泌科", "神经内科", "肿瘤科", "肾内科", "呼吸内科", "消化内科", "精神科"),
        *("风湿免疫科", "血液科", "骨科", "感染科", "眼科", "儿科", "康复科", "皮肤科"),
    }
)
"""The specialties for which experts are drawn. Where a pool has none of one, general practitioners stand in."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing an expert ticks. ``id`` is stable: opinions keep it. ``evidence``: the paper that shows it.

    ``group`` None: it is required; else it counts towards its group.
    """

    id: str
    text: Text
    evidence: Text
    group: str | None = None

    @property
    def required(self) -> bool:
        return self.group is None


@dataclass(frozen=True, slots=True)
class CriterionGroup:
    """At least this many of the criteria that name the group must be met."""

    at_least: int
    text: Text


@dataclass(frozen=True, slots=True)
class PaperRule:
    """One paper to hand in: any of ``kinds`` will do. ``why``: what it is to show.

    ``within_months``: how old it may be on the day of submission; None: of any age.
    """

    kinds: tuple[str, ...]
    why: Text
    within_months: int | None


@dataclass(frozen=True, slots=True)
class Renewal:
    """How an entitlement that ends is renewed: from so many days before its end, with these papers."""

    from_days_before: int
    papers: tuple[PaperRule, ...]
    text: Text


@dataclass(frozen=True, slots=True)
class Screening:
    """What a feed of visits proves without an application (免申即享, 灵璧 [002]).

    A visit counts if its main diagnosis begins with one of ``icd10``, at a hospital of at least this level and within
    so many months. Proof is one inpatient stay (if ``inpatient_stay``) or outpatient visits on ``outpatient_days``
    different days (None: outpatient visits alone prove nothing).
    """

    icd10: tuple[str, ...]
    min_hospital_level: int
    inpatient_stay: bool
    outpatient_days: int | None
    within_months: int


@dataclass(frozen=True, slots=True)
class DiseaseCriteria:
    """What a region asks before it recognises one disease, and what the recognition gives.

    specialty: of the expert who is drawn. min_hospital_level: 1 to 3, of the hospital whose diagnosis counts.
    validity_months: None is open-ended; ``renewal`` is there exactly if the validity ends.
    yearly_limit_fen: None where no number is known; the text says what people are told either way.
    excludes: codes of entitlements that cannot be held beside this one. includes: codes that this one covers, so
    that nobody needs them beside it. insutypes: whose coverage counts (310 employee, 390 resident).
    sources: by field name, where each value comes from.
    """

    disease_code: str
    specialty: str
    criteria: tuple[Criterion, ...]
    groups: Mapping[str, CriterionGroup]
    papers: tuple[PaperRule, ...]
    min_hospital_level: int
    validity_months: int | None
    renewal: Renewal | None
    yearly_limit_fen: int | None
    yearly_limit_text: Text
    excludes: frozenset[str]
    includes: frozenset[str]
    insutypes: frozenset[str]
    screening: Screening | None
    sources: Mapping[str, Source]

    @property
    def source(self) -> Source:
        """Where the criteria, the medical content, come from."""
        return self.sources["criteria"]

    def satisfied(self, ticks: Mapping[str, bool]) -> bool:
        """Whether the ticks meet the criteria. A criterion without a tick is not met; unknown ids count for nothing."""
        if not all(ticks.get(one.id, False) for one in self.criteria if one.required):
            return False
        return all(self._met_in(name, ticks) >= group.at_least for name, group in self.groups.items())

    def unmet(self, ticks: Mapping[str, bool]) -> list[Criterion]:
        """What stands between the ticks and a recognition, in the pack's order; empty exactly if ``satisfied``.

        Of a group that falls short these are all its criteria that are not met: any of them would help.
        """
        short = {name for name, group in self.groups.items() if self._met_in(name, ticks) < group.at_least}
        return [
            one
            for one in self.criteria
            if not ticks.get(one.id, False) and (one.required or one.group in short)
        ]

    def _met_in(self, group: str, ticks: Mapping[str, bool]) -> int:
        return sum(ticks.get(one.id, False) for one in self.criteria if one.group == group)


TERM_LIMITS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "max_institutions": (1, 10),
        "institution_changes_per_year": (1, 12),
        "expert_days": (1, 60),
        "agency_days": (1, 60),
        "correction_days": (1, 60),
        "appeal_days": (1, 60),
    }
)
"""The numbers that hold for all diseases of a region, each with the least and the greatest that makes sense."""


@dataclass(frozen=True, slots=True)
class CriteriaPack(RegionPack):
    """The criteria of one region from one day on. A case keeps ``pack_id`` and is judged by it for ever.

    diseases: every disease of the catalogue. general: the codes among them for which the pack knows nothing of their
    own, so that its general criteria hold. two_disease: who gets 两病, by disease code; there ``excludes`` names the
    chronic-disease entitlements beside which it is not given.
    max_institutions: how many designated institutions a person may choose. The days are working days: for the
    expert's opinion, for the agency's review, for adding what is missing, and for appealing against a refusal.
    term_sources: by the names of these numbers, where each comes from.
    """

    source: Source
    diseases: Mapping[str, DiseaseCriteria]
    general: frozenset[str]
    two_disease: Mapping[str, DiseaseCriteria]
    max_institutions: int
    institution_changes_per_year: int
    expert_days: int
    agency_days: int
    correction_days: int
    appeal_days: int
    term_sources: Mapping[str, Source]
    notes: tuple[PackNote, ...]

    def sources(self) -> Iterator[Source]:
        """Every source that something in this pack rests on, with repetitions."""
        yield self.source
        yield from self.term_sources.values()
        for criteria in (*self.diseases.values(), *self.two_disease.values()):
            yield from criteria.sources.values()
        for note in self.notes:
            yield note.source
