"""The outbox: what must follow a committed change is done after it, at least once, and never before it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit import clock, outbox
from app.kit.db import Database
from app.kit.outbox import CLAIM, MAX_ATTEMPTS, PATIENCE, Duty, OutboxMessage, TryLater


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def database(parts: Parts) -> Database:
    return parts.database


class Recorder:
    """A handler that notes what it is given and fails as often as it is told."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.seen: list[dict[str, Any]] = []
        self.failures = failures
        self.error = error or RuntimeError("not now")

    def __call__(self, database: Database, payload: Mapping[str, Any]) -> None:
        self.seen.append(dict(payload))
        if len(self.seen) <= self.failures:
            raise self.error


def messages(database: Database) -> list[OutboxMessage]:
    with database.reading() as session:
        return list(session.execute(select(OutboxMessage)).scalars())


def backlog(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        return outbox.backlog(session)


def put(database: Database, number: int = 1, **more: Any) -> None:
    database.run(lambda session: outbox.put(session, "tell", {"number": number}, **more))


def test_a_message_is_done_once_and_is_gone(database: Database) -> None:
    recorder = Recorder()
    put(database, 1)
    put(database, 2)

    assert outbox.drain(database, {"tell": recorder}) == 2
    assert outbox.drain(database, {"tell": recorder}) == 0

    assert sorted(seen["number"] for seen in recorder.seen) == [1, 2]
    assert messages(database) == []


def test_a_change_that_is_rolled_back_tells_nobody(database: Database) -> None:
    def work(session: Session) -> None:
        outbox.put(session, "tell", {"number": 1})
        session.flush()
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        database.run(work)

    assert messages(database) == []


def test_a_failing_message_waits_longer_each_time_and_does_not_stop_the_others(database: Database) -> None:
    recorder = Recorder(failures=1)
    put(database, 1)
    put(database, 2)
    outbox.drain(database, {"tell": recorder})
    [left] = messages(database)
    assert left.attempts == 1
    assert left.last_error == "RuntimeError", "the kind only: an error's words may be personal"
    assert outbox.drain(database, {"tell": recorder}) == 0, "not yet"

    with clock.travel(clock.now() + timedelta(seconds=11)):
        assert outbox.drain(database, {"tell": recorder}) == 1
    assert outbox.pause_after(3) > outbox.pause_after(2) > outbox.pause_after(1)
    assert outbox.pause_after(1000) == timedelta(hours=1)


def test_a_handler_may_say_when_to_come_back(database: Database) -> None:
    recorder = Recorder(failures=1, error=TryLater(300, "quota"))
    put(database)
    outbox.drain(database, {"tell": recorder})
    [left] = messages(database)
    assert timedelta(seconds=295) < left.available_at - clock.now() < timedelta(seconds=305)


def test_what_never_works_is_given_up_and_stays_to_be_seen(database: Database) -> None:
    recorder = Recorder(failures=99)
    put(database)
    moment = clock.now()
    for attempt in range(MAX_ATTEMPTS + 3):
        with clock.travel(moment + timedelta(hours=2 * attempt)):
            outbox.drain(database, {"tell": recorder})
    assert len(recorder.seen) == MAX_ATTEMPTS
    with database.reading() as session:
        assert outbox.backlog(session) == (0, 1)


def test_a_message_for_later_waits(database: Database) -> None:
    recorder = Recorder()
    put(database, after=timedelta(days=3))
    assert outbox.drain(database, {"tell": recorder}) == 0
    with clock.travel(clock.now() + timedelta(days=3, minutes=1)):
        assert outbox.drain(database, {"tell": recorder}) == 1


def test_a_message_claimed_by_a_worker_that_died_is_taken_up_again(database: Database) -> None:
    put(database)
    claimed = database.run(lambda session: outbox._claim(session, outbox.BATCH))
    assert len(claimed) == 1
    recorder = Recorder()
    assert outbox.drain(database, {"tell": recorder}) == 0, "another worker has it"
    with clock.travel(clock.now() + outbox.CLAIM + timedelta(seconds=1)):
        assert outbox.drain(database, {"tell": recorder}) == 1


def test_to_be_asked_to_wait_is_no_failed_attempt(database: Database) -> None:
    recorder = Recorder(failures=3 * MAX_ATTEMPTS, error=TryLater(60, "claimed"))
    put(database)
    moment = clock.now()
    for minute in range(3 * MAX_ATTEMPTS + 1):
        with clock.travel(moment + timedelta(minutes=2 * minute)):
            outbox.drain(database, {"tell": recorder})
    assert len(recorder.seen) == 3 * MAX_ATTEMPTS + 1
    assert messages(database) == [], "done in the end"


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=30)])
def test_waiting_has_an_end_which_counts_from_the_day_it_was_due(
    after: timedelta, database: Database
) -> None:
    recorder = Recorder(failures=99, error=TryLater(60, "quota"))
    put(database, after=after)
    due = clock.now() + after
    with clock.travel(due + PATIENCE - timedelta(hours=1)):
        outbox.drain(database, {"tell": recorder})
    assert backlog(database) == (1, 0)
    with clock.travel(due + PATIENCE + timedelta(hours=1)):
        outbox.drain(database, {"tell": recorder})
    assert backlog(database) == (0, 1)


