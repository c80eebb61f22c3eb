"""``python -m bench``: prepare two databases, measure, report."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NoReturn

import psycopg
from rich.console import Console

from app.kit import logs
from bench import database, measuring, plans, processes
from bench.calls import CALLS, LISTS, QUEUE, Call
from bench.load import LoadError
from bench.machine import machine
from bench.measuring import Site
from bench.pgbench import PgbenchError, program
from bench.plan import FULL, QUICK, Plan
from bench.plans import Found
from bench.preparing import Prepared, prepared, showing_progress
from bench.processes import ProcessError
from bench.report import Report

DRAIN_S: Final = 20.0


def main(argv: Sequence[str] | None = None) -> int:
    """0: measured. 1: a fault, or with --strict a missed aim. 2: it could not be measured."""
    arguments = _arguments(argv)
    console = Console(stderr=True, highlight=False)
    signal.signal(signal.SIGTERM, _terminated)
    logs.configure("error")
    wanted = [call for call in CALLS if not arguments.only or call.name in arguments.only]
    try:
        report = run(QUICK if arguments.quick else FULL, wanted, console)
    except psycopg.OperationalError as error:
        console.print(f"No PostgreSQL: {error}\nTEST_POSTGRES names the server.", style="red", markup=False)
        return 2
    except (PgbenchError, ProcessError, LoadError) as error:
        console.print(f"Not measured: {error}", style="red", markup=False)
        return 2
    if arguments.json:
        json.dump(report.as_json(), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        report.show(Console(highlight=False, width=120))
    return 1 if report.faults() or (arguments.strict and report.missed()) else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure calls against pgbench with the same SQL, and with many cases against few.",
        epilog="TEST_POSTGRES: URL of a PostgreSQL server on which databases may be made "
        f"(default {database.DEFAULT}). They are dropped at the end.",
    )
    names = [call.name for call in CALLS]
    parser.add_argument("--quick", action="store_true", help="about a minute: fewer cases, shorter rounds")
    parser.add_argument("--only", nargs="+", choices=names, help="measure these calls only")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 also when an aim of speed is missed"
    )
    return parser.parse_args(argv)


def _terminated(_signal: int, _frame: object) -> NoReturn:
    # So that processes are ended and databases dropped.
    raise SystemExit(143)


def run(plan: Plan, wanted: Sequence[Call], console: Console) -> Report:
    program()
    server = database.server()
    before = machine(server)
    with (
        TemporaryDirectory(prefix="zhangban-bench-") as name,
        prepared(plan, server, Path(name), console) as sites,
    ):
        folder = Path(name)
        both = (sites.few, sites.many)
        found = [plan_found for site in both for plan_found in _plans(site, sites.handler_token)]
        with showing_progress(console, "measuring", measuring.steps(plan, len(wanted))) as move:
            measured = measuring.measure(
                plan, sites.few, sites.many, folder, wanted, lambda words: move(1, words)
            )
        memory = {f"a web process, {site.name}": site.server.memory_mb() for site in both}
        with showing_progress(console, "sending notices", None):
            rate, memory["the worker"] = _drain(sites, folder)
    after = replace(before, load_after=round(os.getloadavg()[0], 2))
    return Report(plan, after, measured, found, memory, rate)


def _plans(site: Site, handler_token: str) -> Iterator[Found]:
    """How each SELECT of the lists is done on a site."""
    seen = set()
    for call in LISTS:
        token = handler_token if call is QUEUE else None
        whose = site.crowd.filers[-1] if call.opens else site.crowd.readers[5]
        recording = site.record(call, whose, token)
        for statement in recording.reads():
            # Signing in is the same in all of them.
            if statement.text not in seen:
                seen.add(statement.text)
                yield plans.explain(site.database, f"{call.title}, {site.name}", statement)


def _drain(sites: Prepared, folder: Path) -> tuple[float, float]:
    """Let one worker send what the filings left to send, for a while. Returns (notices a second, its memory in MB)."""
    with sites.few.database.connect() as connection:
        # pgbench wrote messages about one and the same notice: they are no work.
        connection.execute(
            "DELETE FROM outbox_message WHERE id NOT IN"
            " (SELECT min(id::text)::uuid FROM outbox_message GROUP BY payload->>'id')"
        )
        count = "SELECT count(*) FROM outbox_message"
        before = _one(connection, count)
        began = time.monotonic()
        memory = 0.0
        with processes.worker(sites.settings, folder) as running:
            while time.monotonic() < began + DRAIN_S and (left := _one(connection, count)):
                time.sleep(0.25)
                running.check()
                memory = max(memory, running.memory_mb())
            took = time.monotonic() - began
        return (before - left) / took, memory


def _one(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return 0 if row is None else int(row[0])


if __name__ == "__main__":
    sys.exit(main())
