"""Papers that we issue: readable Chinese, checkable by their code, the same bytes each time."""

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image

from app.kit.clock import CHINA
from app.kit.fonts import paper_font
from app.kit.pdf import Paper

CREATED = datetime(2026, 11, 21, 16, 30, 5, tzinfo=UTC)
CHECK = "https://example.org/verify/8K3F-92QX-LM4T?from=paper"


def new_paper(title: str = "异地就医备案回执") -> Paper:
    return Paper(title, issuer="安康市汉滨区医疗保险经办中心", created=CREATED, subtitle="编号 0190C2F4")


def receipt() -> Paper:
    paper = new_paper()
    paper.table(
        [
            ("姓名", "王*明"),
            ("身份证号", "610***********1234"),
            ("就医地", "山西省太原市"),
            ("居住地址", "山西省太原市小店区坞城街道学府街与平阳路交叉口东南侧" * 3),
            ("办理结果", "备案成功"),
        ],
        columns=2,
    )
    paper.heading("温馨提示")
    paper.items(["请持医保码在定点医疗机构就医。", "六个月内不能变更就医地。"])
    paper.paragraph("扫描二维码可以核对本回执的真伪；核对时不显示个人信息。")
    paper.closing(
        signer="安康市汉滨区医疗保险经办中心",
        day="2026年11月22日",
        seal_words="电子回执专用章",
        code=CHECK,
        caption="扫码核对真伪\n核对码 8K3F-92QX-LM4T",
    )
    return paper


def text_of(data: bytes) -> str:
    """All text without line breaks, as a reader copies it."""
    with pypdfium2.PdfDocument(data) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return "".join("".join(pages).split())


def page_count(data: bytes) -> int:
    with pypdfium2.PdfDocument(data) as document:
        return len(document)


def rendered(data: bytes, page: int = 0, scale: float = 2.0) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        picture: Image.Image = document[page].render(scale=scale).to_pil().convert("RGB")
    return picture


def test_everything_on_the_paper_can_be_read_and_copied_as_chinese_text() -> None:
    text = text_of(receipt().to_bytes())

    for written in (
        "安康市汉滨区医疗保险经办中心",
        "异地就医备案回执",
        "编号0190C2F4",
        "王*明",
        "610***********1234",
        "山西省太原市小店区坞城街道学府街与平阳路交叉口东南侧" * 3,
        "1.请持医保码在定点医疗机构就医。",
        "核对码8K3F-92QX-LM4T",
        "电子回执专用章",
        "2026年11月22日",
        "第1页，共1页",
    ):
        assert written in text


def test_the_code_on_the_printed_paper_leads_to_its_check() -> None:
    picture = rendered(receipt().to_bytes())

    codes = zxingcpp.read_barcodes(picture)

    assert [code.text for code in codes] == [CHECK]


def test_the_code_survives_a_poor_print() -> None:
    poor = rendered(receipt().to_bytes(), scale=1.2).convert("L").rotate(3, expand=True, fillcolor=255)

    assert [code.text for code in zxingcpp.read_barcodes(poor)] == [CHECK]


def red_pixels(picture: Image.Image, box: tuple[int, int, int, int]) -> int:
    colours = picture.crop(box).getcolors(maxcolors=1_000_000)
    return sum(count for count, (red, green, blue) in colours if red > 150 and green < 110 and blue < 110)


def test_a_red_seal_stands_over_the_signature_only_when_it_is_asked_for() -> None:
    def closed(words: str) -> Image.Image:
        paper = new_paper()
        paper.closing(signer="经办中心", day="2026年11月22日", seal_words=words)
        return rendered(paper.to_bytes())

    lower_right = (650, 250, 1190, 800)

    assert red_pixels(closed("专用章"), lower_right) > 3000
    assert red_pixels(closed(""), lower_right) == 0


