"""Wrong state, old version, and keys used again: each has its code, its sentence, and what is possible instead."""

from functools import partial

from mock_client.answers import Refused
from mock_client.api.filings import Form
from mock_client.checks import must_be, must_hold
from mock_client.people import Wanted
from mock_client.world import World

NAME = "wrong_moment"
TITLE = "状态不对、版本过期、请求标识重复：各有各的说明"

FORM: Form = {
    "category": "other_temporary",
    "care_region_code": "11",
    "proof": "commitment",
    "commitment_accepted": True,
}


def run(world: World) -> None:
    citizen = world.citizen(Wanted("2305", student=False))
    citizen.sign_in()
    with citizen.step("先存一份草稿") as step:
        draft = citizen.start(FORM, submit=False)
        must_be("办件状态", draft["status"], "draft")
        step.saw(draft["next_step"])
    with citizen.step("在另一个页面改了草稿") as step:
        edited = citizen.api.edit_filing(draft["id"], draft["version"], form={**FORM, "reason": "陪孩子看病"})
        must_be("版本", edited["version"], draft["version"] + 1)
        step.saw("已保存")
    refusal = citizen.refused(
        "在没刷新的页面上又改一次",
        "stale_version",
        lambda: citizen.api.edit_filing(draft["id"], draft["version"], form=FORM),
        status=409,
    )
    must_be("提示里的新版本", refusal.answer.json["version"], edited["version"])
    _says_what_is_possible(refusal, "submit")

    citizen.refused(
        "没提交就想下载回执", "no_receipt", lambda: citizen.api.get_filing_pdf(draft["id"]), status=409
    )
    citizen.refused(
        "没办结就想评价", "not_rateable", lambda: citizen.api.rate_filing(draft["id"], 5), status=409
    )
    refusal = citizen.refused(
        "对草稿点“重新提交”",
        "wrong_state",
        lambda: citizen.api.act_on_filing(draft["id"], "resubmit", edited["version"]),
        status=409,
    )
    _says_what_is_possible(refusal, "submit", "withdraw")
    withdrawn = citizen.withdraw(edited)
    for did, action in (("撤回以后又想提交", "submit"), ("撤回两次", "withdraw")):
        refusal = citizen.refused(
            did,
            "wrong_state",
            partial(citizen.api.act_on_filing, draft["id"], action, withdrawn["version"]),
            status=409,
        )
        must_be("还能做的操作", refusal.answer.json["available_actions"], [])
    _keys(world)


def _says_what_is_possible(refusal: Refused, *actions: str) -> None:
    must_hold("提示里可以做的操作", refusal.answer.json["available_actions"], actions)


def _keys(world: World) -> None:
    citizen = world.citizen(Wanted("6104", student=False))
    citizen.sign_in()
    key = citizen.phone.new_key()
    with citizen.step("同一个请求标识、同样的内容，发两次") as step:
        first = citizen.start(FORM, key=key)
        second = citizen.start(FORM, key=key)
        must_be("第二次的回答", second, first)
        headers = citizen.api.last.headers if citizen.api.last else {}
        must_be("Idempotent-Replayed", headers.get("Idempotent-Replayed"), "true")
        step.saw(f"两次都是 {first['number']}")
    citizen.refused(
        "同一个请求标识，换了内容",
        "idempotency_key_reused",
        lambda: citizen.start({**FORM, "care_region_code": "31"}, key=key),
        status=422,
    )
    citizen.refused(
        "请求标识太短", "idempotency_key_malformed", lambda: citizen.start(FORM, key="short"), status=422
    )
    other = world.citizen(Wanted("1401", student=False))
    other.sign_in()
    other.refused(
        "用了别人的请求标识",
        "idempotency_key_foreign",
        lambda: other.start(FORM, key=key),
        status=422,
    )
    with other.step("查看我的办件") as step:
        must_be("办件数", len(other.api.list_filings()["items"]), 0)
        step.saw("没有办件，什么都没有多出来")
