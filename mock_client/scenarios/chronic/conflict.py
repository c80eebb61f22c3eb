"""Whoever works where the patient was treated is never drawn, however often the lot is cast."""

from mock_client.camera import COPD as COPD_ILLNESS
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must
from mock_client.scenarios.chronic.moves import (
    COPD,
    CORONARY,
    DIABETES,
    REGION,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_conflict"
TITLE = "回避：确诊医院的专家怎么抽也抽不到；没抽到的专家看不到办件"

TREATED_AT = ("略阳县人民医院", "略阳县中医医院")
CODES = (DIABETES, COPD, CORONARY)


def run(world: World) -> None:
    drawn = 0
    for hospital in TREATED_AT:
        citizen = patient(world)
        papers = [
            *papers_about(citizen, DIABETES_ILLNESS, hospital),
            *papers_about(citizen, COPD_ILLNESS, hospital),
        ]
        entries = [diagnosed(world, citizen, code, hospital=hospital) for code in CODES]
        filing = citizen.apply(entries, papers, did=f"在{hospital}确诊，一次申请三个病种")
        barred = [one for one in world.pool(REGION) if one.hospital == hospital]
        must(barred, f"专家库里应当有{hospital}的专家，回避才有意义")
        experts = world.experts_of(citizen, filing)
        for code, expert in experts.items():
            expert.sign_in()
            with expert.step("查看待办，抽到的是自己") as step:
                must(expert.reviewer.hospital != hospital, "抽到了确诊医院的专家")
                step.saw(f"{code} 由 {expert.reviewer.hospital} 的专家鉴定，患者在{hospital}确诊")
            drawn += 1
        _others_see_nothing(world, barred[0].username, filing["id"])
        citizen.withdraw(citizen.api.get_filing(filing["id"]), "只是看看怎么抽专家")
        for expert in {one.reviewer.username: one for one in experts.values()}.values():
            with expert.step("申请人撤回以后，再看待办") as step:
                must(expert.in_queue(filing["id"]) is None, "撤回以后专家的待办里不应再有这件")
                step.saw("这件已经不在待办里")
    must(drawn == len(TREATED_AT) * len(CODES), "每个病种都应当抽到专家")


def _others_see_nothing(world: World, username: str, filing_id: str) -> None:
    other = world.expert(username)
    other.sign_in()
    with other.step("没抽到的专家查看待办") as step:
        must(other.in_queue(filing_id) is None, "没抽到的专家不应看到这件")
        step.saw("没有这件")
    other.refused("想直接打开这件", "not_found", lambda: other.api.get_filing(filing_id), status=404)
