"""Filed late, after paying: an emergency's record by papers and review, for reimbursement at the home desk."""

from datetime import timedelta

from mock_client.actors.telling import outcome_of
from mock_client.checks import must, must_be, must_say
from mock_client.people import Wanted
from mock_client.world import World

NAME = "backfile_manual"
TITLE = "自费出院后补办：按急诊补办，回参保地手工报销"

XIAN = "6101"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("610727", student=False))
    citizen.sign_in()
    admitted, discharged = world.today - timedelta(days=12), world.today - timedelta(days=5)
    stay = {
        "category": "emergency",
        "care_region_code": XIAN,
        "care_institution_name": "样本大学第一附属医院",
        "admitted_on": admitted.isoformat(),
        "discharged_on": discharged.isoformat(),
        "settled": "self_paid",
    }
    camera, person = citizen.phone.camera, citizen.person.holder
    papers = citizen.hand_in(
        camera.emergency_record(person), camera.discharge_summary(person, left_on=discharged)
    )
    refusal = citizen.refused(
        "出院时已经用医保直接结算过，还想补办",
        "invalid_input",
        lambda: citizen.start({**stay, "settled": "direct"}, papers=papers),
    )
    must("form.settled" in refusal.errors, "应当说明已经直接结算的不用补办")
    filing = citizen.file(stay, papers=papers, did="已自费出院，补办急诊备案")
    must_be("办件状态", filing["status"], "submitted")

    handler = world.handler(citizen)
    handler.sign_in()
    claimed = handler.claim(handler.find_in_queue(filing))
    handler.look_at_papers(claimed)
    handler.approve(claimed)

    done = citizen.look_at(filing["id"])
    must_say(outcome_of(done, "结算方式"), "手工报销")
    record = citizen.record_of(filing)
    must_be("开始日期（入院那天）", record["begndate"], admitted.isoformat())
    must_be("结算方式", record["settlement"], "manual_reimbursement")
    citizen.read_notice("filing_approved", filing)
