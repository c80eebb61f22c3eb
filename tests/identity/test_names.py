"""Names as on identity cards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.names import BAD_NAME, BadName, same_name, tidy_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王明", "王明"),
        ("  欧阳建国 ", "欧阳建国"),
        ("王 小 明", "王小明"),
        ("买买提·艾力", "买买提·艾力"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 ・ 艾力", "买买提·艾力"),
        ("阿卜杜拉．艾力·买买提", "阿卜杜拉·艾力·买买提"),
        ("张㛃", "张㛃"),
        ("李𬱖", "李𬱖"),
        ("王\U000309b5", "王\U000309b5"),
        ("刘\ufa0c", "刘\ufa0c"),
        ("〇小明", "〇小明"),
        ("Anna  Maria O’Neil", "Anna Maria O'Neil"),
        ("MÜLLER, JÜRGEN", "MÜLLER, JÜRGEN"),
        ("J. R. Smith Jr.", "J. R. Smith Jr."),
        ("Ｊｏｈｎ Ｓｍｉｔｈ", "John Smith"),
        ("Jean-Luc", "Jean-Luc"),
        ("王" * 50, "王" * 50),
    ],
)
def test_a_name_is_brought_to_its_one_form(typed: str, name: str) -> None:
    assert tidy_name(typed) == name
    assert tidy_name(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "王",
        "·",
        "·王明",
        "王明·",
        "王··明",
        "王1明",
        "王明123",
        "王明！",
        "王明😀",
        "王A明",
        "<b>王明</b>",
        "先生\u202e",
        "A",
        "--",
        "王" * 51,
        "a" * 51,
        "\u0633\u0644\u0627\u0645",
    ],
)
def test_what_is_no_name_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(BadName) as raised:
        tidy_name(typed)
    assert str(raised.value) == BAD_NAME.en


def test_capital_letters_do_not_make_another_name() -> None:
    assert same_name("JOHN SMITH", "John Smith")
    assert not same_name("王小明", "王晓明")


@given(st.text(max_size=60))
def test_any_text_at_all_is_a_name_or_refused(typed: str) -> None:
    try:
        name = tidy_name(typed)
    except BadName:
        return
    assert 2 <= len(name) <= 50
    assert tidy_name(name) == name
