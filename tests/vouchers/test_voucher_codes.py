"""The 28 digits: what proves them, how long they are taken, and that nothing else is."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phone import OfflinePhone, expand, frame, mac

from app.kit import clock
from app.kit.crypto import Suite
from app.vouchers import codes
from app.vouchers.codes import Code, Judged, Keys, Verdict
from app.vouchers.showing import ALGORITHMS
from tests.structure.sources import ROOT

KEYS = Keys({1: bytes(range(32)), 2: bytes(range(32, 64))}, Suite.INTL)
HANDLE, SLOT = "01234567890", 3
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=clock.CHINA)
STEP = codes.step_at(NOON)
PAGE = (ROOT / "docs" / "voucher-code.md").read_text("utf-8")

moments = st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
handles = st.from_regex(r"[0-9]{11}", fullmatch=True)
slots = st.integers(0, 9)


def judge(text: str, now: datetime, keys: Keys = KEYS) -> Judged:
    parts = codes.take_apart(text)
    assert parts is not None
    return codes.judge(keys, parts, now)


@given(handles, slots, moments)
def test_a_code_is_live_when_it_is_made_and_names_its_device(
    handle: str, slot: int, moment: datetime
) -> None:
    step = codes.step_at(moment)
    text = codes.make(KEYS, handle, slot, step)

    assert re.fullmatch(r"[0-9]{28}", text)
    assert codes.take_apart(text) == Code(2, handle, slot, text[14:])
    assert judge(text, moment) == Judged(Verdict.LIVE, step)


@given(handles, slots, moments, st.integers(0, 27), st.integers(1, 9))
def test_no_digit_can_be_changed(handle: str, slot: int, moment: datetime, place: int, by: int) -> None:
    text = codes.make(KEYS, handle, slot, codes.step_at(moment))
    changed = text[:place] + str((int(text[place]) + by) % 10) + text[place + 1 :]

    assert judge(changed, moment) == Judged(Verdict.UNKNOWN, None)


@given(st.from_regex(r"0[12][0-9]{26}", fullmatch=True), moments)
def test_made_up_digits_are_unknown(text: str, moment: datetime) -> None:
    assert judge(text, moment).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "text", ["", "1" * 27, "1" * 29, " " + "1" * 27, "1" * 27 + "a", "１" * 28, "²" * 28, "1" * 28 + "\n"]
)
def test_what_is_not_28_digits_is_no_code(text: str) -> None:
    assert codes.take_apart(text) is None


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (-301, Verdict.UNKNOWN),
        (-300, Verdict.CLOCK_OFF),
        (-31, Verdict.CLOCK_OFF),
        (-30, Verdict.LIVE),
        (0, Verdict.LIVE),
        (60, Verdict.LIVE),
        (89, Verdict.LIVE),
        (90, Verdict.EXPIRED),
        (3629, Verdict.EXPIRED),
        (3630, Verdict.UNKNOWN),
    ],
)
def test_how_a_code_ages(seconds: int, verdict: Verdict) -> None:
    """seconds: from the start of the code's step to the scan. 60 seconds, and a step of skew on either side."""
    text = codes.make(KEYS, HANDLE, SLOT, STEP)
    assert judge(text, NOON + timedelta(seconds=seconds)).verdict is verdict


@given(st.integers(-200, 200))
def test_is_live_says_what_judging_says(offset: int) -> None:
    now = codes.start_of(STEP) + timedelta(seconds=30 * offset + 7)
    judged = judge(codes.make(KEYS, HANDLE, SLOT, STEP), now)
    assert codes.is_live(STEP, now) == (judged.verdict is Verdict.LIVE)


@given(st.integers(-4, 4), st.integers(0, 29))
def test_at_midnight_in_china_yesterdays_last_codes_are_still_taken(steps: int, seconds: int) -> None:
    """Each code is made with the key of the day on which its step begins, whatever day it is when it is scanned."""
    midnight = datetime(2026, 3, 3, 0, 0, tzinfo=clock.CHINA)
    made = codes.step_at(midnight) + steps
    scanned = codes.start_of(made) + timedelta(seconds=60 + seconds)

    assert judge(codes.make(KEYS, HANDLE, SLOT, made), scanned) == Judged(Verdict.LIVE, made)


