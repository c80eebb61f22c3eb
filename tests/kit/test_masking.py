"""What is shown is masked, what is logged is scrubbed, and what is harmless stays readable."""

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.masking import mask_id_no, mask_name, mask_phone, scrub

AROUND = st.sampled_from(["", " ", "，", "身份证", "电话：", '"', "'", "=", "/", "(", "。", "\n", "_", ":"])
DIGITS = st.text("0123456789", min_size=28, max_size=28)
BIRTHS = st.dates().map(lambda day: f"{day.year:04d}{day.month:02d}{day.day:02d}")
ID_NUMBERS = st.builds(
    lambda region, birth, serial, check: f"{region}{birth}{serial:03d}{check}",
    st.integers(110000, 659999),
    BIRTHS,
    st.integers(0, 999),
    st.sampled_from("0123456789Xx"),
)
PHONES = st.builds(
    lambda second, rest: f"1{second}{rest:09d}", st.integers(3, 9), st.integers(0, 999_999_999)
)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("王明", "王*"),
        ("欧阳小明", "欧**明"),
        ("买买提·吐尔逊", "买*****逊"),
        ("𬱖小明", "𬱖*明"),
        ("王", "*"),
        (" 王小明 ", "王*明"),
        ("", ""),
    ],
)
def test_of_a_name_the_family_name_and_the_last_character_stay(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("id_no", "masked"),
    [
        ("610902199001011234", "610***********1234"),
        ("61090219900101123X", "610***********123X"),
        ("610902900101123", "610********1123"),
        ("R610123456", "R*******56"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_of_an_id_number_province_and_last_four_stay(id_no: str, masked: str) -> None:
    assert mask_id_no(id_no) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("0086 13812345678", "138****5678"),
        ("0915-3212345", "*********45"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_of_a_mobile_number_three_and_four_digits_stay(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.text(max_size=30))
def test_a_mask_never_shows_more_than_it_says(text: str) -> None:
    for mask, shown in ((mask_name, 2), (mask_id_no, 7), (mask_phone, 7)):
        stars = mask(text).count("*") - text.count("*")
        assert len(mask(text)) - mask(text).count("*") <= shown
        assert stars >= 0


@given(before=AROUND, id_no=ID_NUMBERS, after=AROUND)
def test_every_id_number_is_scrubbed_wherever_it_stands(before: str, id_no: str, after: str) -> None:
    assert scrub(f"{before}{id_no}{after}") == f"{before}[id]{after}"


@given(before=AROUND, phone=PHONES, after=AROUND)
def test_every_mobile_number_is_scrubbed_wherever_it_stands(before: str, phone: str, after: str) -> None:
    assert scrub(f"{before}{phone}{after}") == f"{before}[phone]{after}"


@given(before=AROUND, code=DIGITS, after=AROUND)
def test_every_code_of_28_digits_is_scrubbed(before: str, code: str, after: str) -> None:
    assert scrub(f"{before}{code}{after}") == f"{before}[code]{after}"


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("我叫王小明610902199001011234电话13812345678谢谢", "我叫王小明[id]电话[phone]谢谢"),
        ("61090219900101123x", "[id]"),
        ("610902 19900101 1234", "[id]"),
        ("６１０９０２１９９００１０１１２３４", "[id]"),
        ("610902900101123", "[id]"),
        ("idno610902199001011234x2", "idno[id]x2"),
        ("+8613812345678", "[phone]"),
        ("86 138 1234 5678", "[phone]"),
        ("138-1234-5678", "[phone]"),
        ("１３８１２３４５６７８", "[phone]"),
        ("tel13812345678", "tel[phone]"),
        ("/people/13812345678?x=1", "/people/[phone]?x=1"),
        ("1234 5678 9012 3456 7890 1234 5678", "[code]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[token]"),
        ("Authorization: Bearer abcdefgh.123-_~+/==", "Authorization: [secret]"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': '[secret]'}"),
        ("sent bearer 0123456789abcdefghijKLMN== twice", "sent [token] twice"),
        (
            "GET /sns/jscode2session?appid=wx1&secret=s3cr3t&js_code=0a1b&grant_type=x",
            "GET /sns/jscode2session?appid=wx1&secret=[secret]&js_code=[secret]&grant_type=x",
        ),
        (
            '{"access_token": "ACCESS", "expires_in": 7200}',
            '{"access_token": "[secret]", "expires_in": 7200}',
        ),
        ("{'password': 'p4ss', 'n': 1}", "{'password': '[secret]', 'n': 1}"),
        ("client_secret=abc", "client_secret=[secret]"),
    ],
)
def test_what_people_write_is_scrubbed_in_its_usual_forms(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T19:24:00.123456Z",
        "2026-11-21T19:24:00+08:00",
        "20261121192400",
        "1763725440",
        "1763725440123",
        "1763725440.1234567",
        "took 0.13812345678 s",
        "0.610902199001011234",
        "192.168.138.123:45678",
        "status=200 bytes=123456789 region=610902 code=40029",
        "H61090200123202611211924001234",  # a message number of the national platform, 30 characters
        "https://example.org/api/v1/filings?service_code=remote_care&cursor=0190",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "12345678901234567890123456789012",
        "basic insurance for the bearer of this card, three tokens",
    ],
)
def test_what_is_harmless_stays_readable(text: str) -> None:
    assert scrub(text) == text


@given(st.uuids() | st.builds(lambda n: UUID(int=n), st.integers(0, 10**32).map(lambda n: n % 2**128)))
def test_no_uuid_is_ever_scrubbed(identity: UUID) -> None:
    assert scrub(f"filing {identity} at /filings/{identity}/events") == (
        f"filing {identity} at /filings/{identity}/events"
    )
    assert scrub(f"id={identity.hex}") == f"id={identity.hex}"


def test_a_uuid_that_looks_like_numbers_is_not_scrubbed() -> None:
    digits_only = "01381234-5678-7138-8123-138123456789"

    assert scrub(digits_only) == digits_only


@given(
    st.lists(st.sampled_from(["13812345678", "610902199001011234", "token=", "Bearer ", " ", "x"])).map(
        "".join
    )
)
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    assert scrub(scrub(text)) == scrub(text)


@pytest.mark.parametrize(
    "piece", ["1", "138", "1234 ", "eyJ", "eyJ-", "eyJ.", "token", "token ", "a_", "bearer ", "0a-", "token="]
)
def test_a_text_made_to_be_slow_is_scrubbed_in_no_time(piece: str) -> None:
    """Whoever can write a line into the log must not be able to stop the server with it."""
    hostile = piece * (300_000 // len(piece))

    before = time.process_time()
    scrub(hostile)

    assert time.process_time() - before < 2
