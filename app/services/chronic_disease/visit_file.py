"""The feed of visits as a CSV file, read line by line: a file of any size in the memory of one line."""

import csv
from collections.abc import Iterable, Iterator

from app.services.chronic_disease.visit_rows import COLUMNS

NEEDED = frozenset(COLUMNS) - {"diagnosis"}
SURPLUS = "(more entries than columns)"


class BadVisitFile(ValueError):  # noqa: N818 - what it is; a command puts it into words
    """The file cannot be read on: no header, or a line that is no CSV. What came before is taken."""


def read_lines(file: Iterable[str]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """(line, entries) of each row; columns in any order. Raises BadVisitFile naming the line.

    The file is opened with newline="" and errors="replace": a byte that is no UTF-8 spoils its own row only.
    """
    reader = csv.reader(file, strict=True)
    try:
        header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        missing, unknown = NEEDED - set(header), set(header) - set(COLUMNS)
        if missing or unknown or len(set(header)) != len(header):
            raise BadVisitFile(
                "line 1: the header must name each of these columns once: " + ", ".join(COLUMNS)
            )
        for values in reader:
            if values:
                yield reader.line_num, _row(header, values)
    except csv.Error as error:
        raise BadVisitFile(f"line {reader.line_num}: {error}") from None


def _row(header: list[str], values: list[str]) -> dict[str, str | None]:
    row: dict[str, str | None] = dict(zip(header, values, strict=False))
    if len(values) > len(header):
        row[SURPLUS] = ""
    return row
