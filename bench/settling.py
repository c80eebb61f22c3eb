"""``python -m bench.settling``: settle, decode, preview and code image, against pgbench with the same SQL, and with ten
million ledger entries against a hundred thousand."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psycopg
from rich.console import Console
from rich.table import Table

from app.config import Settings
from app.gateways.parts import build_parts
from app.kit import clock, logs
from app.kit.migrate import upgrade
from app.vouchers import codes
from app.vouchers.keys import voucher_keys
from bench import bills, database, measuring, tills
from bench.database import Database, Server
from bench.machine import Machine, machine
from bench.measuring import Measured, Site
from bench.pgbench import PgbenchError, program
from bench.plan import AIM_GROWTH, AIM_P99_MS, CONNECTIONS, Crowd, Plan
from bench.preparing import showing_progress, site
from bench.settings import bench_settings
from bench.till_calls import calls
from bench.tills import Till

AIM_SETTLE: Final = 1 / 4
AIM_DECODE: Final = 5.0
AIM_IMAGE_MS: Final = 5.0
"""Settle against pgbench; decode against settle; the picture of a code."""

FULL: Final = Plan(
    few=100_000,
    many=10_000_000,
    few_people=Crowd(first=1_000, count=30_000, filer_step=1, reader_step=100),
    more_people=Crowd(first=100_000, count=200_000, filer_step=5, reader_step=100),
    rounds=5,
    seconds=4.0,
)
QUICK: Final = Plan(
    few=10_000,
    many=200_000,
    few_people=Crowd(first=1_000, count=4_000, filer_step=1, reader_step=40),
    more_people=Crowd(first=100_000, count=8_000, filer_step=2, reader_step=40),
    rounds=2,
    seconds=1.5,
)
NAMES: Final = ("settle", "decode", "preview", "image")


@dataclass(frozen=True)
class Report:
    """All of one run. proof_us: microseconds in which a code is proven, without the database."""

    plan: Plan
    machine: Machine
    calls: Sequence[Measured]
    proof_us: float

    def missed(self) -> list[str]:
        """The aims that were missed; a busy machine may be the reason."""
        found, by_name = [], {one.call.name: one for one in self.calls}
        settle, decode, image = (by_name.get(name) for name in ("settle", "decode", "image"))
        if settle is not None:
            if settle.ratio < AIM_SETTLE:
                found.append(
                    f"settle: 1/{1 / settle.ratio:.1f} of pgbench's rate (aim 1/{1 / AIM_SETTLE:.0f})"
                )
            if settle.millis(99) >= AIM_P99_MS:
                found.append(f"settle: p99 {settle.millis(99):.1f} ms (aim below {AIM_P99_MS:.0f})")
        if settle is not None and decode is not None and decode.rate < AIM_DECODE * settle.rate:
            found.append(f"decode: {decode.rate / settle.rate:.1f} times settle (aim {AIM_DECODE:.0f})")
        if image is not None and image.millis(50) >= AIM_IMAGE_MS:
            found.append(f"image: p50 {image.millis(50):.1f} ms (aim below {AIM_IMAGE_MS:.0f})")
        found += [
            f"{one.call.name}: {one.growth:.2f} times the cost with many entries (aim {AIM_GROWTH})"
            for one in self.calls
            if one.growth > AIM_GROWTH
        ]
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "machine": asdict(self.machine),
            "plan": asdict(self.plan),
            "connections": CONNECTIONS,
            "calls": {one.call.name: _figures(one) for one in self.calls},
            "proof_us": round(self.proof_us, 1),
            "missed": self.missed(),
        }

    def show(self, console: Console) -> None:
        """For people."""
        console.print(
            f"{self.machine}\n{CONNECTIONS} connections, {self.plan.rounds} rounds of {self.plan.seconds:.0f} s"
        )
        table = Table("call", title="Scanning and settling", title_justify="left")
        for title in ("a second", "pgbench", "ratio", "statements", "CPU ms", "p50 ms", "p99 ms", "growth"):
            table.add_column(title, justify="right")
        for one in self.calls:
            table.add_row(
                one.call.title,
                f"{one.rate:.0f}",
                f"{one.pgbench_rate:.0f}",
                f"1/{1 / one.ratio:.1f}",
                str(one.statements),
                f"{one.cpu_ms:.1f}",
                f"{one.millis(50):.1f}",
                f"{one.millis(99):.1f}",
                f"{one.growth:.2f}",
            )
        console.print(table)
        console.print(f"growth: {self.plan.many:,} ledger entries against {self.plan.few:,}")
        console.print(f"A code is proven in {self.proof_us:.0f} µs, without the database.")
        for words in self.missed():
            console.print(f"missed: {words}")


def main(argv: Sequence[str] | None = None) -> int:
    """0: measured. 1: with --strict, a missed aim. 2: it could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.settling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute or two: fewer entries, shorter rounds")
    parser.add_argument("--entries", nargs=2, type=int, metavar=("FEW", "MANY"), help="ledger entries")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="measure these calls only")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when an aim is missed")
    arguments = parser.parse_args(argv)
    logs.configure("error")
    plan = QUICK if arguments.quick else FULL
    if arguments.entries is not None:
        plan = replace(plan, few=arguments.entries[0], many=arguments.entries[1])
    console = Console(stderr=True, highlight=False)
    try:
        report = run(plan, arguments.only, console)
    except (psycopg.OperationalError, PgbenchError) as error:
        console.print(f"Not measured: {error}", style="red", markup=False)
        return 2
    if arguments.json:
        json.dump(report.as_json(), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        report.show(Console(highlight=False, width=120))
    return 1 if arguments.strict and report.missed() else 0


def run(plan: Plan, wanted: Sequence[str], console: Console) -> Report:
    """Prepare two databases, measure, drop them."""
    program()
    server = database.server()
    before = machine(server)
    with (
        TemporaryDirectory(prefix="zhangban-bench-") as name,
        prepared(plan, server, Path(name), console) as (few, many, found),
    ):
        chosen = [one for one in calls(found) if one.name in wanted]
        with showing_progress(console, "measuring", measuring.steps(plan, len(chosen))) as move:
            measured = measuring.measure(plan, few, many, Path(name), chosen, lambda words: move(1, words))
        proof_us = _proof_us()
    return Report(plan, replace(before, load_after=round(os.getloadavg()[0], 2)), measured, proof_us)


@contextmanager
def prepared(
    plan: Plan, server: Server, folder: Path, console: Console
) -> Iterator[tuple[Site, Site, list[Till]]]:
    """Two databases with tills, people and old bills, and a server on each. At the end they are dropped."""
    with server.database() as few:
        settings = bench_settings(few, folder, "http://127.0.0.1:9")
        upgrade(few.url)
        parts = build_parts(settings)
        found = tills.open_tills(parts)
        parts.database.dispose()
        _fill(few, settings, found, plan.few_people, 0, plan.few, console)
        # The copy holds the same keys and sign-ins, so the same tokens are good on both.
        with server.database(template=few.name) as many:
            _fill(many, settings, found, plan.more_people, plan.few, plan.many, console)
            with (
                site(few, settings, f"{plan.few:,} entries", plan.few_people, folder / "few") as small,
                site(many, settings, f"{plan.many:,} entries", plan.more_people, folder / "many") as large,
            ):
                server.checkpoint()
                yield small, large, found


def _fill(
    where: Database,
    settings: Settings,
    found: list[Till],
    crowd: Crowd,
    first: int,
    end: int,
    console: Console,
) -> None:
    """Add people and bills until the ledger of ``first`` entries has ``end`` of them."""
    parts = build_parts(replace(settings, database_url=where.url))
    try:
        with showing_progress(console, "people", crowd.count) as move:
            tills.enter(parts, where, crowd, move)
    finally:
        # A database with connections cannot be copied.
        parts.database.dispose()
    # Each person's account was opened, which took two.
    numbers = range(first, first + max(0, end - first - 2 * crowd.count) // bills.ENTRIES)
    with showing_progress(console, "ledger entries", len(numbers) * bills.ENTRIES) as move:
        bills.fill(where, found, crowd, numbers, move)
    with showing_progress(console, "statistics", None):
        where.analyze()


def _figures(one: Measured) -> dict[str, Any]:
    return {
        "per_second": round(one.rate, 1),
        "pgbench_per_second": round(one.pgbench_rate, 1),
        "ratio_to_pgbench": round(one.ratio, 4),
        "statements": one.statements,
        "cpu_ms": round(one.cpu_ms, 2),
        "p50_ms": round(one.millis(50), 2),
        "p99_ms": round(one.millis(99), 2),
        "p99_ms_many": round(one.millis(99, many=True), 2),
        "growth": round(one.growth, 3),
    }


def _proof_us(times: int = 2_000) -> float:
    keys, now = voucher_keys(), clock.now()
    parts = [codes.take_apart(tills.code(number)) for number in range(times)]
    began = os.times().user
    for one in parts:
        if one is None or codes.judge(keys, one, now).step is None:
            raise AssertionError("a code that was made just now is genuine")
    return (os.times().user - began) / times * 1e6


if __name__ == "__main__":
    sys.exit(main())
