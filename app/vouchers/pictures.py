"""Draws a code: a QR code, or Code 128 for old scanners, as PNG or SVG. Pure, and fast: every phone asks every minute."""

import io
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import qrcode
from barcode.codex import Code128
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M


class Symbology(StrEnum):
    QR = "qr"
    CODE128 = "code128"


class Format(StrEnum):
    PNG = "png"
    SVG = "svg"


MEDIA_TYPES: Final[Mapping[Format, str]] = MappingProxyType(
    {Format.PNG: "image/png", Format.SVG: "image/svg+xml"}
)

_VERSION: Final = 1
"""21 by 21 modules hold 34 digits at level M: large modules, which a cheap scanner reads from a scratched screen."""
_MASK: Final = 3
"""Any mask is a valid code. Choosing the best of eight, as the standard advises, takes eight times as long."""
_QR_QUIET: Final = 4  # modules around a QR code (ISO/IEC 18004)
_BAR_QUIET: Final = 10  # modules on both sides of a Code 128 (ISO/IEC 15417)
_QR_PIXELS: Final = 10
_BAR_PIXELS: Final = 3
_BAR_HEIGHT: Final = 60  # modules; at least 15 % of the width, as scanners with one ray like it

_DARK, _LIGHT = 0, 255
Rows = Sequence[bytes]
"""Modules row by row, each a byte: dark or light."""


def draw(code: str, symbology: Symbology, as_format: Format) -> bytes:
    """The picture of a code, with the quiet zone around it that scanners need."""
    rows = _qr(code) if symbology is Symbology.QR else _bars(code)
    if as_format is Format.SVG:
        return _svg(rows, 1 if symbology is Symbology.QR else _BAR_HEIGHT)
    if symbology is Symbology.QR:
        return _png(rows, _QR_PIXELS, _QR_PIXELS)
    return _png(rows, _BAR_PIXELS, _BAR_PIXELS * _BAR_HEIGHT)


def _qr(code: str) -> Rows:
    made = qrcode.QRCode(_VERSION, ERROR_CORRECT_M, border=_QR_QUIET, mask_pattern=_MASK)
    # Digits alone, so there is nothing to look for that could be written shorter.
    made.add_data(code, optimize=0)
    made.make(fit=False)
    return [bytes(_DARK if dark else _LIGHT for dark in row) for row in made.get_matrix()]


def _bars(code: str) -> Rows:
    [modules] = Code128(code).build()
    quiet = bytes([_LIGHT]) * _BAR_QUIET
    return [quiet + bytes(_DARK if module == "1" else _LIGHT for module in modules) + quiet]


def _png(rows: Rows, width: int, height: int) -> bytes:
    """width, height: pixels of a module."""
    size = (len(rows[0]), len(rows))
    modules = Image.frombytes("L", size, b"".join(rows)).convert("1")
    picture = modules.resize((size[0] * width, size[1] * height), Image.Resampling.NEAREST)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _svg(rows: Rows, height: int) -> bytes:
    """One path of rectangles, a run of dark modules each. height: of a row."""
    path = "".join(
        f"M{start} {number * height}h{length}v{height}h-{length}z"
        for number, row in enumerate(rows)
        for start, length in _dark_runs(row)
    )
    size = f"{len(rows[0])} {len(rows) * height}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{len(rows[0])}v{len(rows) * height}H0z"/><path d="{path}"/></svg>'
    ).encode("ascii")


def _dark_runs(row: bytes) -> list[tuple[int, int]]:
    """(where it starts, how long it is) of each run."""
    runs, start = [], -1
    for place, module in enumerate(row):
        if module == _DARK and start < 0:
            start = place
        elif module != _DARK and start >= 0:
            runs.append((start, place - start))
            start = -1
    return runs
