"""两病 applied for at once: hypertension with medicines, a prescription and the follow-up record, one review."""

from mock_client.actors.patient import TWO_DISEASE
from mock_client.checks import must, must_be, must_say
from mock_client.scenarios.chronic.moves import (
    HOSPITAL,
    HYPERTENSION,
    REGION,
    approved_by_agency,
    diagnosed,
    patient,
)
from mock_client.world import World

NAME = "chronic_two_disease_direct"
TITLE = "直接申请“两病”：处方和随访记录，经办机构一次审核，没有专家"


def run(world: World) -> None:
    citizen = patient(world)
    rules = citizen.read_diseases(REGION, HYPERTENSION, benefit=TWO_DISEASE)[HYPERTENSION]
    must_say(rules["name"], "高血压")
    camera, person = citizen.phone.camera, citizen.person.holder
    papers = citizen.hand_in(
        camera.prescription(person, hospital=HOSPITAL),
        camera.follow_up_record(person, hospital="略阳县白水江镇中心卫生院"),
    )
    entry = diagnosed(world, citizen, HYPERTENSION)
    filing = citizen.apply([entry], papers, service=TWO_DISEASE, did="申请“两病”门诊用药保障")
    must_be("办件状态", filing["status"], "submitted")
    approved_by_agency(world, citizen, filing)
    citizen.read_notice("filing_approved", filing)
    [entitlement] = citizen.read_entitlements()
    must_be("待遇", entitlement["benefit"], TWO_DISEASE)
    must(entitlement["in_force"], "“两病”待遇应当马上有效")
