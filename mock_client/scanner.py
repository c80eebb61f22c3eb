"""What a scanner at a counter sees: QR codes and Code 128, on pictures or on the rendered pages of a PDF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps

POINTS_PER_INCH = 72


class Symbology(StrEnum):
    """The two kinds of code that are issued."""

    QR = "qr"
    CODE128 = "code128"


FORMATS = {
    zxingcpp.BarcodeFormat.QRCode: Symbology.QR,
    zxingcpp.BarcodeFormat.Code128: Symbology.CODE128,
}


class ScanFailed(Exception):  # noqa: N818 - says what happened, as NoSignal and Refused do
    """No code, or several where one was expected. Its message never holds what a code said."""


@dataclass(frozen=True, slots=True)
class Code:
    """One code that was read. `corners` are its four corners in pixels, clockwise from its own top left."""

    symbology: Symbology
    text: str
    corners: tuple[tuple[int, int], ...]


def scan(picture: bytes | Image.Image) -> list[Code]:
    """All QR codes and Code 128 on a PNG or JPEG, or a picture in memory, from top to bottom. Empty if there
    is none. Raises ScanFailed if the bytes are no picture."""
    image = picture if isinstance(picture, Image.Image) else _open(picture)
    found = zxingcpp.read_barcodes(image.convert("L"), formats=zxingcpp.BarcodeFormats(list(FORMATS)))
    codes = [Code(FORMATS[one.format], one.text, _corners(one.position)) for one in found]
    return sorted(codes, key=lambda code: min((y, x) for x, y in code.corners))


def scan_one(picture: bytes | Image.Image, symbology: Symbology | None = None) -> str:
    """The text of the one code on a picture, of the symbology if it is given. Raises ScanFailed otherwise."""
    return _only(scan(picture), symbology)


def scan_pdf(data: bytes, dpi: int = 200) -> list[Code]:
    """All codes on all pages of a PDF, page by page."""
    return [code for page in render_pdf(data, dpi) for code in scan(page)]


def scan_pdf_one(data: bytes, symbology: Symbology | None = None, dpi: int = 200) -> str:
    """The text of the one code in a PDF. Raises ScanFailed if there is none or there are several."""
    return _only(scan_pdf(data, dpi), symbology)


def render_pdf(data: bytes, dpi: int = 150) -> list[Image.Image]:
    """Each page of a PDF as an RGB picture. Raises ScanFailed if the bytes are no PDF."""
    with _document(data) as document:
        return [page.render(scale=dpi / POINTS_PER_INCH).to_pil().convert("RGB") for page in document]


def pdf_text(data: bytes) -> str:
    """The text of a PDF as a reader can select it, pages separated by form feeds. Raises ScanFailed if the
    bytes are no PDF."""
    with _document(data) as document:
        return "\f".join(page.get_textpage().get_text_range() for page in document)


def _open(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return ImageOps.exif_transpose(image)
    except OSError as error:
        raise ScanFailed("this is not a picture that can be read") from error


def _document(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise ScanFailed("this is not a PDF that can be read") from error


def _only(codes: Sequence[Code], symbology: Symbology | None) -> str:
    wanted = [code for code in codes if symbology is None or code.symbology is symbology]
    if len(wanted) != 1:
        raise ScanFailed(f"{len(wanted)} codes of {len(codes)} fit, where one was expected")
    return wanted[0].text


def _corners(position: zxingcpp.Position) -> tuple[tuple[int, int], ...]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return tuple((corner.x, corner.y) for corner in corners)
