"""The agency decides disease by disease: one of two certified ones is granted, and stays provable through an appeal."""

from functools import partial

from mock_client.actors import Citizen, Handler
from mock_client.actors.staff import rejecting
from mock_client.api.filings import FilingAnswer
from mock_client.camera import COPD as COPD_ILLNESS
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.camera import MILD_HYPERTENSION
from mock_client.checks import must, must_be, must_hold, must_say, the_one
from mock_client.scenarios.chronic.moves import (
    COPD,
    COPD_MET,
    DIABETES,
    DIABETES_MET,
    HYPERTENSION,
    MILD_HYPERTENSION_MET,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_partly"
TITLE = "经办逐个病种审核：一个核准、一个不予核准；另一个复核期间，认定表照样能查"

ILLNESSES = {DIABETES: DIABETES_ILLNESS, COPD: COPD_ILLNESS, HYPERTENSION: MILD_HYPERTENSION}
MET = {DIABETES: DIABETES_MET, COPD: COPD_MET}
WHY = "肺功能报告上的姓名与参保人不一致"


def run(world: World) -> None:
    citizen = patient(world)
    about = {code: papers_about(citizen, illness) for code, illness in ILLNESSES.items()}
    entries = [diagnosed(world, citizen, code, papers) for code, papers in about.items()]
    filing = citizen.apply(entries, [one for papers in about.values() for one in papers])
    for code, expert in world.experts_of(citizen, filing).items():
        item = expert.examine(filing, code)
        if code in MET:
            expert.certify(filing["id"], item, MET[code])
        else:
            expert.refuse(filing["id"], item, "没有并发症，未达到标准", MILD_HYPERTENSION_MET)

    handler = world.handler(citizen)
    handler.sign_in()
    _decides(handler, handler.claim(handler.find_in_queue(filing)))
    _reads_what_came_of_it(citizen, filing)
    _stays_provable(world, citizen, filing)


def _decides(handler: Handler, held: FilingAnswer) -> None:
    """Neither all of them nor one that is not there can be left out of an approval."""
    attempts = (
        ("想把全部病种都列为不予核准", "chronic_nothing_to_grant", {DIABETES: WHY, COPD: WHY}),
        ("想把专家没认定的病种列进去", "invalid_input", {HYPERTENSION: WHY}),
    )
    for did, code, rejected in attempts:
        attempt = partial(
            handler.api.act_on_filing, held["id"], "approve", held["version"], data=rejecting(rejected)
        )
        handler.refused(did, code, attempt, status=422)
    must_be("办件状态", handler.approve_but(held, {COPD: WHY})["status"], "approved")


def _reads_what_came_of_it(citizen: Citizen, filing: FilingAnswer) -> None:
    notice = citizen.read_notice("filing_approved_in_part", filing)
    must_say(notice["text"], "慢性阻塞性肺疾病", WHY)
    case = citizen.read_case(filing["id"])
    must_be(
        "各病种的结果",
        {one["disease_code"]: one["status"] for one in case["items"]},
        {DIABETES: "approved", COPD: "rejected", HYPERTENSION: "refused"},
    )
    must_be("得到的待遇", {one["opsp_dise_code"] for one in citizen.read_entitlements()}, {DIABETES})
    seen = citizen.look_at(filing["id"])
    reason = the_one("不予核准的理由", seen["outcome"], lambda one: one["label"] == "慢性阻塞性肺疾病：理由")
    must_be("不予核准的理由", reason["value"], WHY)


def _stays_provable(world: World, citizen: Citizen, filing: FilingAnswer) -> None:
    """While what the expert refused is looked at again, form, code and file say what is held."""
    form = citizen.download_receipt(citizen.look_at(filing["id"]), "下载认定表 PDF")
    must_say(form.text, "认定表", WHY)
    seen = citizen.look_at(filing["id"])
    must_hold("没有认定的还可以复核", seen["available_actions"], ["appeal"])
    citizen.appeal(seen, "近一周血压一直在 180 以上，请复核")
    passerby = world.passerby()
    verified = passerby.check_receipt(form)
    must(verified["genuine"], "认定表应当仍然为真")
    now = {one["label"]: one["value"] for one in verified["gives_now"]}
    must_be("复核中的病种", now["高血压病"], "复核中")
    must("有效" in now["糖尿病"] or "至" in now["糖尿病"], "已认定的病种应当看得出仍然有效")
    must(passerby.check_file(form, form.pdf)["unchanged"], "原样的文件应当核对为真")
    again = citizen.download_receipt(citizen.look_at(filing["id"]), "复核期间再下载一次")
    must_say(again.text, "认定表", "复核中")
