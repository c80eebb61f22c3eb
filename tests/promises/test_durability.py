"""Acknowledged is durable: the server is killed again and again while people file, on a client that retries."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import requests
from sqlalchemy import func, select

from app.config import Settings, environment_of
from app.filings import history
from app.filings.history import Break
from app.filings.models import Filing
from app.kit.api.application import Application
from app.kit.migrate import MIGRATIONS
from app.services.remote_care.models import RemoteCareRecord
from tests.world import API, INSTANT, Somebody, World

FILINGS = 48
KILLS = 3
PHONES = 4
PATIENCE = 90


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@dataclass
class Server:
    """``zhangban serve`` in processes of its own, on a port that stays the same."""

    settings: Settings
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port), "--no-worker"]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **environment_of(self.settings)}
        self.process = subprocess.Popen(
            command,
            cwd=MIGRATIONS.parent,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """kill -9 for the server and all its processes: no chance to finish anything."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = Server(settings, port)
    started.start()
    yield started
    started.kill()


@dataclass
class Journal:
    """What the phones were told: person → the answer that was acknowledged."""

    answers: dict[str, str] = field(default_factory=dict)
    lost_connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def file_until_answered(server: Server, citizen: Somebody, journal: Journal) -> None:
    """A phone on a bad network: the same key and body until there is an answer."""
    body = {"service_code": "remote_care", "form": dict(INSTANT), "submit": True}
    headers = {**citizen.headers, "Idempotency-Key": f"filing-of-{citizen.person_id}"}
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            answer = requests.post(f"{server.url}{API}/filings", json=body, headers=headers, timeout=10)
        except requests.RequestException:
            with journal.lock:
                journal.lost_connections += 1
            time.sleep(0.05)
            continue
        if answer.status_code == 503:
            time.sleep(0.2)
            continue
        assert answer.status_code == 201, answer.text
        with journal.lock:
            journal.answers[str(citizen.person_id)] = answer.text
        return
    raise AssertionError("no answer in time")


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
            _wait_for(journal, number * FILINGS // (KILLS + 1))
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


def _wait_for(journal: Journal, answers: int) -> None:
    end = time.monotonic() + PATIENCE
    while len(journal.answers) < answers:
        assert time.monotonic() < end, "the phones do not get on"
        time.sleep(0.005)
