"""Encryption at rest, blind indexes and message authentication, with the algorithms behind configuration.

Two suites: `intl` is AES-256-GCM with HMAC-SHA-256, `sm` is SM4-GCM with HMAC-SM3 (GB/T 32907, GB/T 32905),
which Chinese public systems are asked to use. Every key that is stored or configured has 32 bytes in both
suites; what an algorithm really uses is derived from it for one purpose only (HKDF-Expand, RFC 5869). So
changing the suite needs no new keys, and what was sealed under the other suite can still be opened.

Keys form two layers. The **master key** (configuration, or an HSM behind `KeyEncryption`) only wraps and
derives. **Data keys** encrypt; they are kept wrapped in the database and unwrapped in memory. Changing the
master key rewraps a few data keys and touches no personal data.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_HEADER_BYTES: Final = 5
# Part of every derived key: changing it makes everything that was ever encrypted unreadable.
_LABEL: Final = "kit.crypto/1"
_VERSION: Final = re.compile(r"[A-Za-z0-9_.-]{1,16}")


class Suite(StrEnum):
    """Which family of algorithms writes; reading understands both."""

    INTL = "intl"
    SM = "sm"


# The first byte of everything that is encrypted says how it was made.
FORMATS: Final[Mapping[Suite, int]] = {Suite.INTL: 1, Suite.SM: 2}
SUITES: Final[Mapping[int, Suite]] = {number: suite for suite, number in FORMATS.items()}


class MasterKeyError(ValueError):
    """A master key is missing or malformed; the words never show key bytes."""


class SealBroken(Exception):  # noqa: N818 - says what happened to the seal, as a person would
    """What should be opened was changed, cut, moved to another row or column, or never sealed by us."""


class UnknownDataKey(SealBroken):
    """The blob names a data key that is not loaded, perhaps one made after this process read its keys."""

    def __init__(self, number: int) -> None:
        super().__init__(f"data key {number} is not loaded")
        self.number = number


class Aead(Protocol):
    """Authenticated encryption with associated data under one key; the tag is the last 16 bytes."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Ciphertext with its tag; a nonce must never come twice under one key."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """The plaintext, or `cryptography.exceptions.InvalidTag`."""
        ...


class Sm4Gcm:
    """SM4-GCM with the interface of `AESGCM`, which `cryptography` offers for AES only."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        if len(data) < TAG_BYTES:
            raise InvalidTag
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


def frame(*parts: bytes | str) -> bytes:
    """Join parts so that no other list of parts gives the same bytes: the length (4 bytes) precedes each."""
    framed = bytearray()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        framed += len(data).to_bytes(4, "big")
        framed += data
    return bytes(framed)


def mac(key: bytes, *parts: bytes | str, suite: Suite) -> bytes:
    """32 bytes that only a holder of `key` can compute over exactly these parts in this order."""
    message = frame(*parts)
    if suite is Suite.INTL:
        return hmac.digest(key, message, "sha256")
    authenticator = HMAC(key, hashes.SM3())
    authenticator.update(message)
    return authenticator.finalize()


class PlainMac:
    """HMAC over bare messages under one key, as a phone computes it too. For messages of one fixed form only.

    The key is worked in once, which is more than half the work of a short message.
    """

    def __init__(self, key: bytes, suite: Suite) -> None:
        self._begun: hmac.HMAC | HMAC = (
            hmac.new(key, digestmod="sha256") if suite is Suite.INTL else HMAC(key, hashes.SM3())
        )

    def of(self, message: bytes) -> bytes:
        """32 bytes."""
        proof = self._begun.copy()
        proof.update(message)
        return proof.digest() if isinstance(proof, hmac.HMAC) else proof.finalize()


def digest(data: bytes, *, suite: Suite) -> str:
    """SHA-256 or SM3 in 64 hex digits."""
    if suite is Suite.INTL:
        return hashlib.sha256(data).hexdigest()
    hasher = hashes.Hash(hashes.SM3())
    hasher.update(data)
    return hasher.finalize().hex()


def same(left: bytes | str, right: bytes | str) -> bool:
    """Compare secrets in a time that does not tell where they differ."""
    left_bytes = left.encode() if isinstance(left, str) else left
    right_bytes = right.encode() if isinstance(right, str) else right
    return hmac.compare_digest(left_bytes, right_bytes)


def derive_key(key: bytes, *purpose: bytes | str, suite: Suite, length: int = KEY_BYTES) -> bytes:
    """A key for one purpose; knowing it tells nothing about `key` or about the keys of other purposes."""
    algorithm = hashes.SHA256() if suite is Suite.INTL else hashes.SM3()
    return HKDFExpand(algorithm, length, frame(_LABEL, suite.value, *purpose)).derive(key)


def cipher_for(key: bytes, *purpose: bytes | str, suite: Suite) -> Aead:
    """The suite's cipher under a key derived from `key` for this purpose."""
    if suite is Suite.INTL:
        return AESGCM(derive_key(key, *purpose, suite=suite))
    return Sm4Gcm(derive_key(key, *purpose, suite=suite, length=16))


