"""Activating a voucher on phones, and revoking it: whole, or one phone of it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor, Ground
from app.identity.models import AccessKind
from app.kit import clock, ids
from app.kit.db import insert_if_absent
from app.kit.errors import NOT_FOUND
from app.kit.text import Text
from app.notices import service as notices
from app.notices.service import NoticeKind
from app.vouchers import queries
from app.vouchers.codes import HANDLE_DIGITS, SLOTS
from app.vouchers.errors import FACE_REQUIRED, TOO_MANY_DEVICES
from app.vouchers.models import DeviceState, Voucher, VoucherDevice, VoucherState
from app.vouchers.people import device_hash, subject_of

MAX_DEVICES: Final = 5
"""Ours: a minor's own phone and two for each of two guardians. Below SLOTS, so that all of them find room when a
voucher is begun anew."""

FACE_SHOWN_WITHIN: Final = timedelta(minutes=10)
"""Ours: from the camera to the button, with a slow network between them."""

_TRIES: Final = 20
"""With a voucher for everybody in the country one handle in seventy is taken already."""
_NAME: Final = Text("医保码", "Voucher code")


@dataclass(frozen=True)
class Held:
    """A person's voucher and the phones that show it; voucher None: it is not activated."""

    person_id: UUID
    voucher: Voucher | None
    devices: Sequence[VoucherDevice]


@dataclass(frozen=True)
class Activated:
    """is_new: the phone did not show this voucher before."""

    held: Held
    device: VoucherDevice
    is_new: bool


def find(session: Session, actor: Actor, person_id: UUID | None) -> Held:
    """A person's voucher. Somebody else's look is kept. Raises VOUCHER_PERSON_NOT_ALLOWED."""
    subject_id, ground = subject_of(session, actor, person_id)
    identity.record_access(session, actor, subject_id, AccessKind.VOUCHER_VIEWED, ground=ground)
    voucher = queries.active_voucher(session, subject_id)
    devices = queries.active_devices(session, voucher.id) if voucher is not None else []
    return Held(subject_id, voucher, devices)


def activate(
    session: Session,
    actor: Actor,
    *,
    person_id: UUID | None,
    device_no: str,
    device_name: str | None,
    real_name_id: UUID | None,
) -> Activated:
    """Activate a person's voucher on the actor's phone; once more changes nothing but the phone's name.

    For the first phone of all the real name is proof enough. Any other needs a face before the camera
    (``_require_face``), or a stolen phone whose sign-in still lives would switch itself on again. The person, and who acts,
    are told of a new phone. Raises VOUCHER_PERSON_NOT_ALLOWED, TOO_MANY_DEVICES, FACE_REQUIRED.
    """
    subject_id, ground = subject_of(session, actor, person_id)
    identity.lock_person(session, subject_id)
    voucher = queries.active_voucher(session, subject_id)
    devices = queries.active_devices(session, voucher.id) if voucher is not None else []
    hashed = device_hash(device_no)
    for device in devices:
        if (device.account_id, device.device_hash) == (actor.account_id, hashed):
            if device_name:
                device.name = device_name
            return Activated(Held(subject_id, voucher, devices), device, is_new=False)
    if len(devices) >= MAX_DEVICES:
        raise TOO_MANY_DEVICES(limit=MAX_DEVICES)
    now = clock.now()
    _require_face(session, actor, subject_id, real_name_id, now)
    if voucher is None:
        voucher, slot = _new_voucher(session, subject_id, now), 0
    else:
        slot = (queries.last_slot(session, voucher.id) or 0) + 1
    if slot >= SLOTS:
        voucher, devices = _begin_anew(session, voucher, devices, now)
        slot = len(devices)
    device = _new_device(session, voucher, slot, actor.account_id, hashed, device_name, now)
    _tell(session, actor, subject_id, ground, device_name)
    return Activated(Held(subject_id, voucher, [*devices, device]), device, is_new=True)


def revoke(session: Session, actor: Actor, person_id: UUID | None) -> None:
    """Revoke a person's voucher on all phones, at once; where there is none, nothing is to be done.

    Raises VOUCHER_PERSON_NOT_ALLOWED.
    """
    subject_id, ground = subject_of(session, actor, person_id)
    identity.lock_person(session, subject_id)
    voucher = queries.active_voucher(session, subject_id)
    if voucher is None:
        return
    _revoke(session, voucher, clock.now())
    identity.record_access(session, actor, subject_id, AccessKind.VOUCHER_REVOKED, ground=ground)


