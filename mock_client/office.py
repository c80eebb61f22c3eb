"""The ``zhangban`` command beside the server: it lists the demo's people, makes more of them, lets a deadline pass,
screens visits, and runs a server whose clock stands elsewhere. It must see the same ZHANGBAN_ variables as the server
does."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

COMMAND_SECONDS = 120
START_SECONDS = 30


class OfficeClosed(Exception):  # noqa: N818 - says what happened
    """The command is missing, or did not do what it was asked."""


class Office:
    """The command at ``path``, run with ``environment``, or with this program's own."""

    def __init__(self, path: Path, environment: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.environment = environment

    @classmethod
    def find(cls, environment: Mapping[str, str] | None = None) -> "Office | None":
        """The command of this Python, or the one on the PATH; None where there is none."""
        beside = Path(sys.executable).with_name("zhangban")
        found = str(beside) if beside.exists() else shutil.which("zhangban")
        return None if found is None else cls(Path(found), environment)

    @classmethod
    def find_for(cls, base_url: str) -> "Office | None":
        """The command, if the server is on this machine: people made here are unknown to a server elsewhere."""
        return cls.find() if urlsplit(base_url).hostname in {"127.0.0.1", "localhost", "::1"} else None

    def load_demo(self, seconds: int) -> None:
        """Make the demo's database with everybody in it."""
        self._run("demo", "load", seconds=seconds)

    def people(self) -> list[dict[str, Any]]:
        """Everybody of the demo."""
        found: list[dict[str, Any]] = self._json("demo", "people", "--json")
        return found

    def add_person(self, arguments: Sequence[str]) -> dict[str, Any]:
        """One more person with an account; ``arguments`` are those of ``demo add-person``."""
        found: dict[str, Any] = self._json("demo", "add-person", *arguments, "--json")
        return found

    def pass_deadline(self, number: str) -> datetime:
        """Let the deadline of one case pass, as the worker would find it: the moment from which the case goes on."""
        found = self._json("demo", "pass-deadline", number, "--json")
        return datetime.fromisoformat(found["passed_at"])

    def screen(self) -> dict[str, Any]:
        """Run the nightly screening of visits now: how many ``visits``, ``offers`` and ``tasks``."""
        found: dict[str, Any] = self._json("chronic", "screen", "--json")
        return found

    @contextmanager
    def server_at(self, moment: datetime) -> Iterator[str]:
        """A second server over the same data, without a worker, whose clock starts at ``moment``: its address."""
        port = free_port()
        command = [str(self.path), "serve", "--port", str(port), "--no-worker", "--workers", "1"]
        command += ["--threads", "4", "--clock", moment.isoformat()]
        with tempfile.TemporaryFile("w+") as said:
            server = subprocess.Popen(  # noqa: S603 - our own
                command, stdout=said, stderr=said, text=True, env=self.environment
            )
            try:
                url = f"http://127.0.0.1:{port}"
                wait_until_up(url, server.poll)
                yield url
            except OfficeClosed as closed:
                said.seek(0)
                raise OfficeClosed(f"{closed}: {said.read()[-500:]}") from None
            finally:
                server.terminate()
                server.wait(START_SECONDS)

    def _json(self, *arguments: str) -> Any:
        try:
            return json.loads(self._run(*arguments))
        except ValueError:
            raise OfficeClosed(f"{' '.join(arguments[:2])} gave no JSON") from None

    def _run(self, *arguments: str, seconds: int = COMMAND_SECONDS) -> str:
        """What a command printed."""
        command = [str(self.path), *arguments]
        said = subprocess.PIPE
        try:
            done = subprocess.run(  # noqa: S603 - our own
                command,
                stdout=said,
                stderr=said,
                text=True,
                timeout=seconds,
                check=False,
                env=self.environment,
            )
        except subprocess.TimeoutExpired:
            raise OfficeClosed(f"{' '.join(arguments[:2])} took longer than {seconds} s") from None
        if done.returncode != 0:
            raise OfficeClosed(f"{' '.join(arguments[:2])} failed: {done.stderr.strip()[-500:]}")
        return done.stdout


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(
    url: str, ended: Callable[[], int | None] = lambda: None, seconds: float = START_SECONDS
) -> None:
    """Wait until a server is ready. ``ended`` gives the exit code once its process is over. Raises
    OfficeClosed when it ends or takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        code = ended()
        if code is not None:
            raise OfficeClosed(f"the server ended with {code}")
        if is_up(url):
            return
        time.sleep(0.1)
    raise OfficeClosed(f"no server answers at {url} within {seconds:g} s")


def is_up(url: str) -> bool:
    """Whether a server answers /readyz."""
    with requests.Session() as http:
        http.trust_env = False
        try:
            return http.get(f"{url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False
