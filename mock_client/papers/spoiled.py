"""Uploads that go wrong, by accident or on purpose. Each takes good JPEG bytes and gives what a server has to
refuse or clean; none of them holds anything that could do harm."""

import io
import random
import struct
import zlib

from PIL import Image, ImageFilter, ImageOps

BOMB_EDGE = 20_000
HUGE_BYTES = 10 * 1024 * 1024

HTML = b"<!DOCTYPE html><html><body><script>document.title='polyglot'</script></body></html>"


def blurred(jpeg: bytes) -> bytes:
    """Moved while the picture was taken: a sound JPEG on which nothing can be read."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        return _save(ImageOps.exif_transpose(picture).filter(ImageFilter.GaussianBlur(26)), 80)


def too_small(jpeg: bytes) -> bytes:
    """A thumbnail of 160 pixels on the long edge."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        small = ImageOps.exif_transpose(picture)
        small.thumbnail((160, 160))
        return _save(small, 80)


def not_a_picture() -> bytes:
    """A PDF of one empty page."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    )
    document, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(document)
    return document + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer


def pixel_bomb() -> bytes:
    """A sound PNG of some 50 KB that unpacks to 400 million pixels."""
    squeeze = zlib.compressobj(9)
    rows = b"\x00" * (1 + BOMB_EDGE // 8) * 100
    packed = b"".join(squeeze.compress(rows) for _ in range(BOMB_EDGE // 100)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", BOMB_EDGE, BOMB_EDGE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def truncated(jpeg: bytes) -> bytes:
    """The first three fifths of the file."""
    return jpeg[: len(jpeg) * 3 // 5]


def polyglot(jpeg: bytes) -> bytes:
    """A sound JPEG that is a web page too: HTML in a comment at its head and once more behind its end."""
    comment = b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML
    return jpeg[:2] + comment + jpeg[2:] + HTML


def huge(rng: random.Random) -> bytes:
    """A sound JPEG of 12 million pixels and more than 10 MiB, all noise."""
    size = (4000, 3000)
    noise = Image.frombytes("L", size, rng.randbytes(size[0] * size[1]))
    return _save(noise, 95)


def _save(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
