"""Chinese type: the font from its package, so that a paper looks the same on every machine, and lines broken
as a Chinese printer breaks them."""

import re
from datetime import date
from functools import cache
from importlib.resources import files

from PIL import ImageFont

PROPORTIONAL, MONOSPACED = 0, 1
"""The two faces in the font file."""

SMALLEST = 10
"""The smallest size in pixels that is worth printing."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,:/%+\-×–°^μ]*|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：？！）》”’】·％% ")
_NOT_LAST = frozenset("（《“‘【")


@cache
def font(size: int, face: int = PROPORTIONAL) -> ImageFont.FreeTypeFont:
    """WenQuanYi Micro Hei at a size in pixels."""
    path = files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc"
    return ImageFont.truetype(str(path), size, index=face)


def width_of(text: str, size: int) -> float:
    """The width of a line in pixels."""
    return font(size).getlength(text)


def wrap(text: str, size: int, width: float, first_indent: float = 0) -> list[str]:
    """Breaks a text into lines no wider than `width` pixels, the first one shorter by `first_indent`. Numbers
    and Latin words stay whole, no line begins with closing or ends with opening punctuation; newlines
    break."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, room = "", width - first_indent
        for word in _WORD.findall(paragraph):
            kept = line.rstrip("".join(_NOT_LAST))
            if kept and width_of(line + word, size) > room and word not in _NOT_FIRST:
                lines.append(kept.rstrip())
                line, room = line[len(kept) :], width
            line += word if line or word != " " else ""
        lines.append(line.rstrip())
    return lines


def fit(text: str, size: int, width: float, spacing: float = 0) -> int:
    """The largest size, at most `size`, at which the text fits into one line of `width` pixels, with
    `spacing` pixels between its characters."""
    room = width - spacing * (len(text) - 1)
    while size > SMALLEST and width_of(text, size) > room:
        size -= 1
    return size


def fit_lines(text: str, size: int, width: float, most: int) -> tuple[int, list[str]]:
    """The text in at most so many lines, and the largest size, at most `size`, at which that is possible."""
    lines = wrap(text, size, width)
    while size > SMALLEST and len(lines) > most:
        size -= 1
        lines = wrap(text, size, width)
    return size, lines


def chinese(day: date) -> str:
    """2025年11月21日."""
    return f"{day.year}年{day.month}月{day.day}日"
