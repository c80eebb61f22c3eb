"""A phone that makes voucher codes by itself, written from docs/voucher-code.md alone: no import of the application."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

CHINA = timezone(timedelta(hours=8))
DIGESTS = {"HMAC-SHA256": "sha256", "HMAC-SM3": "sm3"}


@dataclass(frozen=True)
class OfflinePhone:
    """Holds what ``POST /voucher/keys`` or the activation gave."""

    keys: Mapping[str, Any]

    def code(self, moment: datetime) -> str:
        """The code at a moment. KeyError for a day of which the phone has no key."""
        step = int(moment.timestamp()) // self.keys["step_seconds"]
        begun = datetime.fromtimestamp(step * self.keys["step_seconds"], CHINA)
        of_days = {entry["day"]: bytes.fromhex(entry["key"]) for entry in self.keys["keys"]}
        start = f"{self.keys['key_version']}{self.keys['handle']}{self.keys['slot']}"
        return start + mac(of_days[begun.date().isoformat()], f"{start}{step}", self.keys["algorithm"])


def mac(key: bytes, text: str, algorithm: str) -> str:
    proof = hmac.new(key, text.encode("ascii"), DIGESTS[algorithm]).digest()
    return f"{int.from_bytes(proof[:8], 'big') % 10**14:014d}"


def frame(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def expand(key: bytes, info: bytes, digest: str) -> bytes:
    """HKDF-Expand (RFC 5869) to 32 bytes, which is one block of either digest."""
    assert hashlib.new(digest).digest_size == 32
    return hmac.new(key, info + b"\x01", digest).digest()
