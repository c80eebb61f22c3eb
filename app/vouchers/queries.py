"""Statements about vouchers. Those of scans and payments are Core, built once: building takes longer than executing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable, and_, bindparam, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.vouchers.models import CodeUse, DeviceState, Voucher, VoucherDevice, VoucherState

_IS_ACTIVE: Final = Voucher.state == literal_column("'active'")
"""Written out, or PostgreSQL's generic plans would not use the partial index."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a voucher, one of its devices and a code of it stand. used_by, order_no: None unless the code has paid."""

    voucher_id: UUID
    person_id: UUID
    active: bool
    used_by: UUID | None
    order_no: str | None


@dataclass(frozen=True, slots=True)
class ShowingDevice:
    """A phone that may show a voucher's codes. has_paid: the code of the step that was asked about."""

    slot: int
    handle: str
    has_paid: bool


_STANDING = (
    select(
        Voucher.id,
        Voucher.person_id,
        Voucher.state,
        VoucherDevice.state,
        CodeUse.institution_id,
        CodeUse.order_no,
    )
    .select_from(Voucher)
    .outerjoin(
        VoucherDevice,
        and_(VoucherDevice.voucher_id == Voucher.id, VoucherDevice.slot == bindparam("slot")),
    )
    .outerjoin(
        CodeUse,
        and_(
            CodeUse.handle == Voucher.handle,
            CodeUse.slot == bindparam("slot"),
            CodeUse.step == bindparam("step"),
        ),
    )
    .where(Voucher.handle == bindparam("handle"))
)


def standing(session: Session, handle: str, slot: int, step: int) -> Standing | None:
    """One statement by unique keys; None for a handle that there is not."""
    given = {"handle": handle, "slot": slot, "step": step}
    row = session.connection().execute(_STANDING, given).first()
    if row is None:
        return None
    voucher_id, person_id, voucher_state, device_state, used_by, order_no = row
    active = voucher_state is VoucherState.ACTIVE and device_state is DeviceState.ACTIVE
    return Standing(voucher_id, person_id, active, used_by, order_no)


_NEW_USE = ("handle", "slot", "step", "person_id", "institution_id", "order_no", "used_at")
_OF_ACTIVE_DEVICE = (
    select(*(bindparam(name, type_=CodeUse.__table__.c[name].type) for name in _NEW_USE))
    .select_from(Voucher)
    .join(
        VoucherDevice, and_(VoucherDevice.voucher_id == Voucher.id, VoucherDevice.slot == bindparam("slot"))
    )
    .where(
        Voucher.handle == bindparam("handle"),
        _IS_ACTIVE,
        VoucherDevice.state == literal_column("'active'"),
    )
)
_USE: Final[Mapping[str, Executable]] = {
    "sqlite": sqlite.insert(CodeUse)
    .from_select(_NEW_USE, _OF_ACTIVE_DEVICE)
    .on_conflict_do_nothing()
    .returning(CodeUse.step),
    "postgresql": postgresql.insert(CodeUse)
    .from_select(_NEW_USE, _OF_ACTIVE_DEVICE)
    .on_conflict_do_nothing()
    .returning(CodeUse.step),
}


def insert_use(session: Session, use: dict[str, Any]) -> bool:
    """Write that a code pays now, if its device is active and it has not paid before. Returns whether it was written.

    One statement. A payment with the same code in another transaction is waited for.
    """
    connection = session.connection()
    statement = _USE[connection.dialect.name]
    return connection.execute(statement, use).first() is not None


_SHOWN = (
    select(VoucherDevice.slot, Voucher.handle, CodeUse.step)
    .select_from(Voucher)
    .join(VoucherDevice, VoucherDevice.voucher_id == Voucher.id)
    .outerjoin(
        CodeUse,
        and_(
            CodeUse.handle == Voucher.handle,
            CodeUse.slot == VoucherDevice.slot,
            CodeUse.step == bindparam("step"),
        ),
    )
    .where(
        Voucher.person_id == bindparam("person_id"),
        _IS_ACTIVE,
        VoucherDevice.account_id == bindparam("account_id"),
        VoucherDevice.device_hash == bindparam("device_hash"),
        VoucherDevice.state == literal_column("'active'"),
    )
)


def device_that_shows(
    session: Session, *, person_id: UUID, account_id: UUID, device_hash: str, step: int
) -> ShowingDevice | None:
    """An account's phone on a person's active voucher. One statement."""
    given = {"person_id": person_id, "account_id": account_id, "device_hash": device_hash, "step": step}
    row = session.connection().execute(_SHOWN, given).first()
    return None if row is None else ShowingDevice(row[0], row[1], row[2] is not None)


def active_voucher(session: Session, person_id: UUID) -> Voucher | None:
    """The person's voucher."""
    query = select(Voucher).where(Voucher.person_id == person_id, _IS_ACTIVE)
    return session.execute(query).scalar_one_or_none()


def active_devices(session: Session, voucher_id: UUID) -> list[VoucherDevice]:
    """The devices that show a voucher, the oldest first; at most ten."""
    query = (
        select(VoucherDevice)
        .where(VoucherDevice.voucher_id == voucher_id, VoucherDevice.state == DeviceState.ACTIVE)
        .order_by(VoucherDevice.slot)
    )
    return list(session.execute(query).scalars())


def last_slot(session: Session, voucher_id: UUID) -> int | None:
    """The slot that was given last, also to a device that is removed."""
    query = select(func.max(VoucherDevice.slot)).where(VoucherDevice.voucher_id == voucher_id)
    return session.execute(query).scalar_one()


def end_devices(session: Session, voucher_id: UUID, now: datetime) -> None:
    """All that are active, when their voucher is revoked."""
    session.execute(
        update(VoucherDevice)
        .where(VoucherDevice.voucher_id == voucher_id, VoucherDevice.state == DeviceState.ACTIVE)
        .values(state=DeviceState.REMOVED, ended_at=now)
    )
