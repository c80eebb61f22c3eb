"""The Chinese font of our papers, cut down to the characters that one paper uses.

General font tools take a quarter of a second and 40 MB to read a font of 30,000 characters; cutting out a few
hundred needs a handful of its tables only. Formats are those of the OpenType specification, chapter 5.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

_COPIED: Final = ("OS/2", "cvt ", "fpgm", "name", "prep")
_UNICODE_FULL: Final = (3, 10)
_CHECKSUM_MAGIC: Final = 0xB1B0AFBA
_ARGS_ARE_WORDS, _HAS_SCALE, _MORE_COMPONENTS, _HAS_XY_SCALE, _HAS_MATRIX = 0x1, 0x8, 0x20, 0x40, 0x80


class Font:
    """One face of a TrueType file or collection, kept as bytes; safe to share between threads."""

    def __init__(self, data: bytes, face: int = 0) -> None:
        self._tables = _read_directory(data, face)
        (self._long_offsets,) = struct.unpack_from(">h", self._tables["head"], 50)
        (self._advances,) = struct.unpack_from(">H", self._tables["hhea"], 34)
        (self._units,) = struct.unpack_from(">H", self._tables["head"], 18)
        self._groups = _read_character_map(self._tables["cmap"])
        self._starts = [start for start, _, _ in self._groups]

    def glyph_of(self, character: str) -> int:
        """The number of the character's glyph, 0 if the font has none."""
        code = ord(character)
        position = bisect_right(self._starts, code) - 1
        if position < 0:
            return 0
        start, end, first_glyph = self._groups[position]
        return first_glyph + code - start if code <= end else 0

    def width_of(self, character: str) -> float:
        """How far the character advances, in parts of the font size."""
        advance, _ = self._metrics(self.glyph_of(character))
        return advance / int(self._units)

    def subset(self, characters: Iterable[str]) -> bytes:
        """A TrueType file with these characters only; those that the font lacks are left out."""
        wanted = {ord(character): self.glyph_of(character) for character in characters}
        character_map = {code: glyph for code, glyph in sorted(wanted.items()) if glyph}
        glyphs = self._with_components({0, *character_map.values()})
        number = {glyph: place for place, glyph in enumerate(glyphs)}
        outlines, offsets = bytearray(), [0]
        for glyph in glyphs:
            outlines += _renumbered(self._outline(glyph), number)
            outlines += bytes(-len(outlines) % 4)
            offsets.append(len(outlines))
        tables = {tag: self._tables[tag] for tag in _COPIED}
        tables["head"] = self._patched("head", {8: ">I", 50: ">h"}, 0, 1)
        tables["hhea"] = self._patched("hhea", {34: ">H"}, len(glyphs))
        tables["maxp"] = self._patched("maxp", {4: ">H"}, len(glyphs))
        tables["post"] = self._patched("post", {0: ">I"}, 0x00030000)[:32]
        tables["hmtx"] = b"".join(struct.pack(">Hh", *self._metrics(glyph)) for glyph in glyphs)
        tables["loca"] = struct.pack(f">{len(offsets)}I", *offsets)
        tables["glyf"] = bytes(outlines)
        tables["cmap"] = _character_map({code: number[glyph] for code, glyph in character_map.items()})
        return _write_file(tables)

    def _metrics(self, glyph: int) -> tuple[int, int]:
        """Advance and left bearing; glyphs behind the last advance share it."""
        metrics = self._tables["hmtx"]
        if glyph < self._advances:
            advance, bearing = struct.unpack_from(">Hh", metrics, 4 * glyph)
        else:
            (advance,) = struct.unpack_from(">H", metrics, 4 * (self._advances - 1))
            (bearing,) = struct.unpack_from(">h", metrics, 4 * self._advances + 2 * (glyph - self._advances))
        return advance, bearing

    def _outline(self, glyph: int) -> bytes:
        if self._long_offsets:
            start, end = struct.unpack_from(">II", self._tables["loca"], 4 * glyph)
        else:
            start, end = (2 * half for half in struct.unpack_from(">HH", self._tables["loca"], 2 * glyph))
        return self._tables["glyf"][start:end]

    def _with_components(self, glyphs: set[int]) -> list[int]:
        """The glyphs and all that they are composed of, in order."""
        known = set(glyphs)
        todo = list(glyphs)
        while todo:
            outline = self._outline(todo.pop())
            for place in _component_places(outline):
                (component,) = struct.unpack_from(">H", outline, place)
                if component not in known:
                    known.add(component)
                    todo.append(component)
        return sorted(known)

    def _patched(self, tag: str, fields: Mapping[int, str], *values: int) -> bytes:
        table = bytearray(self._tables[tag])
        for (place, kind), value in zip(fields.items(), values, strict=True):
            struct.pack_into(kind, table, place, value)
        return bytes(table)


