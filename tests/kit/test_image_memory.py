"""The worst picture that is allowed keeps a worker's memory within its promise."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from app.kit import images

PROJECT = Path(images.__file__).parents[2]
UPRIGHT = Image.Exif()
UPRIGHT[0x0112] = 6


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(mode: str, size: tuple[int, int]) -> Image.Image:
    return Image.new(mode, size, "teal")


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """A picture that compresses badly, made quickly."""
    tile = Image.frombytes(mode, (500, 500), hashlib.shake_128(b"noise").digest(250_000 * len(mode)))
    picture = Image.new(mode, size)
    for x in range(0, size[0], 500):
        for y in range(0, size[1], 500):
            picture.paste(tile, (x, y))
    return picture


def held_upright(picture: Image.Image, kind: str, **options: object) -> bytes:
    return encoded(picture, kind, exif=UPRIGHT, **options)


WORST: dict[str, Callable[[], bytes]] = {
    "JPEG of 40 megapixels": lambda: encoded(plain("RGB", (7300, 5470)), "JPEG"),
    "JPEG of 13 megapixels": lambda: held_upright(noise("RGB", (3600, 3600)), "JPEG", quality=60),
    "progressive JPEG of 17 megapixels": lambda: encoded(
        plain("RGB", (4760, 3570)), "JPEG", progressive=True
    ),
    "grey PNG of 40 megapixels": lambda: encoded(plain("L", (6300, 6300)), "PNG", compress_level=1),
    "PNG with alpha of 13 megapixels": lambda: held_upright(
        plain("RGBA", (3600, 3600)), "PNG", compress_level=1
    ),
}

# Runs in a process of its own, after one small picture has loaded what is loaded once. Prints the megabytes that
# each picture took at most, above what was held before the first.
MEASURE = """
import sys
from pathlib import Path
from app.kit.images import clean_photo
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
def forget_peak():
    Path("/proc/self/clear_refs").write_text("5")
small, *large = sys.argv[1:]
clean_photo(Path(small).read_bytes(), max_bytes=10**7)
forget_peak()
before = peak()
for name in large:
    data = Path(name).read_bytes()
    forget_peak()
    clean_photo(data, max_bytes=10**7)
    print((peak() - before - len(data) // 1024) // 1024)
    del data
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the most memory ever held from /proc")
def test_the_worst_allowed_uploads_take_less_than_100_megabytes(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}" for number in range(len(WORST) + 1)]
    files[0].write_bytes(encoded(plain("RGB", (640, 480)), "JPEG"))
    for file, make in zip(files[1:], WORST.values(), strict=True):
        file.write_bytes(make())
    command = [sys.executable, "-c", MEASURE, *map(str, files)]

    measured = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)

    megabytes = dict(zip(WORST, map(int, measured.stdout.split()), strict=True))
    assert all(20 < taken < 100 for taken in megabytes.values()), megabytes
