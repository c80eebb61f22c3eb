"""Photographs from strangers' phones made harmless: checked, turned upright, made smaller and written anew.

Only pixels survive. Whatever else a file carries (place and owner in EXIF, another file behind its end, text,
colour profiles, further frames) is left behind, and the result is always a plain JPEG on white, the same for
the same input.

Memory is bounded by the header, before anything is decoded. Pillow holds a colour pixel in 4 bytes, so that
40 megapixels would take 160 MB. A JPEG can be decoded at a half, a quarter or an eighth of its size, and is
when it must. Three kinds cannot, and are refused earlier, as `too_many_pixels`:

- a colour PNG can only be decoded whole: 13 megapixels (grey or with a palette, at one byte a pixel, 40);
- of a progressive JPEG the decoder holds all coefficients: about 17 megapixels with the usual sampling;
- an edge over 30,000 pixels would need a table of resampling weights without bound.

Pictures are scaled strip by strip, so that no second whole copy is needed, and one at a time in a process.
"""

import hashlib
import math
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from app.kit.image_files import JPEG_START, PNG_START, PictureFile, bare_jpeg, bare_png

MAX_PIXELS: Final = 40_000_000
MAX_EDGE: Final = 2600
MIN_LONG_EDGE: Final = 200
_MAX_SOURCE_EDGE: Final = 30_000
_QUALITY: Final = 85
_MAX_DECODED_BYTES: Final = 52_000_000
_MAX_DECODING_BYTES: Final = 70_000_000
# A page of A4 decoded to fewer could no longer be read; a smaller original is not touched by this.
_MIN_DECODED_EDGE: Final = 1600
_STRIP_PIXELS: Final = 200_000
_JPEG_SCALES: Final = (1, 2, 4, 8)
_BYTES_PER_PIXEL: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2}
_LANCZOS_SUPPORT: Final = 3
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_one_at_a_time = threading.Lock()


class Reason(StrEnum):
    """Why a photograph is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN = "broken"
    TOO_SMALL = "too_small"


class BadPhoto(Exception):  # noqa: N818 - says what it is
    """The file cannot be used; `reason` tells the caller what to say to its owner."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A JPEG that we made: its bytes, size in pixels, and the SHA-256 of the bytes in hex."""

    content: bytes
    media_type: str
    width: int
    height: int
    sha256: str


def clean_photo(
    data: bytes, *, max_bytes: int, max_pixels: int = MAX_PIXELS, max_edge: int = MAX_EDGE
) -> CleanPhoto:
    """Check an uploaded JPEG or PNG and write it anew, no longer than `max_edge` pixels; else `BadPhoto`.

    What the file is called or claims to be does not matter. It takes less than 100 MB beside `data`.
    """
    if not data:
        raise BadPhoto(Reason.EMPTY)
    if len(data) > max_bytes:
        raise BadPhoto(Reason.TOO_LARGE)
    with _one_at_a_time, _broken_if_undecodable():
        picture = _decode(data, max_pixels, max_edge)
        return _encode(picture)


@contextmanager
def _broken_if_undecodable() -> Iterator[None]:
    try:
        yield
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        EOFError,
        struct.error,
        zlib.error,
    ) as error:
        # What Pillow raises on damaged files, by its source and by feeding it damaged ones.
        raise BadPhoto(Reason.BROKEN) from error


def _decode(data: bytes, max_pixels: int, max_edge: int) -> Image.Image:
    """The picture upright, in RGB, at its final size."""
    if data.startswith(JPEG_START):
        file = bare_jpeg(data)
        _check_size(file, max_pixels)
        source = _open_jpeg(file, max_edge)
    elif data.startswith(PNG_START):
        file = bare_png(data)
        _check_size(file, max_pixels)
        source = _open_png(file)
    else:
        raise BadPhoto(Reason.UNSUPPORTED_TYPE)
    picture = _scaled(source, max_edge)
    # Its pixels go before turning takes room for a second copy of the result.
    source.close()
    turn = _UPRIGHT.get(file.orientation)
    return picture if turn is None else picture.transpose(turn)


def _check_size(file: PictureFile, max_pixels: int) -> None:
    long_edge = max(file.width, file.height)
    if file.width * file.height == 0:
        raise BadPhoto(Reason.BROKEN)
    if file.width * file.height > max_pixels or long_edge > _MAX_SOURCE_EDGE:
        raise BadPhoto(Reason.TOO_MANY_PIXELS)
    if long_edge < MIN_LONG_EDGE:
        raise BadPhoto(Reason.TOO_SMALL)


def _open_jpeg(file: PictureFile, max_edge: int) -> Image.Image:
    """The JPEG set to be decoded at a size that memory allows, without becoming unreadable by that."""
    image = JpegImageFile(BytesIO(file.content))
    long_edge = max(file.width, file.height)
    pixel = _BYTES_PER_PIXEL.get(image.mode, 4)
    chosen = 0
    for scale in _JPEG_SCALES:
        decoded = math.ceil(file.width / scale) * math.ceil(file.height / scale) * pixel
        fits = decoded <= _MAX_DECODED_BYTES and file.coefficient_bytes + decoded <= _MAX_DECODING_BYTES
        if fits and (chosen == 0 or long_edge // scale >= max_edge):
            chosen = scale
    if chosen == 0 or long_edge // chosen < min(max_edge, long_edge, _MIN_DECODED_EDGE):
        raise BadPhoto(Reason.TOO_MANY_PIXELS)
    image.draft(image.mode, (max(file.width // chosen, 1), max(file.height // chosen, 1)))
    return image


def _open_png(file: PictureFile) -> Image.Image:
    """The PNG, if it may be decoded whole."""
    image = PngImageFile(BytesIO(file.content))
    if file.width * file.height * _BYTES_PER_PIXEL.get(image.mode, 4) > _MAX_DECODED_BYTES:
        raise BadPhoto(Reason.TOO_MANY_PIXELS)
    return image


def _scaled(source: Image.Image, max_edge: int) -> Image.Image:
    """The picture in RGB with edges of at most `max_edge`, made strip by strip."""
    width, height = source.size
    factor = max(1.0, max(source.size) / max_edge)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    ratio = height / size[1]
    rows = max(8, int(_STRIP_PIXELS / (width * ratio)))
    margin = math.ceil(_LANCZOS_SUPPORT * ratio) + 1
    picture = Image.new("RGB", size)
    for top in range(0, size[1], rows):
        bottom = min(top + rows, size[1])
        first = max(0, math.floor(top * ratio) - margin)
        last = min(height, math.ceil(bottom * ratio) + margin)
        strip = _on_white(source.crop((0, first, width, last)))
        # Pillow's filter looks beyond the box as far as the strip goes, so that no seams show.
        box = (0, top * ratio - first, width, min(bottom * ratio, height) - first)
        if size != source.size:
            strip = strip.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box)
        else:
            strip = strip.crop((0, top - first, width, bottom - first))
        picture.paste(strip, (0, top))
    return picture


def _on_white(strip: Image.Image) -> Image.Image:
    """Any mode that JPEG and PNG know in RGB; what is transparent becomes white, as on paper."""
    if strip.mode == "I;16":
        return strip.point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    if strip.mode in {"LA", "PA", "RGBA"} or "transparency" in strip.info:
        layer = strip.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return strip.convert("RGB")


def _encode(picture: Image.Image) -> CleanPhoto:
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    content = buffer.getvalue()
    return CleanPhoto(
        content, "image/jpeg", picture.width, picture.height, hashlib.sha256(content).hexdigest()
    )
