"""The remote-care record, with the national platform's field names (domain.md §4)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.services.remote_care.categories import Category

ONLINE = "02"
"""dcla_souc: filed online by the insured person or for them. Ours: compare with the platform's dictionary."""
VALID, INVALID = "1", "0"
NOT_REMINDED = text("enddate IS NOT NULL AND ended_at IS NULL AND reminded_at IS NULL")


class RemoteCareRecord(Base):
    """One filing that holds (异地就医备案). ``vali_flag`` "0": cancelled or replaced before it began.

    ended_at: when it was cancelled or replaced. reminded_at: when the person was told that it ends soon.
    """

    __tablename__ = "remote_care_record"
    __table_args__ = (
        Index("ix_remote_care_record_person_id_id", "person_id", "id"),
        # What renewals walk. The condition names no value, so that PostgreSQL also uses it for prepared statements.
        Index(
            "ix_remote_care_record_ending",
            "enddate",
            "id",
            sqlite_where=NOT_REMINDED,
            postgresql_where=NOT_REMINDED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    filing_id: Mapped[UUID] = mapped_column(refers("filing.id"), unique=True)
    trt_dcla_detl_sn: Mapped[str] = mapped_column(String(30), unique=True)
    dcla_souc: Mapped[str] = mapped_column(String(3))
    psn_no: Mapped[str] = mapped_column(String(30))
    insutype: Mapped[str] = mapped_column(String(6))
    insu_admdvs: Mapped[str] = mapped_column(String(12))
    rloc_admdvs: Mapped[str] = mapped_column(String(12))
    rloc_rea: Mapped[str] = mapped_column(String(3))
    begndate: Mapped[date]
    enddate: Mapped[date | None]
    vali_flag: Mapped[str] = mapped_column(String(1))
    category: Mapped[Category] = mapped_column(Choice(Category, 24))
    lock_until: Mapped[date | None]
    settlement: Mapped[str] = mapped_column(String(24))
    pack_id: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    seal: Mapped[str] = mapped_column(String(64))
