"""``zhangban demo``: people who do not exist, to try things with."""

import sys
from collections.abc import Mapping

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from app.commands.common import console, demo_settings, fail, opened_parts, prepare_database, print_json
from app.demo import add, deadline, load, roster
from app.demo.errors import DemoError
from app.demo.words import Entry
from app.gateways.parts import build_parts
from app.kit import logs


@click.group()
def demo() -> None:
    """Demo data. Refused outside demo mode."""


@demo.command("load")
def load_data() -> None:
    """Load the demo people, institutions and staff. May be repeated."""
    found = demo_settings()
    logs.configure("warning")
    prepare_database(found)
    parts = build_parts(found)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console) as progress:
        task = progress.add_task("Loading demo data …")
        summary = load.load(
            parts.database,
            parts.passwords,
            progress=lambda words: progress.update(task, description=words),
        )
    console.print(str(summary))


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all it takes to sign in.")
def people(as_json: bool) -> None:
    """List the demo people with all it takes to sign in as them; each js_code is good once."""
    parts = opened_parts(demo_settings())
    found = roster.people(parts.database)
    if as_json:
        print_json(found)
        return
    if not found:
        fail("There are no demo people yet. Run: zhangban demo load", 1)
    table = Table("name", "region", show_lines=True)
    table.add_column("who, and what signs in", overflow="fold")
    for one in found:
        words = [one["description"], *sign_in_lines(one)]
        table.add_row(one["name"], one["region_code"] or "", "\n".join(words))
    # On standard output, to be searched; in a file as wide as names and secrets want it.
    Console(highlight=False, width=None if sys.stdout.isatty() else PAGE_WIDTH).print(table)


PAGE_WIDTH = 150


def sign_in_lines(entry: Entry) -> list[str]:
    """What signs in as somebody, under the API's names; nothing for who has no account."""
    said: Mapping[str, object] = entry
    wanted = ("username", "password", "client_id", "client_secret", "js_code")
    return [f"{name} {said[name]}" for name in wanted if said.get(name)]


@demo.command("add-person")
@click.option(
    "--region", "region_code", required=True, metavar="CODE", help="The pooling region, e.g. 610902."
)
@click.option(
    "--insutype", type=click.Choice(["310", "390"]), required=True, help="310 employee, 390 resident."
)
@click.option("--age", type=int, default=None, help="Age in years.")
@click.option("--retired", is_flag=True)
@click.option("--student", is_flag=True)
@click.option("--low-income", is_flag=True)
@click.option("--balance-fen", type=int, default=0, help="Personal account in fen (employees).")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all it takes to sign in.")
def add_person(
    region_code: str,
    insutype: str,
    age: int | None,
    retired: bool,
    student: bool,
    low_income: bool,
    balance_fen: int,
    as_json: bool,
) -> None:
    """Make one more person with an account whose real name is proven."""
    found = demo_settings()
    prepare_database(found)
    parts = build_parts(found)
    try:
        person = add.add_person(
            parts.database,
            region_code=region_code,
            insutype=insutype,
            age=age,
            retired=retired,
            student=student,
            low_income=low_income,
            balance_fen=balance_fen,
        )
    except DemoError as error:
        fail(str(error))
    if as_json:
        print_json(person)
    else:
        console.print(person)


@demo.command("pass-deadline")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def pass_deadline(number: str, as_json: bool) -> None:
    """Do with the case NUMBER what happens once its deadline is over, and with no other.

    Go on with `zhangban serve --clock TIME` of the time that is printed: the case's steps bear it.
    """
    found = demo_settings()
    parts = opened_parts(found)
    try:
        then = deadline.pass_deadline(parts.database, number)
    except DemoError as error:
        fail(str(error))
    if as_json:
        print_json({"number": number, "passed_at": then.isoformat()})
    else:
        click.echo(f"As of {then.isoformat()} the deadline of {number} is over.")
