"""A reviewed filing: two papers are missing, the handler names both at once, and it is approved the second time."""

from mock_client.actors import Citizen, Handler
from mock_client.answers import Refused
from mock_client.api.filings import FilingAnswer
from mock_client.checks import must, must_be, must_hold
from mock_client.people import Wanted
from mock_client.world import World

NAME = "correction"
TITLE = "材料审核：一次告知缺两份材料，补齐后通过"

CHENGDU = "5101"
FORM = {
    "category": "long_term_resident",
    "care_region_code": CHENGDU,
    "proof": "documents",
    "residence_address": "样本路8号（仅供测试）",
}
ASKED = (
    {"kind": "id_card_front", "text": "缺身份证人像面，请补拍"},
    {"kind": "residence_proof", "text": "居住证照片看不清，请重新拍一张"},
)


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6109", "390", student=False, least_age=30))
    citizen.sign_in()
    refusal = citizen.refused("不带任何材料就提交", "papers_missing", lambda: citizen.start(FORM), status=422)
    _both_are_named(refusal)

    camera, person = citizen.phone.camera, citizen.person.holder
    blurred = camera.blurred(camera.residence_permit(person, lives_at="四川省成都市样本路8号"))
    papers = citizen.hand_in(camera.social_card(person), blurred)
    filing = citizen.file(FORM, papers=papers)
    must_be("办件状态", filing["status"], "submitted")
    must_be("可以做的操作", filing["available_actions"], ["withdraw"])
    must(filing["due_at"] is not None, "待审核的办件应当有办理期限")
    citizen.read_notice("filing_submitted", filing)

    handler = world.handler(citizen)
    _ask_for_two(handler, filing)
    _correct(citizen, filing, world)
    _approve(world, citizen, filing)

    notice = citizen.read_notice("filing_approved", filing)
    must_be("通知状态", notice["status"], "sent")
    seen = [access["what"] for access in citizen.read_accesses()]
    must_hold("谁看过我的信息", seen, ["material_viewed", "correction_asked", "filing_approved"])


def _both_are_named(refusal: Refused) -> None:
    named = refusal.errors.get("material_ids", [])
    must_be("一次说出的缺件数", len(named), 2)
    for name in ("身份证", "居住证明"):
        must(any(name in words for words in named), f"应当说出缺“{name}”")
        must(name in refusal.detail, f"提示语里应当说出“{name}”")


def _ask_for_two(handler: Handler, filing: FilingAnswer) -> None:
    handler.sign_in()
    claimed = handler.claim(handler.find_in_queue(filing))
    handler.look_at_papers(claimed)
    asked = handler.ask_for(claimed, ASKED, "两份材料需要补正")
    must_be("办件状态", asked["status"], "needs_correction")
    must_be("经办员还能做的操作", asked["available_actions"], [])
    must(handler.in_queue(filing["id"]) is None, "等申请人补正时，办件不应留在经办队列里")


def _correct(citizen: Citizen, filing: FilingAnswer, world: World) -> None:
    notice = citizen.read_notice("correction_needed", filing)
    for item in ASKED:
        must(item["text"] in notice["text"], f"通知里应当说到“{item['text']}”")
    citizen.see_wechat_message(filing, "需要补正")
    asked = citizen.look_at(filing["id"])
    must_be("要补正的份数", [item["kind"] for item in asked["missing"]], [item["kind"] for item in ASKED])
    must(asked["due_at"] is not None and asked["due_at"][:10] > world.today.isoformat(), "补正应当有期限")
    must_hold("可以做的操作", asked["available_actions"], ["resubmit", "withdraw"])

    camera, person = citizen.phone.camera, citizen.person.holder
    asked = _take_out_a_wrong_one(citizen, asked)
    [front] = citizen.hand_in(camera.id_card_front(person))
    refusal = citizen.refused(
        "只补一份就重新提交",
        "papers_missing",
        lambda: citizen.api.act_on_filing(filing["id"], "resubmit", asked["version"], material_ids=[front]),
    )
    must("居住证明" in refusal.detail, "应当说出还缺居住证明")
    [permit] = citizen.hand_in(camera.residence_permit(person, lives_at="四川省成都市样本路8号"))
    corrected = citizen.correct(asked, [front, permit])
    must_be("办件状态", corrected["status"], "submitted")
    must_be("材料份数", len(corrected["papers"]), 4)


def _take_out_a_wrong_one(citizen: Citizen, asked: FilingAnswer) -> FilingAnswer:
    """What was added by mistake goes out again; what the handler saw stays."""
    [wrong] = citizen.hand_in(citizen.phone.camera.id_card_front(citizen.person.holder))
    with citizen.step("先存一份材料，发现传错了") as step:
        saved = citizen.api.edit_filing(asked["id"], asked["version"], material_ids=[wrong])
        must_be("材料份数", len(saved["papers"]), 3)
        step.saw("已保存")
    seen = saved["papers"][0]["material_id"]
    citizen.refused(
        "想去掉经办员看过的材料",
        "papers_already_seen",
        lambda: citizen.api.edit_filing(saved["id"], saved["version"], remove_material_ids=[seen]),
        status=409,
    )
    with citizen.step("去掉传错的那一份") as step:
        done = citizen.api.edit_filing(saved["id"], saved["version"], remove_material_ids=[wrong])
        must(wrong not in [paper["material_id"] for paper in done["papers"]], "去掉的材料不应还在")
        step.saw("已去掉")
        return done


def _approve(world: World, citizen: Citizen, filing: FilingAnswer) -> None:
    handler = world.handler(citizen)
    handler.sign_in()
    claimed = handler.claim(handler.find_in_queue(filing))
    handler.look_at_papers(claimed)
    approved = handler.approve(claimed)
    must_be("办件状态", approved["status"], "approved")
    done = citizen.look_at(filing["id"])
    must(not done["instant"], "审核办理的办件不是即办")
    actions = [event["action"] for event in citizen.read_history(filing["id"])]
    wanted = ["submit", "claim", "request_correction", "save", "save", "resubmit", "claim", "approve"]
    must_be("办理记录", actions, wanted)
    record = citizen.record_of(filing)
    must_be("长期备案的结束日期", record["enddate"], None)
    must(record["lock_until"] is not None, "安康的长期备案应当有变更限制期")
    citizen.download_receipt(done)