def test_a_paper_without_a_code_has_none() -> None:
    paper = new_paper()
    paper.closing(signer="经办中心", day="2026年11月22日", seal_words="专用章")

    assert zxingcpp.read_barcodes(rendered(paper.to_bytes())) == []


def test_the_same_paper_is_the_same_bytes_and_another_moment_is_another_file() -> None:
    later = Paper("证明", issuer="经办中心", created=CREATED + timedelta(seconds=1))

    assert receipt().to_bytes() == receipt().to_bytes()
    assert later.to_bytes() != Paper("证明", issuer="经办中心", created=CREATED).to_bytes()
    paper = receipt()
    assert paper.to_bytes() == paper.to_bytes()


def test_the_file_tells_its_title_issuer_language_and_moment() -> None:
    data = receipt().to_bytes()

    with pypdfium2.PdfDocument(data) as document:
        told = document.get_metadata_dict()

    assert told["Title"] == "异地就医备案回执"
    assert told["Author"] == "安康市汉滨区医疗保险经办中心"
    assert told["CreationDate"].startswith("D:20261121163005")
    assert b"/Lang (zh-CN)" in data
    assert "2026-11-2200:30:05生成" in text_of(data), "the printed time is Chinese time"


def test_the_paper_brings_its_font_and_stays_small() -> None:
    data = receipt().to_bytes()

    assert b"WenQuanYiMicroHei" in data
    assert b"/FontFile2" in data
    assert len(data) < 150_000


def test_a_paper_is_made_while_a_person_waits() -> None:
    def seconds(make: Callable[[], bytes]) -> float:
        before = time.process_time()
        make()
        return time.process_time() - before

    assert min(seconds(lambda: receipt().to_bytes()) for _ in range(3)) < 0.3


def test_a_name_that_the_font_cannot_show_is_marked_and_its_number_given() -> None:
    paper = new_paper()
    paper.table([("姓名", "张㛃、王𬱖、李𠮷、赵㛃"), ("备注", "笑脸😀")])

    text = text_of(paper.to_bytes())

    assert "张□、王□、李□、赵□" in text
    assert "U+36C3、U+2CC56、U+20BB7、U+1F600" in text


def test_a_paper_without_rare_characters_has_no_note_about_them() -> None:
    assert "字库" not in text_of(receipt().to_bytes())


def test_control_characters_vanish_and_line_breaks_stay() -> None:
    paper = new_paper()
    paper.table([("备注", "第一行\r\n第\u200b二\x00行\t完\ufe0f")])

    assert "第一行第二行完" in text_of(paper.to_bytes())


def test_a_long_paper_goes_on_over_numbered_pages() -> None:
    paper = new_paper()
    paper.table([("说明", "\n".join(f"第{number}条规定的内容" for number in range(1, 101)))])
    for number in range(1, 31):
        paper.paragraph(f"第{number}段。" + "这一段说明办理的条件和需要的材料。" * 4)
    paper.table([(f"材料{number}", "身份证或社会保障卡") for number in range(1, 41)], columns=2)

    data = paper.to_bytes()
    text = text_of(data)
    pages = page_count(data)

    assert pages >= 4
    for number in range(1, pages + 1):
        assert f"第{number}页，共{pages}页" in text
    for number in range(1, 101):
        assert f"第{number}条规定的内容" in text
    assert all(f"材料{number}" in text for number in range(1, 41))
    assert text.count("异地就医备案回执") == pages, "each page says whose it is"


def test_nothing_is_written_outside_the_page() -> None:
    paper = new_paper("很长的标题" * 12)
    paper.table([("很长的标签很长的标签", "x" * 300), ("网址", CHECK * 5)], columns=2)
    paper.items(["y" * 200, "字" * 200])
    paper.closing(
        signer="很长的单位名称" * 5, day="2026年11月22日", seal_words="很长的印章文字" * 3, code="z" * 300
    )

    with pypdfium2.PdfDocument(paper.to_bytes()) as document:
        for page in document:
            texts = page.get_textpage()
            for index in range(texts.count_chars()):
                left, bottom, right, top = texts.get_charbox(index)
                assert 0 <= left <= right <= 595.3
                assert 0 <= bottom <= top <= 841.9


