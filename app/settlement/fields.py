"""The fields of the national transactions: declared once, read with all problems at once, described in OpenAPI.

A transaction says what its ``input`` holds:

    INPUT = Fields(
        Field("psn_no", Words(30), required=True),
        Field("medfee_sumamt", Yuan(), required=True),
        Field("feedetail", Rows(Fields(Field("cnt", Decimals()), …), most=500)),
    )

and gets a mapping with every name: the value, or None where nothing came. Terminals differ in their habits, so amounts
and quantities may be JSON numbers or text, codes text or whole numbers, and null or an empty text is nothing at all.

Money: yuan with at most two decimals outside, whole fen inside; quantities and prices with at most four decimals
outside, whole ten-thousandths inside; zeros beyond these do no harm. Both are read from the digits as they were sent
(``parsing.Digits``) and never become a float on their way in. Out they go as ``yuan_number(fen)``: a JSON number whose
shortest form is exactly the amount (1230 fen → 12.3), which holds for every amount below 10^13 yuan.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol

from app.kit import clock
from app.kit.text import Text, shown_name
from app.settlement.parsing import Digits, Repeated

MAX_FEN: Final = 9_999_999_999
"""99,999,999.99 yuan."""

_UNREADABLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\ud800-\udfff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})", re.ASCII)
_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
# Zeros beyond the last decimal change nothing: systems that keep four decimals send 12.3000 yuan.
_AMOUNT = r"(0|[1-9]\d{0,7})(?:\.(\d{1,%d})0*)?"
_YEARS: Final = range(1900, 2200)
"""Of times. In another zone or a second later, the first and the last that there are would be no times any more."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: its dotted path in the message, a stable code, and what to do.

    Of an unknown field the name is what somebody sent, which may be anything: it is kept cut, and without what cannot
    be printed.
    """

    field: str
    code: str
    message: Text

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", shown_name(self.field))


class BadValue(ValueError):  # noqa: N818 - what it is; it never crosses the edge
    """The value cannot be read. It is not kept: it may be personal."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code)
        self.code, self.message = code, message


class Kind(Protocol):
    """What a field holds."""

    def read(self, value: Any) -> Any:
        """The value as the product has it. Raises BadValue."""
        ...

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """Text, trimmed. A whole number is taken as its digits; leading zeros that a terminal lost are not guessed."""

    most: int

    def read(self, value: Any) -> str:
        text = _text(value)
        if len(text) > self.most:
            raise BadValue("too_long", _TOO_LONG.format(most=self.most))
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer", "null"], "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a dictionary's codes."""

    codes: tuple[str, ...]

    def read(self, value: Any) -> str:
        text = _text(value)
        if text not in self.codes:
            raise BadValue("not_a_choice", _CHOICE.format(choices="、".join(self.codes)))
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer", "null"], "description": f"One of {', '.join(self.codes)}"}


@dataclass(frozen=True, slots=True)
class ReadPast:
    """Whatever it is, it is not looked at: nothing rests on it, so no bill is refused for the way it is written."""

    def read(self, value: Any) -> None:
        """Nothing."""

    def schema(self) -> dict[str, Any]:
        return {"description": "Read past"}


