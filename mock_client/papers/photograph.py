"""Takes the photograph: a sheet on a desk, a little askew, in uneven light, with a shadow, noise and a place
in its EXIF data, as a villager's phone would send it."""

import io
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist

from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageFilter

from mock_client.papers.sheet import Sheet

LONG, SHORT = 1600, 1200
"""The edges of a photograph in pixels."""

MOST_BYTES = 600_000
DESKS = ((150, 112, 78), (176, 140, 104), (104, 110, 118), (188, 184, 176), (84, 96, 90))

UPRIGHT, UPSIDE_DOWN, TURNED = 1, 3, 6
"""EXIF orientations: as stored; to be turned by 180°; to be turned by 90° clockwise."""

STORED_BY = {TURNED: Image.Transpose.ROTATE_90, UPSIDE_DOWN: Image.Transpose.ROTATE_180}
"""How an upright scene is turned for storing, the opposite of what the orientation asks of the viewer."""

LEVELS = range(256)
"""The brightness levels of a channel."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and when a photograph is taken: latitude and longitude in degrees, north and east; local time."""

    place: tuple[float, float]
    taken_at: datetime


def take(sheet: Sheet, around: Circumstances, rng: random.Random) -> bytes:
    """A photograph of the sheet as JPEG, below 600 KB, 1600×1200 pixels as stored. An upright sheet is taken
    with the phone upright: stored lying, with the orientation that turns it. Some others are taken upside
    down."""
    portrait = sheet.height > sheet.width
    frame = (SHORT, LONG) if portrait else (LONG, SHORT)
    scene = with_noise(lit(lay_on_desk(sheet, frame, rng), rng), 3.2, rng)
    orientation = TURNED if portrait else rng.choice((UPRIGHT, UPRIGHT, UPSIDE_DOWN))
    turn = STORED_BY.get(orientation)
    return to_jpeg(scene if turn is None else scene.transpose(turn), exif_of(around, orientation))


