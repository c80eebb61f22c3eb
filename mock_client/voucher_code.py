"""The voucher code (医保码) as a phone makes it by itself, without signal: written from docs/voucher-code.md alone."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

import qrcode

from mock_client.clock import CHINA

DIGITS: Final = 28
PROOF_DIGITS: Final = 14
DIGESTS: Final[Mapping[str, str]] = MappingProxyType({"HMAC-SHA256": "sha256", "HMAC-SM3": "sm3"})


class NoKeyForDay(Exception):  # noqa: N818 - says what happened
    """The phone was too long without signal: it has no key for this day."""


@dataclass(frozen=True)
class OfflineVoucher:
    """One person's voucher on one phone: what it needs to make codes. Its repr shows no key."""

    start: str
    """Version of the key, handle and slot: the first half of each code."""
    algorithm: str
    step_seconds: int
    days: Mapping[str, bytes] = field(repr=False)
    """A day in China → its key."""
    ahead: timedelta
    """How far the server's clock is ahead of the phone's."""

    @classmethod
    def of(cls, keys: Mapping[str, Any], phone_time: datetime) -> "OfflineVoucher":
        """What an activation or ``POST /voucher/keys`` gave, and what time the phone believed it was then."""
        return cls(
            start=f"{keys['key_version']}{keys['handle']}{keys['slot']}",
            algorithm=str(keys["algorithm"]),
            step_seconds=int(keys["step_seconds"]),
            days={str(one["day"]): bytes.fromhex(one["key"]) for one in keys["keys"]},
            ahead=datetime.fromisoformat(keys["server_time"]) - phone_time,
        )

    def code(self, phone_time: datetime) -> str:
        """The code of the moment, given as the phone's own clock shows it. Raises NoKeyForDay."""
        return self.code_at(phone_time + self.ahead)

    def code_at(self, moment: datetime) -> str:
        """The code of a moment of the server's clock. Raises NoKeyForDay."""
        step = int(moment.timestamp()) // self.step_seconds
        day = datetime.fromtimestamp(step * self.step_seconds, CHINA).date().isoformat()
        if day not in self.days:
            raise NoKeyForDay(day)
        mac = hmac.new(
            self.days[day], f"{self.start}{step}".encode("ascii"), DIGESTS[self.algorithm]
        ).digest()
        return f"{self.start}{int.from_bytes(mac[:8], 'big') % 10**PROOF_DIGITS:0{PROOF_DIGITS}d}"


def screen(text: str) -> bytes:
    """A QR code as the phone draws it on its own screen: a PNG."""
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    made.add_data(text)
    buffer = BytesIO()
    made.make_image().save(buffer, "PNG")
    return buffer.getvalue()