@dataclass(frozen=True, slots=True)
class Flag:
    """ "0" or "1", as text or number; true and false are taken too."""

    def read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        text = _text(value)
        if text not in {"0", "1"}:
            raise BadValue("not_a_choice", _CHOICE.format(choices="0、1"))
        return text == "1"

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer", "boolean", "null"], "description": "0 or 1"}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day in China, yyyy-MM-dd."""

    def read(self, value: Any) -> date:
        text = _text(value)
        if not _DAY.fullmatch(text):
            raise BadValue("not_a_day", _NOT_A_DAY)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise BadValue("not_a_day", _NOT_A_DAY) from None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "description": "yyyy-MM-dd"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in China as the platform writes it (yyyy-MM-dd HH:mm:ss), or RFC 3339 with an offset."""

    def read(self, value: Any) -> datetime:
        text = _text(value)
        platform = _MOMENT.fullmatch(text)
        if platform is None and not _RFC_3339.fullmatch(text):
            raise BadValue("not_a_time", _NOT_A_TIME)
        try:
            found = datetime.fromisoformat(text.upper())
        except ValueError:
            raise BadValue("not_a_time", _NOT_A_TIME) from None
        if found.year not in _YEARS:
            raise BadValue("not_a_time", _NOT_A_TIME)
        return found.replace(tzinfo=clock.CHINA) if platform is not None else found

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "description": "yyyy-MM-dd HH:mm:ss, or RFC 3339"}


@dataclass(frozen=True, slots=True)
class Decimals:
    """A number that is not negative, with at most ``places`` decimals, as whole units of its last place.

    Digits and one point: no exponent, no sign, no thousands. 0 to 99,999,999.
    """

    places: int = 4

    def read(self, value: Any) -> int:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        found = None
        if isinstance(text, str):
            found = re.fullmatch(_AMOUNT % self.places, text.strip(), re.ASCII)
        if found is None:
            raise BadValue("not_a_number", _NOT_A_NUMBER.format(places=self.places))
        whole, fraction = found.groups()
        scale: int = 10**self.places
        return int(whole) * scale + int((fraction or "0").ljust(self.places, "0"))

    def schema(self) -> dict[str, Any]:
        return {
            "type": ["number", "string", "null"],
            "minimum": 0,
            "description": f"At most {self.places} decimals, no exponent",
        }


@dataclass(frozen=True, slots=True)
class Count:
    """How many: a whole number, as text or number."""

    def read(self, value: Any) -> int:
        text = _text(value)
        if not _COUNT.fullmatch(text):
            raise BadValue("not_a_count", _NOT_A_COUNT)
        return int(text)

    def schema(self) -> dict[str, Any]:
        return {"type": ["integer", "string", "null"], "minimum": 0}


class Yuan(Decimals):
    """An amount in yuan with at most two decimals, as whole fen; at most 99,999,999.99."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(places=2)

    def read(self, value: Any) -> int:
        try:
            return super().read(value)
        except BadValue:
            raise BadValue("not_an_amount", _NOT_AN_AMOUNT) from None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message. ``about``: what it means, where the name alone does not say it."""

    name: str
    kind: "Kind | Rows"
    required: bool = False
    about: str = ""


class Fields:
    """The fields of an object. Immutable; made once, when a module is imported."""

    def __init__(self, *fields: Field) -> None:
        self.by_name: Mapping[str, Field] = {field.name: field for field in fields}
        if len(self.by_name) != len(fields):
            raise ValueError("a field is declared twice")
        self.lists = frozenset(field.name for field in fields if isinstance(field.kind, Rows))

    def read(self, given: Mapping[str, Any], path: str, problems: list[FieldProblem]) -> dict[str, Any]:
        """Every declared name with its value or None. What is wrong is added to ``problems``, all of it."""
        problems.extend(repeats(given, path))
        return self.read_placed(
            {name: (f"{path}{name}", value) for name, value in given.items()}, path, problems
        )

    def read_placed(
        self, given: Mapping[str, tuple[str, Any]], path: str, problems: list[FieldProblem]
    ) -> dict[str, Any]:
        """The same of values that bear their own paths. path: where a field that is missing belongs."""
        problems.extend(
            FieldProblem(place, "unknown", _UNKNOWN)
            for name, (place, _) in given.items()
            if name not in self.by_name
        )
        found: dict[str, Any] = {}
        for name, field in self.by_name.items():
            place, value = given.get(name, (f"{path}{name}", None))
            found[name] = None
            if _is_nothing(value):
                if field.required:
                    problems.append(FieldProblem(place, "required", _REQUIRED))
            elif isinstance(field.kind, Rows):
                found[name] = field.kind.read_rows(value, place, problems)
            else:
                try:
                    found[name] = field.kind.read(value)
                except BadValue as error:
                    problems.append(FieldProblem(place, error.code, error.message))
        return found

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the object, with the lists."""
        properties: dict[str, Any] = {}
        for field in self.by_name.values():
            shape = field.kind.schema()
            words = [one for one in (field.about, shape.get("description", "")) if one]
            properties[field.name] = {**shape, **({"description": ". ".join(words)} if words else {})}
        required = [field.name for field in self.by_name.values() if field.required]
        shape = {"type": "object", "additionalProperties": False, "properties": properties}
        return {**shape, "required": required} if required else shape


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects, at most ``most``: a longer one is refused before its rows are read. ``beyond``: what to do then,
    where sending it in parts will not do."""

    fields: Fields
    most: int
    beyond: Text | None = None

    def read_rows(
        self, value: Any, path: str, problems: list[FieldProblem]
    ) -> tuple[dict[str, Any], ...] | None:
        if not isinstance(value, list):
            problems.append(FieldProblem(path, "not_a_list", _NOT_A_LIST))
            return None
        if len(value) > self.most:
            problems.append(FieldProblem(path, "too_many", (self.beyond or _TOO_MANY).format(most=self.most)))
            return None
        found = []
        for place, row in enumerate(value):
            where = f"{path}.{place}"
            if isinstance(row, dict):
                found.append(self.fields.read(row, f"{where}.", problems))
            else:
                problems.append(FieldProblem(where, "not_an_object", NOT_AN_OBJECT))
        return tuple(found)

    def schema(self) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": self.fields.schema(), "maxItems": self.most}


def yuan_number(fen: int) -> float:
    """An amount as it goes out: fen as a JSON number of yuan, with no float's error to be seen."""
    return fen / 100