def remove_device(session: Session, actor: Actor, device_id: UUID) -> None:
    """Let a phone show the voucher no more, at once; a phone that was removed stays so. Raises NOT_FOUND."""
    device = session.get(VoucherDevice, device_id)
    if device is None:
        raise NOT_FOUND()
    ground = identity.may_act_for(session, actor, device.person_id)
    if ground is None:
        raise NOT_FOUND()
    identity.lock_person(session, device.person_id)
    session.refresh(device)
    if device.state is DeviceState.REMOVED:
        return
    device.state, device.ended_at = DeviceState.REMOVED, clock.now()
    identity.record_access(session, actor, device.person_id, AccessKind.VOUCHER_REVOKED, ground=ground)


def _require_face(
    session: Session, actor: Actor, person_id: UUID, real_name_id: UUID | None, now: datetime
) -> None:
    """Raises FACE_REQUIRED unless the actor has passed this check a few minutes ago, and after all that was done with the
    person's phones: a check serves for one phone. Another phone of the same sign-in does not know its id."""
    changed_at = queries.last_change(session, person_id)
    if changed_at is None:
        return
    since = max(changed_at, now - FACE_SHOWN_WITHIN)
    if real_name_id is None or not identity.has_shown_face(session, actor, real_name_id, since):
        raise FACE_REQUIRED(minutes=FACE_SHOWN_WITHIN // timedelta(minutes=1))


def _new_voucher(session: Session, person_id: UUID, now: datetime) -> Voucher:
    """Under a handle that no voucher ever had. The person is locked, so only the handle can be there already."""
    voucher_id = ids.new_id()
    row = {"id": voucher_id, "person_id": person_id, "state": VoucherState.ACTIVE, "activated_at": now}
    for _ in range(_TRIES):
        if insert_if_absent(session, Voucher, {**row, "handle": new_handle()}):
            return session.get_one(Voucher, voucher_id)
    raise RuntimeError("no free handle was found")


def new_handle() -> str:
    """11 random digits: of so many that nobody guesses one, and that tell nothing."""
    return f"{secrets.randbelow(10**HANDLE_DIGITS):0{HANDLE_DIGITS}d}"


def _begin_anew(
    session: Session, old: Voucher, devices: Sequence[VoucherDevice], now: datetime
) -> tuple[Voucher, list[VoucherDevice]]:
    """A new voucher for one whose slots are all given, with the phones that are still active."""
    _revoke(session, old, now)
    session.flush()
    voucher = _new_voucher(session, old.person_id, now)
    moved = [
        _new_device(session, voucher, slot, one.account_id, one.device_hash, one.name, now)
        for slot, one in enumerate(devices)
    ]
    return voucher, moved


def _revoke(session: Session, voucher: Voucher, now: datetime) -> None:
    voucher.state, voucher.revoked_at = VoucherState.REVOKED, now
    queries.end_devices(session, voucher.id, now)


def _new_device(
    session: Session,
    voucher: Voucher,
    slot: int,
    account_id: UUID,
    hashed: str,
    name: str | None,
    now: datetime,
) -> VoucherDevice:
    device = VoucherDevice(
        id=ids.new_id(),
        voucher_id=voucher.id,
        person_id=voucher.person_id,
        account_id=account_id,
        device_hash=hashed,
        slot=slot,
        state=DeviceState.ACTIVE,
        created_at=now,
    )
    device.name = name
    session.add(device)
    session.flush()
    return device


def _tell(session: Session, actor: Actor, person_id: UUID, ground: Ground, device_name: str | None) -> None:
    identity.record_access(session, actor, person_id, AccessKind.VOUCHER_ACTIVATED, ground=ground)
    params: dict[str, str | Text] = {"service": _NAME}
    if device_name:
        params["reason"] = device_name
    notices.queue_notice(
        session,
        person_id=person_id,
        kind=NoticeKind.VOUCHER_ACTIVATED,
        filing_id=None,
        params=params,
        also_person_id=actor.person_id,
    )