def new_data_key() -> bytes:
    """A fresh random data key of 32 bytes."""
    return os.urandom(KEY_BYTES)


def new_master_key(version: str) -> str:
    """A fresh master key as configuration expects it: `version:BASE64`."""
    return f"{version}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


class KeyEncryption(Protocol):
    """What holds the master key: configuration (`MasterKeys`) or a hardware security module."""

    @property
    def version(self) -> str:
        """The version that wraps and derives now; it is stored beside each wrapped key."""
        ...

    def wrap(self, key: bytes) -> bytes:
        """Encrypt a data key under the current version."""
        ...

    def unwrap(self, version: str, blob: bytes) -> bytes:
        """The data key again; `MasterKeyError` if the version is gone, `SealBroken` if the blob changed."""
        ...

    def derive(self, purpose: str, version: str | None = None) -> bytes:
        """A key of 32 bytes for one purpose.

        It changes with the version and the suite, so derive only what names its version and lives shortly.
        What must outlive a master key (a blind index, the key of a history chain) is a data key of its own,
        stored wrapped.
        """
        ...


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """Versioned master keys from configuration: the `KeyEncryption` without a hardware module."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    suite: Suite

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise MasterKeyError(f"no master key has the current version {self.current!r}")
        for version, key in self.keys.items():
            if len(key) != KEY_BYTES:
                raise MasterKeyError(f"master key {version!r} has {len(key)} bytes instead of {KEY_BYTES}")

    @property
    def version(self) -> str:
        """The version that wraps and derives now."""
        return self.current

    def wrap(self, key: bytes) -> bytes:
        """Encrypt a data key under the current master key: format byte, nonce, ciphertext with tag."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = cipher_for(self.keys[self.current], "wrap", suite=self.suite)
        return bytes([FORMATS[self.suite]]) + nonce + cipher.encrypt(nonce, key, frame(self.current))

    def unwrap(self, version: str, blob: bytes) -> bytes:
        """The data key that `wrap` took under that version."""
        suite = SUITES.get(blob[0]) if blob else None
        if suite is None:
            raise SealBroken("a wrapped key begins with an unknown format byte")
        cipher = cipher_for(self._key(version), "wrap", suite=suite)
        try:
            return cipher.decrypt(blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :], frame(version))
        except (InvalidTag, ValueError) as broken:
            raise SealBroken(
                f"a key wrapped under master key {version!r} was changed, or that master key was replaced"
            ) from broken

    def derive(self, purpose: str, version: str | None = None) -> bytes:
        """A key of 32 bytes for one purpose, from the current version or from the one named."""
        return derive_key(self._key(version or self.current), "derive", purpose, suite=self.suite)

    def _key(self, version: str) -> bytes:
        try:
            return self.keys[version]
        except KeyError:
            raise MasterKeyError(f"master key {version!r} is not configured") from None


