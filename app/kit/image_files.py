"""What of a JPEG or PNG file makes its picture, taken out of the file without decoding anything.

A decoder is given these parts only. So it never sees text to unpack, colour profiles, further frames, another
file among the parts, or a hundred thousand tiny ones; and EXIF is read for one number, which side is up.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from typing import Final

JPEG_START: Final = b"\xff\xd8\xff"
PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_MAX_PARTS: Final = 10_000
_PNG_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
# Each scan costs a pass over all coefficients, however few bytes it has; encoders use about ten.
_MAX_SCANS: Final = 100
_SOS: Final = 0xDA
_EOI: Final = 0xD9
# In coded data 0xFF is followed by zero or by the number of a restart; before a marker it may be repeated.
_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_APP_EXIF: Final = 0xE1
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
# Tables and frame headers, with the two application segments that tell how colours are coded (JFIF, Adobe).
_JPEG_KEPT: Final = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD, 0xE0, 0xEE})
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ORIENTATION_TAG: Final = 0x0112


class BrokenFile(ValueError):  # noqa: N818 - says what it is
    """The file ends too early, or a part of it cannot be what it claims to be."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A file with nothing but its picture, and what its header tells."""

    content: bytes
    width: int
    height: int
    orientation: int
    """1 to 8 as in EXIF; 1 is upright."""
    coefficient_bytes: int = 0
    """What a JPEG decoder holds beside the pixels: all coefficients, if they come in more than one scan."""


def bare_png(data: bytes) -> PictureFile:
    """The chunks of a PNG that make its first picture, each with its checksum verified."""
    view = memoryview(data)
    kept = bytearray(PNG_START)
    exif = b""
    position = len(PNG_START)
    if data[position + 4 : position + 8] != b"IHDR":
        raise BrokenFile("a PNG begins with its header")
    for _ in range(_MAX_PARTS):
        length = int.from_bytes(view[position : position + 4], "big")
        kind = bytes(view[position + 4 : position + 8])
        end = position + 12 + length
        if end > len(data) or (kind == b"IHDR" and len(kept) > len(PNG_START)):
            raise BrokenFile("a chunk is cut off, or there are two headers")
        if kind in _PNG_KEPT:
            if zlib.crc32(view[position + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
                raise BrokenFile("a chunk was damaged")
            kept += view[position:end]
        elif kind == b"eXIf":
            exif = bytes(view[position + 8 : end - 4])
        if kind == b"IEND":
            width, height = struct.unpack_from(">II", kept, 16)
            return PictureFile(bytes(kept), width, height, orientation_in(exif))
        position = end
    raise BrokenFile("there are more chunks than any picture has")


def bare_jpeg(data: bytes) -> PictureFile:
    """The tables, frame header and scans of a JPEG."""
    view = memoryview(data)
    kept = bytearray(data[:2])
    exif = b""
    frame: tuple[int, bytes] | None = None
    position = 2
    for _ in range(_MAX_PARTS):
        if position + 4 > len(data) or view[position] != 0xFF:
            raise BrokenFile("a segment is cut off")
        marker = view[position + 1]
        if marker == 0xFF or marker in _STANDALONE:
            position += 1 if marker == 0xFF else 2
            continue
        end = position + 2 + int.from_bytes(view[position + 2 : position + 4], "big")
        content = bytes(view[position + 4 : end])
        if marker == _SOS:
            kept += view[position : _end_of_scans(data, position)]
            return _described(bytes(kept), frame, content, orientation_in(exif))
        if marker in _FRAMES:
            if frame is not None:
                raise BrokenFile("there are two frames")
            frame = marker, content
        if marker in _JPEG_KEPT:
            kept += view[position:end]
        elif marker == _APP_EXIF and content.startswith(b"Exif\0\0"):
            exif = exif or content
        position = end
    raise BrokenFile("there are more segments than any picture has")


def _end_of_scans(data: bytes, position: int) -> int:
    """Where a JPEG really ends, behind its end marker, walking over the scans that begin at `position`."""
    scans = 0
    for _ in range(_MAX_PARTS):
        marker = data[position + 1]
        if marker == _EOI:
            return position + 2
        scans += marker == _SOS
        if scans > _MAX_SCANS:
            raise BrokenFile("there are more scans than any picture has")
        after = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        found = _NEXT_MARKER.search(data, after)
        if found is None:
            raise BrokenFile("the end marker is missing")
        position = found.start()
    raise BrokenFile("there are more segments than any picture has")


def _described(content: bytes, frame: tuple[int, bytes] | None, scan: bytes, orientation: int) -> PictureFile:
    """Read the frame header: precision (1 byte), height, width (2 each), components (1), 3 bytes for each."""
    if frame is None or len(frame[1]) < 6 or not scan:
        raise BrokenFile("there is no frame before the first scan")
    marker, header = frame
    height, width, components = struct.unpack_from(">HHB", header, 1)
    sampling = [(header[at] >> 4) * (header[at] & 15) for at in range(7, len(header), 3)]
    if not sampling or min(sampling) == 0:
        raise BrokenFile("a component has no samples")
    held = 0
    if marker in _PROGRESSIVE or scan[0] != components:
        held = 2 * width * height * sum(sampling) // max(sampling)
    return PictureFile(content, width, height, orientation, held)


def orientation_in(exif: bytes) -> int:
    """The orientation in the first directory of an EXIF block; 1 if it has none or cannot be read."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(order + "I", tiff, 4)
        (entries,) = struct.unpack_from(order + "H", tiff, directory)
        for number in range(entries):
            tag, value = struct.unpack_from(order + "H6xH", tiff, directory + 2 + 12 * number)
            if tag == _ORIENTATION_TAG:
                return int(value)
    except struct.error:
        return 1
    return 1
