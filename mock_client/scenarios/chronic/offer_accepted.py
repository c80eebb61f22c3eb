"""免申即享: a hospital's report proves the disease, the person consents in one tap, and the usual review follows."""

from mock_client.checks import must, must_be, must_hold, must_say
from mock_client.scenarios.chronic.moves import COPD, COPD_MET, HOSPITAL, approved_by_agency, patient
from mock_client.scenarios.chronic.visits import BY_THE_MINUTE_S, screened, stay
from mock_client.world import World

NAME = "chronic_offer_accepted"
TITLE = "免申即享：医院上报的住院记录证明了病情，本人点一下同意，不用交材料，审核照常"


def run(world: World) -> None:
    citizen = patient(world)
    system = world.hospital_system(HOSPITAL)
    system.sign_in()
    good = stay(world, citizen.person.id_no)
    wrong_day = {**stay(world, citizen.person.id_no), "visited_on": "2026-13-01"}
    no_code = {**stay(world, citizen.person.id_no), "icd10": "肺病"}
    taken = system.report([good, wrong_day, no_code], "上报三条就诊记录，两条写错了")
    must_be("收下的条数", taken["taken"], 1)
    must_be("有误的是第几条", [row["position"] for row in taken["bad"]], [1, 2])
    again = system.report([good], "没收到回答，同一条又报一次")
    must_be("第二次新收的条数", (again["taken"], again["known"]), (0, 1))
    system.refused(
        "医院系统想看邀请", "role_not_allowed", lambda: system.api.list_chronic_offers(limit=1), status=403
    )

    if not screened(world, citizen):
        return
    citizen.read_notice("benefit_offered", None, seconds=BY_THE_MINUTE_S)
    [offer] = citizen.read_offers()
    must_be("邀请的病种", offer["disease_code"], COPD)
    must_be("邀请的状态", offer["status"], "open")
    must_be("依据的就诊记录数", len(offer["evidence"]), 1)
    must_hold("可以做的操作", offer["available_actions"], ["accept", "decline"])
    screened(world, citizen)
    must_be("再筛查一次以后的邀请数", len(citizen.read_offers()), 1)

    filing = citizen.accept(offer)
    must_be("办件状态", filing["status"], "submitted")
    must(not filing["papers"], "同意以后不用交材料")
    citizen.refused(
        "又点一次“同意”",
        "chronic_offer_closed",
        lambda: citizen.api.act_on_chronic_offer(
            offer["id"], "accept", citizen.api.list_chronic_offers(limit=1)["items"][0]["version"]
        ),
        status=409,
    )
    expert = world.expert_of(citizen, filing)
    must(expert.reviewer.hospital != HOSPITAL, "上报的医院的专家不应被抽到")
    item = expert.examine(filing, COPD)
    must_be("没有照片，专家看到的就诊记录", [one["icd10"] for one in item["evidence"]], [good["icd10"]])
    met = dict.fromkeys((*COPD_MET, "exacerbations"), f"上报的住院记录 {good['icd10']}")
    must_be("办件状态", expert.certify(filing["id"], item, met)["status"], "certified")
    approved_by_agency(world, citizen, filing)
    [entitlement] = citizen.read_entitlements()
    must_be("待遇的病种", entitlement["opsp_dise_code"], COPD)
    [answered] = citizen.read_offers()
    must_be("邀请的状态", (answered["status"], answered["filing_id"]), ("accepted", filing["id"]))
    form = citizen.download_receipt(citizen.look_at(filing["id"]), "下载认定表 PDF")
    must_say(form.text, "认定表")
    world.passerby().check_receipt(form)
