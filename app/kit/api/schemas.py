"""The base of all request and answer schemas, with messages for people.

Requests refuse unknown fields; answers ignore what the schema does not name. Schema objects are made once, by the
decorators that use them.
"""

import re
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.kit.text import Text

REQUIRED = Text("这一项必须填写。", "This entry is required.")
NULL = Text("这一项不能为空。", "This entry cannot be empty.")
WRONG_TYPE = Text("这一项的格式不对。", "This entry has the wrong type.")
UNKNOWN = Text("没有这一项，请去掉。", "There is no such entry; remove it.")

_MESSAGES: dict[type[fields.Field[Any]], dict[str, Text]] = {
    fields.Field: {"required": REQUIRED, "null": NULL, "validator_failed": WRONG_TYPE},
    fields.String: {
        "invalid": Text("这一项应为文字。", "This must be text."),
        "invalid_utf8": Text("这一项含有无法识别的字符。", "This holds characters that cannot be read."),
    },
    fields.Integer: {"invalid": Text("这一项应为整数。", "This must be a whole number.")},
    fields.Number: {
        "invalid": Text("这一项应为数字。", "This must be a number."),
        "too_large": Text("数字太大。", "The number is too large."),
    },
    fields.Boolean: {"invalid": Text("这一项只能填“是”或“否”。", "This must be true or false.")},
    fields.UUID: {"invalid_uuid": Text("编号格式不对。", "This is not a valid identifier.")},
    fields.DateTime: {
        "invalid": Text(
            "时间格式不对，例如 2026-01-31T09:30:00+08:00。",
            "Not a valid time, e.g. 2026-01-31T09:30:00+08:00.",
        ),
        "invalid_awareness": Text("时间要带时区，例如 +08:00。", "A time needs its offset, e.g. +08:00."),
        "format": WRONG_TYPE,
    },
    fields.Date: {
        "invalid": Text(
            "日期不存在或格式不对，例如 2026-01-31。", "Not a date that exists, e.g. 2026-01-31."
        ),
        "format": WRONG_TYPE,
    },
    fields.List: {"invalid": Text("这一项应为列表。", "This must be a list.")},
    fields.Nested: {"type": WRONG_TYPE},
    fields.Mapping: {"invalid": WRONG_TYPE},
    fields.Enum: {
        "unknown": Text("只能选择：{choices}。", "Must be one of: {choices}."),
        "must_be_one_of": Text("只能选择：{choices}。", "Must be one of: {choices}."),
    },
}


def use_our_messages() -> None:
    """Give marshmallow's fields messages in Chinese and English. Called once, when this module is imported."""
    for field_class, messages in _MESSAGES.items():
        field_class.default_error_messages = {**field_class.default_error_messages, **messages}


use_our_messages()


class RequestSchema(ma.Schema):
    """Of what comes in: unknown fields are refused by name."""

    error_messages = {"unknown": UNKNOWN, "type": WRONG_TYPE}  # noqa: RUF012 - marshmallow's own attribute

    class Meta:
        unknown = ma.RAISE
        ordered = True


class AnswerSchema(ma.Schema):
    """Of what goes out."""

    class Meta:
        unknown = ma.EXCLUDE
        ordered = True


class ProblemSchema(AnswerSchema):
    """RFC 9457 problem document, with a stable code."""

    type = fields.String(required=True, metadata={"description": "Where this kind of problem is described"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(
        required=True, metadata={"description": "What happened and what to do now, for people"}
    )
    code = fields.String(required=True, metadata={"description": "Stable code, listed in docs/errors.md"})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        metadata={"description": "Field → messages; nested for nested fields"},
    )
    available_actions = fields.List(
        fields.String(), metadata={"description": "On a state conflict: what is possible"}
    )
    request_id = fields.String(metadata={"description": "To quote when asking for help"})


class Length(validate.Length):
    """Length with messages for people."""

    message_min = Text("至少 {min} 个字。", "At least {min} characters.")
    message_max = Text("最多 {max} 个字。", "At most {max} characters.")
    message_all = Text("应为 {min} 到 {max} 个字。", "Between {min} and {max} characters.")
    message_equal = Text("应为 {equal} 个字。", "Exactly {equal} characters.")


class ListLength(validate.Length):
    """Number of entries of a list."""

    message_min = Text("至少 {min} 项。", "At least {min} entries.")
    message_max = Text("最多 {max} 项。", "At most {max} entries.")
    message_all = Text("应为 {min} 到 {max} 项。", "Between {min} and {max} entries.")
    message_equal = Text("应为 {equal} 项。", "Exactly {equal} entries.")


class BoundedList(fields.List[Any]):
    """A list whose ListLength is looked at before its entries: a million of them are not read to be refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list):
            for validator in self.validators:
                if isinstance(validator, ListLength):
                    validator(value)
        return super()._deserialize(value, attr, data, **kwargs)


class Range(validate.Range):
    """Range with messages for people. (marshmallow formats these twice, so the braces are doubled.)"""

    message_min = Text("不能小于 {{min}}。", "Not below {{min}}.")
    message_max = Text("不能大于 {{max}}。", "Not above {{max}}.")
    message_all = Text("应在 {{min}} 到 {{max}} 之间。", "Between {{min}} and {{max}}.")


class OneOf(validate.OneOf):
    """A choice with a message for people."""

    default_message = Text("只能选择：{choices}。", "Must be one of: {choices}.")


class Regexp(validate.Regexp):
    """A pattern with a message that says what is expected."""

    def __init__(self, regex: str, expected: Text) -> None:
        super().__init__(regex, error=expected)


_CONTROL = r"\u0000-\u0008\u000b-\u001f\u007f"
_BLANK = r"\t\n \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

_UNREADABLE = re.compile(rf"[{_CONTROL}\ud800-\udfff]")


def _pattern_of_text(least: int) -> str:
    """What CleanString takes, as a pattern for the document: at least ``least`` characters after trimming."""
    if least == 0:
        return f"^[^{_CONTROL}]*$"
    if least == 1:
        return f"^[^{_CONTROL}]*[^{_CONTROL}{_BLANK}][^{_CONTROL}]*$"
    inner = f"[^{_CONTROL}]{{{least - 2},}}"
    return f"^[{_BLANK}]*[^{_CONTROL}{_BLANK}]{inner}[^{_CONTROL}{_BLANK}][{_BLANK}]*$"


class CleanString(fields.String):
    """Text as people type it: trimmed, without control characters or lone surrogates."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not any(isinstance(validator, validate.Regexp | validate.OneOf) for validator in self.validators):
            lengths = [one for one in self.validators if isinstance(one, validate.Length)]
            least = max((one.min or one.equal or 0 for one in lengths), default=0)
            self.metadata = {"pattern": _pattern_of_text(least), **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is None:
            raise self.make_error("null")
        if _UNREADABLE.search(text):
            raise self.make_error("invalid_utf8")
        return text.strip()


class StrictInteger(fields.Integer):
    """A JSON whole number: no text, no fraction, no boolean. 3.0 is whole, as JSON Schema says."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | str):
            raise self.make_error("invalid", input=value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        result = super()._validated(value)
        if result is None:
            raise self.make_error("null")
        return result


class StrictBoolean(fields.Boolean):
    """JSON true or false and nothing that resembles them."""

    truthy = {True}  # noqa: RUF012 - marshmallow's own attribute
    falsy = {False}  # noqa: RUF012 - marshmallow's own attribute

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value
