"""Certified and approved: from the photograph to the recognition form, whose code and file anybody can check."""

from functools import partial

from mock_client.actors import Citizen, Expert, Passerby, Receipt
from mock_client.actors.expert import findings
from mock_client.answers import JsonValue
from mock_client.api.chronic import ItemAnswer
from mock_client.api.filings import FilingAnswer
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must, must_be, must_hold, must_say
from mock_client.scenarios.chronic.moves import (
    DIABETES,
    DIABETES_MET,
    HOSPITAL,
    REGION,
    approved_by_agency,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_certified"
TITLE = "慢特病认定：拍照申请，随机抽专家鉴定，当天拿到认定表，扫码和核对文件都能查真伪"


def run(world: World) -> None:
    citizen = patient(world)
    citizen.read_diseases(REGION, DIABETES)
    filing = _applied(world, citizen)
    _the_draw_is_public(world.passerby(), world.today.isoformat())

    expert = world.expert_of(citizen, filing)
    must(expert.reviewer.hospital != HOSPITAL, "抽到的专家不应在确诊的医院工作")
    item = expert.examine(filing, DIABETES)
    _ticks_must_fit(expert, filing, item)
    certified = expert.certify(filing["id"], item, DIABETES_MET)
    must_be("办件状态", certified["status"], "certified")
    citizen.read_notice("filing_certified", filing)

    approved_by_agency(world, citizen, filing)
    citizen.read_notice("filing_approved", filing)
    citizen.see_wechat_message(filing, "已办好")
    [item] = citizen.read_case(filing["id"])["items"]
    must_be("病种的结果", item["status"], "approved")
    [entitlement] = citizen.read_entitlements()
    must(entitlement["in_force"], "认定的待遇应当马上有效")
    must_be("待遇的病种", entitlement["opsp_dise_code"], DIABETES)

    form = citizen.download_receipt(citizen.look_at(filing["id"]), "下载认定表 PDF")
    _form_can_be_checked(world.passerby(), form)
    actions = [event["action"] for event in citizen.read_history(filing["id"])]
    must_hold("办理记录", actions, ["submit", "certify", "hand_over", "claim", "approve"])
    citizen.rate(filing, 5)


def _applied(world: World, citizen: Citizen) -> FilingAnswer:
    entry = diagnosed(world, citizen, DIABETES)
    refusal = citizen.refused(
        "不带任何材料就提交",
        "papers_missing",
        lambda: citizen.api.start_filing("chronic_disease", citizen.application([entry]), submit=True),
    )
    must_be("一次说出的缺件数", len(refusal.errors.get("material_ids", [])), 2)
    filing = citizen.apply([entry], papers_about(citizen, DIABETES_ILLNESS))
    must_be("办件状态", filing["status"], "submitted")
    must_say(filing["where"], "专家")
    citizen.read_notice("filing_submitted", filing)
    return filing


def _the_draw_is_public(passerby: Passerby, today: str) -> None:
    """What today's draw rests on was fixed in public before it, and is shown when the day is over."""
    with passerby.step("查看抽取专家的公示") as step:
        days = {one["day"]: one for one in passerby.api.list_draw_days(REGION, limit=20)["items"]}
        must(today in days, "当天的抽取应当有事先公布的承诺值")
        must_be("当天还没有公布的种子", days[today]["seed"], None)
        step.saw(f"{today} 承诺值 {days[today]['commitment'][:16]}…，种子在当天过后公布")
        for day, one in days.items():
            must((one["seed"] is not None) == (day < today), "种子应当在当天过后公布，不早也不晚")


def _ticks_must_fit(expert: Expert, filing: FilingAnswer, item: ItemAnswer) -> None:
    """Neither a missing tick nor ticks that say the opposite of the decision."""
    version = expert.api.get_filing(filing["id"])["version"]
    for did, code, ticks in (
        ("漏勾一条就想认定", "invalid_input", findings(item, DIABETES_MET, "没有")[1:]),
        ("条件没达到就想认定", "chronic_criteria_unmet", findings(item, {}, "没有")),
    ):
        data: dict[str, JsonValue] = {"disease_code": item["disease_code"], "findings": ticks}
        attempt = partial(expert.api.act_on_filing, filing["id"], "certify", version, data=data)
        expert.refused(did, code, attempt, status=422)


def _form_can_be_checked(passerby: Passerby, form: Receipt) -> None:
    must_say(form.text, "认定表", "糖尿病")
    verified = passerby.check_receipt(form)
    must_be("表上的状态", verified["current_status"], "approved")
    must(verified["sections"], "核对时应当看到认定的内容")
    must(verified["signatures"], "认定表上应当有专家的电子签名")
    must(passerby.check_file(form, form.pdf)["unchanged"], "原样的文件应当核对为真")
    middle = len(form.pdf) // 2
    changed = form.pdf[:middle] + bytes([form.pdf[middle] ^ 1]) + form.pdf[middle + 1 :]
    found = passerby.check_file(form, changed, "改动文件里的一个字节，再上传核对")
    must(not found["unchanged"], "改动过的文件应当核对为假")
