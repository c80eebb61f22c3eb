"""Puts a notice into words: the full sentence, the WeChat subscribe message, the SMS.

What is registered with WeChat and the SMS system is in WECHAT_CONTENT and SMS_CONTENT; the settings
wechat_template_* and sms_template_* name the ids given there. Values are cut to what these systems take:
WeChat's by its 订阅消息参数值内容限制说明 (thing 20 characters, phrase 5 Chinese ones, character_string
32 letters and digits, time with hours and minutes); an SMS stays below 200 characters (ours).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType

from app.kit import clock
from app.kit.masking import mask_name, scrub
from app.kit.text import Text
from app.notices.models import NoticeKind
from app.notices.wording import WORDINGS, Template

WECHAT_CONTENT: Mapping[Template, str] = MappingProxyType(
    {
        Template.RESULT: "事项：{{thing1.DATA}}\n办理结果：{{phrase2.DATA}}\n办理时间：{{time3.DATA}}\n"
        "办件编号：{{character_string4.DATA}}\n温馨提示：{{thing5.DATA}}",
        Template.CORRECTION: "事项：{{thing1.DATA}}\n当前状态：{{phrase2.DATA}}\n截止时间：{{time3.DATA}}\n"
        "办件编号：{{character_string4.DATA}}\n需要您做：{{thing5.DATA}}",
        Template.PROGRESS: "事项：{{thing1.DATA}}\n当前状态：{{phrase2.DATA}}\n更新时间：{{time3.DATA}}\n"
        "办件编号：{{character_string4.DATA}}\n温馨提示：{{thing5.DATA}}",
    }
)
SMS_CONTENT: Mapping[Template, str] = MappingProxyType(
    {
        Template.RESULT: "{1}（编号{2}）{3}：{4}。详情请打开掌上办小程序查看，咨询电话12393。",
        Template.CORRECTION: "{1}（编号{2}）{3}：{4}。请在{5}前打开掌上办小程序办理，咨询电话12393。",
        Template.PROGRESS: "{1}（编号{2}）{3}：{4}。详情请打开掌上办小程序查看，咨询电话12393。",
    }
)
REASON_LABELS: Mapping[Template, Text] = MappingProxyType(
    {
        Template.RESULT: Text("原因", "Reason"),
        Template.CORRECTION: Text("要补的是", "To be added"),
        Template.PROGRESS: Text("说明", "Note"),
    }
)

THING_UNITS = 20
CODE_CHARACTERS = 32
SMS_TASK_UNITS = 60
_NAME_UNITS = 8
_CLOSING = "。.；;，, "
_LAST_MINUTE = time(23, 59)
_NOT_ALONE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Facts:
    """What a notice is about. ``whose``: the subject's masked name, where the reader is somebody else.

    at: when it happened. due: the day by which the reader must act. until: the last day of validity.
    """

    kind: NoticeKind
    service: Text
    number: str
    at: datetime
    reason: Text | str = ""
    due: date | None = None
    until: date | None = None
    whose: str | None = None


@dataclass(frozen=True)
class WechatMessage:
    template: Template
    data: Mapping[str, str]


@dataclass(frozen=True)
class SmsMessage:
    template: Template
    params: tuple[str, ...]


def tidy(text: str) -> str:
    """Free text as messages take it: on one line, and without what looks like an ID number or a phone."""
    return _NOT_ALONE.sub(" ", scrub(text)).strip()


def short_name(name: str) -> str:
    """A masked name of at most a few characters, whatever its length: 王*明, 买*逊."""
    return shorten(re.sub(r"\*+", "*", mask_name(tidy(name))), _NAME_UNITS)


def shorten(text: str, units: int) -> str:
    """``text`` cut to ``units`` UTF-16 units, as phones count, with an ellipsis for what is cut off."""
    if _units(text) <= units:
        return text
    kept, used = [], 1
    for character in text:
        used += _units(character)
        if used > units:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def sentence(facts: Facts) -> Text:
    """The notice as it is read in the app, in Chinese and English."""
    wording = WORDINGS[facts.kind]
    en_service = facts.service.en[:1].lower() + facts.service.en[1:]
    zh_case = _case(facts)
    en_case = f"The {en_service} of {facts.whose}" if facts.whose else f"Your {en_service}"
    if facts.number:
        zh_case, en_case = f"{zh_case}（编号 {facts.number}）", f"{en_case} (no. {facts.number})"
    reason = facts.reason.rstrip(_CLOSING)
    en_reason = facts.reason.en.rstrip(_CLOSING) if isinstance(facts.reason, Text) else reason
    label = REASON_LABELS[wording.template]
    zh = {
        "case": zh_case,
        "reason": f"{label}：{reason}。" if reason else "",
        "due": f"在{_chinese_day(facts.due)}前" if facts.due else "尽快",
        "until": f"（有效期到{_chinese_day(facts.until)}）" if facts.until else "",
    }
    en = {
        "case": en_case,
        "reason": f"{label.en}: {en_reason}. " if en_reason else "",
        "due": f" by {facts.due.isoformat()}" if facts.due else " soon",
        "until": f" (valid until {facts.until.isoformat()})" if facts.until else "",
    }
    return Text(str(wording.text).format_map(zh), wording.text.en.format_map(en))


def wechat_message(facts: Facts) -> WechatMessage:
    """The subscribe message; each value fits its kind."""
    wording = WORDINGS[facts.kind]
    data = {
        "thing1": shorten(_case(facts), THING_UNITS),
        "phrase2": wording.phrase,
        "time3": _moment(facts),
        "character_string4": re.sub(r"[^\x21-\x7e]", "", facts.number)[:CODE_CHARACTERS] or "-",
        "thing5": shorten(_task(facts), THING_UNITS),
    }
    return WechatMessage(wording.template, data)


def sms_message(facts: Facts) -> SmsMessage:
    """The SMS' values for {1}, {2}…"""
    wording = WORDINGS[facts.kind]
    params = [
        shorten(_case(facts), THING_UNITS),
        re.sub(r"[^\x21-\x7e]", "", facts.number)[:CODE_CHARACTERS] or "-",
        wording.phrase,
        shorten(_task(facts), SMS_TASK_UNITS),
    ]
    if wording.template is Template.CORRECTION:
        params.append(_chinese_day(facts.due or facts.until or clock.china_day(facts.at)))
    return SmsMessage(wording.template, tuple(params))


def _case(facts: Facts) -> str:
    return f"{facts.whose}的{facts.service}" if facts.whose else f"您的{facts.service}"


def _task(facts: Facts) -> str:
    """What the reader must add. Any other reason may tell of an illness: it is read in the app only."""
    wording = WORDINGS[facts.kind]
    reason = facts.reason.rstrip(_CLOSING) if wording.template is Template.CORRECTION else ""
    return reason or wording.advice


def _moment(facts: Facts) -> str:
    """WeChat's time: the end of the last day where the reader must act, otherwise when it happened."""
    if WORDINGS[facts.kind].template is Template.CORRECTION:
        last_day = facts.due or facts.until
        if last_day is not None:
            return _chinese_moment(datetime.combine(last_day, _LAST_MINUTE, clock.CHINA))
    return _chinese_moment(facts.at.astimezone(clock.CHINA))


def _chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _chinese_moment(moment: datetime) -> str:
    return f"{_chinese_day(moment.date())} {moment:%H:%M}"
