"""Two screenings at once, as two workers or a worker and an operator would run them: neither turns the other back."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from clinic import REGION, Clinic
from feed import HEART_STAY, Feed, at_once, notices
from sqlalchemy import event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import Database
from app.notices.models import NoticeKind
from app.places.models import Institution
from app.services.chronic_disease import screening
from app.services.chronic_disease.offer_models import Visit
from tests.conftest import needs_postgres
from tests.somebody import Somebody

pytestmark = [pytest.mark.postgres, needs_postgres]
INFARCTION = "I21.000"


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def feed(clinic: Clinic) -> Feed:
    return Feed(clinic)


@pytest.fixture
def refused() -> list[str]:
    """What PostgreSQL refused in any of the runs, deadlocks among it: a retry hides them from everybody else."""
    return []


@pytest.fixture
def processes(feed: Feed, refused: list[str]) -> Iterator[list[Database]]:
    """Databases as two processes hold them: with connections of their own."""

    def note(context: ExceptionContext) -> None:
        refused.append(str(context.original_exception))

    url = feed.world.parts.settings.effective_database_url
    found = [Database(url) for _ in range(2)]
    for one in found:
        event.listen(one.engine, "handle_error", note)
    yield found
    for one in found:
        one.dispose()


def left(feed: Feed) -> int:
    """Visits that nobody has looked at."""
    query = select(func.count()).select_from(Visit).where(Visit.screened_at.is_(None))
    return feed.world.write(lambda session: session.execute(query).scalar_one())


def small_hospital(feed: Feed) -> Somebody:
    """The terminal of one whose diagnosis proves nothing, so that it makes tasks."""
    hospital = feed.world.hospital(REGION)

    def lower(session: Session) -> None:
        session.get_one(Institution, hospital.id).level = 1

    feed.world.write(lower)
    return feed.world.terminal(hospital)


@pytest.mark.parametrize(
    ("icd10", "small", "offers", "tasks"),
    [
        pytest.param(HEART_STAY, False, 1, 0, id="an offer"),
        pytest.param(INFARCTION, True, 0, 1, id="a task"),
        pytest.param(HEART_STAY, True, 1, 1, id="both"),
    ],
)
def test_who_has_visits_in_the_batches_of_both_is_weighed_by_both_and_holds_up_neither(
    feed: Feed,
    patient: Somebody,
    processes: list[Database],
    refused: list[str],
    monkeypatch: pytest.MonkeyPatch,
    icd10: str,
    offers: int,
    tasks: int,
    *,
    small: bool,
) -> None:
    """Given a person with two visits, when each run has taken one of them before either goes on."""
    terminal = small_hospital(feed) if small else None
    feed.report(*[feed.row(patient, icd10) for _ in range(2)], terminal=terminal)
    monkeypatch.setattr(screening, "BATCH", 1)
    both_have_taken, began, visits_of = (
        threading.Barrier(2, timeout=20),
        threading.local(),
        screening._visits_of,
    )

    def when_both_have_taken(session: Session, *more: object) -> object:
        if not hasattr(began, "once"):
            began.once = True
            both_have_taken.wait()
        return visits_of(session, *more)  # type: ignore[arg-type] # as it was called

    monkeypatch.setattr(screening, "_visits_of", when_both_have_taken)

    found = at_once(*[lambda one=one: screening.screen(one) for one in processes])

    assert refused == []
    assert sorted(one.visits for one in found) == [1, 1]
    assert (sum(one.offers for one in found), sum(one.tasks for one in found)) == (offers, tasks)
    assert (len(feed.offers()), len(feed.tasks()), left(feed)) == (offers, tasks, 0)
    assert notices(feed, NoticeKind.BENEFIT_OFFERED) == offers


def test_a_feed_of_many_visits_of_the_same_people_is_shared_by_two_runs(
    feed: Feed, clinic: Clinic, processes: list[Database], refused: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given batches that all hold visits of nearly everybody, when two run, then every visit is looked at once."""
    monkeypatch.setattr(screening, "BATCH", 4)
    patients = [clinic.world.citizen(region=REGION) for _ in range(10)]
    days: list[date] = [clock.today() - timedelta(days=back) for back in (80, 60, 40, 20)]
    for day in days:
        feed.report(*[feed.outpatient(one, "B18.100", day) for one in patients])
        feed.report(*[feed.row(one) for one in reversed(patients)])

    found = at_once(*[lambda one=one: screening.screen(one) for one in processes])

    assert refused == []
    assert sum(one.visits for one in found) == 80
    assert sum(one.offers for one in found) == len(feed.offers()) == 20
    assert left(feed) == 0


def test_looking_again_while_a_screening_runs_neither_waits_for_the_other_for_good(
    feed: Feed, clinic: Clinic, processes: list[Database], refused: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "BATCH", 3)
    monkeypatch.setattr(screening, "_LOOKED_AT_AGAIN", 7)
    patients = [clinic.world.citizen(region=REGION) for _ in range(8)]
    for _ in range(4):
        feed.report(*[feed.row(one) for one in patients])
    one, other = processes
    screening.screen(one)
    feed.report(*[feed.row(patient) for patient in patients])

    at_once(
        lambda: screening.screen(one),
        lambda: screening.look_again(other),
        lambda: screening.look_again(other),
    )
    screening.screen(one)

    assert refused == []
    assert left(feed) == 0
    assert len(feed.offers()) == len(patients)
