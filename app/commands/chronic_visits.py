"""``zhangban chronic import-visits`` and ``screen``: what hospitals report, and whom it finds."""

import time
from functools import partial
from pathlib import Path

import click
from rich.progress import Progress

from app import make_jobs
from app.commands.common import console, opened_parts, print_json, settings
from app.commands.feeds import take_file, takes_file, tell
from app.services.chronic_disease import screening
from app.services.chronic_disease.screening import Screened
from app.services.chronic_disease.visit_rows import COLUMNS, OPTIONAL_COLUMNS
from app.services.chronic_disease.visits import Taken, bring_in


@click.command("import-visits")
@takes_file
def import_visits(file: Path, rejects: Path | None, as_json: bool) -> None:
    """Take visits from a CSV file (docs/visits.md). Lines taken before are known, so a file may be run again.

    Exit 1 if lines were bad, 2 if the file could not be read to its end; the good lines are kept.
    """
    parts = opened_parts(settings())
    total = Taken()

    def count(taken: Taken) -> None:
        total.new, total.known = total.new + taken.new, total.known + taken.known

    found = take_file(
        file, rejects, COLUMNS, partial(bring_in, parts.database), count, optional=OPTIONAL_COLUMNS
    )
    counted = {"new": total.new, "known": total.known}
    tell(file, found, counted, f"{total.new} new visits, {total.known} known", as_json=as_json)


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
