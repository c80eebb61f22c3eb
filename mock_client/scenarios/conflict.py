"""A handler's own case: she sees it as an applicant, and a colleague has to decide it."""

from functools import partial

from mock_client.checks import must_be
from mock_client.world import World

NAME = "conflict"
TITLE = "回避：经办员自己的备案，只能由别人审核"


def run(world: World) -> None:
    person, reviewer = world.rng.choice(world.people.patients_on_staff())
    citizen = world.same(person)
    citizen.sign_in()
    place = world.place_not_filed(citizen)
    camera = citizen.phone.camera
    papers = citizen.hand_in(camera.emergency_record(person.holder))
    filing = citizen.file(
        {
            "category": "emergency",
            "care_region_code": place["code"],
            "admitted_on": world.today.isoformat(),
            "settled": "not_yet",
        },
        papers=papers,
        did=f"在{place['full_name']}急诊，补办备案",
    )
    must_be("办件状态", filing["status"], "submitted")

    herself = world.colleague(reviewer)
    herself.sign_in()
    item = herself.find_in_queue(filing)
    for did, action in (("想领取自己的办件", "claim"), ("想给自己点通过", "approve")):
        herself.refused(
            did,
            "conflict_of_interest",
            partial(herself.api.act_on_filing, filing["id"], action, item["version"]),
            status=409,
        )
    other = world.handler(citizen)
    other.sign_in()
    claimed = other.claim(other.find_in_queue(filing))
    must_be("办件状态", other.approve(claimed)["status"], "approved")
