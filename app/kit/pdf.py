"""Official papers in Chinese as PDF: A4, one embedded font, a table, a seal, a code to check the paper by.

The same input gives the same bytes, so that a paper can be made anew instead of being kept.
"""

import io
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import qrcode
from fpdf import FPDF
from fpdf.enums import TextMode
from qrcode.constants import ERROR_CORRECT_M

from app.kit.clock import CHINA
from app.kit.fonts import paper_font
from app.kit.pdf_grid import Column, draw_grid
from app.kit.pdf_seal import SEAL_RED, draw_seal
from app.kit.typesetting import Characters, broken_into_lines

Colour = tuple[int, int, int]
Pair = tuple[str, str]

_WIDTH, _HEIGHT, _SIDE, _TOP, _BOTTOM = 210.0, 297.0, 22.0, 22.0, 24.0
_CONTENT: Final = _WIDTH - 2 * _SIDE
_MM_PER_POINT: Final = 25.4 / 72
_FAMILY: Final = "paper"
_BLACK: Final = (20, 20, 20)
_GREY: Final = (110, 110, 110)
_RULE: Final = (150, 150, 150)
_LABEL_FILL: Final = (245, 245, 243)
_LABEL_WIDTH: Final = 32.0
_PADDING: Final = 2.2
_CODE_SIZE: Final = 30.0
_CLOSING_HEIGHT: Final = 52.0
_TEXT_SIZE: Final = 11.0
_CONTINUED: Final = "（续）"
_FEWEST_LINES: Final = 3
"""Of a long row at the foot of a page; fewer go to the next one."""


class _Sheet(FPDF):
    """Pages with a cursor `top`, in millimetres from the upper edge; all text is put line by line."""

    def __init__(self, title: str, stamp: str) -> None:
        super().__init__(format="A4")
        self.set_auto_page_break(False)
        self.set_margins(0, 0, 0)
        self.c_margin = 0
        self._running_title = title
        self._stamp = stamp
        self.top = _TOP

    def header(self) -> None:
        """Pages after the first begin with the paper's title."""
        self.top = _TOP
        if self.page_no() > 1:
            self.put(_SIDE, 13, self._running_title, 8.5, colour=_GREY)
            self.rule(16.5, 0.2)

    def footer(self) -> None:
        """Page number in the middle, time of issue on the right."""
        self.rule(_HEIGHT - 17, 0.2)
        self.put(_WIDTH - _SIDE - self.wide(self._stamp, 8.5), _HEIGHT - 15, self._stamp, 8.5, colour=_GREY)
        self.set_font(_FAMILY, size=8.5)
        self.set_text_color(*_GREY)
        self.set_xy(_SIDE, _HEIGHT - 15)
        self.cell(_CONTENT, 4, f"第 {self.page_no()} 页，共 {self.str_alias_nb_pages} 页", align="L")

    def wide(self, text: str, size: float) -> float:
        """The width of a line in millimetres."""
        return sum(map(paper_font().width_of, text)) * size * _MM_PER_POINT

    def lines(self, text: str, width: float, size: float) -> list[str]:
        """The text broken to a width in millimetres."""
        return broken_into_lines(text, width, lambda line: self.wide(line, size))

    def put(
        self, x: float, y: float, text: str, size: float, *, colour: Colour = _BLACK, bold: bool = False
    ) -> None:
        """One line with its upper left corner at x, y. The font has no bold face: bold is drawn with an outline."""
        baseline = y + size * _MM_PER_POINT * 0.9
        outline = size * _MM_PER_POINT / 28
        with self.local_context(
            text_mode=TextMode.FILL_STROKE if bold else TextMode.FILL,
            line_width=outline,
            draw_color=colour,
            text_color=colour,
        ):
            self.set_font(_FAMILY, size=size)
            self.text(x, baseline, text)

    def centred(self, text: str, size: float, *, colour: Colour = _BLACK, bold: bool = False) -> None:
        """Lines in the middle of the page, moving the cursor down."""
        for line in self.lines(text, _CONTENT, size):
            self.put((_WIDTH - self.wide(line, size)) / 2, self.top, line, size, colour=colour, bold=bold)
            self.top += size * _MM_PER_POINT * 1.45

    def rule(self, y: float, thickness: float, colour: Colour = _RULE) -> None:
        """A line over the width of the content."""
        with self.local_context(draw_color=colour, line_width=thickness):
            self.line(_SIDE, y, _WIDTH - _SIDE, y)

    def box(self, x: float, width: float, height: float, fill: Colour | None) -> None:
        """A cell's frame from `top` down."""
        with self.local_context(draw_color=_RULE, fill_color=fill or _LABEL_FILL, line_width=0.2):
            self.rect(x, self.top, width, height, style="DF" if fill else "D")

    @property
    def room(self) -> float:
        """Millimetres left on this page."""
        return _HEIGHT - _BOTTOM - self.top

    def need(self, height: float) -> None:
        """Go on to a new page if less than `height` is left."""
        if height > self.room:
            self.add_page()


