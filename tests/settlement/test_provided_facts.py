"""What other services tell settlement, and what of it counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from app.benefits.model import Entitlement, HeldBenefit, Insured, RemoteStanding
from app.kit.db import Database
from app.places.models import InstitutionType
from app.settlement import facts
from app.settlement.businesses import SCANNED_AT, Purpose, suiting
from app.vouchers.business import BusinessType

TODAY = date(2026, 3, 2)
HYPERTENSION = HeldBenefit(Entitlement.TWO_DISEASE, "M03900", "高血压病")
RESIDENT = Insured("390", "320922")


@dataclass(frozen=True)
class Told:
    insutype: str
    region_code: str
    benefit: HeldBenefit = HYPERTENSION
    begins_on: date = TODAY
    ends_on: date | None = None


@pytest.fixture
def told() -> Iterator[list[Told]]:
    """Settlement asks this list instead of the services."""
    rows: list[Told] = []
    before = facts.facts()

    def held(session: Session, person_id: UUID, day: date, institution_id: UUID) -> list[Told]:
        return rows

    def standing(*_: object, **__: object) -> RemoteStanding:
        return RemoteStanding()

    facts.install(facts.Facts(standing=standing, held=held))
    yield rows
    facts.install(before)


def test_a_benefit_counts_under_the_insurance_and_region_that_granted_it(told: list[Told]) -> None:
    told += [Told("390", "320922"), Told("310", "320922"), Told("390", "6109"), Told("390", "3209")]
    with Database("sqlite://").reading() as session:
        found = facts.held_under(session, uuid4(), RESIDENT, TODAY, uuid4())
    assert found == (told[0],)


def test_every_business_type_is_scanned_somewhere_and_paying_ones_are_few() -> None:
    assert set(BusinessType) == set().union(*SCANNED_AT.values())
    assert suiting(InstitutionType.PHARMACY, Purpose.SETTLEMENT) == {
        BusinessType.PHARMACY_PURCHASE,
        BusinessType.OUTSIDE_PRESCRIPTION,
    }
    for kind in (InstitutionType.HOSPITAL, InstitutionType.CLINIC):
        assert suiting(kind, Purpose.SETTLEMENT) == {
            BusinessType.REGISTRATION,
            BusinessType.SETTLEMENT,
            BusinessType.DISPENSING,
        }
    for kind in InstitutionType:
        assert suiting(kind, Purpose.SETTLEMENT) < suiting(kind, Purpose.INQUIRY) == SCANNED_AT[kind]
