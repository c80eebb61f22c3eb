"""Vouchers, the devices that show them, and the codes that have paid."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.kit.sealing import Sealed
from app.vouchers.codes import HANDLE_DIGITS


class VoucherState(StrEnum):
    ACTIVE = "active"
    REVOKED = "revoked"


class DeviceState(StrEnum):
    ACTIVE = "active"
    REMOVED = "removed"


class Voucher(Base):
    """A person's voucher; at most one is active. The handle stands in its codes and tells nothing of the person."""

    __tablename__ = "voucher"
    __table_args__ = (
        Index(
            "uq_voucher_active",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    handle: Mapped[str] = mapped_column(String(HANDLE_DIGITS), unique=True)
    state: Mapped[VoucherState] = mapped_column(Choice(VoucherState, 16))
    activated_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class VoucherDevice(Base):
    """A phone on which ``account_id`` shows the voucher: the person's own, or a guardian's. A slot is given once."""

    __tablename__ = "voucher_device"
    __table_args__ = (Index("uq_voucher_device_voucher_id_slot", "voucher_id", "slot", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    voucher_id: Mapped[UUID] = mapped_column(refers("voucher.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    slot: Mapped[int]
    state: Mapped[DeviceState] = mapped_column(Choice(DeviceState, 16))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    name = Sealed("name_sealed")


class CodeUse(Base):
    """A code that has paid: its key makes sure that it pays once. Written with the money it paid for.

    Later it tells an auditor which phone paid for a bill; ``housekeeping`` says how long. payment_id is the settlement's
    and refers to nothing: settlement lies above this room.
    """

    __tablename__ = "code_use"

    handle: Mapped[str] = mapped_column(String(HANDLE_DIGITS), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    payment_id: Mapped[UUID]
    used_at: Mapped[datetime] = mapped_column(index=True)
