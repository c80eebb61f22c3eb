"""The two notes of this room: the ``ec_token`` of a scanned code, and the id under which a phone asks for its picture."""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.identity.actor import Actor, Grant
from app.kit.errors import NOT_ALLOWED, NOT_FOUND
from app.vouchers import codes
from app.vouchers.business import WORDS, BusinessType
from app.vouchers.codes import Proven
from app.vouchers.errors import CODE_EXPIRED, EC_TOKEN_EXPIRED, EC_TOKEN_INVALID, WRONG_BUSINESS
from app.vouchers.sealed_notes import NotOurs, seal, unseal

TOKEN_LIFE: Final = timedelta(minutes=10)
"""Ours: from the scan to the payment at a window, with a retry or two."""

_TOKEN: Final = struct.Struct(">5sI16s16s16sH")
_PICTURE: Final = struct.Struct(">12sI16s")


@dataclass(frozen=True, slots=True)
class EcToken:
    """A code that a terminal scanned for one business: the person, and what its payment uses up."""

    handle: str
    slot: int
    step: int
    person_id: UUID
    organisation_id: UUID
    account_id: UUID
    business: BusinessType

    @property
    def code(self) -> Proven:
        """The code that was scanned."""
        return Proven(self.handle, self.slot, self.step)


def terminal_grant(actor: Actor) -> Grant:
    """Where the terminal stands. Raises NOT_ALLOWED for whoever is none of an institution."""
    grant = actor.terminal_grant
    if grant is None:
        raise NOT_ALLOWED()
    return grant


def make_token(token: EcToken, now: datetime) -> str:
    """The ``ec_token``, good for TOKEN_LIFE; 123 characters."""
    device = int(f"{token.handle}{token.slot}").to_bytes(5, "big")
    content = _TOKEN.pack(
        device,
        token.step,
        token.person_id.bytes,
        token.organisation_id.bytes,
        token.account_id.bytes,
        int(token.business),
    )
    return seal("ec_token", content, now)


def read_token(actor: Actor, text: str, *, suits: Collection[BusinessType], now: datetime) -> EcToken:
    """What a terminal scanned before. suits: the business types that serve for what it does now. No statement.

    Raises EC_TOKEN_INVALID (also for another terminal's), EC_TOKEN_EXPIRED, WRONG_BUSINESS. Whether the voucher still
    holds and the code has not paid yet is for the database to say: ``service.require_unused``, ``asking_use``.
    """
    token, sealed_at = _open_token(actor, text)
    if now >= sealed_at + TOKEN_LIFE:
        raise EC_TOKEN_EXPIRED()
    if token.business not in suits:
        raise WRONG_BUSINESS(scanned=WORDS[token.business])
    return token


def person_of_token(actor: Actor, text: str) -> UUID:
    """Whose code a terminal scanned before, however long ago; proves nothing that may be paid for. No statement.

    Raises EC_TOKEN_INVALID (also for another terminal's).
    """
    return _open_token(actor, text)[0].person_id


def _open_token(actor: Actor, text: str) -> tuple[EcToken, datetime]:
    """A token of this terminal's, and when it was made."""
    try:
        content, sealed_at = unseal("ec_token", text)
    except NotOurs:
        raise EC_TOKEN_INVALID() from None
    device, step, person, organisation, account, business = _TOKEN.unpack(content)
    digits = f"{int.from_bytes(device, 'big'):0{codes.HANDLE_DIGITS + 1}d}"
    token = EcToken(
        handle=digits[:-1],
        slot=int(digits[-1]),
        step=step,
        person_id=UUID(bytes=person),
        organisation_id=UUID(bytes=organisation),
        account_id=UUID(bytes=account),
        business=BusinessType(f"{business:05d}"),
    )
    if (token.organisation_id, token.account_id) != (terminal_grant(actor).organisation_id, actor.account_id):
        raise EC_TOKEN_INVALID()
    return token, sealed_at


def make_picture_id(code: str, step: int, account_id: UUID, now: datetime) -> str:
    """The id of a shown code, for the account that shows it."""
    return seal("picture", _PICTURE.pack(int(code).to_bytes(12, "big"), step, account_id.bytes), now)


def read_picture_id(actor: Actor, text: str, now: datetime) -> str:
    """The code that an id stands for. Raises NOT_FOUND for anybody else's, CODE_EXPIRED once it is not taken any more."""
    try:
        content, _ = unseal("picture", text)
    except NotOurs:
        raise NOT_FOUND() from None
    code, step, account = _PICTURE.unpack(content)
    if UUID(bytes=account) != actor.account_id:
        raise NOT_FOUND()
    if not codes.is_live(step, now):
        raise CODE_EXPIRED()
    return f"{int.from_bytes(code, 'big'):0{codes.DIGITS}d}"
