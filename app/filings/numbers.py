"""Cases as other domains need them to tell people of what a case gave."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.models import Filing
from app.filings.queries import UNDER_WAY


@dataclass(frozen=True)
class Told:
    """The number that people know a case by, and who filed it."""

    number: str
    applicant_person_id: UUID


def told_of(session: Session, filing_ids: Collection[UUID]) -> dict[UUID, Told]:
    """Case → what people are told of it, in one statement."""
    query = select(Filing.id, Filing.number, Filing.applicant_person_id).where(Filing.id.in_(filing_ids))
    return {row[0]: Told(row[1], row[2]) for row in session.execute(query)}


def with_cases_under_way(session: Session, person_ids: Collection[UUID], service_code: str) -> set[UUID]:
    """Those of these persons about whom a case of the service is under way, in one statement."""
    query = select(Filing.person_id).where(
        Filing.person_id.in_(person_ids), Filing.service_code == service_code, Filing.status.in_(UNDER_WAY)
    )
    return set(session.execute(query).scalars())


def numbers_of(session: Session, filing_ids: Collection[UUID]) -> dict[UUID, str]:
    """Case → the number that people know it by, in one statement."""
    return {filing_id: told.number for filing_id, told in told_of(session, filing_ids).items()}
