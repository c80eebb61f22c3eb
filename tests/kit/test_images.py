"""Uploads are harmless: whatever arrives, a plain JPEG comes out or a reason is given."""

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from app.kit.images import BadPhoto, CleanPhoto, Reason, clean_photo

LIMIT = 10_000_000
RED, BLUE = (220, 30, 40), (30, 60, 200)
PAYLOAD = b"<script>alert(document.cookie)</script>"


def drawing(mode: str = "RGB", size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Blue, with a red square in the upper left quarter."""
    picture = Image.new("RGB", size, BLUE)
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, max(size[1] // 2 - 1, 0)), fill=RED)
    return picture.convert(mode)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, colour: int, row: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG written by hand, every row alike, with extra chunks after the header."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
        *extra,
        (b"IDAT", zlib.compress((b"\0" + row) * height)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def turned_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def clean(data: bytes) -> CleanPhoto:
    return clean_photo(data, max_bytes=LIMIT)


def reason_for(data: bytes, max_bytes: int = LIMIT) -> Reason:
    with pytest.raises(BadPhoto) as refused:
        clean_photo(data, max_bytes=max_bytes)
    return refused.value.reason


def outcome(data: bytes) -> CleanPhoto | Reason:
    try:
        return clean(data)
    except BadPhoto as refused:
        return refused.reason


def picture_of(photo: CleanPhoto) -> Image.Image:
    return Image.open(io.BytesIO(photo.content))


def near(colour: object, expected: tuple[int, ...], within: int = 12) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) <= within for one, other in zip(colour, expected, strict=True))


GREY_RED, GREY_BLUE, WHITE = (88,) * 3, (67,) * 3, (255,) * 3
BLACK_PICTURE = Image.new("RGB", (640, 480))
HALF_CLEAR_PALETTE = ((b"PLTE", bytes((*BLUE, *RED))), (b"tRNS", b"\xff\x80"))
KINDS: dict[str, tuple[bytes, tuple[int, ...] | None, tuple[int, ...] | None]] = {
    "JPEG": (encoded(drawing(), "JPEG"), RED, BLUE),
    "JPEG, progressive": (encoded(drawing(), "JPEG", progressive=True), RED, BLUE),
    "JPEG, full colour": (encoded(drawing(), "JPEG", subsampling=0), RED, BLUE),
    "JPEG, grey": (encoded(drawing("L"), "JPEG"), GREY_RED, GREY_BLUE),
    "JPEG, CMYK": (encoded(drawing("CMYK"), "JPEG"), RED, BLUE),
    "JPEG, two": (encoded(drawing(), "MPO", save_all=True, append_images=[BLACK_PICTURE]), RED, BLUE),
    "PNG": (encoded(drawing(), "PNG"), RED, BLUE),
    "PNG, grey": (encoded(drawing("L"), "PNG"), GREY_RED, GREY_BLUE),
    "PNG, black and white": (encoded(drawing("1"), "PNG"), None, None),
    "PNG, palette": (encoded(drawing("P"), "PNG"), None, None),
    "PNG, opaque alpha": (encoded(drawing("RGBA"), "PNG"), RED, BLUE),
    "PNG, grey with alpha": (encoded(drawing("LA"), "PNG"), GREY_RED, GREY_BLUE),
    "PNG, one clear colour": (encoded(drawing(), "PNG", transparency=BLUE), RED, WHITE),
    "PNG, one clear grey": (encoded(drawing("L"), "PNG", transparency=67), GREY_RED, WHITE),
    "PNG, animated": (encoded(drawing(), "PNG", save_all=True, append_images=[BLACK_PICTURE]), RED, BLUE),
    "PNG, 16 bit colour": (png(640, 480, 16, 2, b"\xdc\x00\x1e\x00\x28\x00" * 640), RED, RED),
    "PNG, 16 bit grey": (png(640, 480, 16, 0, b"\x43\x00" * 640), GREY_BLUE, GREY_BLUE),
    "PNG, 16 bit alpha": (png(640, 480, 16, 6, b"\xdc\x00\x1e\x00\x28\x00\xff\xff" * 640), RED, RED),
    "PNG, all clear": (png(640, 480, 8, 6, b"\xdc\x1e\x28\x00" * 640), WHITE, WHITE),
    "PNG, half clear": (
        png(640, 480, 8, 3, b"\1" * 640, *HALF_CLEAR_PALETTE),
        (237, 142, 147),
        (237, 142, 147),
    ),
}


@pytest.mark.parametrize(("data", "upper_left", "lower_right"), KINDS.values(), ids=KINDS)
def test_every_kind_of_jpeg_and_png_becomes_a_plain_jpeg_on_white(
    data: bytes, upper_left: tuple[int, ...] | None, lower_right: tuple[int, ...] | None
) -> None:
    photo = clean(data)
    result = picture_of(photo)

    assert photo.media_type == "image/jpeg"
    assert (result.format, result.mode, result.size) == ("JPEG", "RGB", (640, 480))
    assert (photo.width, photo.height) == (640, 480)
    assert photo.sha256 == hashlib.sha256(photo.content).hexdigest()
    if upper_left and lower_right:
        assert near(result.getpixel((100, 100)), upper_left)
        assert near(result.getpixel((500, 400)), lower_right)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_picture_is_turned_upright_and_forgets_how_it_was_held(kind: str, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    held = drawing() if undo is None else drawing().transpose(undo)

    result = picture_of(clean(encoded(held, kind, exif=turned_exif(orientation))))

    assert result.size == (640, 480)
    assert near(result.getpixel((20, 20)), RED)
    assert near(result.getpixel((620, 20)), BLUE)
    assert near(result.getpixel((20, 460)), BLUE)
    assert not result.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_place_the_camera_and_its_owner_are_left_behind(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "HUAWEI"
    exif[0x013B] = "Wang Xiaoming"
    exif.get_ifd(0x8825).update({1: "N", 2: (32.0, 41.0, 5.0), 3: "E", 4: (109.0, 1.0, 44.0)})
    data = encoded(drawing(), kind, exif=exif, icc_profile=b"profile" * 100)
    assert b"HUAWEI" in data

    photo = clean(data)

    assert not picture_of(photo).getexif()
    assert set(picture_of(photo).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for trace in (b"Exif", b"HUAWEI", b"Wang", b"profile"):
        assert trace not in photo.content


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(drawing(), "JPEG") + PAYLOAD, id="after a JPEG"),
        pytest.param(encoded(drawing(), "JPEG", comment=PAYLOAD), id="in a JPEG's comment"),
        pytest.param(encoded(drawing(), "JPEG", exif=b"Exif\0\0" + PAYLOAD), id="instead of EXIF"),
        pytest.param(encoded(drawing(), "JPEG") + b"PK\x03\x04" + PAYLOAD, id="a ZIP after a JPEG"),
        pytest.param(encoded(drawing(), "PNG") + PAYLOAD, id="after a PNG"),
        pytest.param(png(640, 480, 8, 0, b"x" * 640, (b"tEXt", b"a\0" + PAYLOAD)), id="in a PNG's text"),
        pytest.param(png(640, 480, 8, 0, b"x" * 640, (b"prIv", PAYLOAD)), id="in a private chunk"),
        pytest.param(png(640, 480, 8, 0, b"x" * 640, (b"zTXt", b"a\0\0" + zlib.compress(b"x" * 99_999_999))),
                     id="a bomb in a PNG's compressed text"),
    ],
)  # fmt: skip
def test_a_second_file_inside_the_picture_does_not_survive(data: bytes) -> None:
    assert b"script" not in clean(data).content


@pytest.mark.parametrize(
    "data",
    [
        encoded(drawing(), "GIF"),
        encoded(drawing(), "WEBP"),
        encoded(drawing(), "BMP"),
        encoded(drawing(), "TIFF"),
        b"\0\0\0\x18ftypheic" + b"\0" * 100,
        b"%PDF-1.7\n" + encoded(drawing(), "JPEG"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + encoded(drawing(), "PNG"),
        b"\xff\xd8",
        b"\x89PNG",
        "身份证.jpg".encode(),
        b"\0",
    ],
)
def test_what_is_neither_jpeg_nor_png_by_content_is_not_supported(data: bytes) -> None:
    assert reason_for(data) is Reason.UNSUPPORTED_TYPE


def test_nothing_and_too_much_are_refused_before_looking() -> None:
    photo = encoded(drawing(), "JPEG")

    assert reason_for(b"") is Reason.EMPTY
    assert reason_for(photo, max_bytes=len(photo) - 1) is Reason.TOO_LARGE
    assert clean_photo(photo, max_bytes=len(photo)).width == 640


@pytest.mark.parametrize("options", [{}, {"progressive": True}], ids=["JPEG", "progressive JPEG"])
def test_a_jpeg_cut_anywhere_is_broken(options: dict[str, bool]) -> None:
    data = encoded(drawing(), "JPEG", **options)

    for kept in [3, 4, 5, *range(20, len(data) - 2, max(1, len(data) // 60)), len(data) - 2]:
        assert reason_for(data[:kept]) is Reason.BROKEN, kept


def test_a_png_cut_or_damaged_anywhere_is_broken() -> None:
    data = encoded(drawing(), "PNG")

    for place in [*range(8, len(data) - 1, max(1, len(data) // 60)), len(data) - 1]:
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        assert reason_for(data[:place]) is Reason.BROKEN, place
        assert reason_for(bytes(damaged)) is Reason.BROKEN, place


def patched_jpeg_size(width: int, height: int) -> bytes:
    data = bytearray(encoded(drawing(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png(50_000, 50_000, 8, 2, b"x"), id="PNG of 2,500 megapixels"),
        pytest.param(png(6_400, 6_400, 8, 0, b"x"), id="PNG of 41 megapixels"),
        pytest.param(png(30_001, 300, 8, 0, b"x"), id="PNG with a very long edge"),
        pytest.param(png(4_000, 4_000, 8, 2, b"x"), id="colour PNG of 16 megapixels"),
        pytest.param(png(4_000, 4_000, 8, 6, b"x"), id="PNG with alpha of 16 megapixels"),
        pytest.param(patched_jpeg_size(65_500, 65_500), id="JPEG of 4,290 megapixels"),
        pytest.param(patched_jpeg_size(8_000, 5_001), id="JPEG of 40.008 megapixels"),
    ],
)
def test_a_pixel_bomb_is_refused_by_its_header(data: bytes) -> None:
    assert reason_for(data) is Reason.TOO_MANY_PIXELS


def test_a_large_jpeg_is_refused_where_its_way_of_coding_needs_too_much_memory() -> None:
    plain = encoded(Image.new("RGB", (5_000, 4_000)), "JPEG")
    progressive = encoded(Image.new("RGB", (5_000, 4_000)), "JPEG", progressive=True)

    assert clean(plain).width == 2500
    assert reason_for(progressive) is Reason.TOO_MANY_PIXELS


def test_a_header_that_hides_its_scans_behind_a_fake_one_is_not_trusted() -> None:
    """A JPEG in several scans needs as much memory as a progressive one, whatever its other segments hold."""
    plain = encoded(Image.new("RGB", (5_000, 4_000)), "JPEG")
    scan = plain.index(b"\xff\xda")
    fake = b"\xff\xe2\x00\x0e" + plain[scan : scan + 12]
    several_scans = plain[:scan] + fake + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + plain[scan + 14 :]

    assert reason_for(several_scans) is Reason.TOO_MANY_PIXELS


def with_many_scans() -> bytes:
    """A progressive JPEG whose last scan comes ten thousand times: few bytes, and a pass over the picture each."""
    data = encoded(Image.new("RGB", (3000, 2000)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * 10_000 + data[-2:]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_many_scans(), id="scans"),
        pytest.param(b"\xff\xd8" + b"\xff\xfe\x00\x02" * 2_000_000, id="comments"),
        pytest.param(encoded(drawing(), "JPEG")[:2] + b"\xff" * 5_000_000, id="fill bytes"),
        pytest.param(
            png(640, 480, 8, 0, b"x" * 640, *[(b"IDAT", b"")] * 20_000), id="empty pieces of a PNG's picture"
        ),
        pytest.param(png(640, 480, 8, 0, b"x" * 640, *[(b"tEXt", b"")] * 20_000), id="texts"),
    ],
)
def test_a_file_of_countless_tiny_parts_is_broken(data: bytes) -> None:
    assert reason_for(data) is Reason.BROKEN


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (png(0, 480, 8, 0, b""), Reason.BROKEN),
        (patched_jpeg_size(640, 0), Reason.BROKEN),
        (png(640, 480, 8, 0, b"x" * 640, (b"IHDR", bytes((0, 0, 35, 40, 0, 0, 35, 40, 8, 2, 0, 0, 0)))), Reason.BROKEN),
        (png(640, 480, 7, 0, b"x" * 640), Reason.BROKEN),
        (png(640, 480, 8, 5, b"x" * 640), Reason.BROKEN),
        (png(640, 480, 8, 2, b"x"), Reason.BROKEN),
        (encoded(drawing(size=(199, 199)), "JPEG"), Reason.TOO_SMALL),
        (encoded(drawing(size=(199, 20)), "PNG"), Reason.TOO_SMALL),
    ],
)  # fmt: skip
def test_headers_that_cannot_be_and_pictures_too_small_to_read_are_refused(
    data: bytes, reason: Reason
) -> None:
    assert reason_for(data) is reason


@pytest.mark.parametrize(
    ("size", "kind", "expected"),
    [
        ((200, 20), "JPEG", (200, 20)),
        ((2600, 1000), "PNG", (2600, 1000)),
        ((2601, 1000), "PNG", (2600, 1000)),
        ((5200, 1000), "JPEG", (2600, 500)),
        ((1000, 3900), "PNG", (667, 2600)),
        ((4032, 3024), "JPEG", (2600, 1950)),
        ((30_000, 300), "PNG", (2600, 26)),
        ((3000, 1), "PNG", (2600, 1)),
    ],
)
def test_only_what_is_longer_than_the_limit_is_made_smaller(
    size: tuple[int, int], kind: str, expected: tuple[int, int]
) -> None:
    photo = clean(encoded(drawing(size=size), kind))

    assert (photo.width, photo.height) == expected


def test_a_caller_may_ask_for_less() -> None:
    photo = encoded(drawing(size=(5200, 3900)), "JPEG")

    small = clean_photo(photo, max_bytes=LIMIT, max_edge=320)

    assert (small.width, small.height) == (320, 240)
    with pytest.raises(BadPhoto):
        clean_photo(photo, max_bytes=LIMIT, max_pixels=1_000_000)


@pytest.mark.parametrize("size", [(1950, 1463), (1463, 1950)])
def test_scaling_in_strips_shows_no_seams(size: tuple[int, int]) -> None:
    blots = Image.frombytes("RGB", (60, 60), hashlib.shake_128(b"blots").digest(10_800))
    picture = blots.resize(size, Image.Resampling.BICUBIC)
    scale = 1300 / max(size)
    whole = picture.resize((round(size[0] * scale), round(size[1] * scale)), Image.Resampling.LANCZOS)

    in_strips = picture_of(clean_photo(encoded(picture, "PNG"), max_bytes=LIMIT, max_edge=1300))

    expected = Image.open(io.BytesIO(encoded(whole, "JPEG", quality=85)))
    difference = ImageChops.difference(in_strips, expected)
    assert max(high for _, high in difference.getextrema()) <= 6


def test_the_same_upload_always_gives_the_same_bytes() -> None:
    data = encoded(drawing(size=(2800, 2100)), "PNG")

    assert clean(data) == clean(data)


def test_what_was_cleaned_is_accepted_again() -> None:
    photo = clean(encoded(drawing(), "PNG"))

    assert (clean(photo.content).width, clean(photo.content).height) == (640, 480)


SAMPLES = [
    encoded(drawing(size=(220, 160)), "JPEG"),
    encoded(drawing(size=(220, 160)), "JPEG", progressive=True),
    encoded(drawing("CMYK", (220, 160)), "JPEG"),
    encoded(drawing("RGBA", (220, 160)), "PNG"),
    encoded(drawing("P", (220, 160)), "PNG", exif=turned_exif(6)),
]


@settings(max_examples=200, deadline=None)
@given(
    sample=st.sampled_from(SAMPLES),
    damage=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8
    ),
    head_only=st.booleans(),
)
def test_a_damaged_file_gives_a_picture_or_a_reason_and_nothing_else(
    sample: bytes, damage: list[tuple[float, int]], head_only: bool
) -> None:
    damaged = bytearray(sample)
    reach = min(700, len(damaged)) if head_only else len(damaged)
    for where, value in damage:
        damaged[int(where * reach)] = value

    result = outcome(bytes(damaged))

    assert isinstance(result, Reason) or picture_of(result).size == (result.width, result.height)
