"""Deadlines count the days on which Chinese offices work."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import workdays
from app.kit.clock import CHINA
from app.kit.workdays import add_workdays, deadline, is_workday, workdays_between

KNOWN_DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
COUNTS = st.integers(0, 40)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),  # an ordinary Friday
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2026, 1, 1), False),  # 元旦
        (date(2026, 1, 2), False),
        (date(2026, 1, 4), True),  # Sunday worked for it
        (date(2026, 2, 14), True),  # Saturday worked before 春节
        (date(2026, 2, 15), False),  # 春节 begins
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), False),  # and ends
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # Saturday worked after it
        (date(2026, 4, 6), False),  # 清明
        (date(2026, 5, 5), False),  # 劳动节
        (date(2026, 5, 9), True),  # Saturday worked for it
        (date(2026, 9, 20), True),  # Sunday worked for 国庆
        (date(2026, 10, 1), False),  # 国庆
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday worked for it
        (date(2025, 10, 6), False),  # 中秋 within 国庆
    ],
)
def test_statutory_holidays_and_made_up_weekends_of_the_state_council_notice(day: date, works: bool) -> None:
    assert is_workday(day) is works


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 11, 16), 1, date(2026, 11, 17)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # over a weekend
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # handed in on a Saturday
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # the Saturday before 春节 is worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # over all of 春节
        (date(2026, 2, 14), 5, date(2026, 2, 28)),  # the Saturday after it counts
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over 国庆
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 9, 30), 20, date(2026, 11, 3)),
        (date(2026, 10, 1), 0, date(2026, 10, 8)),  # the holiday itself moves on
        (date(2026, 10, 8), 0, date(2026, 10, 8)),
    ],
)
def test_the_day_of_the_start_never_counts(start: date, count: int, expected: date) -> None:
    assert add_workdays(start, count) == expected


@given(day=KNOWN_DAYS, count=COUNTS)
def test_a_count_of_workdays_ends_on_a_workday_and_agrees_with_counting_one_by_one(
    day: date, count: int
) -> None:
    end = add_workdays(day, count)
    passed = [day + timedelta(offset) for offset in range(1, (end - day).days + 1)]

    assert is_workday(end)
    if count or not is_workday(day):
        assert sum(map(is_workday, passed)) == max(count, 1)
        assert workdays_between(day, end) == max(count, 1)
    else:
        assert end == day


@given(day=KNOWN_DAYS, later=st.integers(0, 30), count=COUNTS, more=st.integers(0, 10))
def test_who_starts_later_or_has_more_days_never_ends_earlier(
    day: date, later: int, count: int, more: int
) -> None:
    assert add_workdays(day, count) <= add_workdays(day + timedelta(later), count + more)


@given(first=KNOWN_DAYS, second=KNOWN_DAYS)
def test_counting_backwards_is_the_negative(first: date, second: date) -> None:
    assert workdays_between(first, second) == -workdays_between(second, first)


def test_the_end_of_national_day_week_counts_as_in_the_calendar() -> None:
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 10)) == 3


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        # 23:30 on Monday in China is still Monday there: one day ends on Tuesday at 23:59:59.
        (datetime(2026, 11, 16, 15, 30, tzinfo=UTC), 1, datetime(2026, 11, 17, 15, 59, 59, tzinfo=UTC)),
        # half an hour later it is Tuesday in China although still Monday in UTC
        (datetime(2026, 11, 16, 16, 0, tzinfo=UTC), 1, datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC)),
        (datetime(2026, 2, 14, 12, 0, tzinfo=CHINA), 1, datetime(2026, 2, 24, 15, 59, 59, tzinfo=UTC)),
        (datetime(2026, 9, 30, 9, 0, tzinfo=CHINA), 20, datetime(2026, 11, 3, 15, 59, 59, tzinfo=UTC)),
        (datetime(2026, 10, 3, 9, 0, tzinfo=CHINA), 0, datetime(2026, 10, 8, 15, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_deadline_is_the_end_of_the_chinese_day(start: datetime, days: int, expected: datetime) -> None:
    assert deadline(start, days) == expected
    assert deadline(start, days).tzinfo is UTC


def test_of_a_time_the_hour_in_china_is_kept() -> None:
    start = datetime(2026, 11, 20, 17, 15, tzinfo=UTC)  # 01:15 on Saturday in China

    assert add_workdays(start, 1) == datetime(2026, 11, 23, 1, 15, tzinfo=CHINA)
    assert is_workday(start) is False
    assert workdays_between(start, datetime(2026, 11, 22, 17, 0, tzinfo=UTC)) == 1


def test_a_time_without_a_zone_and_a_negative_count_are_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        deadline(datetime(2026, 11, 20, 17, 15), 1)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(ValueError, match="forwards only"):
        add_workdays(date(2026, 11, 20), -1)


def test_a_year_that_is_not_announced_yet_counts_weekdays_and_is_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    far = max(workdays._KNOWN_YEARS) + 7

    with caplog.at_level(logging.WARNING, logger="app.kit.workdays"):
        days = [is_workday(date(far, 10, 1) + timedelta(offset)) for offset in range(7)]

    assert days.count(True) == 5
    assert [record.getMessage() for record in caplog.records] == [
        f"no holiday calendar for {far}: Monday to Friday count as working days"
    ]
