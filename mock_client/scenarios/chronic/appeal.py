"""Refused, appealed, won: the second expert certifies what the first refused, so a third decides."""

from mock_client.camera import CORONARY as CORONARY_ILLNESS
from mock_client.checks import must, must_be, must_hold
from mock_client.scenarios.chronic.moves import (
    CORONARY,
    CORONARY_MET,
    HOSPITAL,
    approved_by_agency,
    diagnosed,
    patient,
)
from mock_client.world import World

NAME = "chronic_appeal"
TITLE = "复核成功：第一位专家不认定，第二位认定，意见不同由第三位定"

REASON = "门诊病历没有造影结果，看不出冠状动脉狭窄"


def run(world: World) -> None:
    citizen = patient(world)
    camera, person = citizen.phone.camera, citizen.person.holder
    papers = citizen.hand_in(
        camera.outpatient_record(person, hospital=HOSPITAL, illness=CORONARY_ILLNESS),
        camera.surgery_record(person, hospital=HOSPITAL),
    )
    filing = citizen.apply([diagnosed(world, citizen, CORONARY)], papers)

    first = world.expert_of(citizen, filing)
    item = first.examine(filing, CORONARY)
    refused = first.refuse(filing["id"], item, REASON)
    must_be("办件状态", refused["status"], "refused")
    must_hold("可以做的操作", citizen.look_at(filing["id"])["available_actions"], ["appeal"])
    citizen.read_notice("filing_refused", filing)
    citizen.read_case(filing["id"])

    appealed = citizen.appeal(citizen.api.get_filing(filing["id"]), "手术记录写明狭窄85%并放了支架，请复核")
    must_be("办件状态", appealed["status"], "submitted")
    second = world.expert_of(citizen, appealed)
    must(second.reviewer.username != first.reviewer.username, "复核应当由另一位专家鉴定")
    item = second.examine(filing, CORONARY)
    must_be("第几次鉴定", item["round"], 2)
    still = second.certify(filing["id"], item, CORONARY_MET)
    must_be("两位专家意见不同时的办件状态", still["status"], "submitted")

    third = world.expert_of(citizen, appealed)
    must(
        third.reviewer.username not in {first.reviewer.username, second.reviewer.username},
        "意见不同时应当由第三位专家定",
    )
    item = third.examine(filing, CORONARY)
    must_be("第几次鉴定", item["round"], 3)
    must_be("办件状态", third.certify(filing["id"], item, CORONARY_MET)["status"], "certified")
    citizen.refused(
        "想再申请一次复核",
        "wrong_state",
        lambda: citizen.api.act_on_filing(
            filing["id"], "appeal", citizen.api.get_filing(filing["id"])["version"], reason="再看一次"
        ),
        status=409,
    )

    approved_by_agency(world, citizen, filing)
    [item] = citizen.read_case(filing["id"])["items"]
    must_be("三次意见", [one["certified"] for one in item["opinions"]], [False, True, True])
    form = citizen.download_receipt(citizen.look_at(filing["id"]), "下载认定表 PDF")
    verified = world.passerby().check_receipt(form)
    must_be("认定表上的电子签名数", len(verified["signatures"]), 3)
