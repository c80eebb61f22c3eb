"""``zhangban chronic import-visits`` and ``screen``: what hospitals report, and whom it finds."""

import sys
import time
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from app import make_jobs
from app.commands.common import console, fail, opened_parts, print_json, settings
from app.kit.csv_rows import BadLine, Fault, Rejects
from app.services.chronic_disease import screening
from app.services.chronic_disease.screening import Screened
from app.services.chronic_disease.visit_file import BadVisitFile, read_lines
from app.services.chronic_disease.visit_rows import BadRow
from app.services.chronic_disease.visits import Taken, bring_in

_SHOWN = 20
"""So many bad rows are shown; --rejects writes all."""
_NAMED = 1_000
"""So many are in the JSON, so that memory does not depend on how bad a file is."""


@click.command("import-visits")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Write all bad rows there (CSV)."
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of the rows as JSON.")
def import_visits(file: Path, rejects: Path | None, as_json: bool) -> None:
    """Take visits from a CSV file (docs/visits.md). Rows taken before are known, so a file may be run again.

    Exit 1 if rows were bad; the good ones are kept.
    """
    parts = opened_parts(settings())
    total, named, bad = Taken(), list[BadRow](), 0

    def count(taken: Taken) -> None:
        nonlocal bad
        total.new, total.known, bad = total.new + taken.new, total.known + taken.known, bad + len(taken.bad)
        named.extend(taken.bad[: max(0, _NAMED - len(named))])
        rejected.write(_as_lines(taken.bad))

    with Rejects(rejects) as rejected, Progress(console=console, transient=True) as progress:
        try:
            with progress.open(
                file, "r", encoding="utf-8-sig", errors="replace", newline="", description="Taking visits …"
            ) as lines:
                bring_in(parts.database, read_lines(lines), count)
        except BadVisitFile as error:
            fail(
                f"{file.name} cannot be read on. {error}\nWhat came before is taken. Put it right and run again."
            )
    if as_json:
        print_json(
            {"taken": total.new, "known": total.known, "bad": bad, "bad_rows": [*map(_as_json, named)]}
        )
    else:
        click.echo(f"{total.new} new visits, {total.known} known, {bad} bad rows.")
        for row in named[:_SHOWN]:
            click.echo(
                f"  line {row.place}: " + "; ".join(f"{one.field} {one.text.en}" for one in row.problems)
            )
        if bad > _SHOWN:
            click.echo(f"  … and {bad - _SHOWN} more. Write all with --rejects FILE.")
    sys.exit(1 if bad else 0)


@click.command("screen")
@click.option(
    "--again", is_flag=True, help="Look anew at visits looked at before: after new criteria, in a new year."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def screen(again: bool, as_json: bool) -> None:
    """Find who qualifies without knowing it: offers for what visits prove, tasks for what is likely.

    Looks at the visits that came in since the last run. Running it again proposes nothing new.
    """
    parts = opened_parts(settings())
    database = parts.database
    if again:
        screening.look_again(database)
    with database.reading() as session:
        waiting = screening.waiting(session)
    began = time.perf_counter()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Screening …", total=waiting)

        def move(done: Screened) -> None:
            progress.advance(task, done.visits)

        found = screening.screen(database, on_batch=move)
    make_jobs(parts).knock()  # what was offered is told now, not at the worker's next look
    seconds = round(time.perf_counter() - began, 2)
    if as_json:
        print_json({"visits": found.visits, "offers": found.offers, "tasks": found.tasks, "seconds": seconds})
    else:
        click.echo(f"{found.visits} visits in {seconds} s: {found.offers} offers, {found.tasks} visit tasks.")


def _as_json(row: BadRow) -> dict[str, Any]:
    return {
        "line": row.place,
        "problems": [{"field": one.field, "text": one.text, "en": one.text.en} for one in row.problems],
    }


def _as_lines(rows: list[BadRow]) -> list[BadLine]:
    return [BadLine(row.place, tuple(Fault(one.field, one.text) for one in row.problems)) for row in rows]
