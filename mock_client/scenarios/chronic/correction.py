"""Two diseases, two experts, each misses something: one notice names both, and both are answered at once."""

from mock_client.camera import COPD as COPD_ILLNESS
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must, must_be, must_hold
from mock_client.scenarios.chronic.moves import (
    COPD,
    COPD_MET,
    DIABETES,
    DIABETES_MET,
    HOSPITAL,
    approved_by_agency,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_correction"
TITLE = "补正：两位专家各缺一份材料，一次告知、一次补齐，回到同样的专家"

ASKED = {
    DIABETES: {"kind": "examination_report", "text": "尿检报告看不清，请重新拍一张"},
    COPD: {"kind": "discharge_summary", "text": "请补上因急性加重住院的出院小结"},
}


def run(world: World) -> None:
    citizen = patient(world)
    about = {
        DIABETES: papers_about(citizen, DIABETES_ILLNESS),
        COPD: papers_about(citizen, COPD_ILLNESS),
    }
    entries = [diagnosed(world, citizen, code, papers) for code, papers in about.items()]
    filing = citizen.apply(entries, [one for papers in about.values() for one in papers])

    experts = world.experts_of(citizen, filing)
    must_be("抽到的专家数", len({one.reviewer.username for one in experts.values()}), 2)
    for code, expert in experts.items():
        expert.examine(filing, code)
        before = expert.api.get_filing(filing["id"])
        asked = expert.ask_for(before, [ASKED[code]], "材料需要补充")
        last = code == list(experts)[-1]
        must_be("办件状态", asked["status"], "needs_correction" if last else "submitted")

    notice = citizen.read_notice("correction_needed", filing)
    seen = citizen.look_at(filing["id"])
    wanted = [one["text"] for one in ASKED.values()]
    for text in wanted:
        must(text in notice["text"], f"一次性告知里应当说到“{text}”")
    must_be("要补正的份数", sorted(one["text"] for one in seen["missing"]), sorted(wanted))
    must_hold("可以做的操作", seen["available_actions"], ["resubmit", "withdraw"])

    camera, person = citizen.phone.camera, citizen.person.holder
    added = citizen.hand_in(
        camera.examination_report(person, hospital=HOSPITAL, illness=DIABETES_ILLNESS, came_at=world.now),
        camera.discharge_summary(person, hospital=HOSPITAL, illness=COPD_ILLNESS),
    )
    corrected = citizen.correct(seen, added)
    must_be("办件状态", corrected["status"], "submitted")
    again = world.experts_of(citizen, corrected)
    must_be(
        "补正以后的专家",
        {code: one.reviewer.username for code, one in again.items()},
        {code: one.reviewer.username for code, one in experts.items()},
    )
    for code, expert in again.items():
        item = expert.examine(corrected, code)
        expert.certify(filing["id"], item, DIABETES_MET if code == DIABETES else COPD_MET)
    approved_by_agency(world, citizen, filing)
    must_be("得到的待遇数", len(citizen.read_entitlements()), 2)
    actions = [event["action"] for event in citizen.read_history(filing["id"])]
    must_be("一次性告知的次数", actions.count("send_back"), 1)
