"""How patients come to the benefit that they later pay with: an application on the phone, experts, the agency's review."""

from datetime import timedelta
from typing import Final

from mock_client.actors import Citizen
from mock_client.actors.patient import TWO_DISEASE, diagnosis
from mock_client.camera import COPD as COPD_ILLNESS
from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must_be
from mock_client.people import Wanted
from mock_client.scenarios.chronic.moves import (
    COPD,
    COPD_MET,
    DIABETES,
    DIABETES_MET,
    approved_by_agency,
    certified_by_lot,
    papers_about,
)
from mock_client.scenarios.voucher.moves import HOSPITAL
from mock_client.world import World, is_untouched

REGION: Final = "320922"
PRIMARY: Final = "滨海县八滩镇中心卫生院"
LEVEL_2: Final = "滨海县中医院"


def entitled_to_two_disease(world: World, *diseases: str) -> Citizen:
    """A resident whose 两病 were recognised a moment ago, with an active voucher."""
    wanted = Wanted(REGION, "390", student=False, low_income=False, least_age=40)
    citizen = world.citizen(wanted, fresh=is_untouched)
    citizen.sign_in()
    camera, person = citizen.phone.camera, citizen.person.holder
    papers = citizen.hand_in(
        camera.prescription(person, hospital=LEVEL_2), camera.follow_up_record(person, hospital=PRIMARY)
    )
    day = (world.today - timedelta(days=5)).isoformat()
    hospital = citizen.hospital(LEVEL_2, REGION)
    entries = [diagnosis(code, hospital, day) for code in diseases]
    filing = citizen.apply(entries, papers, service=TWO_DISEASE, did="申请“两病”门诊用药保障")
    approved_by_agency(world, citizen, filing)
    must_be("得到的待遇数", len(citizen.read_entitlements()), len(diseases))
    citizen.activate_voucher()
    return citizen


def entitled_to_chronic_care(world: World) -> Citizen:
    """A resident of 安康 whose diabetes and COPD were recognised a moment ago, with an active voucher."""
    region = "6109"
    wanted = Wanted(region, "390", student=False, low_income=False, least_age=40)
    citizen = world.citizen(wanted, fresh=is_untouched)
    citizen.sign_in()
    day = (world.today - timedelta(days=5)).isoformat()
    hospital = citizen.hospital(HOSPITAL, region)
    entries, papers = [], []
    for code, illness in ((DIABETES, DIABETES_ILLNESS), (COPD, COPD_ILLNESS)):
        about = papers_about(citizen, illness, HOSPITAL)
        entries.append(diagnosis(code, hospital, day, about))
        papers.extend(about)
    filing = citizen.apply(entries, papers)
    certified_by_lot(world, citizen, filing, {DIABETES: DIABETES_MET, COPD: COPD_MET})
    approved_by_agency(world, citizen, filing)
    must_be("得到的待遇数", len(citizen.read_entitlements()), 2)
    citizen.activate_voucher()
    return citizen
