"""After the lock: seven months later a long-term filing is changed under review, and the old one ends the day before."""

from datetime import timedelta

from mock_client.actors import Citizen
from mock_client.api.filings import FilingAnswer
from mock_client.checks import must, must_be
from mock_client.people import Insured, Wanted
from mock_client.world import World

NAME = "change_after_lock"
TITLE = "过了限制期：七个月以后，审核后变更就医地"

CHENGDU, XIAN = "5101", "6101"
SEVEN_MONTHS = timedelta(days=214)


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6109", least_age=40, student=False))
    citizen.sign_in()
    filing = citizen.file(
        {
            "category": "long_term_resident",
            "care_region_code": CHENGDU,
            "proof": "commitment",
            "commitment_accepted": True,
        },
        did="跟子女住到成都，承诺代替材料，提交",
    )
    _approve(world, citizen, filing)
    must(citizen.record_of(filing)["lock_until"], "安康的长期备案应当有限制期")
    if world.office is None:
        with citizen.step("七个月以后") as step:
            step.saw("这里没有 zhangban 命令，不能开一台七个月以后的服务器，后面不演")
        return
    with world.at(world.now + SEVEN_MONTHS) as later:
        _seven_months_later(later, citizen.person, filing)


def _seven_months_later(later: World, person: Insured, filing: FilingAnswer) -> None:
    citizen = later.same(person)
    citizen.sign_in("七个月以后，打开小程序，用微信登录")
    old = citizen.record_of(filing)
    must(old["in_force"], "长期备案应当一直有效")
    must((old["lock_until"] or "") < later.today.isoformat(), "限制期应当已经过去")

    changed = citizen.change_record(old, {"care_region_code": XIAN, "commitment_accepted": True})["filing"]
    must_be("变更的办件状态", changed["status"], "submitted")
    must(citizen.record_of(filing)["in_force"], "变更审核期间，原备案应当继续有效")
    _approve(later, citizen, changed)

    records = {one["filing_id"]: one for one in citizen.read_records()}
    yesterday = later.today - timedelta(days=1)
    must_be("原备案的结束日期", records[filing["id"]]["enddate"], yesterday.isoformat())
    must(not records[filing["id"]]["in_force"], "原备案应当已经结束")
    must(records[changed["id"]]["in_force"], "新备案应当有效")
    actions = [event["action"] for event in citizen.read_history(filing["id"])]
    must_be("原办件的最后一步", actions[-1], "replace_record")


def _approve(world: World, citizen: Citizen, filing: FilingAnswer) -> None:
    handler = world.handler(citizen)
    handler.sign_in()
    must_be("办件状态", handler.approve(handler.claim(handler.find_in_queue(filing)))["status"], "approved")
