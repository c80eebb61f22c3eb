"""Reads and writes of remote-care records."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, bindparam, or_, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from app.kit.pages import Page, newest_first
from app.places import regions
from app.services.remote_care.backfiling import BackfileOutcome
from app.services.remote_care.categories import Category
from app.services.remote_care.models import VALID, RemoteCareRecord
from app.services.remote_care.records import CareRecord


def in_force(session: Session, person_id: UUID, since: date) -> Sequence[RemoteCareRecord]:
    """The person's valid records that have not ended before ``since``, locked and as they are now. A handful."""
    return session.execute(_IN_FORCE, {"person_id": person_id, "since": since}).scalars().all()


# What every filing executes is built once: building a statement takes longer than executing it.
_IN_FORCE = (
    select(RemoteCareRecord)
    .where(
        RemoteCareRecord.person_id == bindparam("person_id"),
        RemoteCareRecord.vali_flag == VALID,
        or_(RemoteCareRecord.enddate.is_(None), RemoteCareRecord.enddate >= bindparam("since")),
    )
    .order_by(RemoteCareRecord.id)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def page_of(
    session: Session, person_ids: Sequence[UUID], cursor: str | None, limit: int
) -> Page[RemoteCareRecord]:
    query = select(RemoteCareRecord).where(RemoteCareRecord.person_id.in_(person_ids))
    return newest_first(session, query, RemoteCareRecord.id, cursor, limit)


def get(session: Session, record_id: UUID) -> RemoteCareRecord | None:
    return session.get(RemoteCareRecord, record_id)


def locked_of_filing(session: Session, filing_id: UUID) -> RemoteCareRecord | None:
    """The record that a case gave, locked and as it is now."""
    query = select(RemoteCareRecord).where(RemoteCareRecord.filing_id == filing_id).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def of_filing(session: Session, filing_id: UUID) -> RemoteCareRecord | None:
    """The record that a case gave; one added in this very transaction is found as well."""
    for pending in session.new:
        if isinstance(pending, RemoteCareRecord) and pending.filing_id == filing_id:
            return pending
    return session.execute(_OF_FILING, {"filing_id": filing_id}).scalar_one_or_none()


_OF_FILING = select(RemoteCareRecord).where(RemoteCareRecord.filing_id == bindparam("filing_id"))


StoredRow = Row[*tuple[Any, ...]]
"""A record's columns as they stand in the database."""


def rows_of_filings(session: Session, filing_ids: Collection[UUID]) -> dict[UUID, StoredRow]:
    """Case → the row of the record that it gave, as it stands there: a category that there is not is read too."""
    columns = [column for column in RemoteCareRecord.__table__.columns if column.key != "category"]
    category = type_coerce(RemoteCareRecord.category, String).label("category")
    query = select(*columns, category).where(RemoteCareRecord.filing_id.in_(filing_ids))
    return {row.filing_id: row for row in session.execute(query)}


@dataclass(frozen=True)
class Ending:
    """How far the walk over records that end soon has come."""

    enddate: date
    id: UUID

    @classmethod
    def of(cls, record: RemoteCareRecord) -> "Ending":
        if record.enddate is None:
            raise ValueError("the record has no end")
        return cls(record.enddate, record.id)


def ending(
    session: Session, first: date, last: date, limit: int, after: Ending | None
) -> Sequence[RemoteCareRecord]:
    """Valid records that end by themselves from ``first`` to ``last`` and were not reminded of, locked, in the order
    of their ends; those that somebody else has locked just now are passed over."""
    query = select(RemoteCareRecord).where(
        RemoteCareRecord.enddate >= first,
        RemoteCareRecord.enddate <= last,
        RemoteCareRecord.enddate.is_not(None),
        RemoteCareRecord.ended_at.is_(None),
        RemoteCareRecord.reminded_at.is_(None),
        RemoteCareRecord.vali_flag == VALID,
        # What was filed for a stay that was over, or for an emergency, is not renewed.
        RemoteCareRecord.category != Category.EMERGENCY,
        RemoteCareRecord.settlement != BackfileOutcome.MANUAL_REIMBURSEMENT,
    )
    if after is not None:
        query = query.where(tuple_(RemoteCareRecord.enddate, RemoteCareRecord.id) > (after.enddate, after.id))
    query = query.order_by(RemoteCareRecord.enddate, RemoteCareRecord.id).limit(limit)
    return session.execute(query.with_for_update(skip_locked=True)).scalars().all()


def places_covered(
    session: Session, person_ids: Collection[UUID], since: date
) -> Sequence[tuple[UUID, str, date | None]]:
    """(person, place, last day) of these persons' valid records that have not ended before ``since``."""
    query = select(RemoteCareRecord.person_id, RemoteCareRecord.rloc_admdvs, RemoteCareRecord.enddate).where(
        RemoteCareRecord.person_id.in_(person_ids),
        RemoteCareRecord.vali_flag == VALID,
        or_(RemoteCareRecord.enddate.is_(None), RemoteCareRecord.enddate >= since),
    )
    return session.execute(query).all()


def as_care_record(record: RemoteCareRecord) -> CareRecord:
    """The record as the rules see it."""
    return CareRecord(
        record_id=str(record.id),
        category=record.category,
        care_region_code=record.rloc_admdvs,
        care_region_name=region_name(record.rloc_admdvs),
        begin=record.begndate,
        end=record.enddate,
        lock_until=record.lock_until,
    )


def region_name(code: str) -> str:
    """The region's name; a code that has left the tables stands for itself."""
    region = regions.find(code)
    return region.name if region is not None else code
