"""Chronic-disease tables: the diseases of a case, experts and their draws, opinions, and what an approval gave."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.kit.sealing import Sealed, SealedJson, SealedRow
from app.kit.signing import SignatureAlgorithm


class ItemStatus(StrEnum):
    """Where one disease of a case stands."""

    WAITING = "waiting"  # for an expert, or where there is none for the agency
    CERTIFIED = "certified"  # by the expert; the agency has not decided yet
    REFUSED = "refused"  # by the expert or experts
    APPROVED = "approved"
    REJECTED = "rejected"  # by the agency
    WITHDRAWN = "withdrawn"  # with the case, before anybody decided


class ChronicItem(SealedRow, Base):
    """One disease of a case. ``round``: 1 first expert, 2 second after an appeal, 3 third where the two differ.

    reason: why the agency did not grant it; why experts did not stands in their opinions.
    """

    __tablename__ = "chronic_item"
    __table_args__ = (
        Index("uq_chronic_item_filing_id_disease_code", "filing_id", "disease_code", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    disease_code: Mapped[str] = mapped_column(String(10))
    specialty: Mapped[str] = mapped_column(String(16))
    state: Mapped[ItemStatus] = mapped_column(Choice(ItemStatus, 16))
    round: Mapped[int]
    appealed: Mapped[bool]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    reason = Sealed("reason_sealed")
    added_later: ClassVar = frozenset({"reason_sealed"})


class ExpertProfile(Base):
    """What the draw must know of an expert: the account holds the role of expert at the pool's organisation.

    ``specialties``: names; ``hospital``: where the expert works. ``daily_limit`` None: no limit.
    """

    __tablename__ = "expert_profile"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), unique=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(refers("organisation.id"), index=True)
    specialties: Mapped[list[str]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(32))
    hospital: Mapped[str] = mapped_column(String(100))
    daily_limit: Mapped[int | None]
    created_at: Mapped[datetime]


class ExpertLeave(Base):
    """Days, both included, on which an expert is not drawn."""

    __tablename__ = "expert_leave"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"), index=True)
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[datetime]


class PoolChange(StrEnum):
    """What was done to a pool of experts."""

    ENTERED = "entered"
    CHANGED = "changed"
    LEAVE_ADDED = "leave_added"  # or made longer
    LEAVE_ENDED = "leave_ended"  # made shorter, or taken out


class ExpertPoolChange(SealedRow, Base):
    """One change of what the draw knows of an expert: what was known before and after, when, by whom. Append-only.

    ``seq``: from 1 for each expert. ``before``, ``after``: see pool_log; ``before`` None: the expert was not entered.
    ``organisation_id``: the pool; ``moved_from_id``: the one that the expert left for it.
    """

    __tablename__ = "expert_pool_change"
    __table_args__ = (
        Index("uq_expert_pool_change_account_id_seq", "account_id", "seq", unique=True),
        Index("ix_expert_pool_change_organisation_id_id", "organisation_id", "id"),
        Index("ix_expert_pool_change_moved_from_id_id", "moved_from_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    seq: Mapped[int]
    organisation_id: Mapped[UUID] = mapped_column(refers("organisation.id"))
    moved_from_id: Mapped[UUID | None] = mapped_column(refers("organisation.id"))
    what: Mapped[PoolChange] = mapped_column(Choice(PoolChange, 16))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]

    by = Sealed("by_sealed")


class ExpertKey(SealedRow, Base):
    """An expert's key pair for signing opinions; the private half is sealed. Retired ones still check old papers."""

    __tablename__ = "expert_key"
    __table_args__ = (
        Index(
            "uq_expert_key_account_id",
            "account_id",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    algorithm: Mapped[SignatureAlgorithm] = mapped_column(Choice(SignatureAlgorithm, 16))
    public: Mapped[str] = mapped_column(String(200))
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    private = Sealed("private_sealed")


class DrawSeed(Base):
    """The secret of one day's draws in one pool. Its commitment is public from the start, the seed after the day."""

    __tablename__ = "draw_seed"
    __table_args__ = (Index("uq_draw_seed_organisation_id_day", "organisation_id", "day", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(refers("organisation.id"))
    day: Mapped[date]
    commitment: Mapped[str] = mapped_column(String(64))
    seed_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    seed = Sealed("seed_sealed")


class ExpertDraw(Base):
    """One draw, whole enough to be repeated by an auditor: who could be drawn, who not and why, and who was.

    Sealed, for it names the patient's hospitals and relatives.
    """

    __tablename__ = "expert_draw"
    __table_args__ = (
        Index("ix_expert_draw_account_id_drawn_on", "account_id", "drawn_on"),
        Index("ix_expert_draw_organisation_id_drawn_on_id", "organisation_id", "drawn_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(refers("organisation.id"))
    seed_id: Mapped[UUID] = mapped_column(refers("draw_seed.id"))
    assignment_id: Mapped[UUID] = mapped_column(refers("filing_assignment.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    drawn_on: Mapped[date]
    record_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    record = SealedJson("record_sealed")


class ExpertOpinion(Base):
    """What one expert found on one disease in one round, criterion by criterion, signed. Append-only."""

    __tablename__ = "expert_opinion"
    __table_args__ = (
        Index("uq_expert_opinion_item_id_round", "item_id", "round", unique=True),
        Index("ix_expert_opinion_filing_id", "filing_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"))
    item_id: Mapped[UUID] = mapped_column(refers("chronic_item.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    round: Mapped[int]
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    certified: Mapped[bool]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[UUID] = mapped_column(refers("expert_key.id"))
    signature: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]

    content = SealedJson("content_sealed")


class EntitlementStatus(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class ChronicEntitlement(SealedRow, Base):
    """What an approval gave: a disease's outpatient benefit for a time. Field names are the national platform's where
    it has them (domain.md §4).

    institutions_changed_on: the last change; institutions_changed_before: days of those before it that still count.
    """

    __tablename__ = "chronic_entitlement"
    __table_args__ = (
        Index("ix_chronic_entitlement_person_id_id", "person_id", "id"),
        Index(
            "ix_chronic_entitlement_enddate_unreminded",
            "enddate",
            sqlite_where=text("reminded_at IS NULL AND state = 'active'"),
            postgresql_where=text("reminded_at IS NULL AND state = 'active'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"), index=True)
    benefit: Mapped[str] = mapped_column(String(16))
    opsp_dise_code: Mapped[str] = mapped_column(String(10))
    opsp_dise_name: Mapped[str] = mapped_column(String(60))
    insutype: Mapped[str] = mapped_column(String(6))
    insu_admdvs: Mapped[str] = mapped_column(String(12))
    psn_no: Mapped[str] = mapped_column(String(30))
    hosp_ide_date: Mapped[date]
    appy_date: Mapped[date]
    begndate: Mapped[date]
    enddate: Mapped[date | None]
    state: Mapped[EntitlementStatus] = mapped_column(Choice(EntitlementStatus, 16))
    version: Mapped[int] = mapped_column()
    pack_id: Mapped[str] = mapped_column(String(40))
    withdrawn_on: Mapped[date | None]
    withdrawn_reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    institutions_changed_on: Mapped[date | None]
    institutions_changed_before: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    reminded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    withdrawn_reason = Sealed("withdrawn_reason_sealed")
    unsealed: ClassVar = frozenset({"version", "reminded_at"})
    added_later: ClassVar = frozenset({"institutions_changed_before"})

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own attribute


class EntitlementInstitution(Base):
    """A designated institution that a person chose for an entitlement."""

    __tablename__ = "entitlement_institution"

    entitlement_id: Mapped[UUID] = mapped_column(refers("chronic_entitlement.id"), primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(refers("institution.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    chosen_on: Mapped[date]
