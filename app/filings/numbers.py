"""Cases as other domains need them to tell people of what a case gave."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.models import Filing
from app.filings.queries import UNDER_WAY
from app.identity import service as identity


@dataclass(frozen=True)
class Told:
    """The number that people know a case by, and who filed it for a minor and still acts for him or her."""

    number: str
    guardian_id: UUID | None


def told_of(session: Session, filing_ids: Collection[UUID]) -> dict[UUID, Told]:
    """Case → what people are told of it and who else is told, in two statements."""
    query = select(Filing.id, Filing.number, Filing.person_id, Filing.applicant_person_id)
    rows = session.execute(query.where(Filing.id.in_(filing_ids))).all()
    guardians = identity.guardians_of_each(session, {row.person_id for row in rows})
    return {
        row.id: Told(
            row.number,
            row.applicant_person_id if row.applicant_person_id in guardians.get(row.person_id, ()) else None,
        )
        for row in rows
    }


def with_cases_under_way(session: Session, person_ids: Collection[UUID], service_code: str) -> set[UUID]:
    """Those of these persons about whom a case of the service is under way, in one statement."""
    query = select(Filing.person_id).where(
        Filing.person_id.in_(person_ids), Filing.service_code == service_code, Filing.status.in_(UNDER_WAY)
    )
    return set(session.execute(query).scalars())
