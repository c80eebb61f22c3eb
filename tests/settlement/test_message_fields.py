"""What a message's fields hold, over many terminals' habits; everything wrong is named at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settlement.fields import (
    MAX_FEN,
    Day,
    Decimals,
    Field,
    FieldProblem,
    Fields,
    Flag,
    Kind,
    Moment,
    OneOf,
    ReadPast,
    Rows,
    Words,
    Yuan,
    yuan_number,
)
from app.settlement.parsing import Digits


def read(kind: Kind, value: object) -> Any:
    """(value, code of what is wrong)."""
    problems: list[FieldProblem] = []
    found = Fields(Field("it", kind)).read({"it": value}, "", problems)
    return problems[0].code if problems else found["it"]


@pytest.mark.parametrize(
    ("sent", "fen"),
    [
        (12, 1200),
        (0, 0),
        ("0", 0),
        ("12", 1200),
        ("12.3", 1230),
        ("12.30", 1230),
        ("12.3000", 1230),
        ("12." + "0" * 50, 1200),
        (Digits("12.3000"), 1230),
        (" 12.30 ", 1230),
        (Digits("12.3"), 1230),
        (Digits("0.07"), 7),
        ("99999999.99", MAX_FEN),
        (Digits("99999999.99"), MAX_FEN),
    ],
)
def test_an_amount_may_be_a_number_or_text(sent: object, fen: int) -> None:
    assert read(Yuan(), sent) == fen


@pytest.mark.parametrize(
    "sent",
    [
        "12.345",
        "12.3050",
        Digits("12.345"),
        "-1",
        -1,
        "+1",
        Digits("-0.5"),
        "1e2",
        Digits("1e2"),
        Digits("1.5E1"),
        "1,200",
        "100000000",
        100_000_000,
        "012.30",
        ".5",
        "5.",
        "１２",
        "十二",
        "12.30元",
        True,
        [],
        {},
        10**400,
    ],
)
def test_what_could_be_another_amount_is_refused(sent: object) -> None:
    assert read(Yuan(), sent) == "not_an_amount"


@given(st.integers(0, MAX_FEN))
def test_an_amount_goes_out_as_it_came_in(fen: int) -> None:
    """As a JSON number, too: its shortest text is the amount."""
    shown = repr(yuan_number(fen))
    assert read(Yuan(), Digits(shown)) == fen if "." in shown else read(Yuan(), int(shown)) == fen
    assert read(Yuan(), f"{fen // 100}.{fen % 100:02d}") == fen


def test_quantities_and_prices_have_four_decimals() -> None:
    assert read(Decimals(), "1.2345") == 12345
    assert read(Decimals(), 3) == 30000
    assert read(Decimals(), Digits("0.0001")) == 1
    assert read(Decimals(), "1.23450") == 12345
    assert read(Decimals(), "1.23456") == "not_a_number"


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("11", "11"),
        (11, "11"),
        (" 11 ", "11"),
        ("12", "not_a_choice"),
        (True, "not_text"),
        (Digits("11.0"), "not_text"),
    ],
)
def test_a_dictionary_s_code_may_be_text_or_a_whole_number(sent: object, found: str) -> None:
    assert read(OneOf(("11", "01")), sent) == found


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("1", True),
        (1, True),
        (True, True),
        ("0", False),
        (0, False),
        (False, False),
        ("2", "not_a_choice"),
        ("是", "not_a_choice"),
    ],
)
def test_a_flag(sent: object, found: object) -> None:
    assert read(Flag(), sent) == found


def test_a_day_must_exist() -> None:
    assert read(Day(), "2024-02-29") == date(2024, 2, 29)
    for sent in ("2025-02-29", "20250228", "2025-2-8", "2025-02-28 10:00:00", 20250228):
        assert read(Day(), sent) == "not_a_day"


@pytest.mark.parametrize("sent", ["2026-03-01 08:30:00", "2026-03-01T08:30:00+08:00", "2026-03-01t00:30:00z"])
def test_a_time_is_china_s_or_bears_its_offset(sent: str) -> None:
    assert read(Moment(), sent) == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
    assert read(Moment(), sent).utcoffset() is not None


@pytest.mark.parametrize(
    "sent",
    [
        "2026-03-01",
        "2026-03-01T08:30:00",
        "2026-13-01 08:30:00",
        "2026-03-01 24:30:00",
        "20260301083000",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31 23:59:59",
    ],
)
def test_a_time_that_could_be_another_is_refused(sent: str) -> None:
    assert read(Moment(), sent) == "not_a_time"


@pytest.mark.parametrize("kind", [Words(5), Yuan(), Day(), Moment(), Flag(), OneOf(("1",)), Decimals()])
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_null_and_an_empty_text_are_nothing(kind: Kind, nothing: object) -> None:
    problems: list[FieldProblem] = []
    assert Fields(Field("it", kind)).read({"it": nothing}, "", problems) == {"it": None}
    assert problems == []
    Fields(Field("it", kind, required=True)).read({"it": nothing}, "", problems)
    assert [(one.field, one.code) for one in problems] == [("it", "required")]


def test_text_is_trimmed_bounded_and_readable() -> None:
    assert read(Words(5), " 张三 ") == "张三"
    assert read(Words(5), 610900) == "too_long"
    assert read(Words(6), 610900) == "610900"
    assert read(Words(5), "a\x00b") == "unreadable"
    assert read(Words(5), "\ud800") == "unreadable"
    assert read(Words(5), ["张三"]) == "not_text"


LINES = Fields(
    Field("no", Words(10), required=True),
    Field("lines", Rows(Fields(Field("sn", Words(3), required=True), Field("amt", Yuan())), most=3)),
)


def test_everything_wrong_is_named_at_once_with_its_place() -> None:
    problems: list[FieldProblem] = []
    sent = {
        "lines": [{"sn": "1", "amt": "1"}, {"amt": "-1", "price": 2}, "oops"],
        "nox": 1,
    }
    found = LINES.read(sent, "input.", problems)
    assert {(one.field, one.code) for one in problems} == {
        ("input.nox", "unknown"),
        ("input.no", "required"),
        ("input.lines.1.price", "unknown"),
        ("input.lines.1.sn", "required"),
        ("input.lines.1.amt", "not_an_amount"),
        ("input.lines.2", "not_an_object"),
    }
    assert found["lines"][0] == {"sn": "1", "amt": 100}


def test_a_list_that_is_too_long_is_not_read() -> None:
    problems: list[FieldProblem] = []
    LINES.read({"no": "1", "lines": [{}] * 4}, "", problems)
    assert [(one.field, one.code) for one in problems] == [("lines", "too_many")]
    problems.clear()
    LINES.read({"no": "1", "lines": {"sn": 1}}, "", problems)
    assert [(one.field, one.code) for one in problems] == [("lines", "not_a_list")]


def test_what_is_read_past_may_be_anything() -> None:
    for sent in (1, Digits("1.0"), "20260101120000", {"a": []}, "长" * 10_000, "\ud800"):
        assert read(ReadPast(), sent) is None


def test_a_name_from_outside_is_shown_cut_and_printable() -> None:
    problems: list[FieldProblem] = []
    LINES.read({"no": "1", "\x00\ud800" + "长" * 500: 1}, "", problems)
    [only] = problems
    assert len(only.field) <= 80
    assert only.field.startswith("??长")


def test_a_field_is_declared_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        Fields(Field("a", Words(1)), Field("a", Words(2)))


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - made aware below
def test_any_platform_time_is_read_to_the_second(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    found = read(Moment(), f"{whole:%Y-%m-%d %H:%M:%S}")
    assert found.replace(tzinfo=None) == whole
    assert found.utcoffset() == timedelta(hours=8)