def platform_time(moment: datetime) -> str:
    """A time as it goes out: China's, yyyy-MM-dd HH:mm:ss."""
    return f"{moment.astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}"


def repeats(given: Mapping[str, Any], path: str) -> list[FieldProblem]:
    """The names that stand in a JSON object more than once: which of the values was meant is not for us to guess."""
    names = given.names if isinstance(given, Repeated) else ()
    return [FieldProblem(f"{path}{name}", "twice", TWICE) for name in names]


def missing(field: str) -> FieldProblem:
    """A field that this message needs though others do not."""
    return FieldProblem(field, "required", _REQUIRED)


def one_by_one(problems: Sequence[FieldProblem], most: int) -> Text:
    """The first ``most`` problems in one line: field, colon, what to do."""
    shown = problems[:most]
    zh = "；".join(f"{one.field}：{one.message.zh.rstrip('。')}" for one in shown)
    en = "; ".join(f"{one.field}: {one.message.en.rstrip('.')}" for one in shown)
    return Text(zh + ("……" if len(problems) > most else ""), en + (" …" if len(problems) > most else ""))


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or isinstance(value, Digits):
        raise BadValue("not_text", _NOT_TEXT)
    if _UNREADABLE.search(value):
        raise BadValue("unreadable", _NO_CHARACTERS)
    return value.strip()


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


NOT_AN_OBJECT = Text('应为对象，例如 {"psn_no": "…"}。', 'This must be an object, such as {"psn_no": "…"}.')
TWICE = Text("同一字段出现了两次，请只保留一处。", "This field is there twice; keep one of them.")
_UNKNOWN = Text("没有这个字段，请去掉。", "There is no such field; remove it.")
_REQUIRED = Text("必须填写。", "This field is required.")
_TOO_LONG = Text("最多 {most} 个字符。", "At most {most} characters.")
_TOO_MANY = Text("最多 {most} 行，请分次发送。", "At most {most} rows; send them in parts.")
_CHOICE = Text("只能是：{choices}。", "Must be one of: {choices}.")
_NOT_TEXT = Text("应为文字。", "This must be text.")
_NO_CHARACTERS = Text("含有无法识别的字符。", "This holds characters that cannot be read.")
_NOT_A_LIST = Text("应为列表。", "This must be a list.")
_NOT_A_DAY = Text("应为存在的日期，例如 2026-01-31。", "Must be a date that exists, such as 2026-01-31.")
_NOT_A_TIME = Text(
    "应为存在的时间，例如 2026-01-31 09:30:00。", "Must be a time that exists, such as 2026-01-31 09:30:00."
)
_NOT_A_COUNT = Text("应为不带小数的个数，例如 12。", "Must be a whole number, such as 12.")
_NOT_A_NUMBER = Text(
    "应为不带正负号和指数的数字，最多 {places} 位小数，例如 12.5。",
    "Must be a number without sign and exponent, at most {places} decimals, such as 12.5.",
)
_NOT_AN_AMOUNT = Text(
    "应为以元为单位的金额，不能为负，最多两位小数，不超过 99999999.99，例如 12.30。",
    "Must be an amount in yuan, not negative, at most two decimals and 99999999.99, such as 12.30.",
)
