"""Cases, their history, their papers, ratings, and the papers that we issue."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.identity.actor import Ground
from app.kit.db import Base, Choice, Choices, refers
from app.kit.sealing import Sealed, SealedJson
from app.workflow.table import Mark, Status


class Filing(Base):
    """One case (办件). ``person_id`` is the subject; the form is sealed; ``queue_*`` says where an open case lies."""

    __tablename__ = "filing"
    __table_args__ = (
        # The lists people ask for, each with its index; closed cases have no queue and cost the queue's index nothing.
        Index("ix_filing_person_id_id", "person_id", "id"),
        Index("ix_filing_applicant_account_id_id", "applicant_account_id", "id"),
        Index(
            "ix_filing_queue",
            "queue_role",
            "queue_region",
            "due_at",
            "id",
            sqlite_where=text("queue_role IS NOT NULL"),
            postgresql_where=text("queue_role IS NOT NULL"),
        ),
        Index(
            "ix_filing_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_filing_holder_account_id",
            "holder_account_id",
            sqlite_where=text("holder_account_id IS NOT NULL"),
            postgresql_where=text("holder_account_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    service_code: Mapped[str] = mapped_column(String(32))
    status: Mapped[Status] = mapped_column(Choice(Status, 20))
    version: Mapped[int] = mapped_column()
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    coverage_id: Mapped[UUID | None] = mapped_column(refers("coverage.id"))
    region_code: Mapped[str | None] = mapped_column(String(12))
    applicant_account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    applicant_person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    ground: Mapped[Ground] = mapped_column(Choice(Ground, 16))
    pack_id: Mapped[str | None] = mapped_column(String(40))
    form_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    missing_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    instant: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str | None] = mapped_column(String(32))
    queue_role: Mapped[str | None] = mapped_column(String(16))
    queue_region: Mapped[str | None] = mapped_column(String(12))
    queue_organisation_id: Mapped[UUID | None] = mapped_column(refers("organisation.id"))
    holder_account_id: Mapped[UUID | None] = mapped_column(refers("account.id"))
    claimed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    marks: Mapped[frozenset[Mark]] = mapped_column(Choices(Mark, 64), default=frozenset())
    corrections: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_hash: Mapped[str] = mapped_column(String(64), default="")
    seal: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    form = SealedJson("form_sealed")
    missing = SealedJson("missing_sealed")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own attribute


class FilingEvent(Base):
    """One step of a case, chained by a keyed hash over the step before. Append-only."""

    __tablename__ = "filing_event"
    __table_args__ = (Index("uq_filing_event_filing_id_seq", "filing_id", "seq", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    seq: Mapped[int]
    action: Mapped[str] = mapped_column(String(32))
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    duty: Mapped[str | None] = mapped_column(String(20))
    actor_account_id: Mapped[UUID | None] = mapped_column(refers("account.id"))
    actor_role: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[UUID | None]
    ground: Mapped[str | None] = mapped_column(String(16))
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    form_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    reason = Sealed("reason_sealed")


class Ended(StrEnum):
    """How an assignment came to its end."""

    DONE = "done"
    ASKED = "asked"  # wants corrections before deciding
    LATE = "late"
    DISMISSED = "dismissed"  # the case left for another reason


class Assignment(Base):
    """Somebody named for a case, as an expert is who was drawn. ``part`` says for what of it; asked: what is missing."""

    __tablename__ = "filing_assignment"
    __table_args__ = (
        Index("ix_filing_assignment_filing_id", "filing_id"),
        Index(
            "ix_filing_assignment_open",
            "account_id",
            "due_at",
            "filing_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    part: Mapped[str] = mapped_column(String(16))
    round: Mapped[int]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended: Mapped[Ended | None] = mapped_column(Choice(Ended, 16))
    asked_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    asked = SealedJson("asked_sealed")


class FilingMaterial(Base):
    """A paper of a case."""

    __tablename__ = "filing_material"

    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"), primary_key=True)
    material_id: Mapped[UUID] = mapped_column(refers("material.id"), primary_key=True, index=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[datetime]


class Rating(Base):
    """好差评 of a finished case; a bad one is followed up."""

    __tablename__ = "rating"

    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    stars: Mapped[int]
    comment_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    follow_up: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class IssuedPaper(Base):
    """A paper that we issued: whoever holds its code can check that it is ours and unchanged."""

    __tablename__ = "issued_paper"
    # One paper for each state of a case, also when two ask for it at once.
    __table_args__ = (Index("uq_issued_paper_filing_id_kind", "filing_id", "kind", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    facts_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]

    facts = SealedJson("facts_sealed")
