"""Acknowledged is durable: the server is killed again and again while people file, on a client that retries."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.config import Settings
from app.filings import history
from app.filings.history import Break
from app.filings.models import Filing
from app.kit.api.application import Application
from app.services.remote_care.models import RemoteCareRecord
from tests.promises.killed import Journal, Server, post_until_answered, running
from tests.world import INSTANT, Somebody, World

FILINGS = int(os.environ.get("FILINGS", "30"))
KILLS = int(os.environ.get("KILLS", "2"))
"""``KILLS=20 FILINGS=500 pytest tests/promises/test_durability.py`` for more."""
PHONES = 4


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with running(settings) as started:
        yield started


def file_until_answered(server: Server, citizen: Somebody, journal: Journal) -> None:
    """A phone on a bad network: the same key and body until there is an answer."""
    body = {"service_code": "remote_care", "form": dict(INSTANT), "submit": True}
    key = {"Idempotency-Key": f"filing-of-{citizen.person_id}"}
    answer = post_until_answered(server, citizen, "/filings", body, journal, **key)
    assert answer.status_code == 201, answer.text
    with journal.lock:
        journal.answers[str(citizen.person_id)] = answer.text


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_was_acknowledged_is_there_and_nothing_twice(
    app: Application, world: World, server: Server
) -> None:
    citizens = [world.citizen() for _ in range(FILINGS)]
    journal = Journal()

    with ThreadPoolExecutor(PHONES) as phones:
        calls = [phones.submit(file_until_answered, server, citizen, journal) for citizen in citizens]
        for number in range(1, KILLS + 1):
            journal.wait_for(number * FILINGS // (KILLS + 1))
            server.kill()
            server.start()
        for call in calls:
            call.result()

    again = Journal()
    for citizen in citizens[:3]:
        file_until_answered(server, citizen, again)
    assert again.answers == {who: journal.answers[who] for who in again.answers}, "a retry got another answer"
    assert len(journal.answers) == FILINGS
    assert journal.lost_connections >= KILLS, "the kills did not hit anybody"
    with world.parts.database.reading() as session:
        assert session.execute(select(func.count()).select_from(Filing)).scalar_one() == FILINGS
        records = session.execute(select(RemoteCareRecord.person_id)).scalars().all()
        assert {str(person_id) for person_id in records} == set(journal.answers)
        assert len(records) == FILINGS
        assert [found for found in history.verify(session) if isinstance(found, Break)] == []
