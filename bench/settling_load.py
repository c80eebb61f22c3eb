"""``python -m bench.settling_load``: so many settlements a second for so many minutes, and is every fen there afterwards?

Bills arrive at their moments whether those before were answered or not, as at the counters of a province, and a bill's
time is counted from its moment on. With --scan its code is scanned at that moment, and paid with when the scan is
answered. A worker makes and sends the notices meanwhile, to a stand-in for WeChat; how many wait at the end is counted.
Then ``zhangban ledger check`` is run, and the bills in the database are counted.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from psycopg import sql
from rich.console import Console

from app.config import Settings
from app.gateways.parts import Parts, build_parts
from app.kit import logs
from app.kit.migrate import upgrade
from app.ledger import checking
from app.ledger.checking import Finding
from app.registry import LEDGER_CHECKS
from bench import database, processes, tills
from bench.calls import Request
from bench.database import Server
from bench.machine import Machine, machine
from bench.plan import Crowd
from bench.preparing import showing_progress
from bench.processes import Running
from bench.settings import bench_settings
from bench.till_calls import DONE, FIRST_STEP
from bench.tills import Till

CONNECTIONS: Final = 32
"""Open at once at most: who finds none free waits, and the wait counts."""
WARM_UP_S: Final = 3.0


@dataclass
class Outcome:
    """What became of the bills. errors: what was answered instead → how often.

    …_cpu_ms: of one settlement; the client is this program, which is to take so little that it slows nothing down.
    notices_made: of all bills until the last was answered, those that warmed up, too. notices_waiting: bills of which
    nobody had been told by then, and notices that had not been sent.
    """

    wanted_rate: float
    seconds: float = 0.0
    millis: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    bills: int = 0
    findings: int = 0
    server_cpu_ms: float = 0.0
    worker_cpu_ms: float = 0.0
    client_cpu_ms: float = 0.0
    notices_made: int = 0
    notices_waiting: int = 0

    def percentile(self, percent: float) -> float:
        """The milliseconds within which so many percent were answered."""
        ordered = sorted(self.millis)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    def whole(self) -> bool:
        """Whether each bill was answered, is there, and the ledger agrees."""
        return not self.errors and not self.findings and self.bills == len(self.millis)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "wanted_per_second": self.wanted_rate,
            "per_second": round(len(self.millis) / self.seconds, 1),
            "seconds": round(self.seconds, 1),
            "answered": len(self.millis),
            "in_the_database": self.bills,
            "p50_ms": round(self.percentile(50), 1),
            "p99_ms": round(self.percentile(99), 1),
            "max_ms": round(self.percentile(100), 1),
            "errors": dict(self.errors),
            "ledger_findings": self.findings,
            "server_cpu_ms": round(self.server_cpu_ms, 2),
            "worker_cpu_ms": round(self.worker_cpu_ms, 2),
            "client_cpu_ms": round(self.client_cpu_ms, 2),
            "notices_made": self.notices_made,
            "notices_waiting": self.notices_waiting,
        }


class _Line:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, request: Request) -> str:
        """The answer's body. Raises OSError or EOFError if the server hangs up."""
        self._writer.write(request.wire().encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return (await self._reader.readexactly(length)).decode()

    def close(self) -> None:
        self._writer.close()


class _Lines:
    """Connections, opened when they are needed: one that was opened and says nothing would hold a thread of the server."""

    def __init__(self, port: int) -> None:
        self._port, self._opened = port, 0
        self._free: asyncio.LifoQueue[_Line] = asyncio.LifoQueue()

    async def take(self) -> _Line:
        if self._free.empty() and self._opened < CONNECTIONS:
            self._opened += 1
            return await self._open()
        return await self._free.get()

    async def another(self, broken: _Line) -> _Line:
        broken.close()
        return await self._open()

    def give_back(self, line: _Line) -> None:
        self._free.put_nowait(line)

    def close(self) -> None:
        while not self._free.empty():
            self._free.get_nowait().close()

    async def _open(self) -> _Line:
        return _Line(*await asyncio.open_connection("127.0.0.1", self._port))


@dataclass(frozen=True)
class Play:
    """Who pays where: each till has a token; of ``people`` each in turn has a bill. scan: the code first."""

    tills: Sequence[Till]
    people: int
    scan: bool


async def drive(port: int, play: Play, rate: float, first: int, seconds: float) -> Outcome:
    """Send bills, from number ``first`` on, at ``rate`` for so many seconds; wait for the last answer."""
    outcome, lines = Outcome(rate), _Lines(port)
    began = time.perf_counter()

    async def settle(number: int, due: float) -> None:
        line = await lines.take()
        try:
            answer = await _pay(line, play, number)
        except (OSError, EOFError, asyncio.IncompleteReadError) as error:
            outcome.errors[type(error).__name__] += 1
            line = await lines.another(line)
        else:
            if DONE in answer:
                outcome.millis.append((time.perf_counter() - due) * 1000)
            else:
                outcome.errors[answer[:120]] += 1
        lines.give_back(line)

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(settle(first + number, due))
    outcome.seconds = time.perf_counter() - began
    lines.close()
    return outcome


async def _pay(line: _Line, play: Play, number: int) -> str:
    till, person = play.tills[number % len(play.tills)], tills.FIRST + number % play.people
    headers = {"Authorization": f"Bearer {till.token}"}
    body = tills.bill(till, person, FIRST_STEP + number)
    if play.scan:
        code = {"code": tills.code(person), "business_type": "02121"}
        answer = await line.send(Request("POST", "/terminal/decode", headers, code))
        if '"ec_token"' not in answer:
            return answer
    return await line.send(Request("POST", "/terminal/transactions/2207", headers, body))


def run(
    rate: float,
    seconds: float,
    server: Server,
    console: Console,
    *,
    people: int,
    scan: bool,
    with_worker: bool,
) -> tuple[Outcome, Machine]:
    """On a database of its own, with a server and a worker of its own."""
    before = machine(server)
    with (
        TemporaryDirectory(prefix="zhangban-bench-") as name,
        server.database() as scratch,
        processes.wechat() as wechat_url,
    ):
        settings = bench_settings(scratch, Path(name), wechat_url)
        upgrade(scratch.url)
        parts = build_parts(settings)
        try:
            play = Play(tills.open_tills(parts), people, scan)
            with showing_progress(console, "people", people) as move:
                tills.enter(parts, scratch, Crowd(tills.FIRST, people, 1, people), move)
            scratch.analyze()
            server.checkpoint()
            with (
                processes.web_server(settings, Path(name)) as running,
                _worker(settings, Path(name), wanted=with_worker) as worker,
            ):
                # No bar that moves: drawing it would take more of the processors than sending the bills.
                console.print(f"  {rate:.0f} settlements a second for {seconds:.0f} s …")
                asyncio.run(drive(running.port, play, rate, 0, WARM_UP_S))
                first = _count(scratch, "settlement")
                cpu = _cpu_seconds(running, worker)
                outcome = asyncio.run(drive(running.port, play, rate, first, seconds))
                spent = [
                    1000 * (now - then) / max(1, len(outcome.millis))
                    for now, then in zip(_cpu_seconds(running, worker), cpu, strict=True)
                ]
                outcome.server_cpu_ms, outcome.worker_cpu_ms, outcome.client_cpu_ms = spent
                outcome.notices_waiting = _count(scratch, "outbox_message")
                outcome.notices_made = _count(scratch, "notice")
                outcome.bills = _count(scratch, "settlement") - first
            _check(parts, outcome, console)
        finally:
            parts.database.dispose()
    return outcome, before


@contextmanager
def _worker(settings: Settings, folder: Path, *, wanted: bool) -> Iterator[Running | None]:
    if not wanted:
        yield None
        return
    with processes.worker(settings, folder) as running:
        yield running
        running.check()


def _cpu_seconds(server: Running, worker: Running | None) -> tuple[float, float, float]:
    """What server, worker and this program have taken of the processors so far."""
    return server.cpu_seconds(), 0.0 if worker is None else worker.cpu_seconds(), time.process_time()


def _count(scratch: database.Database, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    with scratch.connect() as connection:
        row = connection.execute(query).fetchone()
    return 0 if row is None else int(row[0])


def _check(parts: Parts, outcome: Outcome, console: Console) -> None:
    with showing_progress(console, "checking the ledger", None):
        for step in checking.check(parts.database, also=LEDGER_CHECKS):
            if isinstance(step, Finding):
                outcome.findings += 1
                console.print(f"{step.table} {step.row}: {step.what}", markup=False)


def main(argv: Sequence[str] | None = None) -> int:
    """0: held, and all is whole. 1: an error, a bill too few or too many, or a finding. 2: not measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.settling_load", description=__doc__)
    parser.add_argument("--rate", type=float, default=150, help="settlements a second (default 150)")
    parser.add_argument("--minutes", type=float, default=5, help="for how long (default 5)")
    parser.add_argument("--people", type=int, default=5_000, help="who have bills in turn (default 5,000)")
    parser.add_argument("--scan", action="store_true", help="scan a code before each bill")
    parser.add_argument("--no-worker", action="store_true", help="let the notices wait")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    logs.configure("error")
    console = Console(stderr=True, highlight=False)
    try:
        outcome, before = run(
            arguments.rate,
            arguments.minutes * 60,
            database.server(),
            console,
            people=arguments.people,
            scan=arguments.scan,
            with_worker=not arguments.no_worker,
        )
    except (psycopg.OperationalError, processes.ProcessError) as error:
        console.print(f"Not measured: {error}", style="red", markup=False)
        return 2
    figures = {**outcome.as_json(), "machine": {**asdict(before), "load_after": round(os.getloadavg()[0], 2)}}
    if arguments.json:
        json.dump(figures, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        for name, value in figures.items():
            sys.stdout.write(f"{name.replace('_', ' '):<20}{value}\n")
    return 0 if outcome.whole() else 1


if __name__ == "__main__":
    sys.exit(main())
