"""What settlement must know of other services, asked through providers that the registry installs.

``services`` and ``settlement`` do not know each other: remote care answers with which filing somebody comes, chronic
disease which benefits somebody holds. Each provider is one function in its own service
(``services/remote_care/standing.py``, ``services/chronic_disease/held.py``); the types they share are those of
``benefits``. A new benefit that is granted by an application comes in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.model import HeldBenefit, Insured, MedType, RemoteStanding


class Held(Protocol):
    """An entitlement in force on a day: for what, under which insurance, from when until when (None: without end)."""

    @property
    def benefit(self) -> HeldBenefit: ...
    @property
    def insutype(self) -> str: ...
    @property
    def region_code(self) -> str: ...
    @property
    def begins_on(self) -> date: ...
    @property
    def ends_on(self) -> date | None: ...


class RemoteStandings(Protocol):
    """How care at a place reaches the fund. chronic_entitled: a chronic entitlement of this insurance is in force."""

    def __call__(
        self,
        session: Session,
        person_id: UUID,
        insured: Insured,
        care_region_code: str,
        day: date,
        med_type: MedType,
        *,
        urgent: bool,
        chronic_entitled: bool,
    ) -> RemoteStanding: ...


class HeldBenefits(Protocol):
    """What a person holds on a day, whatever the insurance; ``place_allowed`` of each is for this institution."""

    def __call__(
        self, session: Session, person_id: UUID, day: date, institution_id: UUID
    ) -> Sequence[Held]: ...


@dataclass(frozen=True)
class Facts:
    """The providers."""

    standing: RemoteStandings
    held: HeldBenefits


class _Installed:
    facts: Facts | None = None


def install(facts: Facts) -> None:
    """Called by the registry, once."""
    _Installed.facts = facts


def facts() -> Facts:
    """The installed providers. RuntimeError before ``install``."""
    if _Installed.facts is None:
        raise RuntimeError("settlement has no providers: the registry installs them")
    return _Installed.facts


def held_under(
    session: Session, person_id: UUID, insured: Insured, day: date, institution_id: UUID
) -> tuple[Held, ...]:
    """What a person holds under one insurance: a benefit that another insurance or region granted is not paid by it."""
    found = facts().held(session, person_id, day, institution_id)
    return tuple(
        one for one in found if one.insutype == insured.insutype and one.region_code == insured.region_code
    )
