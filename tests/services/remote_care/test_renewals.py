"""Who is away on a temporary record is reminded, once, before it ends."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from care_calls import COMMITTED, file, records, renewed
from sqlalchemy import create_engine, event, insert, select, text, update

from app import registry
from app.filings import history
from app.kit import clock, ids
from app.kit.api.application import Application
from app.notices import service as notices
from app.notices.models import Notice, NoticeKind
from app.services.remote_care import renewals
from app.services.remote_care.categories import Category
from app.services.remote_care.models import RemoteCareRecord
from app.services.remote_care.renewals import remind_of_renewals
from tests.conftest import needs_postgres
from tests.world import INSTANT, Somebody, World

Run = Callable[[], int]


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.fixture
def run(world: World) -> Run:
    """The daily job."""
    return lambda: remind_of_renewals(world.parts.database)


def away(world: World, *, city: str = "1401") -> tuple[Somebody, dict[str, Any]]:
    """Somebody with a temporary record, and that record."""
    citizen = world.citizen()
    file(citizen, {**INSTANT, "care_region_code": city})
    return citizen, records(citizen)[0]


@contextmanager
def days_before_end(record: dict[str, Any], days: int) -> Iterator[None]:
    day = date.fromisoformat(record["enddate"]) - timedelta(days=days)
    with clock.travel(datetime.combine(day, time(9, 30), clock.CHINA)):
        yield


def reminders(world: World) -> Counter[UUID]:
    """How often each case's person was reminded."""
    with world.parts.database.reading() as session:
        query = select(Notice.filing_id).where(Notice.kind == NoticeKind.RENEWAL_REMINDER)
        return Counter(filing_id for filing_id in session.execute(query).scalars() if filing_id)


@pytest.mark.parametrize(("days", "told"), [(30, 0), (8, 0), (7, 1), (1, 1), (0, 1), (-1, 0)])
def test_one_is_reminded_from_a_week_before_the_end_on(world: World, run: Run, days: int, told: int) -> None:
    _, record = away(world)
    with days_before_end(record, days):
        assert run() == told
    assert reminders(world).total() == told


def test_the_reminder_says_until_when_and_what_to_do(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 7):
        run()
        [notice] = [
            one
            for one in renewed(world, citizen).ok("GET", "/me/notices")["items"]
            if one["kind"] == "renewal_reminder"
        ]

    end = date.fromisoformat(record["enddate"])
    assert notice["filing_id"] == record["filing_id"]
    number = citizen_case(world, record)
    assert notice["text"].startswith(f"您的异地就医备案（编号 {number}）快到期了")
    assert f"有效期到{end.year}年{end.month}月{end.day}日" in notice["text"]
    assert "还在外地的，请打开小程序重新办理，开始日期选到期后的第一天" in notice["text"]


def citizen_case(world: World, record: dict[str, Any]) -> str:
    with world.parts.database.reading() as session:
        numbers = renewals.told_of(session, [UUID(record["filing_id"])])
    return numbers[UUID(record["filing_id"])].number


def test_what_the_reminder_asks_for_can_be_done_that_day(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 7):
        run()
        start = date.fromisoformat(record["enddate"]) + timedelta(days=1)
        file(renewed(world, citizen), {**INSTANT, "start_date": start.isoformat()})


def test_one_is_reminded_once_however_often_the_job_runs(world: World, run: Run) -> None:
    _, record = away(world)
    for days in (7, 7, 6, 0):
        with days_before_end(record, days):
            run()
    assert reminders(world) == {UUID(record["filing_id"]): 1}


def test_a_cancelled_record_is_not_reminded_of(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 20):
        path = f"/remote-care/records/{record['id']}/actions"
        renewed(world, citizen).ok("POST", path, {"action": "cancel"})
        assert run() == 0, "it ended yesterday"
    with days_before_end(record, 7):
        assert run() == 0


def test_a_replaced_record_is_not_reminded_of_and_the_one_in_its_place_is(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 20):
        form = {"care_region_code": "3201", "commitment_accepted": True}
        path = f"/remote-care/records/{record['id']}/actions"
        later = renewed(world, citizen)
        later.ok("POST", path, {"action": "change", "form": form})
        replacing = records(later)[0]
        assert run() == 0, "the replaced one ended yesterday"
    with days_before_end(replacing, 7):
        assert run() == 1
    assert reminders(world) == {UUID(replacing["filing_id"]): 1}


def test_an_open_ended_record_is_never_reminded_of(world: World, run: Run) -> None:
    citizen = world.citizen(region="1401")
    file(citizen, {"category": "long_term_resident", "care_region_code": "31", **COMMITTED})
    assert records(citizen)[0]["enddate"] is None
    for years in range(3):
        with clock.travel(clock.now() + timedelta(days=365 * years)):
            assert run() == 0


def test_who_has_filed_anew_already_is_not_reminded(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 30):
        start = date.fromisoformat(record["enddate"]) + timedelta(days=1)
        file(renewed(world, citizen), {**INSTANT, "start_date": start.isoformat()})
    with days_before_end(record, 7):
        assert run() == 0


def test_a_record_to_another_place_does_not_cover_this_one(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 30):
        file(renewed(world, citizen), {**INSTANT, "care_region_code": "3201"})
    with days_before_end(record, 7):
        assert run() == 1
    assert reminders(world) == {UUID(record["filing_id"]): 1}


def test_the_reminder_leaves_the_record_s_seal_whole(world: World, run: Run) -> None:
    _, record = away(world)
    with days_before_end(record, 7):
        run()
    with world.parts.database.reading() as session:
        assert list(history.verify(session)) == [1]


