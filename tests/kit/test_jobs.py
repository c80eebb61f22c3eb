"""Background work on the embedded queue: a knock drains the outbox, many knocks are one, a lost queue is no error."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from huey import Huey
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit import clock, outbox
from app.kit.db import Database
from app.kit.jobs import KNOCK_DELAY_SECONDS, KNOCK_PAUSE_SECONDS, Jobs, make_huey

Done = list[Mapping[str, Any]]


@pytest.fixture
def done() -> Done:
    return []


@pytest.fixture
def huey(tmp_path: Path) -> Huey:
    return make_huey("", tmp_path / "jobs")


@pytest.fixture
def jobs(huey: Huey, parts: Parts, done: Done) -> Jobs:
    def note(database: Database, payload: Mapping[str, Any]) -> None:
        done.append(payload)

    def tidy(database: Database) -> None:
        done.append({"tidied": database is parts.database})

    return Jobs(huey, parts.database, {"note": note}, {"tidy": ("23 3", tidy)})


def put(parts: Parts, number: int) -> None:
    parts.database.run(lambda session: outbox.put(session, "note", {"number": number}))


def work(huey: Huey) -> int:
    """What a worker does with the queue once the delay of a knock is over. Returns how many tasks there were."""
    later = (clock.real_now() + timedelta(seconds=KNOCK_DELAY_SECONDS + 1)).replace(tzinfo=None)
    tasks = 0
    while (task := huey.dequeue()) is not None:
        huey.execute(task, timestamp=later)
        tasks += 1
    return tasks


def test_a_knock_lets_a_worker_drain_the_outbox(jobs: Jobs, huey: Huey, parts: Parts, done: Done) -> None:
    put(parts, 1)
    put(parts, 2)

    jobs.knock()

    assert done == [], "the web process does none of the work itself"
    assert work(huey) == 1
    assert done == [{"number": 1}, {"number": 2}]


def test_knocks_in_quick_succession_are_one(jobs: Jobs, huey: Huey) -> None:
    for _ in range(50):
        jobs.knock()

    assert work(huey) == 1


def test_the_drain_comes_later_than_the_pause_between_knocks(
    jobs: Jobs, huey: Huey, parts: Parts, done: Done
) -> None:
    """What was committed while knocks were held back is there when the drain runs."""
    jobs.knock()
    put(parts, 3)
    jobs.knock()

    assert work(huey) == 1
    assert done == [{"number": 3}]
    assert KNOCK_DELAY_SECONDS > KNOCK_PAUSE_SECONDS


def test_a_queue_that_is_away_does_not_fail_the_request(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = Jobs(make_huey("redis://127.0.0.1:1/0", Path()), parts.database, {}, {})
    caplog.set_level(logging.WARNING)

    jobs.knock()

    assert "knock_failed" in caplog.text


@pytest.mark.parametrize(
    ("utc", "runs"),
    [("2026-03-01T19:23", True), ("2026-03-01T03:23", False), ("2026-03-01T19:24", False)],
    ids=["3:23 in China", "3:23 elsewhere", "a minute later"],
)
def test_a_nightly_job_runs_in_china_s_night(
    jobs: Jobs, huey: Huey, done: Done, utc: str, runs: bool
) -> None:
    [task] = [task for task in huey._registry.periodic_tasks if task.name == "tidy"]

    assert task.validate_datetime(datetime.fromisoformat(utc)) is runs
    task.execute()
    assert done == [{"tidied": True}]


def test_the_outbox_is_drained_every_minute_though_nobody_knocks(
    jobs: Jobs, huey: Huey, parts: Parts, done: Done
) -> None:
    put(parts, 5)
    [task] = [task for task in huey._registry.periodic_tasks if "drain" in task.name]

    assert all(task.validate_datetime(datetime(2026, 3, 1, 7, minute)) for minute in range(60))  # noqa: DTZ001 - Huey's own, in UTC
    task.execute()
    assert done == [{"number": 5}]


def test_knockers_in_the_same_moment_make_one_task(jobs: Jobs, huey: Huey) -> None:
    with ThreadPoolExecutor(8) as requests:
        list(requests.map(lambda _: jobs.knock(), range(32)))

    assert huey.pending_count() == 1


def test_what_raises_is_kept_for_later(jobs: Jobs, huey: Huey, parts: Parts, done: Done) -> None:
    def unknown(session: Session) -> None:
        outbox.put(session, "nobody-handles-this", {})

    parts.database.run(unknown)
    put(parts, 4)

    jobs.knock()
    work(huey)

    assert done == [{"number": 4}]
    with parts.database.reading() as session:
        assert outbox.backlog(session)[0] == 1
