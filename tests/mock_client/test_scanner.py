"""The scanner reads back what a counter would have to read."""

import io
import random
from datetime import datetime
from pathlib import Path

import pytest
import qrcode
import zxingcpp
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mock_client.clock import CHINA
from mock_client.papers import photograph
from mock_client.papers.sheet import A4, Sheet
from mock_client.scanner import (
    ScanFailed,
    Symbology,
    pdf_text,
    render_pdf,
    scan,
    scan_one,
    scan_pdf,
    scan_pdf_one,
)

LINK = "https://example.cn/verify/7Q2M-51KX"
VOUCHER = "0112345678901" + "3" + "98765432109876"


def qr(text: str) -> Image.Image:
    return qrcode.make(text, box_size=6).get_image().convert("RGB")


def code128(text: str) -> Image.Image:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    bars = memoryview(code.to_image(scale=3))
    height, width = bars.shape
    return Image.frombytes("L", (width, height), bytes(bars)).convert("RGB")


def page_with(*pictures: Image.Image) -> Image.Image:
    page, y = Image.new("RGB", A4, "white"), 120
    for picture in pictures:
        page.paste(picture, (200, y))
        y += picture.height + 160
    return page


def encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


def pdf(*pages: Image.Image) -> bytes:
    document = FPDF()
    document.set_font("helvetica", size=14)
    for number, page in enumerate(pages, 1):
        document.add_page()
        document.text(20, 20, f"Receipt page {number}")
        document.image(page, x=30, y=40, w=120)
    return bytes(document.output())


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("draw", "symbology", "text"),
    [(qr, Symbology.QR, LINK), (qr, Symbology.QR, VOUCHER), (code128, Symbology.CODE128, VOUCHER)],
    ids=["qr link", "qr voucher", "code128 voucher"],
)
def test_a_code_on_a_picture_is_read_whatever_the_format(
    draw: object, symbology: Symbology, text: str, kind: str
) -> None:
    picture = encoded(page_with(draw(text)), kind)  # type: ignore[operator]  # one of the two functions above

    assert [(code.symbology, code.text) for code in scan(picture)] == [(symbology, text)]


@given(st.text("0123456789", min_size=28, max_size=28))
@settings(max_examples=25, deadline=None)
def test_every_voucher_code_survives_both_symbologies(digits: str) -> None:
    assert scan_one(page_with(qr(digits))) == scan_one(page_with(code128(digits))) == digits


@pytest.mark.parametrize("degrees", [-12, 7, 90, 180])
def test_a_code_held_askew_is_read(degrees: int) -> None:
    page = page_with(qr(LINK)).rotate(degrees, expand=True, fillcolor="white")

    assert scan_one(page) == LINK


def test_a_code_is_read_off_a_photographed_paper() -> None:
    rng = random.Random(7)  # noqa: S311 - the seed of a picture, not a secret
    sheet = Sheet(A4, rng)
    sheet.image.paste(qr(LINK), (400, 700))
    around = photograph.Circumstances((32.69, 109.03), datetime(2025, 11, 21, 9, 3, tzinfo=CHINA))

    assert scan_one(photograph.take(sheet, around, rng)) == LINK


def test_several_codes_come_from_top_to_bottom_and_can_be_told_apart() -> None:
    page = page_with(code128(VOUCHER), qr(LINK))

    assert [code.text for code in scan(page)] == [VOUCHER, LINK]
    assert scan_one(page, Symbology.QR) == LINK
    assert scan_one(page, Symbology.CODE128) == VOUCHER


def test_the_corners_say_where_a_code_lies() -> None:
    (code,) = scan(page_with(qr(LINK)))

    assert all(200 <= x <= 500 and 120 <= y <= 420 for x, y in code.corners)


@pytest.mark.parametrize("pictures", [(), (qr(LINK), qr(VOUCHER))], ids=["none", "two"])
def test_one_code_means_one(pictures: tuple[Image.Image, ...]) -> None:
    with pytest.raises(ScanFailed) as caught:
        scan_one(page_with(*pictures))
    assert VOUCHER not in str(caught.value)


def test_codes_are_read_off_the_rendered_pages_of_a_pdf() -> None:
    document = pdf(page_with(qr(LINK)), page_with(code128(VOUCHER)))

    assert [code.text for code in scan_pdf(document)] == [LINK, VOUCHER]
    assert scan_pdf_one(document, Symbology.QR) == LINK
    with pytest.raises(ScanFailed, match="2 codes"):
        scan_pdf_one(document)


def test_a_page_is_as_large_as_its_resolution_says() -> None:
    first, second = render_pdf(pdf(page_with(), page_with()), dpi=144)

    assert first.mode == second.mode == "RGB"
    assert first.size == (pytest.approx(1190, abs=2), pytest.approx(1684, abs=2))


def test_a_pdfs_text_can_be_selected() -> None:
    assert [text.strip() for text in pdf_text(pdf(page_with(), page_with())).split("\f")] == [
        "Receipt page 1",
        "Receipt page 2",
    ]


@pytest.mark.parametrize("read", [scan, render_pdf, pdf_text], ids=lambda read: read.__name__)
def test_what_is_neither_picture_nor_pdf_is_said_to_be_none(read: object, tmp_path: Path) -> None:
    with pytest.raises(ScanFailed, match="this is not a"):
        read(b"just words")  # type: ignore[operator]  # one of the three functions above
