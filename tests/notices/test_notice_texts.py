"""What notices say: short enough for WeChat, plain, in two languages, and without anybody's ID number."""

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import clock
from app.kit.text import Text
from app.notices.models import Channel, NoticeKind, NoticeStatus, Outcome
from app.notices.templates import (
    SMS_CONTENT,
    WECHAT_CONTENT,
    Facts,
    sentence,
    short_name,
    shorten,
    sms_message,
    tidy,
    wechat_message,
)
from app.notices.wording import CHANNEL_WORDS, OUTCOME_WORDS, STATUS_WORDS, WORDINGS
from mock_client import wechat_rules
from mock_client.sms_server import LONG_SMS_CHARS

AT = datetime(2026, 3, 2, 9, 30, tzinfo=clock.CHINA)
PLACE = re.compile(r"\{(\d+)\}")
FREE_TEXT = st.text(max_size=400)
"""Any text: Chinese, emoji, control characters, lone surrogates."""

facts = st.builds(
    Facts,
    kind=st.sampled_from(NoticeKind),
    service=FREE_TEXT.map(lambda text: Text(tidy(text) or "事项", tidy(text) or "case")),
    number=st.text(max_size=60),
    at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(clock.CHINA)),  # noqa: DTZ001 - Hypothesis adds the zone
    reason=FREE_TEXT.map(tidy),
    due=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    until=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    whose=st.none() | FREE_TEXT.map(short_name).filter(bool),
)


@given(facts)
def test_every_subscribe_message_is_within_wechats_limits(said: Facts) -> None:
    message = wechat_message(said)

    wechat_rules.check_data(message.data, WECHAT_CONTENT[message.template])
    assert all(len(value.encode("utf-16-le")) <= 2 * 32 for value in message.data.values())


@given(facts)
def test_every_sms_fills_its_template_and_stays_short(said: Facts) -> None:
    message = sms_message(said)

    content = SMS_CONTENT[message.template]
    assert PLACE.findall(content) == [str(place) for place in range(1, len(message.params) + 1)]
    assert all(message.params)
    filled = PLACE.sub(lambda place: message.params[int(place[1]) - 1], content)
    assert len(filled) + len("【掌上办】") <= 3 * LONG_SMS_CHARS


@given(facts)
def test_every_sentence_is_whole_in_both_languages(said: Facts) -> None:
    text = sentence(said)

    assert text.endswith("。")
    assert text.en.endswith(".")
    assert "None" not in text.en.replace(said.reason, "").replace(said.service.en, "").replace(
        said.number, ""
    )
    if not any("{" in given for given in (said.reason, said.service, said.number, said.whose or "")):
        assert "{" not in text
        assert "{" not in text.en


@given(st.text(max_size=60), st.integers(1, 40))
def test_shortening_keeps_the_beginning_and_never_splits_a_character(text: str, units: int) -> None:
    short = shorten(tidy(text), units)

    assert len(short.encode("utf-16-le")) <= 2 * units
    assert tidy(text).startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王明", "王*"),
        ("王小明", "王*明"),
        ("欧阳思远", "欧*远"),
        ("买买提·吐尔逊江·阿卜杜拉", "买*拉"),
        ("𬱖", "*"),
        ("", ""),
    ],
)
def test_names_are_masked_and_short(name: str, shown: str) -> None:
    assert short_name(name) == shown


@pytest.mark.parametrize(
    "number", ["610902196001010021", "61090219600101002X", "13800001111", "610902600101002"]
)
def test_numbers_that_identify_somebody_are_taken_out_of_free_text(number: str) -> None:
    said = tidy(f"请补充身份证\n{number}的复印件")

    assert number not in said
    assert "请补充身份证" in said
    assert "\n" not in said


def test_the_reason_of_a_refusal_stays_in_the_app() -> None:
    """It may tell of an illness; WeChat and the SMS system need not know."""
    said = Facts(
        NoticeKind.FILING_REJECTED, Text("异地就医备案", "filing"), "AK1", AT, reason="肺癌术后材料不符"
    )

    assert "肺癌" in sentence(said)
    assert "肺癌" not in str(wechat_message(said).data)
    assert "肺癌" not in str(sms_message(said).params)


def test_the_last_day_is_said_where_something_has_to_be_done() -> None:
    said = Facts(
        NoticeKind.CORRECTION_NEEDED,
        Text("异地就医备案", "Remote-care filing"),
        "AK1",
        AT,
        reason="居住证明。",
        due=date(2026, 3, 16),
    )

    assert wechat_message(said).data["time3"] == "2026年3月16日 23:59"
    assert sentence(said) == (
        "您的异地就医备案（编号 AK1）需要补正。要补的是：居住证明。请在2026年3月16日前打开小程序，一次补齐后重新提交。"
    )
    assert sentence(said).en == (
        "Your remote-care filing (no. AK1) needs a correction. To be added: 居住证明. "
        "Please add everything in the app and submit again by 2026-03-16."
    )


def test_other_messages_say_when_it_happened_in_china() -> None:
    said = Facts(
        NoticeKind.FILING_APPROVED,
        Text("异地就医备案", "Remote-care filing"),
        "AK1",
        datetime(2026, 3, 2, 23, 5, tzinfo=clock.CHINA) - timedelta(0),
        until=date(2026, 9, 1),
        whose="王*明",
    )

    assert wechat_message(said).data["time3"] == "2026年3月2日 23:05"
    assert sentence(said) == "王*明的异地就医备案（编号 AK1）已办好，现在就可以使用（有效期到2026年9月1日）。"
    assert sentence(said).en == (
        "The remote-care filing of 王*明 (no. AK1) was approved and can be used now (valid until 2026-09-01)."
    )


def test_every_kind_status_channel_and_outcome_has_words() -> None:
    assert set(WORDINGS) == set(NoticeKind)
    assert set(STATUS_WORDS) == set(NoticeStatus)
    assert set(CHANNEL_WORDS) == set(Channel)
    assert set(OUTCOME_WORDS) == {(channel, outcome) for channel in Channel for outcome in Outcome}
    for words in (*STATUS_WORDS.values(), *OUTCOME_WORDS.values(), *(w.text for w in WORDINGS.values())):
        assert words.en.isascii()


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_short_words_of_every_kind_fit_as_they_are(kind: NoticeKind) -> None:
    wechat_rules.check_value("phrase2", WORDINGS[kind].phrase)
    wechat_rules.check_value("thing5", WORDINGS[kind].advice)