def lay_on_desk(sheet: Sheet, frame: tuple[int, int], rng: random.Random) -> Image.Image:
    """The sheet on a desk as the lens sees it: turned by up to 2°, seen slightly from one side, with its
    shadow."""
    # A rim around the sheet gives the lens something to blend its edge with.
    rim = 6
    whole = (sheet.width + 2 * rim, sheet.height + 2 * rim)
    outline = Image.new("L", whole, 0)
    box = (rim, rim, rim + sheet.width - 1, rim + sheet.height - 1)
    ImageDraw.Draw(outline).rounded_rectangle(box, sheet.corner, fill=255)
    print_ = Image.new("RGB", whole, sheet.paper)
    print_.paste(sheet.image, (rim, rim))
    lens = _lens(whole, frame, rng)

    def seen(image: Image.Image, resampling: Image.Resampling) -> Image.Image:
        return image.transform(frame, Image.Transform.PERSPECTIVE, lens, resampling)

    desk, covered = draw_desk(frame, rng), seen(outline, Image.Resampling.BILINEAR)
    # So soft a shadow needs no more than a quarter of the pixels.
    soft = ImageChops.offset(covered.reduce(4), rng.choice((-3, 3)), 4).filter(ImageFilter.GaussianBlur(4))
    shadow = soft.resize(frame, Image.Resampling.BILINEAR).point([level * 150 // 255 for level in LEVELS])
    desk.paste(Image.new("RGB", frame, (24, 20, 18)), (0, 0), shadow)
    desk.paste(seen(print_, Image.Resampling.BICUBIC), (0, 0), covered)
    return desk


def _lens(sheet: tuple[int, int], frame: tuple[int, int], rng: random.Random) -> tuple[float, ...]:
    """The eight numbers by which Pillow finds the point of the sheet that is seen at a point (u, v) of the
    frame: x = (a·u + b·v + c) / (g·u + h·v + 1), y = (d·u + e·v + f) / (g·u + h·v + 1)."""
    scale = min(frame[0] * 0.93 / sheet[0], frame[1] * 0.93 / sheet[1])
    angle = math.radians(rng.uniform(0.5, 2.0) * rng.choice((-1, 1)))
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    tilt_u, tilt_v = rng.uniform(-2.4e-5, 2.4e-5), rng.uniform(-2.4e-5, 2.4e-5)
    # Turned and tilted about a point near the middle of the frame, where the middle of the sheet lies.
    u, v = frame[0] / 2 + rng.uniform(-9, 9), frame[1] / 2 + rng.uniform(-9, 9)
    x, y = sheet[0] / 2, sheet[1] / 2
    one = 1 - tilt_u * u - tilt_v * v
    numbers = (
        *(x * tilt_u + cos, x * tilt_v + sin, x * one - cos * u - sin * v),
        *(y * tilt_u - sin, y * tilt_v + cos, y * one + sin * u - cos * v),
        *(tilt_u, tilt_v),
    )
    return tuple(number / one for number in numbers)


def draw_desk(frame: tuple[int, int], rng: random.Random) -> Image.Image:
    """A desk of wood or plastic, its grain running across."""
    colour = rng.choice(DESKS)
    grain = Image.frombytes("L", (12, 220), rng.randbytes(2640)).resize(frame, Image.Resampling.BICUBIC)
    grain = grain.point([round(128 + (level - 128) * 0.16) for level in LEVELS])
    return ImageChops.add(Image.new("RGB", frame, colour), Image.merge("RGB", [grain] * 3), 1, -128)


def lit(scene: Image.Image, rng: random.Random) -> Image.Image:
    """The scene in the light of one lamp and a window: brighter here than there, and a little warm."""
    patches = Image.frombytes("L", (4, 3), bytes(rng.randint(196, 255) for _ in range(12)))
    light = patches.resize(scene.size, Image.Resampling.BICUBIC)
    warm = [light.point([round(level * part) for level in LEVELS]) for part in (1.0, 0.985, 0.945)]
    return ImageChops.multiply(scene, Image.merge("RGB", warm))


def with_noise(scene: Image.Image, sigma: float, rng: random.Random) -> Image.Image:
    """The scene with a sensor's grain, a normal distribution with a deviation of `sigma` levels."""
    bell = NormalDist(128, sigma)
    levels = [round(bell.inv_cdf((level + 0.5) / 256)) for level in LEVELS]
    grain = Image.frombytes("L", scene.size, rng.randbytes(scene.width * scene.height)).point(levels)
    return ImageChops.add(scene, Image.merge("RGB", [grain] * 3), 1, -128)


def exif_of(around: Circumstances, orientation: int) -> Image.Exif:
    """What a phone writes beside a picture: make, time, orientation, and where its owner stood."""
    exif = Image.Exif()
    moment = around.taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif[ExifTags.Base.Make] = "SAMPLE"
    exif[ExifTags.Base.Model] = "Mock Phone 1"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = moment
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = moment
    latitude, longitude = around.place
    position: Mapping[int, object] = {
        ExifTags.GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
        ExifTags.GPS.GPSLatitude: _degrees(latitude),
        ExifTags.GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
        ExifTags.GPS.GPSLongitude: _degrees(longitude),
    }
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(position)
    return exif


def to_jpeg(picture: Image.Image, exif: Image.Exif, most_bytes: int = MOST_BYTES) -> bytes:
    """The picture as JPEG in the best quality that stays below `most_bytes`."""
    for quality in (84, 78, 72, 64, 54):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, exif=exif)
        if buffer.tell() < most_bytes:
            break
    return buffer.getvalue()


def _degrees(value: float) -> tuple[float, float, float]:
    minutes, degrees = math.modf(abs(value))
    seconds, minutes = math.modf(minutes * 60)
    return degrees, minutes, round(seconds * 60, 2)
