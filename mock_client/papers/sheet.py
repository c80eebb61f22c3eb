"""A sheet of paper under the printer: text, forms, seals, signatures, a passport photograph, the mark of a
sample."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

from mock_client.papers.typesetting import MONOSPACED, PROPORTIONAL, fit, font, width_of, wrap

Colour = tuple[int, int, int]

BLACK: Colour = (30, 30, 34)
GREY: Colour = (110, 110, 114)
SEAL_RED: Colour = (206, 32, 38)
INK_BLUE: Colour = (28, 38, 92)

A4 = (1240, 1754)
"""An A4 page at 150 dots an inch."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a form. `share` is its part of the row's width; `lines` the least number of lines it is
    high; a label is centred."""

    text: str
    share: float
    label: bool = False
    lines: int = 1


def row(*pairs: tuple[str, float, str, float], lines: int = 1) -> tuple[Cell, ...]:
    """A row of a form: each pair is a name and its share of the width, then what is filled in and its
    share."""
    cells: list[Cell] = []
    for name, name_share, value, value_share in pairs:
        cells += (Cell(name, name_share, label=True), Cell(value, value_share, lines=lines))
    return tuple(cells)


class Sheet:
    """A sheet of `size` pixels, its corners rounded by `corner`. Positions are pixels from its top left."""

    def __init__(
        self, size: tuple[int, int], rng: random.Random, paper: Colour = (252, 252, 249), corner: int = 0
    ) -> None:
        self.paper = paper
        self.corner = corner
        self.image = Image.new("RGB", size, paper)
        self.draw = ImageDraw.Draw(self.image)
        self.rng = rng
        self.width, self.height = size

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        *,
        colour: Colour = BLACK,
        bold: bool = False,
        anchor: str = "la",
        spacing: float = 0,
        mono: bool = False,
    ) -> float:
        """One line. `anchor` as in Pillow, horizontally only if `spacing` pixels lie between characters.
        Returns where it ends."""
        face = font(size, MONOSPACED if mono else PROPORTIONAL)
        weight = size / 50 if bold else 0
        x, y = at
        if not spacing:
            self.draw.text(at, text, font=face, fill=colour, anchor=anchor, stroke_width=weight)
            return x + face.getlength(text)
        whole = sum(face.getlength(char) + spacing for char in text) - spacing
        x -= {"l": 0.0, "m": whole / 2, "r": whole}[anchor[0]]
        for char in text:
            self.draw.text((x, y), char, font=face, fill=colour, anchor="l" + anchor[1], stroke_width=weight)
            x += face.getlength(char) + spacing
        return x - spacing

    def title(self, y: float, text: str, size: int, *, spacing: float = 6, colour: Colour = BLACK) -> None:
        """A bold line in the middle, smaller if it is too long for the sheet."""
        size = fit(text, size, self.width * 0.82, spacing)
        self.text((self.width / 2, y), text, size, bold=True, anchor="ma", spacing=spacing, colour=colour)

    def paragraph(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        width: float,
        *,
        indent: int = 2,
        leading: float = 1.7,
        colour: Colour = BLACK,
    ) -> float:
        """Wrapped text, the first line of it indented by so many characters. Returns the y below it."""
        x, y = at
        for number, line in enumerate(wrap(text, size, width, indent * size)):
            self.text((x + (indent * size if number == 0 else 0), y), line, size, colour=colour)
            y += size * leading
        return y

    def form(
        self, at: tuple[float, float], width: float, rows: Sequence[Sequence[Cell]], size: int = 24
    ) -> float:
        """A ruled form; each row is as high as its fullest cell. Returns the y below it."""
        x0, y = at
        padding = size * 0.5
        for row in rows:
            total = sum(cell.share for cell in row)
            texts = [wrap(cell.text, size, width * cell.share / total - 2 * padding) for cell in row]
            most = max(max(len(text), cell.lines) for text, cell in zip(texts, row, strict=True))
            height = most * size * 1.45 + 2 * padding
            x = x0
            for cell, lines in zip(row, texts, strict=True):
                across = width * cell.share / total
                self.draw.rectangle((x, y, x + across, y + height), outline=BLACK, width=2)
                self._fill_cell(cell, lines, (x, y, across, height), size)
                x += across
            y += height
        return y

    def _fill_cell(
        self, cell: Cell, lines: Sequence[str], box: tuple[float, float, float, float], size: int
    ) -> None:
        x, y, width, height = box
        step = size * 1.45
        one_line = cell.lines == 1 or cell.label
        top = y + (height - len(lines) * step) / 2 + size * 0.2 if one_line else y + size * 0.6
        for line in lines:
            if cell.label:
                self.text((x + width / 2, top), line, size, anchor="ma")
            else:
                self.text((x + size * 0.5, top), line, size)
            top += step

    def seal(
        self, centre: tuple[float, float], organisation: str, below: str = "", radius: int = 118
    ) -> None:
        """A round red seal with a star, pressed by hand: a little askew, the ink uneven, the print shining
        through."""
        seal = draw_seal(organisation, below, radius, self.rng)
        x, y = centre
        self.image.paste(seal, (round(x - seal.width / 2), round(y - seal.height / 2)), seal.getchannel("A"))

    def signature(self, at: tuple[float, float], name: str, size: int, width: float) -> None:
        """The name as somebody signs it by hand, smaller if it is too long for `width` pixels."""
        x, y = at
        shares = [0.4 if char == "·" else 0.6 if char.isascii() else 0.85 for char in name]
        smaller = min(size, round(width / sum(shares)))
        y += size - smaller
        for char, share in zip(name, shares, strict=True):
            glyph = _handwritten(char, round(smaller * self.rng.uniform(0.9, 1.12)), self.rng)
            ink = Image.new("RGB", glyph.size, INK_BLUE)
            self.image.paste(ink, (round(x), round(y + self.rng.uniform(-0.09, 0.09) * smaller)), glyph)
            x += smaller * share * self.rng.uniform(0.92, 1.08)

    def photograph(self, box: tuple[int, int, int, int], sex: str, age: int, backdrop: Colour) -> None:
        """A passport photograph of nobody: head and shoulders, drawn."""
        left, top, right, bottom = box
        picture = _nobody((right - left, bottom - top), sex, age, backdrop, self.rng)
        self.image.paste(picture, (left, top))

    def waves(self, colour: Colour, *, lines: int = 26, height: float = 20) -> None:
        """The fine waves that cards are printed on."""
        phase = self.rng.uniform(0, math.tau)
        for number in range(lines):
            base = self.height * (number + 0.5) / lines
            points = [
                (
                    x,
                    base
                    + height * math.sin(x / 90 + phase + number * 0.35)
                    + height / 3 * math.sin(x / 37 + number),
                )
                for x in range(0, self.width + 12, 12)
            ]
            self.draw.line(points, fill=colour, width=2)

    def mark_as_sample(self, *, strength: int = 46, size: int = 64) -> None:
        """样本 SAMPLE across the whole sheet, faint, and plainly once at the top right."""
        layer = _watermark(self.image.size, strength, size)
        self.image.paste(Image.new("RGB", self.image.size, (150, 60, 70)), (0, 0), layer)
        small = max(18, self.width // 62)
        note = "样本 SAMPLE · 仅供测试"
        across = width_of(note, small) + small
        right, upper = self.width - 10 - self.corner / 2, 10 + self.corner / 6
        self.draw.rectangle(
            (right - across, upper, right, upper + small * 1.5), outline=(190, 60, 60), width=2
        )
        self.text((right - across + small / 2, upper + small * 0.2), note, small, colour=(190, 60, 60))


@cache
def _watermark(sheet: tuple[int, int], strength: int, size: int) -> Image.Image:
    """The words across a sheet, as a mask."""
    layer = Image.new("L", (sheet[0] * 2, sheet[1] * 2), 0)
    draw = ImageDraw.Draw(layer)
    step_x, step_y = size * 8, size * 4
    for line, y in enumerate(range(0, layer.height, step_y)):
        for x in range(-(line % 2) * step_x // 2, layer.width, step_x):
            draw.text((x, y), "样本 SAMPLE", font=font(size), fill=strength)
    left, top = sheet[0] // 2, sheet[1] // 2
    return layer.rotate(28, Image.Resampling.BILINEAR).crop((left, top, left + sheet[0], top + sheet[1]))


def draw_seal(organisation: str, below: str, radius: int, rng: random.Random) -> Image.Image:
    """A seal as a picture with transparency, twice `radius` wide and high."""
    big = radius * 3
    layer = Image.new("L", (big * 2, big * 2), 0)
    draw = ImageDraw.Draw(layer)
    edge = big // 22
    draw.ellipse((edge, edge, 2 * big - edge, 2 * big - edge), outline=255, width=edge)
    star = [
        (
            big + math.cos(math.pi * (corner / 5 - 0.5)) * big * (0.30 if corner % 2 == 0 else 0.115),
            big + math.sin(math.pi * (corner / 5 - 0.5)) * big * (0.30 if corner % 2 == 0 else 0.115),
        )
        for corner in range(10)
    ]
    draw.polygon(star, fill=255)
    size = min(big // 4, round(big * 4.1 / max(len(organisation), 8)))
    sweep = min(250.0, 30.0 * len(organisation))
    for number, char in enumerate(organisation):
        degrees = 0.0 if len(organisation) == 1 else sweep * (number / (len(organisation) - 1) - 0.5)
        tile = Image.new("L", (size * 2, size * 2), 0)
        ImageDraw.Draw(tile).text(
            (size, size), char, font=font(size), fill=255, anchor="mm", stroke_width=size // 26
        )
        # Seals have tall, narrow characters.
        tile = tile.resize((round(size * 1.7), round(size * 2.3))).rotate(-degrees, expand=True)
        angle = math.radians(degrees)
        x, y = big + math.sin(angle) * big * 0.755, big - math.cos(angle) * big * 0.755
        layer.paste(255, (round(x - tile.width / 2), round(y - tile.height / 2)), tile)
    if below:
        inner = fit(below, big // 6, big * 1.1)
        draw.text((big, big * 1.56), below, font=font(inner), fill=255, anchor="mm", stroke_width=inner // 26)
    layer = layer.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)
    patches = Image.frombytes("L", (14, 14), rng.randbytes(196)).resize(layer.size, Image.Resampling.BICUBIC)
    uneven = patches.point([150 + 75 * level // 255 for level in range(256)])
    alpha = Image.composite(uneven, Image.new("L", layer.size, 0), layer)
    alpha = alpha.rotate(rng.uniform(-14, 14), Image.Resampling.BICUBIC)
    seal = Image.new("RGBA", layer.size, (*SEAL_RED, 0))
    seal.putalpha(alpha)
    return seal


def _handwritten(char: str, size: int, rng: random.Random) -> Image.Image:
    """One character bent as a hand bends it, as a mask."""
    edge = size * 2
    tile = Image.new("L", (edge, edge), 0)
    ImageDraw.Draw(tile).text((size, size), char, font=font(size), fill=255, anchor="mm")
    steps = 5
    reach = size * 0.055
    knots = {
        (column, row): (
            column * edge / steps + rng.uniform(-reach, reach),
            row * edge / steps + rng.uniform(-reach, reach),
        )
        for column in range(steps + 1)
        for row in range(steps + 1)
    }
    mesh = []
    for column in range(steps):
        for row in range(steps):
            corners = [(column, row), (column, row + 1), (column + 1, row + 1), (column + 1, row)]
            box = tuple(round(at * edge / steps) for at in (column, row, column + 1, row + 1))
            mesh.append((box, tuple(part for corner in corners for part in knots[corner])))
    tile = tile.transform(tile.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    slant, rise = rng.uniform(0.16, 0.30), rng.uniform(0.05, 0.14)
    lean = (1, slant, -slant * size, rise, 1, -0.09 * size)
    tile = tile.transform(tile.size, Image.Transform.AFFINE, lean, Image.Resampling.BICUBIC)
    ink = Image.frombytes("L", (6, 6), rng.randbytes(36)).resize(tile.size, Image.Resampling.BICUBIC)
    ink = ink.point([165 + 85 * level // 255 for level in range(256)])
    return Image.composite(ink, Image.new("L", tile.size, 0), tile).crop((size // 2, size // 2, edge, edge))


def _nobody(size: tuple[int, int], sex: str, age: int, backdrop: Colour, rng: random.Random) -> Image.Image:
    width, height = size
    picture = Image.new("RGB", (width, height), backdrop)
    draw = ImageDraw.Draw(picture)
    hair = (196, 194, 192) if age >= 68 else (120, 118, 116) if age >= 55 else (38, 32, 30)
    skin = rng.choice([(232, 196, 168), (224, 186, 156), (238, 206, 180)])
    shade = tuple(part - 26 for part in skin)
    coat = rng.choice([(52, 62, 92), (74, 58, 58), (48, 74, 66), (66, 66, 72)])
    x, head, face = width / 2, height * 0.40, width * (0.225 if age >= 12 else 0.25)
    tall = face * 1.32
    if sex == "女" and age >= 3:
        draw.ellipse((x - face * 1.32, head - tall * 1.15, x + face * 1.32, head + tall * 1.35), fill=hair)
    draw.rounded_rectangle(
        (x - width * 0.42, height * 0.76, x + width * 0.42, height * 1.3), width * 0.2, fill=coat
    )
    draw.rectangle((x - face * 0.42, head + tall * 0.6, x + face * 0.42, height * 0.80), fill=shade)
    collar = [(x - face * 0.8, height * 0.76), (x, height * 0.90), (x + face * 0.8, height * 0.76)]
    draw.polygon(collar, fill=(236, 236, 240))
    draw.polygon(
        [(x - face * 0.4, height * 0.76), (x, height * 0.83), (x + face * 0.4, height * 0.76)], fill=shade
    )
    for side in (-1, 1):
        ear = x + side * face
        draw.ellipse(
            (ear - face * 0.16, head - tall * 0.16, ear + face * 0.16, head + tall * 0.22), fill=shade
        )
    draw.ellipse((x - face * 1.06, head - tall * 1.12, x + face * 1.06, head + tall * 0.5), fill=hair)
    draw.ellipse((x - face, head - tall * 0.78, x + face, head + tall), fill=skin)
    for side in (-1, 1):
        eye = x + side * face * 0.42
        draw.arc(
            (eye - face * 0.26, head - tall * 0.26, eye + face * 0.26, head - tall * 0.04),
            200,
            340,
            fill=hair,
            width=4,
        )
        draw.ellipse(
            (eye - face * 0.11, head - tall * 0.06, eye + face * 0.11, head + tall * 0.06), fill=(44, 36, 34)
        )
    draw.line(
        (x, head + tall * 0.08, x - face * 0.08, head + tall * 0.3, x + face * 0.08, head + tall * 0.3),
        fill=shade,
        width=4,
    )
    draw.arc(
        (x - face * 0.34, head + tall * 0.34, x + face * 0.34, head + tall * 0.62),
        20,
        160,
        fill=(176, 92, 88),
        width=5,
    )
    return picture.filter(ImageFilter.GaussianBlur(1.6))