class Paper:
    """A paper that is put together part by part and drawn by `to_bytes`.

    Any text may be given: what the font lacks is shown as □ and listed by its Unicode number at the end.
    """

    def __init__(self, title: str, *, issuer: str, created: datetime, subtitle: str = "") -> None:
        """`issuer` heads the paper; `created` (aware) is printed in Chinese time and kept in the file."""
        self._characters = Characters(paper_font())
        self._created = created
        self._title = self._fit(title)
        self._issuer = self._fit(issuer)
        self._subtitle = self._fit(subtitle)
        self._stamp = self._fit(created.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S 生成"))
        self._fit(f"第页，共0123456789{_CONTINUED}")
        self._parts: list[Callable[[_Sheet], None]] = [self._draw_head]

    def table(self, rows: Iterable[Pair], *, columns: int = 1) -> None:
        """Labels with their values; with two columns, two pairs share a row where both are short."""
        pairs = [(self._fit(label), self._fit(value)) for label, value in rows]
        self._parts.append(lambda sheet: _draw_table(sheet, pairs, columns))

    def grid(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Many rows under one head, which is repeated on each page; as many cells in each as there are columns."""
        heads = [replace(column, title=self._fit(column.title)) for column in columns]
        fitted = [[self._fit(cell) for cell in row] for row in rows]

        def draw(sheet: _Sheet) -> None:
            draw_grid(sheet, _SIDE, _CONTENT, heads, fitted)
            sheet.top += 4

        self._parts.append(draw)

    def heading(self, text: str) -> None:
        """The heading of a section."""
        fitted = self._fit(text)

        def draw(sheet: _Sheet) -> None:
            sheet.need(22)
            sheet.top += 5
            sheet.put(_SIDE, sheet.top, fitted, 12, bold=True)
            sheet.top += 7.5

        self._parts.append(draw)

    def paragraph(self, text: str, *, with_closing: bool = False) -> None:
        """A paragraph, its first line moved in by two characters as is usual.

        with_closing: it stays on one page with the closing after it, so that no page bears seal and date alone.
        """
        fitted = "\n".join(f"\u3000\u3000{line}" for line in self._fit(text).split("\n"))
        self._fit("\u3000")

        def draw(sheet: _Sheet) -> None:
            if with_closing:
                lines = len(sheet.lines(fitted, _CONTENT, _TEXT_SIZE))
                sheet.need(lines * _line_height(_TEXT_SIZE) + _CLOSING_HEIGHT)
            _draw_lines(sheet, fitted, _TEXT_SIZE)

        self._parts.append(draw)

    def items(self, texts: Sequence[str]) -> None:
        """A numbered list."""
        numbered = [(self._fit(f"{number}."), self._fit(text)) for number, text in enumerate(texts, start=1)]

        def draw(sheet: _Sheet) -> None:
            for number, text in numbered:
                sheet.need(6.6)
                sheet.put(_SIDE + 2, sheet.top, number, 11)
                _draw_lines(sheet, text, 11, left=9)
            sheet.top += 2

        self._parts.append(draw)

    def closing(
        self, *, signer: str, day: str, seal_words: str = "", code: str = "", caption: str = ""
    ) -> None:
        """The end of a paper: who signs and when, under a round seal, and a QR code with what it is for.

        Without `seal_words` there is no seal, without `code` no QR code.
        """
        fitted_signer, fitted_day = self._fit(signer), self._fit(day)
        words, fitted_caption = self._fit(seal_words), self._fit(caption)

        def draw(sheet: _Sheet) -> None:
            sheet.need(_CLOSING_HEIGHT)
            sheet.top += 8
            if code:
                _draw_code(sheet, code, fitted_caption)
            _draw_signature(sheet, fitted_signer, fitted_day, words)
            sheet.top += 44

        self._parts.append(draw)

    def to_bytes(self) -> bytes:
        """The PDF file."""
        lacking = self._characters.lacking
        codes = "、".join(f"U+{ord(character):04X}" for character in lacking)
        note = (
            self._fit(f"注：□ 是字库中没有的字，按出现的先后，它们的 Unicode 编码是 {codes}。")
            if lacking
            else ""
        )
        with tempfile.TemporaryDirectory() as folder:
            font_file = Path(folder) / "paper.ttf"
            font_file.write_bytes(paper_font().subset(self._characters.used))
            sheet = _Sheet(self._title, self._stamp)
            sheet.add_font(_FAMILY, fname=font_file)
            self._describe(sheet)
            sheet.add_page()
            for draw in self._parts:
                draw(sheet)
            if note:
                sheet.top += 3
                _draw_lines(sheet, note, 9, colour=_GREY)
            return bytes(sheet.output() or b"")

    def _describe(self, sheet: FPDF) -> None:
        sheet.set_title(self._title)
        sheet.set_author(self._issuer)
        sheet.set_lang("zh-CN")
        sheet.set_creation_date(self._created)

    def _fit(self, text: str) -> str:
        return self._characters.fitted(text)

    def _draw_head(self, sheet: _Sheet) -> None:
        sheet.centred(self._issuer, 16, colour=SEAL_RED, bold=True)
        sheet.top += 1.5
        sheet.rule(sheet.top, 0.9, SEAL_RED)
        sheet.rule(sheet.top + 1.4, 0.3, SEAL_RED)
        sheet.top += 10
        sheet.centred(self._title, 20, bold=True)
        if self._subtitle:
            sheet.top += 1.5
            sheet.centred(self._subtitle, 10.5, colour=_GREY)
        sheet.top += 6


def _draw_lines(sheet: _Sheet, text: str, size: float, *, left: float = 0, colour: Colour = _BLACK) -> None:
    height = _line_height(size)
    for line in sheet.lines(text, _CONTENT - left, size):
        sheet.need(height)
        sheet.put(_SIDE + left, sheet.top, line, size, colour=colour)
        sheet.top += height


def _line_height(size: float) -> float:
    return size * _MM_PER_POINT * 1.7


def _draw_table(sheet: _Sheet, pairs: Sequence[Pair], columns: int) -> None:
    half = _CONTENT / 2 - _LABEL_WIDTH
    waiting: list[Pair] = []
    sheet.top += 2
    for pair in pairs:
        short = columns == 2 and sheet.wide(pair[1], 10.5) <= half - 2 * _PADDING and "\n" not in pair[1]
        if waiting and (not short or len(waiting) == 2):
            _draw_row(sheet, waiting)
            waiting = []
        waiting.append(pair)
        if not short:
            _draw_row(sheet, waiting)
            waiting = []
    if waiting:
        _draw_row(sheet, waiting)
    sheet.top += 4


def _draw_row(sheet: _Sheet, pairs: Sequence[Pair]) -> None:
    """One row of one or two pairs; a row longer than what is left of a page goes on on the next, its label repeated."""
    value_width = _CONTENT / len(pairs) - _LABEL_WIDTH
    cells = []
    for label, value in pairs:
        cells.append((_LABEL_WIDTH, sheet.lines(label, _LABEL_WIDTH - 2 * _PADDING, 10.5)))
        cells.append((value_width, sheet.lines(value, value_width - 2 * _PADDING, 10.5)))
    line_height = 5.6
    rest = max(len(lines) for _, lines in cells)
    if rest <= 6:
        sheet.need(rest * line_height + 2 * _PADDING)
    done = 0
    while rest:
        sheet.need(min(rest, _FEWEST_LINES) * line_height + 2 * _PADDING)
        now = min(rest, int((sheet.room - 2 * _PADDING) / line_height))
        height = now * line_height + 2 * _PADDING
        x = _SIDE
        for place, (width, lines) in enumerate(cells):
            is_label = place % 2 == 0
            shown = lines[done : done + now]
            if is_label and done >= len(lines):
                shown = [*lines, _CONTINUED][:now]
            _draw_cell(sheet, x, width, height, shown, is_label=is_label)
            x += width
        sheet.top += height
        done += now
        rest -= now


def _draw_cell(
    sheet: _Sheet, x: float, width: float, height: float, lines: Sequence[str], *, is_label: bool
) -> None:
    sheet.box(x, width, height, _LABEL_FILL if is_label else None)
    y = sheet.top + (height - 5.6 * len(lines)) / 2 + 0.75
    for line in lines:
        sheet.put(x + _PADDING, y, line, 10.5, colour=_GREY if is_label else _BLACK)
        y += 5.6


def _draw_code(sheet: _Sheet, code: str, caption: str) -> None:
    sheet.image(_code_picture(code), _SIDE - 2, sheet.top, _CODE_SIZE, _CODE_SIZE)
    lines = sheet.lines(caption, 46, 9)
    y = sheet.top + (_CODE_SIZE - len(lines) * 4.8) / 2
    for line in lines:
        sheet.put(_SIDE + _CODE_SIZE, y, line, 9, colour=_GREY)
        y += 4.8


def _code_picture(code: str) -> io.BytesIO:
    """The QR code with its quiet zone, four pixels a module, as PNG."""
    qr = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=4, border=4)
    qr.add_data(code)
    picture = io.BytesIO()
    qr.make_image().save(picture, "PNG")
    return picture


def _draw_signature(sheet: _Sheet, signer: str, day: str, words: str) -> None:
    """Signer and day at the right, the seal over both as Chinese offices put it."""
    middle = _WIDTH - _SIDE - 34
    y = sheet.top + 13
    lines = sheet.lines(signer, 68, 11)
    for line in [*lines, day]:
        sheet.put(middle - sheet.wide(line, 11) / 2, y, line, 11)
        y += 7
    if words:
        draw_seal(sheet, (middle, sheet.top + 20), _FAMILY, signer, words, sheet.wide)