def test_an_empty_paper_is_a_paper() -> None:
    assert page_count(Paper("", issuer="", created=CREATED.astimezone(CHINA)).to_bytes()) == 1


@pytest.fixture(scope="module")
def whole() -> TTFont:
    """The whole font, as the library reads it that is in general use."""
    data = (files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc").read_bytes()
    return TTFont(io.BytesIO(data), fontNumber=0)


class TestFont:
    CHARACTERS = "医保备案回执，Ab1é（㎡①龘" + "".join(chr(code) for code in range(0x4E00, 0x4E80))

    def test_a_cut_font_draws_each_character_as_the_whole_one_does(self, whole: TTFont) -> None:
        cut = TTFont(io.BytesIO(paper_font().subset(self.CHARACTERS)), checkChecksums=2)
        cut_names, names = cut.getBestCmap(), whole.getBestCmap()

        assert sorted(cut_names) == sorted(set(map(ord, self.CHARACTERS)))
        for code, cut_name in cut_names.items():
            assert cut["hmtx"][cut_name] == whole["hmtx"][names[code]]
            drawn, original = (
                font["glyf"][name].getCoordinates(font["glyf"])
                for font, name in ((cut, cut_name), (whole, names[code]))
            )
            assert list(drawn[0]) == list(original[0])
            assert drawn[1:] == original[1:]

    def test_it_knows_what_it_has_and_how_wide_it_is(self, whole: TTFont) -> None:
        names = whole.getBestCmap()
        font = paper_font()

        for code in [*range(0x20, 0x3000, 7), *range(0x3000, 0xA000, 97), 0xFF08, 0x1F600, 0x2CC56, 0x10FFFF]:
            assert bool(font.glyph_of(chr(code))) == (code in names), hex(code)
            if code in names:
                assert font.width_of(chr(code)) == whole["hmtx"][names[code]][0] / whole["head"].unitsPerEm

    def test_it_is_small_and_the_same_whatever_the_order(self) -> None:
        assert paper_font().subset("医保") == paper_font().subset("保医保")
        assert len(paper_font().subset("医保")) < 10_000

    def test_characters_that_it_lacks_are_left_out(self) -> None:
        assert list(TTFont(io.BytesIO(paper_font().subset("医㛃"))).getBestCmap()) == [ord("医")]


def pages_of(data: bytes) -> list[str]:
    """The text of each page without line breaks."""
    with pypdfium2.PdfDocument(data) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return ["".join(page.split()) for page in pages]


def test_a_row_that_goes_on_over_a_page_bears_its_label_on_each() -> None:
    paper = new_paper()
    paper.table([("专家鉴定", "\n".join(f"第{number}条符合" for number in range(90)))])

    pages = pages_of(paper.to_bytes())

    assert len(pages) == 3
    assert ["专家鉴定（续）" in page for page in pages] == [False, True, True]
    written = "".join(pages)
    assert all(f"第{number}条符合" in written for number in range(90))


@pytest.mark.parametrize("lines", range(1, 45, 2))
def test_no_page_bears_seal_and_date_alone(lines: int) -> None:
    """However long the paper: the words that belong to the closing stand on its page."""
    paper = new_paper()
    paper.table([(f"第{number}行", "内容") for number in range(lines)])
    paper.paragraph("扫描二维码可以核对真伪。", with_closing=True)
    paper.closing(signer="安康市医疗保险经办中心", day="2026年11月22日", seal_words="专用章", code=CHECK)

    last = pages_of(paper.to_bytes())[-1]

    assert "扫描二维码可以核对真伪。" in last
    assert "2026年11月22日" in last
