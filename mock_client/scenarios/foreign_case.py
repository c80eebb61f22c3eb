"""Somebody else's case does not exist: 404 on every route of it, for citizens and for staff of another region."""

from collections.abc import Callable, Mapping
from functools import partial

from mock_client.actors import Actor, Citizen
from mock_client.actors.base import refusal_of
from mock_client.api.filings import FilingAnswer, Form
from mock_client.checks import NotAsItMustBe, must, must_be
from mock_client.people import Wanted
from mock_client.world import World

NAME = "foreign_case"
TITLE = "别人的办件：每个入口都是“没有找到”，外地经办员也一样"

XIAN, CHENGDU = "6101", "5101"
FORM: Form = {
    "category": "long_term_resident",
    "care_region_code": CHENGDU,
    "proof": "documents",
    "residence_address": "样本路8号（仅供测试）",
}
ACTIONS = ("submit", "resubmit", "withdraw", "claim", "release", "approve", "reject", "cancel_record")

Attempts = Mapping[str, Callable[[], object]]


def run(world: World) -> None:
    owner = world.citizen(Wanted("6109", "390", student=False))
    owner.sign_in()
    camera, person = owner.phone.camera, owner.person.holder
    papers = owner.hand_in(camera.id_card_front(person), camera.residence_permit(person))
    filing = owner.file(FORM, papers=papers)
    temporary = owner.file(
        {
            "category": "other_temporary",
            "care_region_code": XIAN,
            "proof": "commitment",
            "commitment_accepted": True,
        }
    )
    record = owner.record_of(temporary)

    stranger = world.citizen(Wanted("6109", student=False))
    stranger.sign_in()
    _all_unknown(stranger, "别的参保人逐个入口试", "not_found", _on_case(stranger, filing))
    _all_unknown(
        stranger,
        "别的参保人试着动备案记录",
        "not_found",
        {
            "变更": lambda: stranger.api.act_on_remote_care_record(record["id"], "change"),
            "取消": lambda: stranger.api.act_on_remote_care_record(record["id"], "cancel"),
        },
    )
    _all_unknown(
        stranger,
        "别的参保人想看这个人的备案、替这个人问和办",
        "subject_not_allowed",
        {
            "记录": lambda: stranger.api.list_remote_care_records(person_id=filing["subject_id"]),
            "问一问": lambda: stranger.api.get_remote_care_advice(XIAN, person_id=filing["subject_id"]),
            "替办": lambda: stranger.start(FORM, subject_id=filing["subject_id"], submit=False),
        },
    )
    refusal = stranger.refused(
        "把别人的材料放进自己的办件",
        "materials_not_found",
        lambda: stranger.start(FORM, papers=papers, submit=False),
        status=422,
    )
    must(papers[0] not in refusal.detail, "提示语里不应出现编号")

    outsider = world.handler_of("1401")
    outsider.sign_in()
    routes = _on_case(outsider, filing)
    mine = {did: routes.pop(did) for did in ("修改", "评价")}
    _all_unknown(outsider, "外地经办员逐个入口试", "not_found", routes)
    _all_unknown(outsider, "外地经办员试申请人才有的操作", "role_not_allowed", mine, status=403)
    with outsider.step("查看待办队列") as step:
        must(outsider.in_queue(filing["id"]) is None, "外地的队列里不应有这件")
        step.saw("队列里没有外地的办件")
    _untouched(owner, filing)


def _on_case(actor: Actor, filing: FilingAnswer) -> dict[str, Callable[[], object]]:
    """Every route of one case."""
    api, case, version = actor.api, filing["id"], filing["version"]
    paper = filing["papers"][0]["material_id"]
    return {
        "查看": lambda: api.get_filing(case),
        "修改": lambda: api.edit_filing(case, version, form=FORM),
        "办理记录": lambda: api.list_filing_events(case),
        "下载回执": lambda: api.get_filing_pdf(case),
        "评价": lambda: api.rate_filing(case, 1),
        "材料信息": lambda: api.get_material(paper),
        "材料照片": lambda: api.get_material_content(paper),
        **{
            f"操作 {action}": partial(api.act_on_filing, case, action, version, reason="试")
            for action in ACTIONS
        },
    }


def _all_unknown(actor: Actor, did: str, code: str, attempts: Attempts, status: int = 404) -> None:
    with actor.step(did) as step:
        for name, attempt in attempts.items():
            refusal = refusal_of(attempt)
            if refusal is None:
                raise NotAsItMustBe(f"“{name}”居然成功了")
            must_be(f"“{name}”的结果", (refusal.status, refusal.code), (status, code))
            must(refusal.detail, f"“{name}”被拒绝时应当说明该怎么办")
        step.saw(f"{'、'.join(attempts)}：都是 {status} {code}")


def _untouched(owner: Citizen, filing: FilingAnswer) -> None:
    now = owner.look_at(filing["id"])
    must_be("办件的版本（没有被动过）", now["version"], filing["version"])
    must_be("谁看过我的信息（没有外人）", owner.read_accesses(), [])
    owner.withdraw(now)
