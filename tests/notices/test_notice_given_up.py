"""A notice whose outbox message was given up is shown as it is, and not as being sent for ever."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from told import Town

from app.kit import clock, outbox
from app.kit.db import Database
from app.notices.models import NoticeStatus
from app.notices.sending import TOPIC, sender


def test_a_notice_whose_message_was_given_up_is_shown_as_failed(town: Town) -> None:
    (notice_id,) = town.tell(town.resident())
    duty = sender(town.parts)

    def crash(database: Database, payload: Mapping[str, Any]) -> None:
        raise MemoryError

    begun = clock.now()
    for hour in range(outbox.MAX_ATTEMPTS + 1):
        with clock.travel(begun + timedelta(hours=hour)):
            outbox.drain(town.parts.database, {TOPIC: replace(duty, do=crash)})

    notice = town.notice(notice_id)
    assert (notice.status, notice.claimed_until) == (NoticeStatus.FAILED, None)
    assert notice.last_error == "given_up"


def test_a_notice_that_went_out_all_the_same_is_shown_as_sent(town: Town) -> None:
    resident = town.resident()
    (notice_id,) = town.tell(resident)
    duty = sender(town.parts)
    payload = {"id": str(notice_id)}
    town.fail_wechat(delay_ms=1500)
    worker = threading.Thread(target=lambda: duty(town.parts.database, payload))
    worker.start()
    deadline = time.monotonic() + 10
    while town.notice(notice_id).attempts == 0 and time.monotonic() < deadline:
        time.sleep(0.02)

    town.parts.database.run(lambda session: duty.gave_up(session, payload))
    assert town.notice(notice_id).status == NoticeStatus.FAILED
    worker.join()

    assert town.notice(notice_id).status == NoticeStatus.SENT
