"""The product's clock: shifted for a demo, travelled in tests, and a day that begins at midnight in China."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.kit import clock


def test_times_are_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert clock.real_now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-01T15:59:59+00:00", "2026-03-01"),
        ("2026-03-01T16:00:00+00:00", "2026-03-02"),
        ("2026-03-02T00:00:00+08:00", "2026-03-02"),
        ("2026-03-01T23:59:59+08:00", "2026-03-01"),
        ("2026-02-28T16:00:00+00:00", "2026-03-01"),
    ],
)
def test_a_day_begins_at_midnight_in_china(moment: str, day: str) -> None:
    at = datetime.fromisoformat(moment)

    assert clock.china_day(at) == date.fromisoformat(day)
    with clock.travel(at):
        assert clock.today() == date.fromisoformat(day)


def test_a_travelled_clock_runs_on_and_comes_back() -> None:
    before = clock.now()

    with clock.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        first = clock.now()
        second = clock.now()
        assert timedelta(0) <= first - datetime(2030, 1, 1, tzinfo=UTC) < timedelta(seconds=5)
        assert second >= first

    assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)


def test_it_comes_back_though_the_block_fails() -> None:
    with pytest.raises(LookupError), clock.travel(datetime(2030, 1, 1, tzinfo=UTC)):
        raise LookupError

    assert clock.now() - clock.real_now() < timedelta(seconds=5)


def test_the_machine_s_time_does_not_shift() -> None:
    clock.shift_seconds(86400)

    assert timedelta(hours=23) < clock.now() - clock.real_now() < timedelta(hours=25)
