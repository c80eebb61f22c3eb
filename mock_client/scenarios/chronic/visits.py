"""What hospitals report, for the stories of 免申即享: stays and visits, and the night's screening of them."""

from datetime import date, timedelta
from typing import Any

from mock_client.actors import Citizen, HospitalSystem
from mock_client.checks import must_be
from mock_client.world import World

COPD_STAY = "J44.100"
"""慢性阻塞性肺疾病伴急性加重: one stay in a hospital of level 2 proves it."""

BY_THE_MINUTE_S = 90.0
"""What a command queues the worker sends with the next full minute, for a command knocks at nobody's door."""


def stay(world: World, id_no: str, icd10: str = COPD_STAY, *, days_ago: int = 20) -> dict[str, Any]:
    """A stay of nine days, finished so many days ago, as a hospital's system reports it."""
    left = world.today - timedelta(days=days_ago)
    return {
        "visit_no": _number(world),
        "id_no": id_no,
        "visited_on": _iso(left - timedelta(days=9)),
        "kind": "inpatient",
        "icd10": icd10,
        "diagnosis": "慢性阻塞性肺疾病伴急性加重（样本）",
        "discharged_on": _iso(left),
    }


def outpatient_visit(world: World, id_no: str, icd10: str) -> dict[str, Any]:
    """One visit to a doctor, ten days ago."""
    return {
        "visit_no": _number(world),
        "id_no": id_no,
        "visited_on": _iso(world.today - timedelta(days=10)),
        "kind": "outpatient",
        "icd10": icd10,
    }


def reported(world: World, hospital: str, visit: dict[str, Any], did: str) -> HospitalSystem:
    """The hospital's system reports one visit, which is new."""
    system = world.hospital_system(hospital)
    system.sign_in()
    must_be("新收的就诊记录", system.report([visit], did)["taken"], 1)
    return system


def screened(world: World, citizen: Citizen) -> bool:
    """Run the night's screening now. False, with a word in the journal, where there is no command to do so."""
    with citizen.step("夜里：系统筛查新上报的就诊记录") as step:
        if world.office is None:
            step.saw("这里没有 zhangban 命令，不能马上筛查，后面不演")
            return False
        found = world.office.screen()
        step.saw(f"看了 {found['visits']} 条，邀请 {found['offers']} 人次，上门核实 {found['tasks']} 件")
        return True


def _number(world: World) -> str:
    return f"QA{world.run}{world.rng.randrange(10**8):08d}"


def _iso(day: date) -> str:
    return day.isoformat()
