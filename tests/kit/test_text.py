"""A sentence in two languages, and the language that the reader asked for."""

import pytest

from app.kit.api.context import pick_language
from app.kit.api.problems import flatten
from app.kit.errors import define
from app.kit.text import EN, ZH, Text, localize


def test_a_text_is_its_chinese_and_carries_its_english_through_formatting() -> None:
    text = Text("还缺 {count} 份：{names}", "{count} missing: {names}")
    filled = text.format(count=2, names=Text("身份证", "ID card"))
    assert filled == "还缺 2 份：身份证"
    assert filled.in_language(EN) == "2 missing: ID card"
    assert filled.in_language(ZH) == "还缺 2 份：身份证"


def test_texts_deep_inside_are_put_into_one_language() -> None:
    nested = {"a": [Text("甲", "A"), {"b": Text("乙", "B")}], "n": 3}
    assert localize(nested, EN) == {"a": ["A", {"b": "B"}], "n": 3}
    assert localize(nested, ZH) == {"a": ["甲", {"b": "乙"}], "n": 3}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, ZH),
        ("", ZH),
        ("en", EN),
        ("en-GB,en;q=0.9", EN),
        ("zh-CN,zh;q=0.9,en;q=0.8", ZH),
        ("en;q=0.5,zh;q=0.9", ZH),
        ("de,fr", ZH),
        ("en;q=x", ZH),
        ("*", ZH),
    ],
)
def test_chinese_unless_english_is_preferred(header: str | None, language: str) -> None:
    assert pick_language(header) == language


def test_a_code_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        define("not_found", 404, "没有。", "None.")


def test_validation_messages_keep_the_path_of_their_field() -> None:
    messages = {"json": {"items": {0: {"text": ["短"]}}, "_schema": ["错"], "a": "单个"}}
    assert flatten(messages) == {"items.0.text": ["短"], "_schema": ["错"], "a": ["单个"]}
    assert flatten({"_schema": ["错"]}) == {"_schema": ["错"]}
