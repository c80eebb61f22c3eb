"""Three diseases at once, three experts: two are certified, one is not, and each answer stands for itself."""

from mock_client.camera import COPD as COPD_ILLNESS
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.camera import MILD_HYPERTENSION
from mock_client.checks import must, must_be, must_hold, must_say
from mock_client.scenarios.chronic.moves import (
    COPD,
    COPD_MET,
    DIABETES,
    DIABETES_MET,
    HYPERTENSION,
    MILD_HYPERTENSION_MET,
    approved_by_agency,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_mixed"
TITLE = "一次申请三个病种：两个认定、一个不认定，结果分开说"

ILLNESSES = {DIABETES: DIABETES_ILLNESS, COPD: COPD_ILLNESS, HYPERTENSION: MILD_HYPERTENSION}
MET = {DIABETES: DIABETES_MET, COPD: COPD_MET}


def run(world: World) -> None:
    citizen = patient(world)
    form = citizen.application([diagnosed(world, citizen, code) for code in ILLNESSES])
    refusal = citizen.refused(
        "三个病种都不带材料就提交",
        "papers_missing",
        lambda: citizen.api.start_filing("chronic_disease", form, submit=True),
    )
    for name in ("糖尿病", "慢性阻塞性肺疾病", "高血压"):
        must(
            any(name in words for words in refusal.errors.get("material_ids", [])),
            f"应当一次说出“{name}”缺什么",
        )

    about = {code: papers_about(citizen, illness) for code, illness in ILLNESSES.items()}
    entries = [diagnosed(world, citizen, code, papers) for code, papers in about.items()]
    filing = citizen.apply(entries, [one for papers in about.values() for one in papers])
    experts = world.experts_of(citizen, filing)
    must_be("抽到的专家数", len({one.reviewer.username for one in experts.values()}), 3)
    for code, expert in experts.items():
        item = expert.examine(filing, code)
        if code in MET:
            expert.certify(filing["id"], item, MET[code])
        else:
            expert.refuse(filing["id"], item, "没有并发症，未达到标准", MILD_HYPERTENSION_MET)

    approved_by_agency(world, citizen, filing)
    case = citizen.read_case(filing["id"])
    must_be(
        "各病种的结果",
        {one["disease_code"]: one["status"] for one in case["items"]},
        {DIABETES: "approved", COPD: "approved", HYPERTENSION: "refused"},
    )
    held = {one["opsp_dise_code"] for one in citizen.read_entitlements()}
    must_be("得到的待遇", held, {DIABETES, COPD})
    done = citizen.look_at(filing["id"])
    must_hold("没有认定的还可以复核", done["available_actions"], ["appeal"])
    form_pdf = citizen.download_receipt(done, "下载认定表 PDF")
    must_say(form_pdf.text, "不予认定", "糖尿病", "高血压")
    verified = world.passerby().check_receipt(form_pdf)
    must_be("认定表上的电子签名数", len(verified["signatures"]), 3)
