"""An expert lets the day pass: somebody else is drawn, and the late one has nothing more to do with the case."""

from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must, must_be, must_hold
from mock_client.people import Insured
from mock_client.scenarios.chronic.moves import (
    DIABETES,
    DIABETES_MET,
    approved_by_agency,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_timeout"
TITLE = "专家超时：一个工作日没有鉴定，换抽一位，原来的专家不再看得到"


def run(world: World) -> None:
    citizen = patient(world)
    filing = citizen.apply([diagnosed(world, citizen, DIABETES)], papers_about(citizen, DIABETES_ILLNESS))
    must(filing["due_at"], "专家鉴定应当有期限")
    late = world.expert_of(citizen, filing)
    late.examine(filing, DIABETES)
    if world.office is None:
        with citizen.step("期限过后") as step:
            step.saw("这里没有 zhangban 命令，不能让期限过去，后面不演")
        return
    with late.step("一直没有鉴定，期限过了") as step:
        then = world.office.pass_deadline(filing["number"])
        step.saw(f"{then.astimezone():%Y-%m-%d %H:%M} 系统换抽专家")
    late.refused("期限过后想打开这件", "not_found", lambda: late.api.get_filing(filing["id"]), status=404)
    with late.step("查看待办") as step:
        must(late.in_queue(filing["id"]) is None, "换抽以后原来的专家不应再看到这件")
        step.saw("已经不在待办里")
    with world.at(then) as later:
        _replaced(later, citizen.person, filing["id"], late.reviewer.username)


def _replaced(later: World, person: Insured, filing_id: str, late: str) -> None:
    """On a server whose clock stands after the deadline."""
    citizen = later.same(person)
    citizen.sign_in("期限过后，打开小程序，用微信登录")
    filing = citizen.look_at(filing_id)
    must_be("办件状态", filing["status"], "submitted")
    expert = later.expert_of(citizen, filing)
    must(expert.reviewer.username != late, "应当换抽另一位专家")
    item = expert.examine(filing, DIABETES)
    must_be("第几次鉴定", item["round"], 1)
    expert.certify(filing_id, item, DIABETES_MET)
    approved_by_agency(later, citizen, filing)
    must_be("得到的待遇数", len(citizen.read_entitlements()), 1)
    actions = [event["action"] for event in citizen.read_history(filing_id)]
    must_hold("办理记录", actions, ["submit", "redraw", "certify", "approve"])
