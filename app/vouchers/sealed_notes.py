"""Short notes that we hand out sealed and get back: nothing is kept of them, and nobody else can make or read one.

A note is 1 byte version of the voucher key and 4 bytes seconds since the epoch, both open, then a nonce, the sealed
content and its tag; all of it in base64url. It is sealed with a key of its purpose and China day, so that no key ever
seals as many as random nonces allow (NIST SP 800-38D 8.3: 2**32).
"""

import base64
import binascii
import os
import struct
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag

from app.kit import clock
from app.kit.crypto import NONCE_BYTES, Aead, Suite, cipher_for
from app.vouchers.keys import voucher_keys

_HEADER: Final = struct.Struct(">BI")
MAX_LENGTH: Final = 400
"""Longer texts are none of ours and are not looked at."""


class NotOurs(Exception):  # noqa: N818 - says what was found
    """The text is no note that we sealed for this purpose."""


def seal(purpose: str, content: bytes, now: datetime) -> str:
    """A note in letters, digits, - and _."""
    keys = voucher_keys()
    header = _HEADER.pack(keys.makes, int(now.timestamp()))
    nonce = os.urandom(NONCE_BYTES)
    cipher = _cipher(keys.roots[keys.makes], purpose, clock.china_day(now).isoformat(), keys.suite)
    return _as_text(header + nonce + cipher.encrypt(nonce, content, header))


def unseal(purpose: str, note: str) -> tuple[bytes, datetime]:
    """The content, and when it was sealed. Raises NotOurs."""
    blob = _as_bytes(note)
    header, nonce = blob[: _HEADER.size], blob[_HEADER.size : _HEADER.size + NONCE_BYTES]
    if len(nonce) < NONCE_BYTES:
        raise NotOurs
    version, seconds = _HEADER.unpack(header)
    sealed_at = datetime.fromtimestamp(seconds, UTC)
    keys = voucher_keys()
    root = keys.roots.get(version)
    if root is None:
        raise NotOurs
    cipher = _cipher(root, purpose, clock.china_day(sealed_at).isoformat(), keys.suite)
    try:
        return cipher.decrypt(nonce, blob[_HEADER.size + NONCE_BYTES :], header), sealed_at
    except (InvalidTag, ValueError):
        raise NotOurs from None


@lru_cache(maxsize=64)
def _cipher(root: bytes, purpose: str, day: str, suite: Suite) -> Aead:
    return cipher_for(root, "note", purpose, day, suite=suite)


def _as_text(blob: bytes) -> str:
    return base64.urlsafe_b64encode(blob).rstrip(b"=").decode("ascii")


def _as_bytes(note: str) -> bytes:
    if len(note) > MAX_LENGTH or not note.isascii():
        raise NotOurs
    try:
        blob = base64.urlsafe_b64decode(note + "=" * (-len(note) % 4))
    except (binascii.Error, ValueError):
        raise NotOurs from None
    # Python passes over characters that are not of the alphabet, and over the last one's spare bits.
    if _as_text(blob) != note:
        raise NotOurs
    return blob
