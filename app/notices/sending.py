"""Sends notices: a WeChat subscribe message first, an SMS where that is not wanted or does not go.

A notice is claimed in one transaction, sent outside of any, and marked in another. It is sent **at least
once**: a worker that dies between the sending and the mark leaves a claim that runs out, and the next one
sends it again. Marked beforehand it would be lost at that moment instead, and a person would rather read a
message twice than miss a deadline. A notice that is marked as sent is never sent again, however often its
message comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.config import Settings
from app.gateways.errors import (
    GatewayError,
    GatewayMisconfigured,
    GatewayUnavailable,
    NumberRejected,
    QuotaExceeded,
    SubscriptionRefused,
)
from app.gateways.parts import Parts
from app.gateways.sms import Sms
from app.gateways.wechat import WeChat
from app.identity import service as identity
from app.kit import clock
from app.kit.db import Database
from app.kit.outbox import Duty, TryLater
from app.notices.models import Channel, Notice, NoticeKind, NoticeStatus, Outcome
from app.notices.service import TOPIC, facts_of, settlement_of
from app.notices.templates import SmsMessage, WechatMessage, sms_message, wechat_message
from app.notices.wording import WORDINGS, Template

__all__ = ("TOPIC", "sender")

CLAIM = timedelta(minutes=2)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 60, 180))
"""Ours: between the tries of one notice; after the last pause one more, then it has failed."""
MAX_ATTEMPTS = len(PAUSES) + 1
PATIENCE_WITH_WECHAT = 2
"""Ours: a notice waits for WeChat through so many tries, then an SMS goes out."""
MORNING = time(8, 0)
"""When to go on after a limit of the day: nobody wants an SMS at midnight."""
PAGE_OF_FILING = "pages/filings/detail"
PAGE_OF_BILL = "pages/settlements/detail"
PAGE_OF_NOTICES = "pages/notices/list"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """All that is needed to send a notice, without the database."""

    notice_id: UUID
    attempt: int
    openid: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    page: str
    wechat: WechatMessage = field(repr=False)
    sms: SmsMessage = field(repr=False)


@dataclass(frozen=True)
class Try:
    """How one try ended. ``error`` None: it went out."""

    channel: Channel
    at: datetime
    error: GatewayError | None = None
    sms_serial: str | None = None

    @property
    def outcome(self) -> Outcome:
        match self.error:
            case None:
                return Outcome.SENT
            case SubscriptionRefused() | NumberRejected():
                return Outcome.REFUSED
            case QuotaExceeded():
                return Outcome.LIMITED
            case GatewayUnavailable():
                return Outcome.UNREACHABLE
            case _:
                return Outcome.REJECTED

    @property
    def code(self) -> str | None:
        return f"{self.error.system}:{self.error.code}" if self.error else None

    @property
    def worth_repeating(self) -> bool:
        """Whether it may go later: by itself, or, for an SMS, once somebody mended our account there."""
        if isinstance(self.error, GatewayMisconfigured):
            return self.channel is Channel.SMS
        return self.error is not None and self.error.retryable


@dataclass(frozen=True)
class Report:
    """What became of a letter. ``pause``: how long to wait before the next try."""

    status: NoticeStatus
    tries: Sequence[Try]
    pause: timedelta | None = None


class Postman:
    """Brings letters to WeChat and the SMS system."""

    def __init__(self, wechat: WeChat, sms: Sms, settings: Settings) -> None:
        self._wechat = wechat
        self._sms = sms
        self._wechat_ids: Mapping[Template, str] = {
            Template.RESULT: settings.wechat_template_result,
            Template.CORRECTION: settings.wechat_template_correction,
            Template.PROGRESS: settings.wechat_template_progress,
        }
        self._sms_ids: Mapping[Template, str] = {
            Template.RESULT: settings.sms_template_result,
            Template.CORRECTION: settings.sms_template_correction,
            Template.PROGRESS: settings.sms_template_progress,
        }

    def deliver(self, letter: Letter) -> Report:
        """Try WeChat, then SMS; both are HTTP, so outside of transactions."""
        tries = []
        if letter.openid is not None:
            tries.append(self._by_wechat(letter, letter.openid))
            waits = tries[0].worth_repeating and letter.attempt <= PATIENCE_WITH_WECHAT
            if tries[0].error is None or waits:
                return _report(letter, tries)
        if letter.phone is not None:
            tries.append(self._by_sms(letter, letter.phone))
        return _report(letter, tries)

    def _by_wechat(self, letter: Letter, openid: str) -> Try:
        message = letter.wechat
        try:
            self._wechat.send_subscribe_message(
                openid, self._wechat_ids[message.template], letter.page, message.data
            )
        except GatewayError as error:
            return _failed(letter, Channel.WECHAT, error)
        return Try(Channel.WECHAT, clock.now())

    def _by_sms(self, letter: Letter, phone: str) -> Try:
        message = letter.sms
        try:
            serial = self._sms.send(phone, self._sms_ids[message.template], message.params)
        except GatewayError as error:
            return _failed(letter, Channel.SMS, error)
        return Try(Channel.SMS, clock.now(), sms_serial=serial)


def _failed(letter: Letter, channel: Channel, error: GatewayError) -> Try:
    found = Try(channel, clock.now(), error)
    # Somebody has to mend a template or an account; that a person did not subscribe is nobody's mistake.
    log = _log.error if found.outcome is Outcome.REJECTED else _log.info
    log("notice_not_taken", notice_id=str(letter.notice_id), code=found.code, attempt=letter.attempt)
    return found


def _report(letter: Letter, tries: Sequence[Try]) -> Report:
    if any(tried.error is None for tried in tries):
        return Report(NoticeStatus.SENT, tries)
    hopeful = [tried for tried in tries if tried.worth_repeating]
    if hopeful and letter.attempt < MAX_ATTEMPTS:
        return Report(NoticeStatus.QUEUED, tries, min(_pause(tried, letter.attempt) for tried in hopeful))
    if all(tried.outcome is Outcome.REFUSED for tried in tries):
        return Report(NoticeStatus.UNDELIVERABLE, tries)
    return Report(NoticeStatus.FAILED, tries)


def _pause(tried: Try, attempt: int) -> timedelta:
    """Growing pauses; after a limit of the day (LimitExceeded.…DailyLimit) until the next morning."""
    pause = PAUSES[attempt - 1]
    if isinstance(tried.error, QuotaExceeded) and "Daily" in tried.error.code:
        tomorrow = clock.china_day(tried.at) + timedelta(days=1)
        return max(pause, datetime.combine(tomorrow, MORNING, clock.CHINA) - tried.at)
    return pause


def sender(parts: Parts) -> Duty:
    """The handler of the topic ``notice.send``."""
    postman = Postman(parts.wechat, parts.sms, parts.settings)

    def send(database: Database, payload: Mapping[str, Any]) -> None:
        notice_id = UUID(payload["id"])
        letter = database.run(lambda session: _claim(session, notice_id))
        if letter is None:
            return
        report = postman.deliver(letter)
        database.run(lambda session: _mark(session, letter, report))
        if report.pause is not None:
            raise TryLater(report.pause.total_seconds(), report.tries[-1].code or "")

    return Duty(send, _gave_up)


def _gave_up(session: Session, payload: Mapping[str, Any]) -> None:
    """No worker will send it any more, so it must not stand there as being sent."""
    notice = _locked(session, UUID(payload["id"]))
    if notice is not None and notice.status == NoticeStatus.QUEUED:
        notice.status = NoticeStatus.FAILED
        notice.claimed_until = None
        notice.last_error = notice.last_error or "given_up"


def _claim(session: Session, notice_id: UUID) -> Letter | None:
    """Take the notice for this worker; None when there is nothing left to send.

    Raises TryLater while another worker has it.
    """
    notice = _locked(session, notice_id)
    now = clock.now()
    if notice is None or notice.status != NoticeStatus.QUEUED:
        return None
    if notice.claimed_until is not None and notice.claimed_until > now:
        raise TryLater((notice.claimed_until - now).total_seconds(), "claimed")
    notice.attempts += 1
    notice.claimed_until = now + CLAIM
    return _letter(session, notice)


def _mark(session: Session, letter: Letter, report: Report) -> None:
    """Write down what became of it, unless another worker has taken it over since."""
    notice = _locked(session, letter.notice_id)
    if notice is None:
        return
    given_up_meanwhile = notice.status == NoticeStatus.FAILED and report.status == NoticeStatus.SENT
    if notice.status != NoticeStatus.QUEUED and not given_up_meanwhile:
        return
    notice.tries = [*notice.tries, *(_entry(tried) for tried in report.tries)]
    notice.status = report.status
    notice.claimed_until = None
    last = report.tries[-1] if report.tries else None
    notice.last_error = last.code if last else "no_contact"
    if last is not None and last.error is None:
        notice.channel, notice.sent_at, notice.sms_serial = last.channel, last.at, last.sms_serial


def _entry(tried: Try) -> dict[str, Any]:
    return {
        "at": tried.at.isoformat(),
        "channel": tried.channel,
        "outcome": tried.outcome,
        "code": tried.code,
    }


def _locked(session: Session, notice_id: UUID) -> Notice | None:
    query = select(Notice).where(Notice.id == notice_id).with_for_update()
    return session.execute(query).scalar_one_or_none()


def _letter(session: Session, notice: Notice) -> Letter:
    ways = _ways(session, notice.person_id)
    subject_name = None
    if {ways.reader_of_wechat, ways.reader_of_sms} != {notice.subject_id}:
        subject_name = identity.get_person(session, notice.subject_id).name
    for_wechat = None if ways.reader_of_wechat == notice.subject_id else subject_name
    for_sms = None if ways.reader_of_sms == notice.subject_id else subject_name
    return Letter(
        notice_id=notice.id,
        attempt=notice.attempts,
        openid=ways.openid,
        phone=ways.phone if WORDINGS[NoticeKind(notice.kind)].sms else None,
        page=_page(notice),
        wechat=wechat_message(facts_of(notice, for_wechat)),
        sms=sms_message(facts_of(notice, for_sms)),
    )


def _page(notice: Notice) -> str:
    """Where a tap on the WeChat message leads."""
    if notice.filing_id:
        return f"{PAGE_OF_FILING}?id={notice.filing_id}"
    settlement_id = settlement_of(notice)
    return f"{PAGE_OF_BILL}?id={settlement_id}" if settlement_id else PAGE_OF_NOTICES


@dataclass(frozen=True)
class _Ways:
    """The ways to a person, and who reads what comes by them: a minor without a phone shares a guardian's."""

    openid: str | None = field(repr=False)
    reader_of_wechat: UUID
    phone: str | None = field(repr=False)
    reader_of_sms: UUID


def _ways(session: Session, person_id: UUID) -> _Ways:
    """Own ways first. A guardian's phone serves a minor without one; the WeChat too, if there is neither."""
    openid = identity.wechat_openid_of_person(session, person_id)
    phone = identity.phone_of_person(session, person_id)
    own = _Ways(openid, person_id, phone, person_id)
    if phone:
        return own
    for guardian_id in identity.guardians_of(session, person_id):
        phone = identity.phone_of_person(session, guardian_id)
        theirs = None if openid else identity.wechat_openid_of_person(session, guardian_id)
        if phone or theirs:
            reader_of_wechat = person_id if openid else guardian_id
            return _Ways(openid or theirs, reader_of_wechat, phone, guardian_id)
    return own
