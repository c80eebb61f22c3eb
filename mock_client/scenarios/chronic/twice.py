"""Nobody decides twice: not by a second tap, not in a second role, not for oneself."""

from mock_client.actors.expert import findings
from mock_client.answers import JsonValue
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must, must_be
from mock_client.scenarios.chronic.moves import (
    DIABETES,
    DIABETES_MET,
    approved_by_agency,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_twice"
TITLE = "不能办两次：同一下点击只算一次，同一病种不能重复申请，专家鉴定过就不能再鉴定"


def run(world: World) -> None:
    citizen = patient(world)
    entry = diagnosed(world, citizen, DIABETES)
    papers = papers_about(citizen, DIABETES_ILLNESS)
    filing = citizen.apply([entry], papers)
    form = citizen.application([entry])
    citizen.refused(
        "同一个病种又提交一件",
        "chronic_pending",
        lambda: citizen.api.start_filing("chronic_disease", form, material_ids=papers, submit=True),
        status=409,
    )

    expert = world.expert_of(citizen, filing)
    item = expert.examine(filing, DIABETES)
    version = expert.api.get_filing(filing["id"])["version"]
    data: dict[str, JsonValue] = {
        "disease_code": DIABETES,
        "findings": findings(item, DIABETES_MET, "没有"),
    }
    key = expert.phone.new_key()
    with expert.step("信号不好，同一个“认定”发了两次") as step:
        first, second = (
            expert.api.act_on_filing(filing["id"], "certify", version, data=data, key=key) for _ in range(2)
        )
        must_be("第二次的回答", second, first)
        must_be("办件状态", first["status"], "certified")
        step.saw("两次是同一个结果，只有一份鉴定意见")
    expert.refused(
        "鉴定完了又想改",
        "not_found",
        lambda: expert.api.act_on_filing(
            filing["id"], "refuse", first["version"], reason="改主意", data=data
        ),
    )
    [item] = citizen.read_case(filing["id"])["items"]
    must_be("鉴定意见份数", len(item["opinions"]), 1)

    approved = approved_by_agency(world, citizen, filing)
    handler = world.handler(citizen)
    handler.refused(
        "通过以后又点一次通过",
        "wrong_state",
        lambda: handler.api.act_on_filing(filing["id"], "approve", approved["version"]),
        status=409,
    )
    must_be("得到的待遇数", len(citizen.read_entitlements()), 1)
    refusal = citizen.refused(
        "已经有待遇，又申请同一个病种",
        "chronic_already_entitled",
        lambda: citizen.api.start_filing("chronic_disease", form, material_ids=papers, submit=True),
        status=409,
    )
    must("糖尿病" in refusal.detail, "应当说明是哪个病种")
