"""What the commands about pools of experts share: the database, the day, and the option that names a pool."""

from datetime import date

import click

from app.commands.common import fail, opened_parts, settings
from app.kit import clock
from app.kit.db import Database

pool_option = click.option("--pool", metavar="REGION", help="Only the pool that judges for this region.")


def opened() -> tuple[Database, date]:
    """The database, and what day it is; in this order, for the settings may shift the clock."""
    database = opened_parts(settings()).database
    return database, clock.today()


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