def parse_master_keys(text: str, suite: Suite) -> MasterKeys:
    """Read `v1:BASE64,v2:BASE64`, the last being current; `MasterKeyError` says what is wrong with which."""
    keys: dict[str, bytes] = {}
    current = ""
    for position, entry in enumerate(text.split(","), start=1):
        version, colon, encoded = entry.strip().partition(":")
        if not colon or not _VERSION.fullmatch(version):
            raise MasterKeyError(f"entry {position} of the master keys is not VERSION:BASE64")
        if version in keys:
            raise MasterKeyError(f"master key {version!r} comes twice")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise MasterKeyError(f"master key {version!r} is not base64") from None
        if key in keys.values():
            raise MasterKeyError(f"master key {version!r} repeats the key of another version")
        keys[version] = key
        current = version
    return MasterKeys(current=current, keys=keys, suite=suite)


class Sealer:
    """Encrypts single values for the column they are kept in.

    A blob is 1 byte format, 4 bytes number of the data key, 12 bytes nonce, then ciphertext and tag. It opens
    only for the table, column and row it was sealed for, so copying somebody's value into another row fails.
    Nonces are random: make a new data key before one has sealed 2**32 values (NIST SP 800-38D 8.3).
    """

    def __init__(self, data_keys: Mapping[int, bytes], current: int, suite: Suite) -> None:
        """`data_keys` are unwrapped, by number (1 to 2**32-1); `current` and `suite` are used for sealing."""
        if current not in data_keys:
            raise UnknownDataKey(current)
        self._ciphers: dict[bytes, Aead] = {}
        for number, key in data_keys.items():
            for written_by in Suite:
                header = bytes([FORMATS[written_by]]) + number.to_bytes(4, "big")
                self._ciphers[header] = cipher_for(key, "seal", suite=written_by)
        self._header = bytes([FORMATS[suite]]) + current.to_bytes(4, "big")
        self._cipher = self._ciphers[self._header]

    def seal(self, plaintext: str, *, table: str, column: str, row: str) -> bytes:
        """Encrypt one value for one cell."""
        nonce = os.urandom(NONCE_BYTES)
        cell = frame(table, column, row)
        return self._header + nonce + self._cipher.encrypt(nonce, plaintext.encode(), cell)

    def open(self, blob: bytes, *, table: str, column: str, row: str) -> str:
        """The value again; `SealBroken` on any change or for any other cell."""
        header = bytes(blob[:_HEADER_BYTES])
        cipher = self._ciphers.get(header)
        if cipher is None:
            raise self._unreadable(header)
        nonce = bytes(blob[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES])
        try:
            opened = cipher.decrypt(
                nonce, bytes(blob[_HEADER_BYTES + NONCE_BYTES :]), frame(table, column, row)
            )
        except (InvalidTag, ValueError) as broken:
            raise SealBroken(
                f"the value in {table}.{column} was changed or belongs to another row"
            ) from broken
        return opened.decode()

    def needs_reseal(self, blob: bytes) -> bool:
        """Whether a value was sealed under another data key or suite than the one in use now."""
        return bytes(blob[:_HEADER_BYTES]) != self._header

    @staticmethod
    def _unreadable(header: bytes) -> SealBroken:
        if len(header) == _HEADER_BYTES and header[0] in SUITES:
            return UnknownDataKey(int.from_bytes(header[1:], "big"))
        return SealBroken("the value does not begin like a sealed one")


class BlindIndex:
    """Finds an encrypted value without decrypting: equal values of one column have equal indexes.

    Nothing is normalised here; the caller brings values to one form first.
    """

    def __init__(self, key: bytes, suite: Suite) -> None:
        self._key = derive_key(key, "blind index", suite=suite)
        self._suite = suite

    def of(self, table: str, column: str, value: str) -> str:
        """64 hex digits; the same value in another column has another index."""
        return mac(self._key, table, column, value, suite=self._suite).hex()
