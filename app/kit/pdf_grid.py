"""A grid on a paper: many rows under one head, which is repeated on each page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

Colour = tuple[int, int, int]

_SIZE: Final = 9.5
_LINE: Final = 4.9
_PADDING: Final = 1.6
_HEAD: Final[Colour] = (240, 240, 237)
_GREY: Final[Colour] = (90, 90, 90)
_BLACK: Final[Colour] = (20, 20, 20)
_BLANK: Final = 0.3
"""Between characters of a cell and its edge, beyond the padding: what rounding may take."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``share``: of the width, in parts of all columns' shares. ``right``: for amounts."""

    title: str
    share: float
    right: bool = False


class GridSheet(Protocol):
    """What a grid needs of the page it is drawn on; millimetres, and points for sizes of text."""

    top: float

    @property
    def room(self) -> float: ...
    def add_page(self) -> None: ...
    def box(self, x: float, width: float, height: float, fill: Colour | None) -> None: ...
    def lines(self, text: str, width: float, size: float) -> list[str]: ...
    def wide(self, text: str, size: float) -> float: ...
    def put(self, x: float, y: float, text: str, size: float, *, colour: Colour = ...) -> None: ...


def draw_grid(
    sheet: GridSheet, left: float, width: float, columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> None:
    """The rows from ``sheet.top`` on. A row is never torn apart between pages."""
    whole = sum(column.share for column in columns)
    widths = [width * column.share / whole for column in columns]

    def draw_row(cells: Sequence[list[str]], *, head: bool) -> None:
        height = _height(cells)
        x = left
        for column, lines, cell_width in zip(columns, cells, widths, strict=True):
            sheet.box(x, cell_width, height, _HEAD if head else None)
            y = sheet.top + (height - _LINE * len(lines)) / 2 + 0.7
            for line in lines:
                inner = cell_width - _PADDING - sheet.wide(line, _SIZE)
                at = x + (inner if column.right else _PADDING)
                sheet.put(at, y, line, _SIZE, colour=_GREY if head else _BLACK)
                y += _LINE
            x += cell_width
        sheet.top += height

    def broken(texts: Sequence[str]) -> list[list[str]]:
        return [
            sheet.lines(text, cell_width - 2 * _PADDING + _BLANK, _SIZE)
            for text, cell_width in zip(texts, widths, strict=True)
        ]

    head = broken([column.title for column in columns])
    for number, row in enumerate(rows):
        cells = broken(row)
        needed = _height(cells) if number else _height(head) + _height(cells)
        turned = needed > sheet.room
        if turned:
            sheet.add_page()
        if turned or not number:
            draw_row(head, head=True)
        draw_row(cells, head=False)


def _height(cells: Sequence[list[str]]) -> float:
    return max(len(lines) for lines in cells) * _LINE + 2 * _PADDING
