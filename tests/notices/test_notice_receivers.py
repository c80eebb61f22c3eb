"""Who is told: the person, whoever applied for him or her, and for children without a phone their guardians."""

from datetime import date, timedelta

from told import Town

from app.kit import clock
from app.notices.models import NoticeStatus


def born(*, years_ago: int) -> str:
    """A birth date so many full years ago, as ID numbers hold it."""
    today = clock.today()
    return date(today.year - years_ago, today.month, min(today.day, 28)).strftime("%Y%m%d")


def test_the_applicant_is_told_too_and_of_whom_it_is(town: Town) -> None:
    mother, son = town.resident("赵桂兰"), town.resident("欧阳志远")

    subject_notice, applicant_notice = town.tell(mother, also=son)
    town.work()

    assert town.wechat(mother)[0]["data"]["thing1"] == "您的异地就医备案"
    assert town.wechat(son)[0]["data"]["thing1"] == "赵*兰的异地就医备案"
    assert town.notice(subject_notice).person_id == mother.person_id
    assert town.notice(applicant_notice).person_id == son.person_id


def test_who_applies_for_oneself_is_told_once(town: Town) -> None:
    resident = town.resident()

    assert len(town.tell(resident, also=resident)) == 1


def test_a_child_without_a_phone_is_told_through_the_guardian(town: Town) -> None:
    mother = town.resident("赵桂兰")
    child = town.resident("欧阳念慈", born=born(years_ago=1), wechat=False, phone=False, guardian=mother)
    (notice_id,) = town.tell(child)

    town.work()

    (message,) = town.wechat(mother)
    assert message["data"]["thing1"] == "欧*慈的异地就医备案"
    assert town.notice(notice_id).status == NoticeStatus.SENT


def test_a_guardian_who_applied_for_such_a_child_is_told_once(town: Town) -> None:
    mother = town.resident("赵桂兰")
    child = town.resident("欧阳念慈", born=born(years_ago=1), wechat=False, phone=False, guardian=mother)

    (notice_id,) = town.tell(child, also=mother)
    town.work()

    assert town.notice(notice_id).person_id == mother.person_id
    assert [message["data"]["thing1"] for message in town.wechat(mother)] == ["欧*慈的异地就医备案"]


def test_an_agent_who_applied_for_such_a_child_does_not_replace_the_guardian(town: Town) -> None:
    mother, agent = town.resident("赵桂兰"), town.resident("孙建平")
    child = town.resident("欧阳念慈", born=born(years_ago=1), wechat=False, phone=False, guardian=mother)

    town.tell(child, also=agent)
    town.work()

    assert len(town.wechat(mother)) == len(town.wechat(agent)) == 1


def test_a_youth_with_wechat_alone_shares_the_guardians_phone(town: Town) -> None:
    father = town.resident("孙建平")
    youth = town.resident("孙思远", born=born(years_ago=16), phone=False, guardian=father)
    town.unsubscribe(youth)
    town.tell(youth)

    town.work()

    assert town.wechat(father) == []
    (sms,) = town.sms(father)
    assert sms.startswith("【掌上办】孙*远的异地就医备案")


def test_who_has_come_of_age_is_not_told_through_a_parent(town: Town) -> None:
    mother = town.resident("赵桂兰")
    youth = town.resident("欧阳念慈", born=born(years_ago=17), wechat=False, phone=False, guardian=mother)
    clock.shift(timedelta(days=366))
    (notice_id,) = town.tell(youth)

    town.work()

    assert town.wechat(mother) == []
    assert town.notice(notice_id).status == NoticeStatus.UNDELIVERABLE
