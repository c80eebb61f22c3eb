"""What a feed of visits proves about a disease (免申即享, 灵璧 [002]): pure, and the only place that decides it.

A region's pack says what is proof (``pack_model.Screening``). Diagnosis right but level too low, or too few visits, is
no proof: somebody from the village looks in instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.kit.periods import add_months
from app.services.chronic_disease.pack_model import Screening


class VisitKind(StrEnum):
    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"


class Lack(StrEnum):
    """What keeps visits with the right diagnosis from being proof."""

    LEVEL_TOO_LOW = "level_too_low"  # they would do if the hospital's level did
    TOO_FEW_VISITS = "too_few_visits"


@dataclass(frozen=True, slots=True)
class SeenVisit:
    """One visit. hospital_level: 1 to 3; 0 where it was no hospital or the level is not known."""

    id: UUID
    institution_id: UUID
    kind: VisitKind
    icd10: str
    visited_on: date
    discharged_on: date | None
    hospital_level: int

    @property
    def day(self) -> date:
        """When the diagnosis stood: at the discharge from a stay."""
        return self.discharged_on or self.visited_on


@dataclass(frozen=True, slots=True)
class Finding:
    """Visits that point to a disease, and what they lack to prove it; None: they prove it.

    visits: the proof itself, the oldest first, and no more than it takes; or all that point there.
    """

    visits: tuple[SeenVisit, ...]
    lack: Lack | None

    @property
    def is_proof(self) -> bool:
        return self.lack is None


def proves(screening: Screening, visits: Iterable[SeenVisit], today: date) -> tuple[SeenVisit, ...]:
    """The visits that prove the disease, the oldest first; empty if nothing does.

    Proof is one inpatient stay (the latest is named), or outpatient visits on enough different days (the latest).
    """
    counted = [
        one
        for one in _pointing_there(screening, visits, today)
        if one.hospital_level >= screening.min_hospital_level
    ]
    if screening.inpatient_stay:
        stays = [one for one in counted if one.kind is VisitKind.INPATIENT]
        if stays:
            return (max(stays, key=_order),)
    if screening.outpatient_days is None:
        return ()
    by_day: dict[date, SeenVisit] = {}
    for one in sorted(counted, key=_order):
        if one.kind is VisitKind.OUTPATIENT:
            by_day.setdefault(one.day, one)
    if len(by_day) < screening.outpatient_days:
        return ()
    return tuple(by_day[day] for day in sorted(by_day)[-screening.outpatient_days :])


def weigh(screening: Screening, visits: Iterable[SeenVisit], today: date) -> Finding | None:
    """Proof, or what is likely and what it lacks; None where no visit points to the disease."""
    pointing = _pointing_there(screening, visits, today)
    if not pointing:
        return None
    proof = proves(screening, pointing, today)
    if proof:
        return Finding(proof, None)
    at_any_level = proves(replace(screening, min_hospital_level=0), pointing, today)
    lack = Lack.LEVEL_TOO_LOW if at_any_level else Lack.TOO_FEW_VISITS
    return Finding(tuple(sorted(pointing, key=_order)), lack)


def points_to(screening: Screening, icd10: str) -> bool:
    """Whether a diagnosis is one of those that the screening looks for."""
    return icd10.startswith(screening.icd10)


def _pointing_there(screening: Screening, visits: Iterable[SeenVisit], today: date) -> Sequence[SeenVisit]:
    since = add_months(today, -screening.within_months)
    return [one for one in visits if since <= one.day <= today and points_to(screening, one.icd10)]


def _order(visit: SeenVisit) -> tuple[date, UUID]:
    return visit.day, visit.id
