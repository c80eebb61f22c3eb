"""Resident ID numbers: what can be, what cannot, and why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_world import with_check_digit

from app.identity import id_numbers
from app.identity.id_numbers import BadNumber, parse_birth_certificate_number, parse_id_number
from app.identity.models import Sex
from app.kit import clock
from app.kit.text import Text

GOOD = with_check_digit("61090219850312123")

PROVINCES = [
    "11",
    "15",
    "21",
    "23",
    "31",
    "37",
    "41",
    "46",
    "50",
    "54",
    "61",
    "65",
    "71",
    "81",
    "82",
    "83",
    "911",
]


@st.composite
def valid_numbers(draw: st.DrawFn) -> str:
    province = draw(st.sampled_from(PROVINCES))
    region = (province + draw(st.text("0123456789", min_size=4, max_size=4)))[:6]
    born = draw(st.dates(date(1900, 1, 1), clock.today()))
    return with_check_digit(f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}")


def refusal(typed: str) -> Text:
    with pytest.raises(BadNumber) as raised:
        parse_id_number(typed)
    assert str(raised.value) == raised.value.text.en
    return raised.value.text


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(GOOD, id="as printed"),
        pytest.param(f" {GOOD[:6]} {GOOD[6:14]} {GOOD[14:]} ", id="in groups"),
        pytest.param(GOOD.translate(str.maketrans("0123456789", "０１２３４５６７８９")), id="full-width"),
    ],
)
def test_a_number_is_read_as_people_type_it(typed: str) -> None:
    number = parse_id_number(typed)

    assert (number.number, number.birth_date, number.sex) == (GOOD, date(1985, 3, 12), Sex.MALE)


def test_the_last_character_may_be_a_small_or_full_width_x() -> None:
    ending_in_x = next(
        number
        for number in (with_check_digit(f"61090219850312{order:03d}") for order in range(100))
        if number.endswith("X")
    )

    for typed in (ending_in_x, ending_in_x.lower(), ending_in_x[:-1] + "ｘ"):
        assert parse_id_number(typed).number == ending_in_x


def test_an_even_order_number_is_a_womans() -> None:
    assert parse_id_number(with_check_digit("61090219850312124")).sex is Sex.FEMALE


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", id_numbers.LENGTH),
        (GOOD[:-1], id_numbers.LENGTH),
        (GOOD + "1", id_numbers.LENGTH),
        ("610902850312123", id_numbers.LENGTH),
        ("X" + GOOD[1:], id_numbers.CHARACTERS),
        (GOOD[:10] + "X" + GOOD[11:], id_numbers.CHARACTERS),
        (GOOD[:-1] + "Y", id_numbers.CHARACTERS),
        (GOOD[:9] + "٣" + GOOD[10:], id_numbers.CHARACTERS),
        (with_check_digit("00090219850312123"), id_numbers.REGION),
        (with_check_digit("20090219850312123"), id_numbers.REGION),
        (with_check_digit("99990219850312123"), id_numbers.REGION),
        (with_check_digit("61090219850230123"), id_numbers.BIRTH_DATE),
        (with_check_digit("61090219851301123"), id_numbers.BIRTH_DATE),
        (with_check_digit("61090219850300123"), id_numbers.BIRTH_DATE),
        (with_check_digit("61090219000229123"), id_numbers.BIRTH_DATE),
        (with_check_digit("61090218880312123"), id_numbers.BIRTH_DATE),
        (GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"), id_numbers.CHECKSUM),
        (GOOD[:15] + GOOD[16] + GOOD[15] + GOOD[17], id_numbers.CHECKSUM),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_its_reason(typed: str, reason: Text) -> None:
    assert refusal(typed) is reason


def test_nobody_is_born_tomorrow_and_a_child_of_today_has_a_number() -> None:
    today = clock.today()

    assert parse_id_number(with_check_digit(f"610902{today:%Y%m%d}123")).birth_date == today
    assert refusal(with_check_digit(f"610902{today + timedelta(days=1):%Y%m%d}123")) is id_numbers.BIRTH_DATE


def test_the_day_of_birth_is_a_day_in_china() -> None:
    with clock.travel(datetime(2026, 3, 9, 16, 30, tzinfo=UTC)):
        assert parse_id_number(with_check_digit("61090220260310123")).birth_date == date(2026, 3, 10)


@given(valid_numbers())
def test_every_number_with_its_check_digit_is_accepted(number: str) -> None:
    assert parse_id_number(number).number == number


@given(valid_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_no_single_mistyped_character_passes(number: str, place: int, typed: str) -> None:
    if number[place] == typed:
        return
    refusal(number[:place] + typed + number[place + 1 :])


@given(valid_numbers(), st.integers(0, 15))
def test_no_two_swapped_neighbours_pass(number: str, place: int) -> None:
    if number[place] == number[place + 1]:
        return
    refusal(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(st.text(max_size=40))
def test_any_text_at_all_is_read_or_refused(typed: str) -> None:
    try:
        number = parse_id_number(typed)
    except BadNumber:
        return
    assert len(number.number) == 18


@pytest.mark.parametrize("typed", ["U610123456", " u610 123 456 ", "Ｕ610123456"])
def test_a_birth_certificate_number_is_a_letter_and_nine_digits(typed: str) -> None:
    assert parse_birth_certificate_number(typed) == "U610123456"


@pytest.mark.parametrize("typed", ["", "6101234567", "U61012345", "U6101234567", "UU10123456", GOOD])
def test_other_birth_certificate_numbers_are_refused(typed: str) -> None:
    with pytest.raises(BadNumber) as raised:
        parse_birth_certificate_number(typed)
    assert raised.value.text is id_numbers.CERTIFICATE
