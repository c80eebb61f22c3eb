"""``zhangban audit``: the history cannot be edited unseen, nor the logs of pools of experts and of accounts."""

import sys
from typing import Any

import click

from app.commands.common import console, fail, opened_parts, print_json, settings
from app.filings import history
from app.filings.declaration import Break
from app.gateways.parts import Parts
from app.identity import account_log
from app.identity.account_models import AccountChange
from app.services.chronic_disease import pool_audit


@click.group()
def audit() -> None:
    """Check the history of cases and what they gave."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def verify(as_json: bool) -> None:
    """Walk every case, its history and what it gave, and the logs of the pools of experts and of accounts; name each row
    that was edited, deleted, swapped or cut.

    Exit 1 if any, 2 if it could not look.
    """
    parts = opened_parts(settings())
    try:
        breaks, checked = _walk(parts)
    except Exception as error:  # noqa: BLE001 - whatever it is: 1 would say that somebody tampered
        fail(f"The audit could not go on: {type(error).__name__}: {error}")
    if as_json:
        print_json({"cases": checked, "breaks": breaks})
    else:
        for one in breaks:
            case = f" (case {one['filing_number']})" if one["filing_number"] else ""
            click.echo(f"{one['table']} {one['row']}{case}: {one['what']}")
        click.echo(f"{checked} cases checked, {len(breaks)} faults found.")
    sys.exit(1 if breaks else 0)


def _walk(parts: Parts) -> tuple[list[dict[str, Any]], int]:
    """What was found, of a case or (its number None) of no case, and how many cases there are."""
    breaks: list[dict[str, Any]] = []
    checked = 0
    with parts.database.snapshot() as session, console.status("Checking the history …") as status:
        for step in history.verify(session):
            if isinstance(step, Break):
                breaks.append(vars(step))
            else:
                checked = step
                status.update(f"Checking the history … {checked} cases")
        status.update("Checking the pools of experts …")
        breaks += [{**vars(fault), "filing_number": None} for fault in pool_audit.audit(session)]
        breaks += [
            {"table": AccountChange.__tablename__, "row": str(row), "what": what, "filing_number": None}
            for row, what in account_log.faults(session)
        ]
    return breaks, checked
