"""``zhangban ledger``: does the money add up, and the top-ups of personal accounts."""

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click

from app import registry
from app.commands.common import console, fail, opened_parts, print_json, settings
from app.commands.feeds import take_file, takes_file, tell
from app.gateways.parts import Parts
from app.kit.money import yuan
from app.ledger import checking
from app.ledger.checking import Finding
from app.ledger.top_up import Taken, batch_of, bring_in
from app.ledger.top_up_lines import COLUMNS

_NAMED = 1_000
"""So many findings are in the JSON, so that memory does not depend on how bad a ledger is."""


@click.group()
def ledger() -> None:
    """The ledger: fund, personal accounts, cash and what institutions are owed."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(as_json: bool) -> None:
    """Prove that every transaction sums to zero and is as it was written, that every balance is the sum of its entries and
    none is negative, and whatever else must agree with the ledger.

    Exit 1 if something does not hold, 2 if it could not look.
    """
    parts = opened_parts(settings())
    named: list[Finding] = []
    try:
        done, faults = _walk(parts, named, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - whatever it is: 1 would say that money is missing
        fail(f"The check could not go on: {type(error).__name__}: {error}")
    if as_json:
        counted = {name: getattr(done, name) for name in ("transactions", "entries", "accounts", "other")}
        print_json({**counted, "faults": faults, "findings": [_finding(one) for one in named]})
    else:
        click.echo(
            f"{done.transactions} transactions with {done.entries} entries, {done.accounts} personal accounts and "
            f"{done.other} other rows checked, {faults} faults found."
        )
    sys.exit(1 if faults else 0)


def _walk(parts: Parts, named: list[Finding], *, as_json: bool) -> tuple[checking.Progress, int]:
    done, faults = checking.Progress(), 0
    with console.status("Checking the ledger …") as status:
        for step in checking.check(parts.database, also=registry.LEDGER_CHECKS):
            if isinstance(step, checking.Progress):
                done = step
                status.update(f"Checking the ledger … {done.entries} entries, {done.accounts} accounts")
                continue
            faults += 1
            if not as_json:
                click.echo(f"{step.table} {step.row}: {step.what}")
            elif len(named) < _NAMED:
                named.append(step)
    return done, faults


@ledger.command("top-up")
@takes_file
def top_up(file: Path, rejects: Path | None, as_json: bool) -> None:
    """Top up personal accounts from a CSV file (docs/top-up.md). A batch tops up a person once, so a file may be run again.

    Exit 1 if lines were bad, 2 if the file could not be read to its end; the good lines are kept.
    """
    parts = opened_parts(settings())
    total = Taken()

    def count(taken: Taken) -> None:
        total.new, total.known = total.new + taken.new, total.known + taken.known
        total.amount_fen += taken.amount_fen

    found = take_file(file, rejects, COLUMNS, partial(bring_in, parts.database), count)
    counted = {"new": total.new, "amount_fen": total.amount_fen, "known": total.known}
    sentence = f"{total.new} accounts topped up with {yuan(total.amount_fen)} yuan, {total.known} lines known"
    tell(file, found, counted, sentence, as_json=as_json)


@ledger.command()
@click.argument("batch_no")
@click.option("--json", "as_json", is_flag=True, help="Print the regions as JSON.")
def batch(batch_no: str, as_json: bool) -> None:
    """What the ledger has of a batch of top-ups, region by region, to be compared with the sender's sums.

    Exit 1 if nothing came under this number.
    """
    with opened_parts(settings()).database.reading() as session:
        found = batch_of(session, batch_no)
    if as_json:
        print_json([asdict(one) for one in found])
    for one in [] if as_json else found:
        click.echo(
            f"{one.region_code}: {one.accounts} accounts topped up with {yuan(one.amount_fen)} yuan, "
            f"from {one.first} to {one.last}."
        )
    if not found:
        fail(f"Nothing was topped up under the batch number {batch_no}.", 1)


def _finding(one: Finding) -> dict[str, str]:
    return {"table": one.table, "row": one.row, "what": one.what}