@cache
def paper_font() -> Font:
    """WenQuanYi Micro Hei (Apache 2.0 or GPL 3 with font exception), from the package that brings it."""
    return Font((files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc").read_bytes())


def _read_directory(data: bytes, face: int) -> dict[str, bytes]:
    start = 0
    if data[:4] == b"ttcf":
        (start,) = struct.unpack_from(">I", data, 12 + 4 * face)
    (count,) = struct.unpack_from(">H", data, start + 4)
    tables = {}
    for position in range(start + 12, start + 12 + 16 * count, 16):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, position)
        tables[tag.decode()] = data[offset : offset + length]
    return tables


def _read_character_map(table: bytes) -> list[tuple[int, int, int]]:
    """Groups of (first code, last code, glyph of the first) from the full Unicode map."""
    (count,) = struct.unpack_from(">H", table, 2)
    for position in range(4, 4 + 8 * count, 8):
        platform, encoding, offset = struct.unpack_from(">HHI", table, position)
        if (platform, encoding) == _UNICODE_FULL:
            (groups,) = struct.unpack_from(">I", table, offset + 12)
            return [struct.unpack_from(">III", table, offset + 16 + 12 * group) for group in range(groups)]
    raise ValueError("the font has no full Unicode character map")


def _character_map(glyphs: Mapping[int, int]) -> bytes:
    """A full Unicode map with a group for each character."""
    groups = b"".join(struct.pack(">III", code, code, glyph) for code, glyph in sorted(glyphs.items()))
    header = struct.pack(">HHHHI", 0, 1, *_UNICODE_FULL, 12)
    return header + struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(glyphs)) + groups


def _component_places(outline: bytes) -> list[int]:
    """Where a composed glyph names its components; none in a simple or empty one."""
    if len(outline) < 10 or outline[0] < 0x80:
        return []
    places = []
    position, flags = 10, _MORE_COMPONENTS
    while flags & _MORE_COMPONENTS:
        (flags,) = struct.unpack_from(">H", outline, position)
        places.append(position + 2)
        position += 8 if flags & _ARGS_ARE_WORDS else 6
        position += (
            2 * bool(flags & _HAS_SCALE) + 4 * bool(flags & _HAS_XY_SCALE) + 8 * bool(flags & _HAS_MATRIX)
        )
    return places


def _renumbered(outline: bytes, number: Mapping[int, int]) -> bytes:
    places = _component_places(outline)
    if not places:
        return outline
    changed = bytearray(outline)
    for place in places:
        (component,) = struct.unpack_from(">H", outline, place)
        struct.pack_into(">H", changed, place, number[component])
    return bytes(changed)


def _write_file(tables: Mapping[str, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    offset = len(directory) + 16 * count
    body = b""
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag.encode(), _checksum(table), offset + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    font = bytearray(directory + body)
    adjustment = (_CHECKSUM_MAGIC - _checksum(bytes(font))) & 0xFFFFFFFF
    head = offset + sum(len(table) + -len(table) % 4 for tag, table in tables.items() if tag < "head")
    struct.pack_into(">I", font, head + 8, adjustment)
    return bytes(font)


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    return int(sum(struct.unpack(f">{len(padded) // 4}I", padded))) & 0xFFFFFFFF
