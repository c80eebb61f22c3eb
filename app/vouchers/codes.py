"""The voucher code: 28 digits that prove by themselves which device made them, and when. Pure.

    2 digits    version of the voucher key
    11 digits   handle of the voucher, opaque
    1 digit     slot: which of the voucher's devices
    14 digits   HMAC of version, handle, slot and step under the device's key of the day

A step is 30 seconds of Unix time. The device's key of a China day is derived from the voucher key, so that a server
proves a code without reading anything, and a phone that holds its keys of a few days makes codes without signal.
docs/voucher-code.md says it for those who write the phone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.kit import clock
from app.kit.crypto import PlainMac, Suite, derive_key, same

STEP_SECONDS: Final = 30
_STEPS_A_DAY: Final = 24 * 3600 // STEP_SECONDS
_CHINA_AHEAD: Final = int(clock.CHINA.utcoffset(None).total_seconds()) // STEP_SECONDS
"""By so many steps a day in China begins before that of Unix time."""
_FIRST_DAY: Final = date(1970, 1, 1)
DIGITS: Final = 28
HANDLE_DIGITS: Final = 11
SLOTS: Final = 10
LAST_KEY_VERSION: Final = 98
"""Not 99: python-barcode 0.16.1 leaves a leading 99 out of a Code 128."""

MAC_DIGITS: Final = 14
SHOWN_STEPS: Final = 2
"""For so many steps, 60 seconds, a code is meant to be shown; one more is allowed for clocks and slow scanners."""

_LIVE: Final = (0, -1, -2, 1)
_EXPIRED: Final = range(-3, -121, -1)
"""An hour: older codes are called unknown."""
_AHEAD: Final = range(2, 11)
"""Five minutes: a phone whose clock is further ahead shows codes that are called unknown."""
_FORM: Final = re.compile(r"[0-9]{28}", re.ASCII)


class Verdict(StrEnum):
    """What a code says of itself."""

    LIVE = "live"
    EXPIRED = "expired"
    CLOCK_OFF = "clock_off"  # of a moment yet to come
    UNKNOWN = "unknown"  # no device of ours made it in the last hour


@dataclass(frozen=True, slots=True)
class Keys:
    """The voucher keys by version. makes: the version that makes codes, the newest unless another is given."""

    roots: Mapping[int, bytes] = field(repr=False)
    suite: Suite
    makes: int = 0

    def __post_init__(self) -> None:
        if not self.makes:
            object.__setattr__(self, "makes", max(self.roots))


@dataclass(frozen=True, slots=True)
class Code:
    """A code taken apart. Whether a device made it is ``judge``'s to say."""

    key_version: int
    handle: str
    slot: int
    mac: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A code that a device of ours made: of which voucher, slot and moment."""

    handle: str
    slot: int
    step: int


@dataclass(frozen=True, slots=True)
class Judged:
    """step: of which moment the code is; None for an unknown one."""

    verdict: Verdict
    step: int | None


def step_at(moment: datetime) -> int:
    """The step in which a moment lies."""
    return int(moment.timestamp()) // STEP_SECONDS


def start_of(step: int) -> datetime:
    """When a step begins."""
    return datetime.fromtimestamp(step * STEP_SECONDS, UTC)


def shown_until(step: int) -> datetime:
    """Until when a code of this step is meant to be shown."""
    return start_of(step + SHOWN_STEPS)


def is_live(step: int, now: datetime) -> bool:
    """Whether a code of this step is taken now."""
    return step - step_at(now) in _LIVE


def device_key(keys: Keys, key_version: int, handle: str, slot: int, day: date) -> bytes:
    """A device's key of a China day: 32 bytes, to be had by that device alone."""
    return derive_key(keys.roots[key_version], "device", handle, str(slot), day.isoformat(), suite=keys.suite)


def make(keys: Keys, handle: str, slot: int, step: int) -> str:
    """The code of a device in a step."""
    version = keys.makes
    proof = PlainMac(device_key(keys, version, handle, slot, _day_of(step)), keys.suite)
    start = f"{version:02d}{handle}{slot}"
    return start + _mac(proof, start, step)


def take_apart(text: str) -> Code | None:
    """The parts of a code; None for what has not its form."""
    if not _FORM.fullmatch(text):
        return None
    return Code(int(text[:2]), text[2:13], int(text[13]), text[14:])


def judge(keys: Keys, code: Code, now: datetime) -> Judged:
    """Whether one of our devices made the code, and when. Reads nothing but its arguments.

    A code does not say its step, so that they are tried, the likely ones first: a fresh code is known at once, one that
    nobody made after all 131 of them.
    """
    if code.key_version not in keys.roots:
        return Judged(Verdict.UNKNOWN, None)
    present = step_at(now)
    of_day: dict[date, PlainMac] = {}
    for verdict, offsets in ((Verdict.LIVE, _LIVE), (Verdict.CLOCK_OFF, _AHEAD), (Verdict.EXPIRED, _EXPIRED)):
        step = _made_in(keys, code, (present + offset for offset in offsets), of_day)
        if step is not None:
            return Judged(verdict, step)
    return Judged(Verdict.UNKNOWN, None)


def offline_keys(keys: Keys, handle: str, slot: int, first: date, days: int) -> dict[date, bytes]:
    """A device's keys of so many days, under the version that makes codes."""
    wanted = [first + timedelta(days=number) for number in range(days)]
    return {day: device_key(keys, keys.makes, handle, slot, day) for day in wanted}


def _made_in(keys: Keys, code: Code, steps: Iterable[int], of_day: dict[date, PlainMac]) -> int | None:
    """In which of the steps the device would have made this code. of_day: keys derived so far, added to."""
    start = f"{code.key_version:02d}{code.handle}{code.slot}"
    for step in steps:
        day = _day_of(step)
        if day not in of_day:
            key = device_key(keys, code.key_version, code.handle, code.slot, day)
            of_day[day] = PlainMac(key, keys.suite)
        if same(_mac(of_day[day], start, step), code.mac):
            return step
    return None


def _mac(proof: PlainMac, start: str, step: int) -> str:
    number = int.from_bytes(proof.of(f"{start}{step}".encode("ascii"))[:8], "big")
    return f"{number % 10**MAC_DIGITS:0{MAC_DIGITS}d}"


def _day_of(step: int) -> date:
    """The China day on which a step begins. Midnight begins a step, so that none belongs to two days."""
    return _FIRST_DAY + timedelta(days=(step + _CHINA_AHEAD) // _STEPS_A_DAY)
