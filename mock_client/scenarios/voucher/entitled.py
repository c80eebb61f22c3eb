"""How the patients of 滨海 come to their 两病 benefit: an application on the phone, and the agency's review."""

from datetime import timedelta
from typing import Final

from mock_client.actors import Citizen
from mock_client.actors.patient import TWO_DISEASE, diagnosis
from mock_client.checks import must_be
from mock_client.people import Wanted
from mock_client.scenarios.chronic.moves import approved_by_agency
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
