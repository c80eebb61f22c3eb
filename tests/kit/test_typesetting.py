"""Chinese lines break as printers break them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.fonts import paper_font
from app.kit.typesetting import NOT_FIRST, NOT_LAST, Characters, broken_into_lines


def columns(text: str) -> float:
    """Width as on a terminal: Chinese two, Latin one."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("一二三四五六七", ["一二三四五", "六七"]),
        ("一二三四五，六七", ["一二三四", "五，六七"]),
        ("一二三四（五六）", ["一二三四", "（五六）"]),
        ("一二三“四五六”七", ["一二三“四", "五六”七"]),
        ("电话12393咨询", ["电话12393", "咨询"]),
        ("一二三12393咨询", ["一二三", "12393咨询"]),
        ("一二三四 abc def", ["一二三四", "abc def"]),
        ("abcdefghijklmnop", ["abcdefghij", "klmnop"]),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("一\n\n二", ["一", "", "二"]),
        ("\u3000\u3000一二三四", ["\u3000\u3000一二三", "四"]),
    ],
)
def test_where_a_line_of_ten_columns_breaks(text: str, lines: list[str]) -> None:
    assert broken_into_lines(text, 10, columns) == lines


CHINESE = st.text("医保备案回执，。（）“”《》：；、ab1 -", max_size=60)


@given(text=CHINESE, width=st.integers(2, 40))
def test_no_character_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = broken_into_lines(text, width, columns)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(columns(line) <= width for line in lines)


PHRASES = st.sampled_from(["医", "保备", "案，", "（回", "执）", "《保》", "备。”", "“案", "12", "a、"])


@given(phrases=st.lists(PHRASES, max_size=40), width=st.integers(10, 16))
def test_closing_marks_never_begin_and_opening_marks_never_end_a_line(phrases: list[str], width: int) -> None:
    lines = broken_into_lines("".join(phrases), width, columns)

    assert all(line[0] not in NOT_FIRST for line in lines[1:])
    assert all(line[-1] not in NOT_LAST for line in lines[:-1])


@pytest.mark.parametrize(
    ("text", "fitted", "lacking"),
    [
        ("王小明 12 ab", "王小明 12 ab", []),
        ("王㛃明㛃", "王□明□", ["㛃"]),
        (
            "王\ue123明\U000323b0",
            "王□明□",
            ["\ue123", "\U000323b0"],
        ),  # private use, and newer than our tables
        ("明\u202e王", "明王", []),
        ("①é㎡", "①é㎡", []),
        ("e\u0301", "é", []),
        ("𝐀", "A", []),
        ("a\u200bb\x07c\ufe0f", "abc", []),
        ("a\tb\r\nc\u2028d", "a b\nc\nd", []),
        ("", "", []),
    ],
)
def test_what_the_font_lacks_becomes_its_plain_form_or_a_box(
    text: str, fitted: str, lacking: list[str]
) -> None:
    characters = Characters(paper_font())

    assert characters.fitted(text) == fitted
    assert characters.lacking == lacking
    assert set(fitted) - {"\n"} <= characters.used


@given(st.text(max_size=40))
def test_any_text_at_all_can_be_printed(text: str) -> None:
    characters = Characters(paper_font())

    assert all(paper_font().glyph_of(character) for character in characters.fitted(text) if character != "\n")
