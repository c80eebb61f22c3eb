"""What several of these stories do alike: the place, the papers of an illness, the agency's part."""

from datetime import timedelta
from typing import Final

from mock_client.actors import Citizen
from mock_client.actors.patient import Entry, diagnosis
from mock_client.api.filings import FilingAnswer
from mock_client.camera import Illness
from mock_client.checks import must_be
from mock_client.people import Wanted
from mock_client.world import World

REGION: Final = "610727"
"""略阳, the model: all diseases on the phone, 25 experts [002]."""
HOSPITAL: Final = "略阳县人民医院"
HYPERTENSION, DIABETES, COPD, CORONARY = "M03900", "M01600", "M05300", "M04600"

DIABETES_MET: Final = {
    "diagnosed": "门诊病历：2型糖尿病6年",
    "type_2_kidney": "检验报告：尿白蛋白/肌酐 126 mg/g",
}
COPD_MET: Final = {
    "airflow_limited": "肺功能：FEV1/FVC 0.54",
    "moderate_airflow": "肺功能：FEV1占预计值 43%",
    "breathlessness": "门诊病历：mMRC 2级",
}
CORONARY_MET: Final = {
    "stenosis": "造影：前降支中段狭窄 85%",
    "revascularisation": "病历写明植入支架1枚",
    "long_term_treatment": "门诊病历：长期服药",
}
MILD_HYPERTENSION_MET: Final = {"diagnosed": "门诊病历：多次 142～152/88～96 mmHg"}


def patient(world: World, *, least_age: int = 45) -> Citizen:
    """Somebody insured in 略阳 who has no case yet, signed in."""
    citizen = world.citizen(Wanted(REGION, "390", student=False, least_age=least_age))
    citizen.sign_in()
    return citizen


def papers_about(citizen: Citizen, illness: Illness, hospital: str = HOSPITAL) -> list[str]:
    """The record of the visit and the report of findings, photographed and uploaded."""
    camera, person = citizen.phone.camera, citizen.person.holder
    return citizen.hand_in(
        camera.outpatient_record(person, hospital=hospital, illness=illness),
        camera.examination_report(person, hospital=hospital, illness=illness),
    )


def diagnosed(
    world: World, citizen: Citizen, code: str, papers: list[str] | None = None, hospital: str = HOSPITAL
) -> Entry:
    """The form's entry for a disease that was diagnosed five days ago, as the camera's papers say."""
    day = (world.today - timedelta(days=5)).isoformat()
    return diagnosis(code, citizen.hospital(hospital, REGION), day, papers or ())


def certified_by_lot(
    world: World, citizen: Citizen, filing: FilingAnswer, met: dict[str, dict[str, str]]
) -> None:
    """The drawn experts certify the diseases in ``met``: code → the criteria that are met."""
    for code, expert in world.experts_of(citizen, filing).items():
        item = expert.examine(filing, code)
        expert.certify(filing["id"], item, met[code])


def approved_by_agency(world: World, citizen: Citizen, filing: FilingAnswer) -> FilingAnswer:
    """A handler takes the case and approves it."""
    handler = world.handler(citizen)
    handler.sign_in()
    done = handler.approve(handler.claim(handler.find_in_queue(filing)))
    must_be("办件状态", done["status"], "approved")
    return done
