"""Hypertension below the threshold: not certified as 慢特病, so the patient takes 两病 in one tap."""

from mock_client.actors import Citizen
from mock_client.actors.patient import TWO_DISEASE
from mock_client.camera import MILD_HYPERTENSION
from mock_client.checks import must, must_be, must_hold
from mock_client.scenarios.chronic.moves import (
    HYPERTENSION,
    MILD_HYPERTENSION_MET,
    approved_by_agency,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_two_disease"
TITLE = "高血压没到慢特病标准：不予认定并写明理由，点一下改享“两病”，材料不用再交"

REASON = "血压1级，没有心、脑、肾、眼底的并发症，未达到门诊慢特病标准，可申请“两病”"


def run(world: World) -> None:
    citizen = patient(world)
    entry = diagnosed(world, citizen, HYPERTENSION)
    filing = citizen.apply([entry], papers_about(citizen, MILD_HYPERTENSION))
    expert = world.expert_of(citizen, filing)
    item = expert.examine(filing, HYPERTENSION)
    refused = expert.refuse(
        filing["id"], item, REASON, MILD_HYPERTENSION_MET, otherwise="材料显示没有这种并发症"
    )
    must_be("办件状态", refused["status"], "refused")

    citizen.read_notice("filing_refused", filing)
    seen = citizen.look_at(filing["id"])
    must_hold("可以做的操作", seen["available_actions"], ["appeal"])
    [item] = citizen.read_case(filing["id"])["items"]
    must_be("病种的结果", item["status"], "refused")
    must(item["appeal_until"], "应当说明可以在哪天前申请复核")
    [opinion] = item["opinions"]
    must_be("专家的理由", opinion["reason"], REASON)
    must(
        all(one["met"] or one["note"] for one in opinion["findings"]),
        "不符合的每一条都应当写明理由",
    )
    must(not citizen.read_entitlements(), "没有认定就不应有待遇")
    _takes_two_disease(world, citizen, filing["id"])


def _takes_two_disease(world: World, citizen: Citizen, refused_id: str) -> None:
    """Offered with the papers that are there: one tap."""
    citizen.read_notice("benefit_offered", None)
    [offer] = citizen.read_offers()
    must_be("邀请的待遇", (offer["benefit"], offer["disease_code"]), (TWO_DISEASE, HYPERTENSION))
    must_be("来自哪一件", offer["source_filing_id"], refused_id)
    filing = citizen.accept(offer)
    must_be("办件状态", filing["status"], "submitted")
    must(filing["papers"], "原来的材料应当直接用上，不用再交")
    approved_by_agency(world, citizen, filing)
    citizen.read_notice("filing_approved", filing)
    [entitlement] = citizen.read_entitlements()
    must_be("待遇", entitlement["benefit"], TWO_DISEASE)
    must(entitlement["in_force"], "“两病”待遇应当马上有效")
    citizen.download_receipt(citizen.look_at(filing["id"]))
