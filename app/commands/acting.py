"""What the commands of administrators share: who acts, options, and how a refusal is said."""

import os
import pwd
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from app.commands.common import fail
from app.kit.db import Database
from app.kit.errors import Problem
from app.kit.text import Text

T = TypeVar("T")
_WIDTH = 160
"""Columns of the table where no terminal says how wide it is."""
_LONGEST_NAME = 64
_OPTIONS = {
    "username": "USERNAME",
    "login": "NAME",
    "institution": "CODE",
    "specialties": "--specialty",
    "begins_on": "--from",
    "ends_on": "--to",
    "day": "--of",
}
"""What a field is called on the command line, where it is not -- and its own name with dashes."""

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


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
        option = _OPTIONS.get(field, "--" + field.replace("_", "-"))
        lines += [f"  {option}: {one.en if isinstance(one, Text) else one}" for one in messages]
    fail("\n".join(lines))


def show(table: Table) -> None:
    """On standard output, to be searched; in a file as wide as the words want it."""
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDTH).print(table)
