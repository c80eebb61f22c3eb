"""Statements about vouchers. Those of scans and payments are Core, built once: building takes longer than executing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import (
    CursorResult,
    Insert,
    Table,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit import clock
from app.kit.asking import Question
from app.vouchers.codes import Proven
from app.vouchers.models import CodeUse, DeviceState, Voucher, VoucherDevice, VoucherState

_IS_ACTIVE: Final = Voucher.state == literal_column("'active'")
"""Written out, or PostgreSQL's generic plans would not use the partial index."""
_DEVICE: Final = cast(Table, VoucherDevice.__table__)
_MAY_SHOW: Final = identity.still_acts_for(_DEVICE.c.account_id, _DEVICE.c.person_id)
"""A phone holds keys for days, while a guardianship ends, a minor comes of age or an account is disabled."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a voucher, one of its devices and a code of it stand. active: the device may show it."""

    person_id: UUID
    active: bool
    used: bool

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Standing":
        """From the first columns of a row of ``STANDING``."""
        person_id, voucher_state, device_state, may_show, used_step = row[:STANDING_COLUMNS]
        is_active = voucher_state is VoucherState.ACTIVE and device_state is DeviceState.ACTIVE
        return cls(person_id, is_active and bool(may_show), used_step is not None)


@dataclass(frozen=True, slots=True)
class ShowingDevice:
    """A phone that may show a voucher's codes. used: those of the two steps asked about whose codes have paid."""

    slot: int
    handle: str
    used: frozenset[int]


STANDING: Final = (
    select(Voucher.person_id, Voucher.state, VoucherDevice.state, _MAY_SHOW, CodeUse.step)
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
"""By unique keys; no row for a handle that there is not. Others may join more to it: ``standing_values``, ``Standing.of``."""
STANDING_COLUMNS: Final = 5


def standing_values(code: Proven) -> dict[str, Any]:
    """The parameters of ``STANDING``."""
    return {"handle": code.handle, "slot": code.slot, "step": code.step, **_today()}


def standing(session: Session, code: Proven) -> Standing | None:
    """One statement; None for a handle that there is not."""
    row = session.connection().execute(STANDING, standing_values(code)).first()
    return None if row is None else Standing.of(row)


def _today() -> dict[str, Any]:
    """The parameter of ``_MAY_SHOW``."""
    return {"minors_born_after": identity.minors_born_after(clock.today())}


_NEW_USE = ("handle", "slot", "step", "person_id", "payment_id", "used_at")
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
        _MAY_SHOW,
    )
)
_USE: Final[Mapping[str, Insert]] = {
    "sqlite": sqlite.insert(CodeUse)
    .from_select(_NEW_USE, _OF_ACTIVE_DEVICE)
    .on_conflict_do_nothing()
    .returning(CodeUse.step),
    "postgresql": postgresql.insert(CodeUse)
    .from_select(_NEW_USE, _OF_ACTIVE_DEVICE)
    .on_conflict_do_nothing()
    .returning(CodeUse.step),
}


def asking_use(use: dict[str, Any]) -> Question[bool]:
    """Write that a code pays now, if its device may show it and it has not paid before. Whether it was written.

    A payment with the same code in another transaction is waited for.
    """
    return Question(_USE, {**use, **_today()}, bool)


def delete_uses(session: Session, before: datetime, limit: int) -> int:
    """Delete at most so many uses from before a moment, the oldest first. Returns how many."""
    key = (CodeUse.handle, CodeUse.slot, CodeUse.step)
    oldest = select(*key).where(CodeUse.used_at < before).order_by(CodeUse.used_at).limit(limit)
    done = cast(CursorResult[Any], session.execute(delete(CodeUse).where(tuple_(*key).in_(oldest))))
    return done.rowcount


_SHOWN = (
    select(VoucherDevice.slot, Voucher.handle, CodeUse.step)
    .select_from(Voucher)
    .join(VoucherDevice, VoucherDevice.voucher_id == Voucher.id)
    .outerjoin(
        CodeUse,
        and_(
            CodeUse.handle == Voucher.handle,
            CodeUse.slot == VoucherDevice.slot,
            CodeUse.step.in_((bindparam("step"), bindparam("next_step"))),
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
    """An account's phone on a person's active voucher, and which codes of this step and the next have paid. One statement."""
    given = {
        "person_id": person_id,
        "account_id": account_id,
        "device_hash": device_hash,
        "step": step,
        "next_step": step + 1,
    }
    rows = session.connection().execute(_SHOWN, given).all()
    if not rows:
        return None
    return ShowingDevice(rows[0][0], rows[0][1], frozenset(row[2] for row in rows if row[2] is not None))


def last_change(session: Session, person_id: UUID) -> datetime | None:
    """When a phone last began or ceased to show any voucher of the person; None if none ever did."""
    query = select(func.max(VoucherDevice.created_at), func.max(VoucherDevice.ended_at)).where(
        VoucherDevice.person_id == person_id
    )
    begun, ended = session.execute(query).one()
    return begun if ended is None else max(begun, ended)


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
