"""The round red seal under a Chinese official paper, drawn with vector graphics."""

import math
from collections.abc import Callable
from typing import Final

from fpdf import FPDF
from fpdf.enums import TextMode

SEAL_RED: Final = (204, 20, 28)
_RADIUS: Final = 20.0
_STAR: Final = 6.4
_MM_PER_POINT: Final = 25.4 / 72
_WIDEST_ARC: Final = 236.0


def draw_seal(
    pdf: FPDF,
    centre: tuple[float, float],
    family: str,
    organisation: str,
    words: str,
    width_of: Callable[[str, float], float],
) -> None:
    """A ring of 40 mm with the organisation's name around, a star in the middle and `words` below it.

    `width_of(text, size)` is in millimetres, the size in points. Ink lets the text below shine through.
    """
    x, y = centre
    with pdf.local_context(
        blend_mode="Multiply",
        stroke_opacity=0.85,
        fill_opacity=0.85,
        draw_color=SEAL_RED,
        fill_color=SEAL_RED,
        text_color=SEAL_RED,
        line_width=1.1,
    ):
        pdf.circle(x, y, _RADIUS)
        pdf.polygon(_star_points(x, y - 0.5), style="F")
        _draw_around(pdf, centre, family, organisation, width_of)
        size = min(9.5, 9.5 * 19 / max(width_of(words, 9.5), 0.1))
        pdf.set_font(family, size=size)
        pdf.text(x - width_of(words, size) / 2, y + 11.5, words)


def _star_points(x: float, y: float) -> list[tuple[float, float]]:
    inner = _STAR * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = []
    for corner in range(10):
        radius = inner if corner % 2 else _STAR
        angle = math.radians(36 * corner)
        points.append((x + radius * math.sin(angle), y - radius * math.cos(angle)))
    return points


def _draw_around(
    pdf: FPDF, centre: tuple[float, float], family: str, name: str, width_of: Callable[[str, float], float]
) -> None:
    """The characters upright on a circle, spread evenly around its top; a long name gets smaller characters."""
    characters = [character for character in name if not character.isspace()]
    step = min(24.0, _WIDEST_ARC / max(len(characters) - 1, 1))
    radius = _RADIUS - 4.2
    size = min(13.5, radius * math.radians(step) / _MM_PER_POINT * 0.98)
    pdf.set_font(family, size=size)
    for place, character in enumerate(characters):
        angle = (place - (len(characters) - 1) / 2) * step
        x = centre[0] + radius * math.sin(math.radians(angle))
        y = centre[1] - radius * math.cos(math.radians(angle))
        with pdf.rotation(-angle, x, y), pdf.local_context(text_mode=TextMode.FILL_STROKE, line_width=0.12):
            pdf.text(x - width_of(character, size) / 2, y + size * _MM_PER_POINT * 0.36, character)
