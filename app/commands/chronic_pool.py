"""What the commands about pools of experts share: the database, the day, options, and how a refusal is said."""

import os
import pwd
import sys
from collections.abc import Callable
from datetime import date
from typing import NoReturn, TypeVar

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from app.commands.common import fail, opened_parts, settings
from app.kit import clock
from app.kit.db import Database
from app.kit.errors import Problem
from app.kit.text import Text

T = TypeVar("T")
_WIDTH = 160
"""Columns of the table where no terminal says how wide it is."""
_LONGEST_NAME = 64
_OPTIONS = {
    "username": "USERNAME",
    "specialties": "--specialty",
    "daily_limit": "--daily-limit",
    "begins_on": "--from",
    "ends_on": "--to",
    "day": "--of",
}
"""What a field is called on the command line, where it is not -- and its own name."""

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
pool_option = click.option("--pool", metavar="REGION", help="Only the pool that judges for this region.")


def _named(context: click.Context, option: click.Parameter, given: str | None) -> str:  # noqa: ARG001 - its shape
    """Who does it, for the log: the name that is given, and always the operating system's user."""
    user = _system_user()
    if given is None:
        return user
    name = " ".join(given.split())
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        fail(f"--by must be a name of 1 to {_LONGEST_NAME} characters.")
    return f"{name} ({user})"


by_option = click.option(
    "--by",
    metavar="NAME",
    callback=_named,
    help="Who does this, for the log; it names the operating system's user in any case.",
)


def _system_user() -> str:
    """As the system has it: not from the environment, in which anybody can write."""
    user_id = os.getuid()
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return f"uid {user_id}"  # as in a container without a list of users


def opened() -> tuple[Database, date]:
    """The database, and what day it is; in this order, for the settings may shift the clock."""
    database = opened_parts(settings()).database
    return database, clock.today()


def read(database: Database, work: Callable[[Session], T]) -> T:
    with database.reading() as session:
        try:
            return work(session)
        except Problem as problem:
            refused(problem)


def write(database: Database, work: Callable[[Session], T]) -> T:
    """In one transaction: of what is refused nothing is kept."""
    try:
        return database.run(work)
    except Problem as problem:
        refused(problem)


def refused(problem: Problem) -> NoReturn:
    """Everything that is wrong, each under the option that it was given by."""
    lines = ["What was given is not right:"] if problem.errors else [problem.detail.en]
    for field, messages in problem.errors.items():
        option = _OPTIONS.get(field, f"--{field}")
        lines += [f"  {option}: {one.en if isinstance(one, Text) else one}" for one in messages]
    fail("\n".join(lines))


def days(texts: dict[str, str]) -> list[date]:
    """The days that options name; fails with all that are none."""
    found, bad = [], []
    for option, text in texts.items():
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            bad.append(f"{option} must be a day like 2026-03-31, not {text!r}.")
    if bad:
        fail("\n".join(bad))
    return found


def show(table: Table) -> None:
    """On standard output, to be searched; in a file as wide as the words want it."""
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDTH).print(table)
