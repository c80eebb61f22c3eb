"""Working days in China: weekdays without statutory holidays, and the weekend days worked in their place.

The calendar comes from the `chinesecalendar` package, which follows the yearly notice of the State Council.
That notice appears in November for the next year; for a year that the package does not know yet every Monday
to Friday counts as a working day, and a warning is logged once.
"""

import logging
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, overload

from chinese_calendar.constants import holidays, workdays

from app.kit.clock import CHINA, china_day

_log = logging.getLogger(__name__)
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
# A year counts as known once its National Day is listed: New Year's days alone may come with the year before.
_KNOWN_YEARS: Final = frozenset(day.year for day in holidays if day.month == 10)
_warned_years: set[int] = set()


def is_workday(day: date) -> bool:
    """Whether offices work on this Chinese calendar day."""
    if isinstance(day, datetime):
        day = _china_day(day)
    if day.year not in _KNOWN_YEARS:
        _warn_once(day.year)
        return day.weekday() < _SATURDAY
    return day in workdays or (day.weekday() < _SATURDAY and day not in holidays)


@overload
def add_workdays(start: datetime, count: int) -> datetime: ...
@overload
def add_workdays(start: date, count: int) -> date: ...
def add_workdays(start: date, count: int) -> date:
    """The `count`-th working day after `start`, which itself never counts (民法典 第二百零一条).

    With 0 it is `start` if that is a working day, else the next one. Of a datetime (aware) the Chinese
    calendar day counts; its time of day in China is kept and the answer is in UTC. A negative count is a
    ValueError.
    """
    if count < 0:
        raise ValueError("working days are counted forwards only")
    if isinstance(start, datetime):
        local = start.astimezone(CHINA)
        day = add_workdays(_china_day(start), count)
        return datetime.combine(day, local.timetz()).astimezone(UTC)
    day = start if count else start - _DAY
    for _ in range(max(count, 1)):
        day += _DAY
        while not is_workday(day):
            day += _DAY
    return day


def workdays_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` is earlier.

    `workdays_between(d, add_workdays(d, n)) == n` for every n of at least 1.
    """
    first = _china_day(start) if isinstance(start, datetime) else start
    last = _china_day(end) if isinstance(end, datetime) else end
    if last < first:
        return -workdays_between(last, first)
    return sum(is_workday(first + _DAY * offset) for offset in range(1, (last - first).days + 1))


def deadline(start: datetime, days: int) -> datetime:
    """The last second of the `days`-th working day after the Chinese day of `start`, in UTC.

    The day ends at 23:59:59 in China. With 0 days it is the day of `start` itself, or the next working day.
    """
    last_day = add_workdays(_china_day(start), days)
    return datetime.combine(last_day, time(23, 59, 59), CHINA).astimezone(UTC)


def _china_day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone does not tell the day in China")
    return china_day(moment)


def _warn_once(year: int) -> None:
    if year not in _warned_years:
        _warned_years.add(year)
        _log.warning("no holiday calendar for %s: Monday to Friday count as working days", year)