def test_a_run_that_is_killed_in_the_middle_is_gone_on_with_by_the_next(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [away(world)[1] for _ in range(5)]
    monkeypatch.setattr(renewals, "BATCH", 2)
    queue, calls = notices.queue_notice, Counter[str]()

    def die_at_the_fourth(*arguments: Any, **more: Any) -> Any:
        calls["notices"] += 1
        if calls["notices"] == 4:
            raise KeyboardInterrupt
        return queue(*arguments, **more)

    with days_before_end(cases[0], 7):
        with monkeypatch.context() as dying:
            dying.setattr(notices, "queue_notice", die_at_the_fourth)
            with pytest.raises(KeyboardInterrupt):
                run()
        assert reminders(world).total() == 2, "the batch that was finished"
        assert run() == 3
    assert reminders(world) == {UUID(case["filing_id"]): 1 for case in cases}


@pytest.mark.postgres
@needs_postgres
def test_two_workers_at_once_remind_everybody_once(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [away(world)[1] for _ in range(24)]
    monkeypatch.setattr(renewals, "BATCH", 3)
    with days_before_end(cases[0], 7), ThreadPoolExecutor(2) as workers:
        done = list(workers.map(lambda _: run(), range(2)))
    assert sum(done) == len(cases)
    assert reminders(world) == {UUID(case["filing_id"]): 1 for case in cases}


def test_a_batch_takes_the_same_number_of_statements_however_many_it_holds(world: World, run: Run) -> None:
    statements: list[str] = []
    event.listen(
        world.parts.database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )

    def of(count: int) -> int:
        cases = [away(world)[1] for _ in range(count)]
        with days_before_end(cases[0], 7):
            statements.clear()
            assert run() == count
            return len(statements)

    assert of(2) == of(12)


def test_the_job_walks_an_index_over_what_was_not_reminded_of(world: World, run: Run) -> None:
    _, record = away(world)
    _many_ended(world, 4000)
    seen: list[tuple[str, Any]] = []
    engine = world.parts.database.engine
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, parameters, *_: seen.append((statement, parameters)),
    )

    with days_before_end(record, 7):
        assert run() == 1

    walks = [one for one in seen if "ORDER BY remote_care_record.enddate" in one[0]]
    assert len(walks) == 2, "the first batch and the empty one after it"
    explain = "EXPLAIN QUERY PLAN" if world.parts.database.is_sqlite else "EXPLAIN"
    for statement, parameters in walks:
        with engine.connect() as connection:
            plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
        assert "ix_remote_care_record_ending" in plan
        assert "Seq Scan" not in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def _many_ended(world: World, count: int) -> None:
    """Records of past years, reminded of long ago, so that a walk over all of them would be the dearer one."""
    with world.parts.database.reading() as session:
        table = RemoteCareRecord.__table__
        row = dict(session.execute(select(table)).mappings().one())
    long_ago = clock.now() - timedelta(days=900)

    def past(number: int) -> dict[Any, Any]:
        own = {"id": ids.new_id(), "filing_id": ids.new_id(), "trt_dcla_detl_sn": f"P{number}"}
        ended = {"enddate": long_ago.date() + timedelta(days=number % 300), "reminded_at": long_ago}
        return {**row, **own, **ended}

    # A connection of its own: SQLite's checks no references unless it is told to.
    engine = create_engine(world.parts.settings.database_url)
    with engine.begin() as connection:
        if not world.parts.database.is_sqlite:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(insert(table), [past(number) for number in range(count)])
        connection.execute(text("ANALYZE remote_care_record"))
    engine.dispose()


def test_it_runs_daily_in_the_morning(world: World) -> None:
    when, job = registry.periodic_jobs(world.parts)["renewal_reminders"]
    minute, hour = when.split()
    assert job is remind_of_renewals
    assert minute.isdecimal()
    assert 8 <= int(hour) <= 18, "what it queues is sent at once"


def test_whose_renewal_is_under_review_is_not_told_to_file(world: World, run: Run) -> None:
    citizen, record = away(world)
    with days_before_end(record, 7):
        start = date.fromisoformat(record["enddate"]) + timedelta(days=1)
        again = renewed(world, citizen)
        world.filing(again, "queued", start_date=start.isoformat())
        assert run() == 0


def test_who_files_for_a_child_reads_the_reminder_too(world: World, run: Run) -> None:
    parent = world.citizen()
    child_id = world.child(parent)
    world.filing(parent, "approved", subject_id=child_id)
    [record] = parent.ok("GET", f"/remote-care/records?person_id={child_id}")["items"]

    with days_before_end(record, 7):
        assert run() == 1
        notices = renewed(world, parent).ok("GET", "/me/notices")["items"]

    assert "renewal_reminder" in {one["kind"] for one in notices}


def test_who_no_longer_acts_for_the_child_reads_nothing(world: World, run: Run) -> None:
    parent = world.citizen()
    child_id = world.child(parent)
    world.filing(parent, "approved", subject_id=child_id)
    [record] = parent.ok("GET", f"/remote-care/records?person_id={child_id}")["items"]
    world.part(child_id, parent)

    with days_before_end(record, 7):
        assert run() == 1

    query = select(Notice.person_id).where(Notice.kind == NoticeKind.RENEWAL_REMINDER)
    with world.parts.database.reading() as session:
        assert session.execute(query).scalars().all() == [child_id]


def test_a_stay_in_an_emergency_is_not_renewed(world: World, run: Run) -> None:
    _, record = away(world)
    change = update(RemoteCareRecord).values(category=Category.EMERGENCY)
    world.write(lambda session: session.execute(change))

    with days_before_end(record, 7):
        assert run() == 0
