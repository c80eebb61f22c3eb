"""Load on a running server: CONNECTIONS clients at once, and what they measured."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench.calls import Call
from bench.plan import CONNECTIONS


@dataclass(frozen=True)
class Load:
    """What clients measured together: calls a second, and milliseconds of each call in ascending order."""

    rate: float
    millis: Sequence[float]
    cpu_ms: float = 0.0
    """What one call took of the server's processors, without PostgreSQL's part."""

    def percentile(self, percent: float) -> float:
        """The time within which so many percent of the calls were answered."""
        return self.millis[min(len(self.millis) - 1, int(len(self.millis) * percent / 100))]

    @property
    def mean(self) -> float:
        return sum(self.millis) / len(self.millis)


class LoadError(RuntimeError):
    """The server answered otherwise than it should."""


def drive(port: int, call: Call, requests: Sequence[str], seconds: float) -> tuple[Load, int]:
    """Send ``requests`` over CONNECTIONS connections at once. Returns the load and how many requests were used."""
    clients = [_start(port, call, requests[place::CONNECTIONS], seconds) for place in range(CONNECTIONS)]
    try:
        for client in clients:
            _line(client)
        for client in clients:
            _write(client, "go\n")
        results = [json.loads(client.communicate()[0]) for client in clients]
    finally:
        for client in clients:
            client.kill()
            client.wait()
    wrong = {status: count for result in results for status, count in result["wrong"].items()}
    if wrong:
        raise LoadError(f"{call.title}: answers with other statuses than {call.status}: {wrong}")
    millis = sorted(micros / 1000 for result in results for micros in result["micros"])
    if not millis:
        raise LoadError(f"{call.title}: no requests were left to send")
    rate = sum(len(result["micros"]) / result["seconds"] for result in results)
    return Load(rate, millis), CONNECTIONS * max(result["sent"] for result in results)


def _start(port: int, call: Call, requests: Sequence[str], seconds: float) -> subprocess.Popen[str]:
    client = subprocess.Popen(
        [sys.executable, "-m", "bench.client"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    job = {
        "host": "127.0.0.1",
        "port": port,
        "requests": list(requests),
        "seconds": seconds,
        "in_turn": call.submission,
        "status": call.status,
        "expected": call.expected,
    }
    _write(client, json.dumps(job) + "\n")
    return client


def _write(client: subprocess.Popen[str], text: str) -> None:
    if client.stdin is None:
        raise AssertionError("the client was started with a pipe")
    client.stdin.write(text)
    client.stdin.flush()


def _line(client: subprocess.Popen[str]) -> str:
    if client.stdout is None:
        raise AssertionError("the client was started with a pipe")
    return client.stdout.readline()
