"""What time a phone believes it is.

A phone's clock can be wrong, and the mock client may not read the server's. Everything that a phone dates
(the papers it photographs, the drafts it keeps) asks its own `DeviceClock`.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8), "UTC+8")


class Clock(Protocol):
    """The three things a careful client needs from a clock."""

    def now(self) -> datetime:
        """The moment as this device shows it, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, for measuring how long something took."""
        ...

    def sleep(self, seconds: float) -> None:
        """Lets so many seconds pass."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceClock:
    """The machine's clock moved by `offset`: a phone whose owner set it wrong, or one beside a demo server
    whose clock was started at another time."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The moment as this device shows it, in UTC."""
        return datetime.now(UTC) + self.offset

    def today(self) -> date:
        """The Chinese calendar day (UTC+8) of `now`."""
        return self.now().astimezone(CHINA).date()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; not moved by `offset`."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits in real time."""
        time.sleep(seconds)
