"""A referral in 滨海: the desk of the hospital that refers approves it online, and nobody else has it."""

from dataclasses import replace

from mock_client.checks import must, must_be, the_one
from mock_client.people import Wanted
from mock_client.world import World

NAME = "referral"
TITLE = "转诊备案：由转诊医院的医保窗口网上审批"

HOSPITAL = "滨海县人民医院"
NANJING = "3201"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("320922", student=False))
    citizen.sign_in()
    with citizen.step("在列表里找能转诊的医院") as step:
        found = citizen.api.list_institutions(region_code="320922", can_refer=True, limit=50)["items"]
        for place in found:
            step.saw(f"{place['name']}，{place['region_name']}")
        hospital = the_one(HOSPITAL, found, lambda place: place["name"] == HOSPITAL)
        must(all(place["can_refer"] for place in found), "列表里应当只有可以转诊的医院")

    form = {
        "category": "referral",
        "care_region_code": NANJING,
        "referring_institution_id": hospital["id"],
        "diagnosis": "肺部占位性病变（样本）",
    }
    camera, person = citizen.phone.camera, citizen.person.holder
    record_of_visit = replace(camera.outpatient_record(person, hospital=HOSPITAL), kind="medical_record")
    papers = citizen.hand_in(record_of_visit, camera.social_card(person))
    clinic = next(
        place
        for place in citizen.api.list_institutions(region_code="320922", can_refer=False)["items"]
        if place["type"] != "pharmacy"
    )
    citizen.refused(
        "误选了不能转诊的医院",
        "invalid_input",
        lambda: citizen.start({**form, "referring_institution_id": clinic["id"]}, papers=papers),
    )
    filing = citizen.file(form, papers=papers)
    must_be("办件状态", filing["status"], "submitted")
    must("医院" in filing["where"], "转诊应当由医院医保办审核")

    handler = world.handler(citizen)
    handler.sign_in()
    with handler.step("查看经办机构的队列") as step:
        must(handler.in_queue(filing["id"]) is None, "转诊不应进入经办机构的队列")
        step.saw("转诊由医院审批，不在这里")
    other = world.hospital_desk("滨海县中医院")
    other.sign_in()
    other.refused(
        "别的医院的窗口想打开这件转诊",
        "not_found",
        lambda: other.api.get_filing(filing["id"]),
        status=404,
    )

    desk = world.hospital_desk(HOSPITAL)
    desk.sign_in()
    claimed = desk.claim(desk.find_in_queue(filing))
    desk.look_at_papers(claimed)
    must_be("办件状态", desk.approve(claimed)["status"], "approved")

    done = citizen.look_at(filing["id"])
    must_be("办件状态", done["status"], "approved")
    record = citizen.record_of(filing)
    must_be("类型", record["category"], "referral")
    citizen.read_notice("filing_approved", filing)
    citizen.download_receipt(done)
