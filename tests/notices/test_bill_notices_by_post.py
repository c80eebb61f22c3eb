"""Notices of bills go out by WeChat alone, and are read in the app where that does not reach anybody."""

from uuid import UUID

import pytest
from sqlalchemy import select
from told import Resident, Town

from app.kit import clock, ids
from app.kit.text import Text
from app.notices import service
from app.notices.models import Notice, NoticeKind
from app.notices.service import queue_bill_notice
from app.notices.wording import NOT_BY_SMS

REASON = Text("在仁和大药房买药，一共150元。", "medicines, 150 yuan in all.")


def tell(town: Town, resident: Resident, bill: UUID | None = None) -> list[UUID]:
    return town.parts.database.run(
        lambda session: queue_bill_notice(
            session,
            person_id=resident.person_id,
            kind=NoticeKind.BILL_SETTLED,
            settlement_id=bill or ids.new_id(),
            service=Text("医保结算", "medical bill"),
            reason=REASON,
        )
    )


def test_wechat_says_that_there_is_a_bill_and_nothing_of_what_it_was_for(town: Town) -> None:
    resident, bill = town.resident(), ids.new_id()
    tell(town, resident, bill)
    town.work()
    [message] = town.wechat(resident)
    assert message["page"] == f"pages/settlements/detail?id={bill}"
    assert {name: value for name, value in message["data"].items() if name != "time3"} == {
        "thing1": "您的医保结算",
        "phrase2": "医保已结算",
        "character_string4": "-",
        "thing5": "不是您用的请拨打12393",
    }
    assert town.sms(resident) == []


@pytest.mark.parametrize("wechat", [False, True])
def test_whoever_has_no_wechat_for_it_gets_no_sms_and_reads_it_in_the_app(town: Town, wechat: bool) -> None:
    resident = town.resident(wechat=wechat)
    if wechat:
        town.unsubscribe(resident)
    [notice_id] = tell(town, resident)
    assert town.waiting() == int(wechat)
    town.work()
    assert town.sms(resident) == []
    assert town.waiting() == 0
    shown = service.view(town.notice(notice_id), None, "zh-CN")
    assert (shown.status, shown.status_text) == ("undeliverable", "没有订阅微信消息，请在这里查看")
    assert [one.text for one in shown.tries] == (["您没有订阅微信消息"] if wechat else [])
    assert "短信" not in "".join(NOT_BY_SMS.values())


def test_a_busy_wechat_is_asked_again(town: Town) -> None:
    resident = town.resident()
    [notice_id] = tell(town, resident)
    town.fail_wechat(errcode=-1, times=2)
    town.work()
    assert town.notice(notice_id).status == "queued"
    assert town.sms(resident) == []


def test_a_child_that_nothing_reaches_is_told_through_the_guardian_alone(town: Town) -> None:
    mother = town.resident("王秀英")
    child = town.resident(
        "王小宝", wechat=False, phone=False, born=f"{clock.today().year - 6}0101", guardian=mother
    )
    bill = ids.new_id()
    [notice_id] = tell(town, child, bill)
    assert tell(town, child, bill) == []
    assert town.notice(notice_id).person_id == mother.person_id
    assert len(tell(town, child)) == 1

    def told_to_child() -> list[Notice]:
        with town.parts.database.reading() as session:
            query = select(Notice).where(Notice.person_id == child.person_id)
            return list(session.execute(query).scalars())

    assert told_to_child() == []
