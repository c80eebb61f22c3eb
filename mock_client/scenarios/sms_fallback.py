"""Who does not want WeChat's messages gets a text message instead, and sees in the app how it went."""

from mock_client.api.filings import Form
from mock_client.checks import must, must_be, must_say
from mock_client.control import newest
from mock_client.people import Wanted
from mock_client.world import SUBSCRIPTIONS, World

NAME = "sms_fallback"
TITLE = "拒收微信通知：改发短信，小程序里看得到怎么发的"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("2305", student=False))
    citizen.sign_in()
    with citizen.step("微信问要不要接收办理通知，点“拒绝”") as step:
        for template in SUBSCRIPTIONS:
            world.wechat.subscribe(citizen.person.openid, template, accept=False)
        step.saw("以后不再提醒")
    form: Form = {
        "category": "other_temporary",
        "proof": "commitment",
        "commitment_accepted": True,
    }
    filing = citizen.file({**form, "care_region_code": "31"}, did="办一份去上海的临时备案")
    must_be("办件状态", filing["status"], "approved")

    notice = citizen.read_notice("filing_approved", filing)
    must_be("通知状态", notice["status"], "sent")
    must_be("通知方式", notice["channel"], "sms")
    must_be(
        "发送经过",
        [(one["channel"], one["outcome"]) for one in notice["tries"]],
        [("wechat", "refused"), ("sms", "sent")],
    )
    must_say(citizen.see_sms(filing), "掌上办", filing["number"], "已办好")
    with citizen.step("看看微信") as step:
        messages = world.wechat.messages(citizen.person.openid)
        must(newest(messages, filing["number"]) is None, "拒收以后微信里不应有这件的消息")
        step.saw("没有消息")

    with citizen.step("改主意了，点“接收”") as step:
        for template in SUBSCRIPTIONS:
            world.wechat.subscribe(citizen.person.openid, template, accept=True)
        step.saw("已订阅")
    again = citizen.file({**form, "care_region_code": "11"}, did="再办一份去北京的")
    must_be("通知方式", citizen.read_notice("filing_approved", again)["channel"], "wechat")
    citizen.see_wechat_message(again, "已办好")
