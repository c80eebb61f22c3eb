"""The one place that reads the clock.

Everything else asks ``now()`` and ``today()``, so that a demo can start its clock at another moment
(``zhangban serve --clock``) and a test can travel.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "UTC+08:00")
"""China has kept one zone without daylight saving since 1991, so no time-zone database is needed."""


class _Shift:
    """How far the product's clock is from the machine's."""

    offset = timedelta(0)


def real_now() -> datetime:
    """The machine's own time, for protocols whose other side checks it (request signatures)."""
    return datetime.now(UTC)


def now() -> datetime:
    """The product's time: aware, in UTC."""
    return datetime.now(UTC) + _Shift.offset


def today() -> date:
    """The calendar day in China."""
    return now().astimezone(CHINA).date()


def china_day(moment: datetime) -> date:
    """The calendar day in China on which an aware ``moment`` falls."""
    return moment.astimezone(CHINA).date()


def shift_seconds(seconds: float) -> None:
    """The shift as settings carry it."""
    shift(timedelta(seconds=seconds))


def shift(offset: timedelta) -> None:
    """Set the clock ``offset`` away from the machine's. Demo and test modes only; settings refuse it elsewhere."""
    _Shift.offset = offset


@contextmanager
def travel(moment: datetime) -> Iterator[None]:
    """Let the clock run on from ``moment`` inside the block."""
    before = _Shift.offset
    shift(moment - real_now())
    try:
        yield
    finally:
        shift(before)
