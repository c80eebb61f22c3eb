"""``zhangban ledger``: does the money add up, and the monthly top-up of personal accounts."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from app import registry
from app.commands.common import console, fail, opened_parts, print_json, settings
from app.gateways.parts import Parts
from app.kit.csv_rows import BadFile, BadLine, Rejects, read_lines
from app.kit.money import yuan
from app.ledger import checking
from app.ledger.checking import Finding
from app.ledger.top_up import Taken, bring_in
from app.ledger.top_up_lines import COLUMNS

_SHOWN = 20
"""So many bad lines are shown; --rejects writes all."""
_NAMED = 1_000
"""So many are in the JSON, so that memory does not depend on how bad a file or a ledger is."""


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
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Write all bad lines there (CSV)."
)
@click.option("--json", "as_json", is_flag=True, help="Print what became of the lines as JSON.")
def top_up(file: Path, rejects: Path | None, as_json: bool) -> None:
    """Top up personal accounts from a CSV file (docs/top-up.md). A batch tops up a person once, so a file may be run again.

    Exit 1 if lines were bad; the good ones are kept.
    """
    parts = opened_parts(settings())
    total, named, bad = Taken(), list[BadLine](), 0

    with ExitStack() as stack:
        bad_lines = stack.enter_context(Rejects(rejects))
        progress = stack.enter_context(Progress(console=console, transient=True))

        def count(taken: Taken) -> None:
            nonlocal bad
            total.new, total.known = total.new + taken.new, total.known + taken.known
            total.amount_fen, bad = total.amount_fen + taken.amount_fen, bad + len(taken.bad)
            named.extend(taken.bad[: max(0, _NAMED - len(named))])
            bad_lines.write(taken.bad)

        try:
            with progress.open(
                file, "r", encoding="utf-8-sig", errors="replace", newline="", description="Topping up …"
            ) as lines:
                bring_in(parts.database, read_lines(lines, COLUMNS), count)
        except BadFile as error:
            fail(
                f"{file.name} cannot be read on. {error}\n"
                f"What came before is taken: {total.new} new, {yuan(total.amount_fen)} yuan. Put it right and run again."
            )
    _tell(total, named, bad, as_json=as_json)
    sys.exit(1 if bad else 0)


def _tell(total: Taken, named: list[BadLine], bad: int, *, as_json: bool) -> None:
    if as_json:
        counted = {"new": total.new, "amount_fen": total.amount_fen, "known": total.known, "bad": bad}
        print_json({**counted, "bad_lines": [_bad_line(one) for one in named]})
        return
    click.echo(
        f"{total.new} accounts topped up with {yuan(total.amount_fen)} yuan, {total.known} lines known, {bad} bad lines."
    )
    for one in named[:_SHOWN]:
        click.echo(
            f"  line {one.line}: " + "; ".join(f"{fault.field} {fault.text.en}" for fault in one.faults)
        )
    if bad > _SHOWN:
        click.echo(f"  … and {bad - _SHOWN} more. Write all with --rejects FILE.")


def _finding(one: Finding) -> dict[str, str]:
    return {"table": one.table, "row": one.row, "what": one.what}


def _bad_line(one: BadLine) -> dict[str, Any]:
    faults = [{"field": fault.field, "text": fault.text, "en": fault.text.en} for fault in one.faults]
    return {"line": one.line, "faults": faults}
