"""What was found, as tables for people or as JSON, and whether it is what was aimed at."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import Machine
from bench.measuring import Measured
from bench.plan import AIM_GROWTH, AIM_P99_MS, AIM_READ, AIM_RSS_MB, AIM_SUBMISSION, CONNECTIONS, Plan
from bench.plans import Found


@dataclass
class Report:
    """All of one run. memory: process → MB. notices: how many a second one worker sent."""

    plan: Plan
    machine: Machine
    calls: Sequence[Measured]
    plans: Sequence[Found]
    memory: dict[str, float] = field(default_factory=dict)
    notices_per_second: float = 0.0

    def faults(self) -> list[str]:
        """What depends on the program alone and must never be: it fails the run."""
        found = [
            f"{plan.what} reads all of {', '.join(plan.whole_tables)}"
            for plan in self.plans
            if plan.whole_tables
        ]
        found += [
            f"{name} takes {mb:.0f} MB (at most {AIM_RSS_MB:.0f})"
            for name, mb in self.memory.items()
            if mb >= AIM_RSS_MB
        ]
        return found

    def missed(self) -> list[str]:
        """Aims of speed that were missed; a busy machine may be the reason."""
        found = []
        for one in self.calls:
            aim = AIM_SUBMISSION if one.call.submission else AIM_READ
            if one.ratio < aim:
                found.append(
                    f"{one.call.title}: 1/{1 / one.ratio:.1f} of pgbench's rate (aim 1/{1 / aim:.0f})"
                )
            if one.millis(99) >= AIM_P99_MS:
                found.append(f"{one.call.title}: p99 {one.millis(99):.1f} ms (aim below {AIM_P99_MS:.0f})")
            if one.growth > AIM_GROWTH:
                found.append(
                    f"{one.call.title}: {one.growth:.2f} times the cost with many cases (aim {AIM_GROWTH})"
                )
        return found

    def as_json(self) -> dict[str, Any]:
        """Everything, for programs."""
        return {
            "machine": asdict(self.machine),
            "plan": asdict(self.plan),
            "connections": CONNECTIONS,
            "calls": {one.call.name: _figures(one) for one in self.calls},
            "plans": [asdict(plan) for plan in self.plans],
            "memory_mb": {name: round(mb, 1) for name, mb in self.memory.items()},
            "notices_per_second": round(self.notices_per_second, 1),
            "faults": self.faults(),
            "missed": self.missed(),
        }

    def show(self, console: Console) -> None:
        """For people."""
        machine = self.machine
        console.print(
            f"{machine.day}, {machine.cores} cores, Python {machine.python}, PostgreSQL {machine.postgres}, "
            f"{CONNECTIONS} connections, load {machine.load_before} before and {machine.load_after} after"
        )
        if self.plan.quick:
            console.print("A quick run: too short and too small to judge by.", style="yellow")
        console.print(_speed(self.calls, self.plan))
        console.print(_growth(self.calls, self.plan))
        console.print(_plans(self.plans))
        for name, mb in self.memory.items():
            console.print(f"{name}: {mb:.0f} MB")
        console.print(f"one worker sent {self.notices_per_second:.0f} notices a second")
        for fault in self.faults():
            console.print(f"FAULT {fault}", style="red")
        for missed in self.missed():
            console.print(f"missed: {missed}", style="yellow")


def _figures(one: Measured) -> dict[str, float]:
    return {
        "ratio_to_pgbench": round(one.ratio, 4),
        "rate": round(one.rate, 1),
        "pgbench_rate": round(one.pgbench_rate, 1),
        "statements": one.statements,
        "cpu_ms": round(one.cpu_ms, 2),
        "p50_ms": round(one.millis(50), 2),
        "p99_ms": round(one.millis(99), 2),
        "p50_ms_many_cases": round(one.millis(50, many=True), 2),
        "p99_ms_many_cases": round(one.millis(99, many=True), 2),
        "growth": round(one.growth, 3),
    }


def _speed(calls: Sequence[Measured], plan: Plan) -> Table:
    table = Table(title=f"With {plan.few:,} cases", title_justify="left")
    table.add_column("call")
    for name in (
        "of pgbench's rate",
        "aim",
        "a second",
        "pgbench",
        "statements",
        "CPU ms",
        "p50 ms",
        "p99 ms",
    ):
        table.add_column(name, justify="right")
    for one in calls:
        aim = AIM_SUBMISSION if one.call.submission else AIM_READ
        table.add_row(
            one.call.title,
            f"1/{1 / one.ratio:.1f}",
            f"1/{1 / aim:.0f}",
            f"{one.rate:.0f}",
            f"{one.pgbench_rate:.0f}",
            str(one.statements),
            f"{one.cpu_ms:.1f}",
            f"{one.millis(50):.1f}",
            f"{one.millis(99):.1f}",
        )
    return table


def _growth(calls: Sequence[Measured], plan: Plan) -> Table:
    table = Table(title=f"With {plan.many:,} cases against {plan.few:,}", title_justify="left")
    table.add_column("call")
    for name in ("cost", "aim", "p50 ms few", "p50 ms many", "p99 ms many"):
        table.add_column(name, justify="right")
    for one in calls:
        table.add_row(
            one.call.title,
            f"{one.growth:.2f}",
            f"{AIM_GROWTH}",
            f"{one.millis(50):.1f}",
            f"{one.millis(50, many=True):.1f}",
            f"{one.millis(99, many=True):.1f}",
        )
    return table


def _plans(plans: Sequence[Found]) -> Table:
    table = Table(title="How the lists are read", title_justify="left")
    for name in ("query", "indexes", "rows read", "ms"):
        table.add_column(name, justify="left" if name in {"query", "indexes"} else "right")
    for row in _plan_rows(plans):
        table.add_row(*row)
    return table


def _plan_rows(plans: Sequence[Found]) -> Iterator[tuple[str, str, str, str]]:
    for plan in plans:
        indexes = ", ".join(plan.indexes) or "none"
        if plan.whole_tables:
            indexes += f"; ALL OF {', '.join(plan.whole_tables)}"
        yield plan.what, indexes, f"{plan.rows_read:,}", f"{plan.millis:.2f}"
