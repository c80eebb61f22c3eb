"""Showing the code: to the phone as digits, as a picture, and as keys with which it makes codes without signal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Final
from uuid import UUID

from app.identity import service as identity
from app.identity.actor import Actor, Ground
from app.identity.models import AccessKind
from app.kit import clock
from app.kit.crypto import Suite
from app.kit.db import Database
from app.vouchers import codes, queries, tokens
from app.vouchers.errors import VOUCHER_NOT_ACTIVATED
from app.vouchers.keys import voucher_keys
from app.vouchers.people import device_hash, subject_of
from app.vouchers.queries import ShowingDevice

OFFLINE_DAYS: Final = 3
"""Today and the two days after: a weekend in a valley without signal."""

ALGORITHMS: Final[Mapping[Suite, str]] = {Suite.INTL: "HMAC-SHA256", Suite.SM: "HMAC-SM3"}


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code for the screen. id: under which its picture is to be had; refresh_after: seconds."""

    id: str
    code: str
    expires_at: datetime
    refresh_after: int


@dataclass(frozen=True, slots=True)
class DayKey:
    """The key of one China day, in hex."""

    day: date
    key: str


@dataclass(frozen=True, slots=True)
class OfflineKeys:
    """What a phone needs to make codes by itself. server_time: so that it can tell how wrong its clock is."""

    algorithm: str
    step_seconds: int
    key_version: str
    handle: str
    slot: int
    keys: list[DayKey]
    server_time: datetime


def show_code(database: Database, actor: Actor, *, person_id: UUID | None, device_no: str) -> ShownCode:
    """The code of this moment; if it has paid just now, the next one, which is taken already.

    If that has paid, too, there is no code that is taken before the next step begins: the phone is to ask then. One
    statement for oneself. Raises VOUCHER_PERSON_NOT_ALLOWED, VOUCHER_NOT_ACTIVATED.
    """
    now = clock.now()
    present = codes.step_at(now)
    device = _device(database, actor, person_id, device_no, present)
    step = present + 1 if present in device.used else present
    until = codes.start_of(present + 1) if step in device.used else codes.shown_until(step)
    code = codes.make(voucher_keys(), device.handle, device.slot, step)
    return ShownCode(
        id=tokens.make_picture_id(code, step, actor.account_id, now),
        code=code,
        expires_at=until,
        refresh_after=ceil((until - now).total_seconds()),
    )


def get_keys(database: Database, actor: Actor, *, person_id: UUID | None, device_no: str) -> OfflineKeys:
    """A phone's keys. Raises VOUCHER_PERSON_NOT_ALLOWED, VOUCHER_NOT_ACTIVATED."""
    device = _device(database, actor, person_id, device_no, codes.step_at(clock.now()))
    return offline_keys(device.handle, device.slot)


def offline_keys(handle: str, slot: int) -> OfflineKeys:
    """The keys of OFFLINE_DAYS from today."""
    now, keys = clock.now(), voucher_keys()
    of_days = codes.offline_keys(keys, handle, slot, clock.china_day(now), OFFLINE_DAYS)
    return OfflineKeys(
        algorithm=ALGORITHMS[keys.suite],
        step_seconds=codes.STEP_SECONDS,
        key_version=f"{keys.makes:02d}",
        handle=handle,
        slot=slot,
        keys=[DayKey(day, key.hex()) for day, key in of_days.items()],
        server_time=now,
    )


def code_of_picture(actor: Actor, picture_id: str) -> str:
    """The code to be drawn, for the account that shows it. No statement. Raises NOT_FOUND, CODE_EXPIRED."""
    return tokens.read_picture_id(actor, picture_id, clock.now())


def _device(
    database: Database, actor: Actor, person_id: UUID | None, device_no: str, step: int
) -> ShowingDevice:
    """The actor's phone on the person's voucher.

    Everybody asks every minute, so this only reads; that somebody shows another's code is kept in a transaction of
    its own, which few need.
    """
    with database.reading() as session:
        subject_id, ground = subject_of(session, actor, person_id)
        found = queries.device_that_shows(
            session,
            person_id=subject_id,
            account_id=actor.account_id,
            device_hash=device_hash(device_no),
            step=step,
        )
    if found is None:
        raise VOUCHER_NOT_ACTIVATED()
    if ground is not Ground.SELF:
        database.run(
            lambda session: identity.record_access(
                session, actor, subject_id, AccessKind.VOUCHER_SHOWN, ground=ground
            )
        )
    return found
