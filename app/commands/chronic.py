"""``zhangban chronic``: is the draw of experts fair?"""

import sys
import time
from dataclasses import asdict
from datetime import date, timedelta

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from app.commands.common import console, fail, opened_parts, print_json, settings
from app.kit import clock
from app.kit.errors import Problem
from app.services.chronic_disease import draw_audit
from app.services.chronic_disease.drawing import Exclusion
from app.services.chronic_disease.faults import Fault
from app.services.chronic_disease.simulation import TOLERANCE_PERCENT, Report, simulate

_WIDTH = 140
"""Columns of the table where no terminal says how wide it is."""
_SHOWN = 20
"""So many broken rules are printed; the JSON has all."""
_SPECIALTIES_WIDTH = 32
_REASONS = {
    Exclusion.RELATIVE: "relative",
    Exclusion.ACTED: "acted",
    Exclusion.TREATING_HOSPITAL: "hospital",
    Exclusion.ON_LEAVE: "leave",
    Exclusion.DAILY_LIMIT: "limit",
    Exclusion.NO_SPECIALTY: "specialty",
}


@click.group()
def chronic() -> None:
    """Chronic-disease benefits: experts and their draw, visits and whom they prove ill."""


@chronic.command("simulate-draws")
@click.option("--cases", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True)
@click.option("--experts", type=click.IntRange(1, 1_000), default=25, show_default=True)
@click.option("--seed", default="zhangban", show_default=True, help="Another text gives another year.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def simulate_draws(cases: int, experts: int, seed: str, as_json: bool) -> None:
    """Draw experts for a made-up county; 10,000 cases are a year.

    Exit 1 if a draw broke a rule, if one does not repeat from its record, or if an expert's load is more than
    10% from equal load.
    """
    began = time.perf_counter()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Drawing …", total=cases)
        report = simulate(
            cases=cases,
            experts=experts,
            seed=seed,
            progress=lambda done: progress.update(task, completed=done),
        )
    seconds = round(time.perf_counter() - began, 1)
    if as_json:
        print_json({"seed": seed, "seconds": seconds, "is_sound": report.is_sound, **asdict(report)})
    else:
        _show(report, seconds)
    sys.exit(0 if report.is_sound else 1)


def _show(report: Report, seconds: float) -> None:
    Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH).print(_table(report))
    click.echo(
        f"{report.cases} cases on {report.days} days in {seconds} s; equal load is {report.equal_load:.1f} cases."
    )
    click.echo(
        f"Load: {report.lowest_percent}% to {report.highest_percent}% of equal load "
        f"(allowed ±{TOLERANCE_PERCENT:g}%): {'outside' if report.outside else 'within'}."
    )
    for row in report.outside:
        click.echo(f"  {row.expert}: {row.share_percent}%, could be drawn {row.eligible} times")
    click.echo(f"Draws against a rule: {len(report.conflicts)}.")
    for what in report.conflicts[:_SHOWN]:
        click.echo(f"  {what}")
    click.echo(f"Repeated from the record: {report.rechecked} draws, {len(report.differences)} differences.")
    for what in report.differences[:_SHOWN]:
        click.echo(f"  {what}")
    click.echo(
        f"全科 stood in: {report.stood_in}. Nobody eligible: {report.nobody}. "
        f"One expert alone had the least load: {report.foreseeable}."
    )
    click.echo("Sound." if report.is_sound else "NOT sound.")


def _table(report: Report) -> Table:
    """Each expert: what was drawn, what the specialties allowed, and why not more."""
    table = Table(
        "expert", caption="The last columns: why left out, for each draw the first reason that held."
    )
    table.add_column("specialties", min_width=_SPECIALTIES_WIDTH)
    for title in ("eligible", "drawn", "% equal", *_REASONS.values()):
        table.add_column(title, justify="right")
    for row in report.rows:
        table.add_row(
            row.expert,
            "、".join(row.specialties),
            str(row.eligible),
            str(row.drawn),
            f"{row.share_percent:.1f}",
            *(str(row.excluded.get(reason.value, 0)) for reason in _REASONS),
        )
    return table


@chronic.command("audit-draws")
@click.option(
    "--day", "day_text", metavar="DAY", help="2026-03-31; yesterday if left out. The day must be over."
)
@click.option("--region", metavar="CODE", help="Only the pool that judges for this region.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def audit_draws(day_text: str | None, region: str | None, as_json: bool) -> None:
    """Repeat every draw of a past day from its revealed seed, and name what does not fit. Exit 1 if anything."""
    parts = opened_parts(settings())
    day = clock.today() - timedelta(days=1) if day_text is None else _read_day(day_text)
    kept: list[Fault] = []  # for the one JSON document; a line is printed at once
    checked = found = 0
    with parts.database.reading() as session, Progress(console=console, transient=True) as progress:
        try:
            pools = draw_audit.pools(session, region)
            task = progress.add_task("Repeating draws …", total=draw_audit.count(session, pools, day))
            for step in draw_audit.audit(session, pools, day):
                if isinstance(step, int):
                    checked = step
                    progress.update(task, completed=checked)
                    continue
                found += 1
                if as_json:
                    kept.append(step)
                else:
                    click.echo(f"{step.table} {step.row}: {step.what}")
        except Problem as problem:
            fail(problem.detail.en)
    if as_json:
        print_json({"day": day, "draws": checked, "faults": [asdict(one) for one in kept]})
    else:
        click.echo(f"{checked} draws of {day} repeated, {found} faults found.")
    sys.exit(1 if found else 0)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"--day must be a day like 2026-03-31, not {text!r}.")
