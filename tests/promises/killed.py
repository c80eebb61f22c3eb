"""A server in processes of its own that is killed with -9 and started again, and clients that do not give up."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from app.config import Settings, environment_of
from app.kit.migrate import MIGRATIONS
from tests.world import API, Somebody

PATIENCE = 90


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


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = Server(settings, port)
    try:
        started.start()
        yield started
    finally:
        started.kill()


@dataclass
class Journal:
    """What clients were told: who asked → the answer that was acknowledged."""

    answers: dict[str, str] = field(default_factory=dict)
    lost_connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_for(self, answers: int) -> None:
        end = time.monotonic() + PATIENCE
        while len(self.answers) < answers:
            assert time.monotonic() < end, "the clients do not get on"
            time.sleep(0.005)


def post_until_answered(
    server: Server, somebody: Somebody, path: str, body: Any, journal: Journal, **headers: str
) -> requests.Response:
    """On a bad network: the same body and headers until there is an answer."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            answer = requests.post(
                f"{server.url}{API}{path}", json=body, headers={**somebody.headers, **headers}, timeout=10
            )
        except requests.RequestException:
            with journal.lock:
                journal.lost_connections += 1
            time.sleep(0.05)
            continue
        if answer.status_code == 503:
            time.sleep(0.2)
            continue
        return answer
    raise AssertionError("no answer in time")
