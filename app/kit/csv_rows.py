"""CSV files that others make: read line by line, so that a file of any size takes the memory of one line.

What is wrong with a line is named by its number, with everything that is wrong with it and never with what stood in it.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.kit.text import Text

LINE: Final = "(line)"
"""The field under which a line as a whole is wrong."""
WRONG_LENGTH: Final = Text("这一行的列数和表头不一致", "has another number of entries than the header")


class BadFile(ValueError):  # noqa: N818 - what it is; a command puts it into words
    """The file cannot be read on: no header, or a line that is no CSV. What came before is good (``batches``)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one entry of a line."""

    field: str
    text: Text


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not taken. line: its number in the file, the header's is 1; sent in a call, its position from 0."""

    line: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its entries by column, without the blanks around them. Not shown: it may be personal."""

    line: int
    entries: dict[str, str]

    def __repr__(self) -> str:
        return f"Line({self.line})"


AnyLine = Line | BadLine


def read_lines(
    file: Iterable[str], columns: Sequence[str], *, optional: Collection[str] = ()
) -> Iterator[AnyLine]:
    """Each line; the header names the columns in any order, and may leave out those of them that are ``optional``. Empty
    lines are passed over. Raises BadFile with the line.

    The file is opened with newline="" and errors="replace": a byte that is no UTF-8 spoils its own line only.
    """
    reader = csv.reader(file, strict=True)
    try:
        header = [name.lstrip("\ufeff").strip() for name in next(reader, [])]
        if len(set(header)) != len(header) or {*header, *optional} != set(columns):
            raise BadFile(
                f"line 1: the header must name each of these columns once: {_names(columns, optional)}"
            )
        for values in reader:
            if len(values) == len(header):
                entries = {name: value.strip() for name, value in zip(header, values, strict=True)}
                yield Line(reader.line_num, entries)
            elif values:
                yield BadLine(reader.line_num, (Fault(LINE, WRONG_LENGTH),))
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}") from None


def _names(columns: Sequence[str], optional: Collection[str]) -> str:
    return ", ".join(f"{name} (optional)" if name in optional else name for name in columns)


def batches(lines: Iterable[AnyLine], size: int) -> Iterator[list[AnyLine]]:
    """The lines, so many at a time. If the file cannot be read on, what came before comes first, then its BadFile."""
    walk = iter(lines)
    while True:
        batch: list[AnyLine] = []
        try:
            # Not list(islice(…)), which loses what it has when the walk breaks off.
            batch.extend(islice(walk, size))
        except BadFile:
            if batch:
                yield batch
            raise
        if not batch:
            return
        yield batch


class Rejects(AbstractContextManager["Rejects"]):
    """Writes bad lines to a CSV file: line, field, what is wrong in two languages. Without a path it writes nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file = None if path is None else path.open("w", encoding="utf-8", newline="")
        self._writer = None if self._file is None else csv.writer(self._file)
        if self._writer is not None:
            self._writer.writerow(["line", "field", "problem", "problem_en"])

    def write(self, lines: Collection[BadLine]) -> None:
        if self._writer is not None:
            self._writer.writerows(
                [one.line, fault.field, str(fault.text), fault.text.en]
                for one in lines
                for fault in one.faults
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
