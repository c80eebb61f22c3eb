"""Tables of the benefits found without an application: visits fed by hospitals, offers to people, tasks for villages."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.services.chronic_disease.proof import Lack, VisitKind


class Visit(Base):
    """One finished visit as a hospital reported it. Of the diagnosis only the code is kept: the rules need no more.

    screened_at: when the screening looked at it; None: not yet.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index("uq_visit_institution_id_visit_no", "institution_id", "visit_no", unique=True),
        Index("ix_visit_person_id_visited_on", "person_id", "visited_on"),
        Index(
            "ix_visit_unscreened",
            "id",
            sqlite_where=text("screened_at IS NULL"),
            postgresql_where=text("screened_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(refers("institution.id"))
    visit_no: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    kind: Mapped[VisitKind] = mapped_column(Choice(VisitKind, 16))
    icd10: Mapped[str] = mapped_column(String(16))
    visited_on: Mapped[date]
    discharged_on: Mapped[date | None]
    created_at: Mapped[datetime]
    screened_at: Mapped[datetime | None]


class OfferOrigin(StrEnum):
    SCREENED = "screened"  # visits prove the disease
    REFUSED = "refused"  # 慢特病 was refused, 两病 is within reach


class OfferStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    APPLIED = "applied"  # the person applied for it otherwise, which ends the question
    VOID = "void"  # no longer of use: the person has it, or is not insured any more


OVERTAKEN: Final = (OfferStatus.APPLIED, OfferStatus.VOID)
"""Ended without an answer by what happened beside it: such an offer bars no other."""


class ChronicOffer(Base):
    """A benefit that a person was asked about. Accepted, it becomes an application; filing_id: that one, or the one that
    the person made without it.

    evidence: ids of the visits that prove it. source_filing_id: the refused case. next_step_on: when the daily job
    looks at it again, to remind or to let it expire.
    """

    __tablename__ = "chronic_offer"
    __table_args__ = (
        Index("ix_chronic_offer_person_id_id", "person_id", "id"),
        Index(
            "uq_chronic_offer_open",
            "person_id",
            "benefit",
            "disease_code",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index(
            "ix_chronic_offer_next_step",
            "next_step_on",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    benefit: Mapped[str] = mapped_column(String(16))
    disease_code: Mapped[str] = mapped_column(String(10))
    origin: Mapped[OfferOrigin] = mapped_column(Choice(OfferOrigin, 16))
    insutype: Mapped[str] = mapped_column(String(6))
    pack_id: Mapped[str] = mapped_column(String(40))
    diagnosed_on: Mapped[date]
    institution_id: Mapped[UUID | None] = mapped_column(refers("institution.id"))
    evidence: Mapped[list[str]] = mapped_column(JSON)
    source_filing_id: Mapped[UUID | None] = mapped_column(refers("filing.id"))
    state: Mapped[OfferStatus] = mapped_column(Choice(OfferStatus, 16))
    version: Mapped[int] = mapped_column()
    made_on: Mapped[date]
    expires_on: Mapped[date]
    next_step_on: Mapped[date]
    reminders: Mapped[int]
    decided_on: Mapped[date | None]
    filing_id: Mapped[UUID | None] = mapped_column(refers("filing.id"))
    created_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own attribute


class TaskStatus(StrEnum):
    OPEN = "open"
    SETTLED = "settled"  # proven meanwhile
    DONE = "done"


class VisitTask(Base):
    """A look-in for the village: somebody probably has a disease, and the data cannot prove it (灵璧, 略阳 [002]).

    region_code: where the person lives, else is insured. One a disease and year.
    """

    __tablename__ = "visit_task"
    __table_args__ = (
        Index("uq_visit_task_person_id_disease_code_year", "person_id", "disease_code", "year", unique=True),
        Index(
            "ix_visit_task_open",
            "region_code",
            "id",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    benefit: Mapped[str] = mapped_column(String(16))
    disease_code: Mapped[str] = mapped_column(String(10))
    lack: Mapped[Lack] = mapped_column(Choice(Lack, 16))
    region_code: Mapped[str] = mapped_column(String(12))
    visit_id: Mapped[UUID] = mapped_column(refers("visit.id"))
    year: Mapped[int]
    state: Mapped[TaskStatus] = mapped_column(Choice(TaskStatus, 16))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
