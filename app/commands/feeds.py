"""What commands that take a CSV file line by line share: its progress, its bad lines, and what is told at the end."""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, TypeVar

import click
from rich.progress import Progress

from app.commands.common import console, fail, print_json
from app.kit.csv_rows import AnyLine, BadFile, BadLine, Rejects, read_lines

_SHOWN: Final = 20
"""So many bad lines are shown; --rejects writes all."""
_NAMED: Final = 1_000
"""So many are in the JSON, so that memory does not depend on how bad a file is."""


class Batch(Protocol):
    """What became of some lines of a file, whatever else is counted."""

    bad: list[BadLine]


SomeBatch = TypeVar("SomeBatch", bound=Batch)
Command = TypeVar("Command", bound=Callable[..., None])


@dataclass(slots=True)
class Outcome:
    """What was wrong with a file. named: of its ``bad`` lines the first; broken: why it could not be read to its end."""

    bad: int = 0
    named: list[BadLine] = field(default_factory=list)
    broken: str | None = None


def takes_file(command: Command) -> Command:
    """The arguments of such a command: file, rejects, as_json."""
    rejects = click.option(
        "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Write all bad lines there (CSV)."
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Print what became of the lines as JSON.")
    file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    return file(rejects(as_json(command)))


def take_file(
    file: Path,
    rejects: Path | None,
    columns: Sequence[str],
    bring_in: Callable[[Iterator[AnyLine], Callable[[SomeBatch], None]], None],
    count: Callable[[SomeBatch], None],
    *,
    optional: Collection[str] = (),
) -> Outcome:
    """Give the lines of a file to ``bring_in``; ``count`` gets what became of each batch of them."""
    found = Outcome()
    with Rejects(rejects) as rejected, Progress(console=console, transient=True) as progress:

        def note(batch: SomeBatch) -> None:
            count(batch)
            found.bad += len(batch.bad)
            found.named.extend(batch.bad[: max(0, _NAMED - len(found.named))])
            rejected.write(batch.bad)

        with progress.open(
            file,
            "r",
            encoding="utf-8-sig",
            errors="replace",
            newline="",
            description=f"Reading {file.name} …",
        ) as lines:
            try:
                bring_in(read_lines(lines, columns, optional=optional), note)
            except BadFile as error:
                found.broken = str(error)
    return found


def tell(file: Path, found: Outcome, counted: Mapping[str, int], sentence: str, *, as_json: bool) -> NoReturn:
    """Say what became of the lines and end: 0, 1 if lines were bad, 2 if the file could not be read to its end."""
    if as_json:
        bad_lines = [_as_json(one) for one in found.named]
        print_json({**counted, "bad": found.bad, "broken": found.broken, "bad_lines": bad_lines})
    else:
        click.echo(f"{sentence}, {found.bad} bad lines.")
        for one in found.named[:_SHOWN]:
            faults = "; ".join(f"{fault.field} {fault.text.en}" for fault in one.faults)
            click.echo(f"  line {one.line}: {faults}")
        if found.bad > _SHOWN:
            click.echo(f"  … and {found.bad - _SHOWN} more. Write all with --rejects FILE.")
    if found.broken is not None:
        fail(
            f"{file.name} cannot be read on. {found.broken}\nWhat came before is taken. Put it right and run again."
        )
    sys.exit(1 if found.bad else 0)


def _as_json(one: BadLine) -> dict[str, Any]:
    faults = [{"field": fault.field, "text": fault.text, "en": fault.text.en} for fault in one.faults]
    return {"line": one.line, "faults": faults}
