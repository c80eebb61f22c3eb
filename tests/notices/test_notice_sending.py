"""How a notice reaches its person: WeChat first, then SMS, later when they are busy, and never twice once sent."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text, update
from told import CASE, Town

from app.config import Settings
from app.gateways.parts import build_parts
from app.kit import clock, outbox
from app.notices.models import Channel, Notice, NoticeKind, NoticeStatus
from app.notices.sending import CLAIM, MAX_ATTEMPTS, PAUSES, TOPIC, sender
from mock_client.standins import StandIns

BUSY_TWICE = {"errcode": -1, "times": 2}
"""WeChat is asked once more when it says that it is busy."""


def test_a_notice_goes_out_as_a_subscribe_message(town: Town) -> None:
    resident = town.resident()
    (notice_id,) = town.tell(resident, NoticeKind.FILING_APPROVED)

    assert town.work() == 1

    (message,) = town.wechat(resident)
    assert message["template_id"] == town.parts.settings.wechat_template_result
    assert message["data"]["thing1"] == "您的异地就医备案"
    assert message["data"]["phrase2"] == "已办好"
    assert message["data"]["character_string4"] == CASE
    notice = town.notice(notice_id)
    assert message["page"] == f"pages/filings/detail?id={notice.filing_id}"
    assert (notice.status, notice.channel, notice.attempts) == (NoticeStatus.SENT, Channel.WECHAT, 1)
    assert notice.sent_at is not None
    assert town.tries(notice_id) == [("wechat", "sent")]
    assert town.sms(resident) == []
    assert town.waiting() == 0


def test_who_refused_the_subscription_gets_an_sms(town: Town) -> None:
    resident = town.resident()
    town.unsubscribe(resident)
    (notice_id,) = town.tell(
        resident, NoticeKind.CORRECTION_NEEDED, reason="居住证明；身份证国徽面", due="2026-03-16"
    )

    town.work()

    (sms,) = town.sms(resident)
    assert sms == (
        f"【掌上办】您的异地就医备案（编号{CASE}）需要补正：居住证明；身份证国徽面。"
        "请在2026年3月16日前打开掌上办小程序办理，咨询电话12393。"
    )
    notice = town.notice(notice_id)
    assert (notice.status, notice.channel, notice.attempts) == (NoticeStatus.SENT, Channel.SMS, 1)
    assert notice.sms_serial
    assert town.tries(notice_id) == [("wechat", "refused"), ("sms", "sent")]


def test_who_has_no_wechat_gets_an_sms(town: Town) -> None:
    resident = town.resident(wechat=False)
    (notice_id,) = town.tell(resident)

    town.work()

    assert len(town.sms(resident)) == 1
    assert town.tries(notice_id) == [("sms", "sent")]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"errcode": 43101}, "refused"),
        ({"errcode": 40003}, "rejected"),
        ({"errcode": 40037}, "rejected"),
        ({"errcode": 47003}, "rejected"),
        ({"errcode": 48001}, "rejected"),
        ({"errcode": 41030}, "rejected"),
        ({"errcode": 45009}, "limited"),
    ],
    ids=str,
)
def test_what_wechat_will_not_take_goes_by_sms_at_once(
    fault: Mapping[str, object], outcome: str, town: Town
) -> None:
    resident = town.resident()
    town.fail_wechat(**fault)
    (notice_id,) = town.tell(resident)

    town.work()

    assert town.tries(notice_id) == [("wechat", outcome), ("sms", "sent")]
    assert town.notice(notice_id).status == NoticeStatus.SENT
    assert len(town.sms(resident)) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (BUSY_TWICE, "unreachable"),
        ({"drop": True}, "unreachable"),
        ({"http_status": 502}, "unreachable"),
        ({"errcode": 45011}, "limited"),
    ],
    ids=str,
)
def test_a_busy_wechat_is_tried_again_after_a_pause(
    fault: Mapping[str, object], outcome: str, town: Town
) -> None:
    resident = town.resident()
    town.fail_wechat(**fault)
    (notice_id,) = town.tell(resident)

    assert town.work() == 0
    waiting = town.notice(notice_id)
    assert (waiting.status, waiting.attempts) == (NoticeStatus.QUEUED, 1)
    assert waiting.last_error is not None
    assert waiting.last_error.startswith("wechat:")
    assert town.work() == 0, "it is tried before the pause is over"
    assert town.notice(notice_id).attempts == 1

    assert town.work_later(PAUSES[0]) == 1

    assert town.tries(notice_id) == [("wechat", outcome), ("wechat", "sent")]
    sent = town.notice(notice_id)
    assert (sent.status, sent.attempts, sent.last_error) == (NoticeStatus.SENT, 2, None)
    assert len(town.wechat(resident)) == 1
    assert town.sms(resident) == []


def test_a_wechat_that_stays_away_is_replaced_by_sms_on_the_third_try(town: Town) -> None:
    resident = town.resident()
    town.fail_wechat(drop=True, times=None)
    (notice_id,) = town.tell(resident)

    town.work()
    town.work_later(PAUSES[0])
    assert town.sms(resident) == []
    town.work_later(PAUSES[1])

    assert len(town.sms(resident)) == 1
    assert town.tries(notice_id)[-2:] == [("wechat", "unreachable"), ("sms", "sent")]


@pytest.mark.parametrize(
    "code", ["FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber"]
)
def test_a_phone_that_takes_no_messages_makes_it_undeliverable(code: str, town: Town) -> None:
    resident = town.resident(wechat=False)
    town.fail_sms(code=code)
    (notice_id,) = town.tell(resident)

    assert town.work() == 1

    notice = town.notice(notice_id)
    assert (notice.status, notice.channel, notice.sent_at) == (NoticeStatus.UNDELIVERABLE, None, None)
    assert notice.last_error == f"sms:{code}"
    assert town.waiting() == 0


@pytest.mark.parametrize("wechat", [True, False])
def test_who_has_neither_subscription_nor_phone_cannot_be_reached_and_it_shows(
    wechat: bool, town: Town
) -> None:
    resident = town.resident(wechat=wechat, phone=False)
    if wechat:
        town.unsubscribe(resident)
    (notice_id,) = town.tell(resident)

    assert town.work() == 1

    notice = town.notice(notice_id)
    assert notice.status == NoticeStatus.UNDELIVERABLE
    assert notice.last_error == ("wechat:43101" if wechat else "no_contact")


@pytest.mark.parametrize(
    "code",
    [
        "InternalError.Timeout",
        "FailedOperation.InsufficientBalanceInSmsPackage",
        "AuthFailure.SecretIdNotFound",
    ],
)
def test_an_sms_system_in_trouble_is_tried_for_hours_and_then_it_has_failed(code: str, town: Town) -> None:
    resident = town.resident(wechat=False)
    town.fail_sms(code=code, times=None)
    (notice_id,) = town.tell(resident)

    town.work()
    for pause in PAUSES:
        assert town.notice(notice_id).status == NoticeStatus.QUEUED
        town.work_later(pause)

    notice = town.notice(notice_id)
    assert (notice.status, notice.attempts) == (NoticeStatus.FAILED, MAX_ATTEMPTS)
    assert len(notice.tries) == MAX_ATTEMPTS
    assert notice.last_error == f"sms:{code}"
    assert town.waiting() == 0, "nothing is left behind in the outbox"


def test_the_outbox_does_not_give_up_before_the_notice_does() -> None:
    assert MAX_ATTEMPTS < outbox.MAX_ATTEMPTS
    days_of_limits = timedelta(days=len(PAUSES)) + timedelta(hours=12)
    assert days_of_limits < outbox.PATIENCE


def test_a_limit_of_the_day_is_waited_out_until_the_morning(town: Town) -> None:
    resident = town.resident(wechat=False)
    town.fail_sms(code="LimitExceeded.PhoneNumberDailyLimit")
    (notice_id,) = town.tell(resident)
    town.work()
    told_at = clock.now().astimezone(clock.CHINA)
    morning = told_at.replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)

    town.work_later(morning - told_at - timedelta(minutes=1))
    assert town.notice(notice_id).status == NoticeStatus.QUEUED
    town.work_later(timedelta(minutes=2))

    assert town.tries(notice_id) == [("sms", "limited"), ("sms", "sent")]


def test_a_template_that_the_sms_system_refuses_is_an_error_for_the_operators(town: Town) -> None:
    resident = town.resident(wechat=False)
    town.fail_sms(code="FailedOperation.TemplateIncorrectOrUnapproved")
    (notice_id,) = town.tell(resident)

    with structlog.testing.capture_logs() as logs:
        town.work()

    assert town.notice(notice_id).status == NoticeStatus.FAILED
    (entry,) = (entry for entry in logs if entry["event"] == "notice_not_taken")
    assert entry["log_level"] == "error"
    assert entry["code"] == "sms:FailedOperation.TemplateIncorrectOrUnapproved"


class TestNeverTwice:
    @pytest.fixture
    def database_url(self, both_databases: str) -> str:
        return both_databases

    def test_a_sent_notice_is_not_sent_again_when_its_message_comes_again(self, town: Town) -> None:
        resident = town.resident()
        (notice_id,) = town.tell(resident)
        town.work()

        sender(town.parts)(town.parts.database, {"id": str(notice_id)})

        assert len(town.wechat(resident)) == 1
        assert town.notice(notice_id).attempts == 1

    def test_a_message_without_its_notice_is_done(self, town: Town) -> None:
        sender(town.parts)(town.parts.database, {"id": "01900000-0000-7000-8000-000000000000"})

    def test_a_notice_that_another_worker_has_is_left_to_it(self, town: Town) -> None:
        resident = town.resident()
        (notice_id,) = town.tell(resident)
        claim_ends = clock.now() + CLAIM
        town.parts.database.run(
            lambda session: session.execute(
                update(Notice).where(Notice.id == notice_id).values(claimed_until=claim_ends)
            )
        )

        with pytest.raises(outbox.TryLater) as later:
            sender(town.parts)(town.parts.database, {"id": str(notice_id)})

        assert 0 < later.value.seconds <= CLAIM.total_seconds()
        assert town.wechat(resident) == []
        assert town.notice(notice_id).attempts == 0

    @pytest.mark.usefixtures("slow_wechat")
    def test_two_workers_at_once_send_it_once(self, town: Town) -> None:
        resident = town.resident()
        (notice_id,) = town.tell(resident)
        handler = sender(town.parts)
        postponed = []

        def work() -> None:
            try:
                handler(town.parts.database, {"id": str(notice_id)})
            except outbox.TryLater as later:
                postponed.append(later)

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert len(town.wechat(resident)) == 1
        assert len(postponed) == 3
        assert town.notice(notice_id).status == NoticeStatus.SENT

    @pytest.mark.usefixtures("slow_wechat")
    def test_nobody_waits_for_the_database_while_wechat_is_slow(self, town: Town) -> None:
        (notice_id,) = town.tell(town.resident())
        worker = threading.Thread(target=town.work)
        worker.start()
        wait_until(lambda: town.notice(notice_id).attempts == 1)

        begun = time.monotonic()
        town.parts.database.run(lambda session: session.execute(text("UPDATE person SET sex = sex")))
        took = time.monotonic() - begun
        still_queued = town.notice(notice_id).status == NoticeStatus.QUEUED
        worker.join()

        assert still_queued, "WeChat answered before the other write was done"
        assert took < 1


@pytest.fixture
def slow_wechat(town: Town) -> None:
    town.fail_wechat(delay_ms=1500)


def work_in_a_process_of_its_own(settings: Settings) -> None:
    parts = build_parts(settings)
    outbox.drain(parts.database, {TOPIC: sender(parts)})


def test_a_worker_killed_before_its_mark_leaves_the_notice_to_the_next_who_sends_it_again(
    town: Town, settings: Settings, standins: StandIns
) -> None:
    """At least once: the message may come twice, and the notice is never lost."""
    resident = town.resident()
    (notice_id,) = town.tell(resident)
    town.fail_wechat(delay_ms=2000)
    worker = multiprocessing.get_context("fork").Process(
        target=work_in_a_process_of_its_own, args=(settings,)
    )
    worker.start()
    # WeChat has the message and takes its time to answer.
    wait_until(lambda: not standins.wechat.faults.waiting() or not worker.is_alive())
    assert worker.is_alive(), "the worker ended by itself"
    worker.kill()
    worker.join()
    wait_until(lambda: len(town.wechat(resident)) == 1)
    left = town.notice(notice_id)
    assert (left.status, left.attempts, left.tries) == (NoticeStatus.QUEUED, 1, [])

    assert town.work() == 0, "the claim of the dead worker has not run out"
    assert town.work_later(CLAIM + timedelta(seconds=10)) == 1

    assert len(town.wechat(resident)) == 2
    notice = town.notice(notice_id)
    assert (notice.status, notice.attempts) == (NoticeStatus.SENT, 2)
    assert town.work_later(timedelta(hours=1)) == 0
    assert len(town.wechat(resident)) == 2


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


def test_neither_logs_nor_the_outbox_hold_anything_personal(town: Town) -> None:
    resident = town.resident()
    town.unsubscribe(resident)
    notice_ids: list[UUID] = town.tell(resident, reason="张三丰的居住证明")

    with structlog.testing.capture_logs() as logs, town.parts.database.reading() as session:
        payloads = session.execute(text("SELECT payload, last_error FROM outbox_message")).all()
        stored = session.execute(text("SELECT params_sealed FROM notice")).scalar_one()
        town.work()

    said = f"{logs} {payloads}"
    assert str(notice_ids[0]) in said
    for secret in ("张三丰", "王秀英", resident.phone, resident.openid):
        assert secret is not None
        assert secret not in said
        assert secret.encode() not in stored
