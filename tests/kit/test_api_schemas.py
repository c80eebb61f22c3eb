"""What comes in: text as people type it, whole numbers, true and false; and messages in two languages."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from app.kit.api.schemas import (
    AnswerSchema,
    CleanString,
    Length,
    ListLength,
    OneOf,
    Range,
    Regexp,
    RequestSchema,
    StrictBoolean,
    StrictInteger,
)
from app.kit.text import EN, Text, localize


class Form(RequestSchema):
    word = CleanString(validate=Length(min=2, max=10))
    note = CleanString(validate=Length(max=10))
    count = StrictInteger(validate=Range(min=1, max=5))
    least = StrictInteger(validate=Range(min=1))
    yes = StrictBoolean()
    kind = CleanString(validate=OneOf(["a", "b"]))
    code = CleanString(validate=Regexp(r"^\d{2}$", Text("两位数字。", "Two digits.")))
    items = fields.List(fields.Integer(), validate=ListLength(max=2))
    day = fields.Date()
    at = fields.AwareDateTime()
    who = fields.UUID()
    must = fields.String(required=True)


def load(field: str, value: object) -> Any:
    return Form(partial=True).load({field: value})[field]


def messages(field: str, value: object) -> list[Any]:
    with pytest.raises(ValidationError) as refused:
        Form(partial=True).load({field: value})
    found = refused.value.normalized_messages()
    assert set(found) == {field}
    return list(found[field]) if isinstance(found[field], list) else [found[field]]


@pytest.mark.parametrize(
    ("field", "value", "taken"),
    [
        ("word", "  王小明 \n", "王小明"),
        ("word", "\u3000全角空格\u3000", "全角空格"),
        ("note", "", ""),
        ("note", "a\tb\nc", "a\tb\nc"),
        ("count", 3, 3),
        ("count", 3.0, 3),
        ("yes", True, True),
        ("kind", "a", "a"),
        ("code", "61", "61"),
    ],
)
def test_what_is_taken(field: str, value: object, taken: object) -> None:
    found = load(field, value)
    assert found == taken
    assert type(found) is type(taken)


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        ("word", " a ", "应为 2 到 10 个字。", "Between 2 and 10 characters."),
        ("word", "x" * 11, "应为 2 到 10 个字。", "Between 2 and 10 characters."),
        ("note", "x" * 11, "最多 10 个字。", "At most 10 characters."),
        ("note", "a\x00b", "这一项含有无法识别的字符。", "This holds characters that cannot be read."),
        ("note", "a\ud800b", "这一项含有无法识别的字符。", "This holds characters that cannot be read."),
        ("note", 5, "这一项应为文字。", "This must be text."),
        ("note", None, "这一项不能为空。", "This entry cannot be empty."),
        ("count", 0, "应在 1 到 5 之间。", "Between 1 and 5."),
        ("least", 0, "不能小于 1。", "Not below 1."),
        ("count", "3", "这一项应为整数。", "This must be a whole number."),
        ("count", 3.5, "这一项应为整数。", "This must be a whole number."),
        ("count", True, "这一项应为整数。", "This must be a whole number."),
        ("count", float("inf"), "这一项应为整数。", "This must be a whole number."),
        ("yes", 1, "这一项只能填“是”或“否”。", "This must be true or false."),
        ("yes", "true", "这一项只能填“是”或“否”。", "This must be true or false."),
        ("kind", "c", "只能选择：a, b。", "Must be one of: a, b."),
        ("code", "6x", "两位数字。", "Two digits."),
        ("items", [1, 2, 3], "最多 2 项。", "At most 2 entries."),
        ("items", "1", "这一项应为列表。", "This must be a list."),
        (
            "day",
            "2026-02-30",
            "日期不存在或格式不对，例如 2026-01-31。",
            "Not a date that exists, e.g. 2026-01-31.",
        ),
        ("at", "2026-02-03T10:00:00", "时间要带时区，例如 +08:00。", "A time needs its offset, e.g. +08:00."),
        ("who", "12", "编号格式不对。", "This is not a valid identifier."),
        ("nowhere", 1, "没有这一项，请去掉。", "There is no such entry; remove it."),
    ],
)
def test_each_refusal_is_a_sentence_in_both_languages(field: str, value: object, zh: str, en: str) -> None:
    found = messages(field, value)

    assert [str(message) for message in found] == [zh]
    assert localize(found, EN) == [en]


def test_what_is_required_is_asked_for() -> None:
    with pytest.raises(ValidationError) as refused:
        Form().load({})
    assert refused.value.messages == {"must": ["这一项必须填写。"]}


def test_what_is_not_a_form_at_all_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        Form().load([])  # type: ignore[arg-type]
    assert refused.value.messages == {"_schema": ["这一项的格式不对。"]}


def test_an_answer_leaves_out_what_its_schema_does_not_name() -> None:
    class Answer(AnswerSchema):
        shown = fields.String()

    assert Answer().dump({"shown": "a", "secret": "b"}) == {"shown": "a"}
    assert Answer().load({"shown": "a", "secret": "b"}) == {"shown": "a"}


TYPED = st.text(
    st.one_of(
        st.sampled_from(" \t\n\u3000\u00a0\u2003\u0085\x00\x07\x0b\x0c\r\x1f\x7f"),
        st.characters(codec="utf-8"),
    ),
    max_size=8,
)


@pytest.mark.parametrize("least", [0, 1, 2, 4])
@given(text=TYPED)
def test_the_pattern_in_the_document_says_what_is_taken(least: int, text: str) -> None:
    """A client that checks by the document sends nothing that is refused, and is kept from nothing that is taken."""

    class Entry(Schema):
        text = CleanString(validate=Length(min=least, max=100) if least else Length(max=100))

    pattern = Entry().fields["text"].metadata["pattern"]
    allowed = re.compile(pattern).fullmatch(text) is not None
    try:
        taken = Entry().load({"text": text})["text"]
    except ValidationError:
        assert not allowed
    else:
        assert allowed
        assert len(taken) >= least
        assert taken == taken.strip()


def test_a_field_with_a_pattern_of_its_own_keeps_it() -> None:
    assert "pattern" not in Form().fields["code"].metadata
    assert "pattern" not in Form().fields["kind"].metadata


@given(st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=5)))
def test_a_whole_number_is_what_json_schema_calls_one(value: object) -> None:
    """3.0 is an integer there; true, "3" and 3.5 are not."""
    whole = not isinstance(value, bool) and (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    )
    try:
        found = Schema.from_dict({"n": StrictInteger()})().load({"n": value})["n"]
    except ValidationError:
        assert not whole
    else:
        assert whole
        assert isinstance(found, int)
        assert json.dumps(found) == str(int(value))  # type: ignore[call-overload]
