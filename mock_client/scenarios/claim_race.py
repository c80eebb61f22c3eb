"""Two handlers reach for one case at the same moment: one has it, the other is told so; released, it is free again."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from mock_client.actors import Handler
from mock_client.answers import Refused
from mock_client.api.filings import FilingAnswer
from mock_client.checks import must, must_be, must_hold
from mock_client.people import Wanted
from mock_client.world import World

NAME = "claim_race"
TITLE = "两个经办员同时领一件：只有一个领到，另一个看得懂为什么"

LOST_THE_RACE = ("held_by_another", "stale_version")


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6104", "390", student=False))
    citizen.sign_in()
    camera, person = citizen.phone.camera, citizen.person.holder
    papers = citizen.hand_in(camera.social_card(person), camera.residence_permit(person))
    filing = citizen.file(
        {"category": "long_term_resident", "care_region_code": "5101", "proof": "documents"}, papers=papers
    )
    pair = world.two_handlers(citizen)
    for handler in pair:
        handler.sign_in()
        handler.find_in_queue(filing)

    winner, loser, refusal = _race(pair, filing)
    must_hold("没领到时的代码", LOST_THE_RACE, [refusal.code])
    now = loser.look_at(filing["id"], did="刷新办件")
    must("claim" not in now["available_actions"], "别人领走的办件不应再显示“领取”")
    for did, action in (("还想领取", "claim"), ("直接点通过", "approve")):
        loser.refused(
            did,
            "held_by_another",
            partial(loser.api.act_on_filing, filing["id"], action, now["version"]),
            status=409,
        )
    winner.release(winner.look_at(filing["id"]))
    claimed = loser.claim(loser.look_at(filing["id"]))
    must_be("办件状态", loser.approve(claimed)["status"], "approved")
    supervisor = world.supervisor(citizen.person.region)
    supervisor.sign_in()
    seen = supervisor.look_at(filing["id"], did="打开下属办过的办件")
    must_be("负责人可以做的操作（只能看）", seen["available_actions"], [])
    actions = [event["action"] for event in citizen.read_history(filing["id"])]
    must_be("办理记录", actions, ["submit", "claim", "release", "claim", "approve"])


def _race(pair: tuple[Handler, Handler], filing: FilingAnswer) -> tuple[Handler, Handler, Refused]:
    start = Barrier(2)

    def claim(handler: Handler) -> Refused | None:
        version = handler.api.get_filing(filing["id"])["version"]
        start.wait(timeout=10)
        try:
            handler.api.act_on_filing(filing["id"], "claim", version)
        except Refused as refusal:
            return refusal
        return None

    first, second = pair
    with first.step("和同事同时点“领取”") as step:
        with ThreadPoolExecutor(2) as both:
            ends = list(both.map(claim, pair))
        must_be("领到的人数", sum(end is None for end in ends), 1)
        step.saw("领到了" if ends[0] is None else "没领到")
    winner, loser = (first, second) if ends[0] is None else (second, first)
    refusal = next(end for end in ends if end is not None)
    with loser.step("看没领到的提示") as step:
        step.saw_refusal(refusal)
    return winner, loser, refusal