def test_midnight_begins_a_step() -> None:
    midnight = datetime(2026, 3, 3, 0, 0, tzinfo=clock.CHINA)
    assert codes.start_of(codes.step_at(midnight)) == midnight


@given(moments)
def test_the_day_of_a_key_is_the_day_in_china_on_which_the_step_begins(moment: datetime) -> None:
    step = codes.step_at(moment)
    key = codes.device_key(KEYS, 2, HANDLE, SLOT, clock.china_day(codes.start_of(step)))
    start = f"02{HANDLE}{SLOT}"
    assert codes.make(KEYS, HANDLE, SLOT, step) == start + mac(key, f"{start}{step}", "HMAC-SHA256")


def test_a_key_of_one_device_or_day_makes_no_code_of_another() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 3)]
    made = {
        codes.device_key(KEYS, version, handle, slot, day)
        for version in (1, 2)
        for handle in (HANDLE, "01234567891")
        for slot in (3, 4)
        for day in days
    }
    assert len(made) == 16


def test_the_newest_key_makes_codes_and_the_older_ones_are_still_taken() -> None:
    older = Keys({1: KEYS.roots[1]}, Suite.INTL)
    before, after = codes.make(older, HANDLE, SLOT, STEP), codes.make(KEYS, HANDLE, SLOT, STEP)

    assert (before[:2], after[:2]) == ("01", "02")
    assert judge(before, NOON).verdict is Verdict.LIVE
    assert judge(after, NOON, older).verdict is Verdict.UNKNOWN


def test_the_two_suites_make_different_codes() -> None:
    other = Keys(KEYS.roots, Suite.SM)
    assert judge(codes.make(other, HANDLE, SLOT, STEP), NOON, other).verdict is Verdict.LIVE
    assert judge(codes.make(other, HANDLE, SLOT, STEP), NOON).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("suite", Suite)
@given(handle=handles, slot=slots, moment=moments)
def test_a_phone_makes_the_same_codes_without_signal(
    suite: Suite, handle: str, slot: int, moment: datetime
) -> None:
    keys = Keys(KEYS.roots, suite)
    of_days = codes.offline_keys(keys, handle, slot, clock.china_day(moment), 3)
    phone = OfflinePhone(
        {
            "algorithm": ALGORITHMS[suite],
            "step_seconds": 30,
            "key_version": "02",
            "handle": handle,
            "slot": slot,
            "keys": [{"day": day.isoformat(), "key": key.hex()} for day, key in of_days.items()],
        }
    )
    for later in (timedelta(0), timedelta(days=1), timedelta(days=2)):
        assert phone.code(moment + later) == codes.make(keys, handle, slot, codes.step_at(moment + later))
    with pytest.raises(KeyError):
        phone.code(moment + timedelta(days=3))


VECTORS = {
    Suite.INTL: (
        "111da34ef69f561b3f319c742edc1a2ef45b9e3d891e9b349f9898dd4ead0f4c",
        "0101234567890375259456525575",
    ),
    Suite.SM: (
        "ae800f9bba06d89e11db6d3f74a5a1c8132b5fd27fce24f51387c6a2ade67ea6",
        "0101234567890355040274440525",
    ),
}
"""Of voucher key 00 01 … 1f, version 1, handle 01234567890, slot 3, on 2 March 2026 at noon in China."""


@pytest.mark.parametrize("suite", Suite)
def test_known_answers(suite: Suite) -> None:
    key, code = VECTORS[suite]
    keys = Keys({1: bytes(range(32))}, suite)
    assert STEP == 59_080_800
    assert codes.device_key(keys, 1, HANDLE, SLOT, date(2026, 3, 2)).hex() == key
    assert codes.make(keys, HANDLE, SLOT, STEP) == code


@pytest.mark.parametrize("suite", Suite)
def test_known_answers_are_those_of_the_page_for_phones_and_of_plain_hmac(suite: Suite) -> None:
    key, code = VECTORS[suite]
    digest = {Suite.INTL: "sha256", Suite.SM: "sm3"}[suite]
    info = frame(b"kit.crypto/1", suite.encode(), b"device", b"01234567890", b"3", b"2026-03-02")

    assert expand(bytes(range(32)), info, digest).hex() == key
    assert code == "01012345678903" + mac(bytes.fromhex(key), f"01012345678903{STEP}", ALGORITHMS[suite])
    assert all(said in PAGE for said in (key, code, str(STEP)))