@pytest.mark.parametrize("error", [RuntimeError("no"), TryLater(60, "quota")])
def test_who_put_a_message_hears_once_that_it_was_given_up(error: Exception, database: Database) -> None:
    given_up: list[Mapping[str, Any]] = []

    def hear(session: Session, payload: Mapping[str, Any]) -> None:
        assert session.in_transaction()
        given_up.append(payload)

    duty = Duty(Recorder(failures=99, error=error), hear)
    put(database, 7)
    moment = clock.now()
    for day in range(MAX_ATTEMPTS + 2):
        assert not given_up or backlog(database) == (0, 1)
        with clock.travel(moment + timedelta(days=day)):
            outbox.drain(database, {"tell": duty})
    assert given_up == [{"number": 7}]
    assert backlog(database) == (0, 1)


def test_a_message_is_given_up_even_if_nobody_can_be_told(database: Database) -> None:
    def stumble(session: Session, payload: Mapping[str, Any]) -> None:
        raise KeyError("id")

    put(database)
    database.run(lambda session: session.execute(update(OutboxMessage).values(attempts=MAX_ATTEMPTS - 1)))
    outbox.drain(database, {"tell": Duty(Recorder(failures=99), stumble)})
    assert backlog(database) == (0, 1)


def test_a_message_that_kills_each_worker_is_given_up_without_a_further_try(database: Database) -> None:
    recorder = Recorder()
    put(database)
    moment = clock.now()
    for death in range(MAX_ATTEMPTS):
        with clock.travel(moment + death * 2 * CLAIM):
            assert len(database.run(lambda session: outbox._claim(session, 1))) == 1
    with clock.travel(moment + MAX_ATTEMPTS * 2 * CLAIM):
        outbox.drain(database, {"tell": recorder})
    assert recorder.seen == []
    assert backlog(database) == (0, 1)


def test_a_slow_worker_leaves_no_message_claimed_that_it_cannot_begin_in_time(database: Database) -> None:
    """A worker that claimed fifty slow messages would begin the last ones when others have them too."""
    slow = timedelta(seconds=20)
    for number in range(10):
        put(database, number)
    begun_late: list[object] = []

    def send(database: Database, payload: Mapping[str, Any]) -> None:
        with database.reading() as session:
            own = next(
                row for row in session.execute(select(OutboxMessage)).scalars() if row.payload == payload
            )
        if own.available_at <= clock.now():
            begun_late.append(payload)
        clock.shift(clock.now() + slow - clock.real_now())

    assert outbox.drain(database, {"tell": send}) == 10
    assert begun_late == []


def test_a_worker_that_was_overtaken_does_not_put_back_what_another_has(database: Database) -> None:
    put(database)
    moment = clock.now()

    def fail_when_overtaken(database: Database, payload: Mapping[str, Any]) -> None:
        clock.shift(moment + CLAIM + timedelta(seconds=5) - clock.real_now())
        assert len(database.run(lambda session: outbox._claim(session, 1))) == 1
        raise RuntimeError("too slow")

    outbox.drain(database, {"tell": fail_when_overtaken})
    [left] = messages(database)
    assert left.available_at - clock.now() > CLAIM - timedelta(seconds=5), "the other one's claim stands"
    assert left.last_error is None


def test_metrics_show_what_waits_and_what_was_given_up(client: FlaskClient, database: Database) -> None:
    for number in range(3):
        put(database, number)
    database.run(lambda session: session.execute(_one_failed()))
    shown = client.get("/metrics").get_data(as_text=True)
    assert "\nzhangban_outbox_waiting 2.0\n" in shown
    assert "\nzhangban_outbox_failed 1.0\n" in shown


def test_the_backlog_is_counted_up_to_a_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "COUNTED", 2)
    for number in range(5):
        put(database, number)
    assert backlog(database) == (2, 0)


def _one_failed() -> Update:
    one = select(OutboxMessage.id).limit(1).scalar_subquery()
    return update(OutboxMessage).where(OutboxMessage.id == one).values(failed_at=clock.now())
