"""A parent files for a child: on the ground of guardianship, visible to the family and to nobody else."""

from mock_client.api.filings import Form
from mock_client.checks import must, must_be
from mock_client.days import age_on
from mock_client.people import Wanted
from mock_client.world import World

NAME = "guardian"
TITLE = "家长替孩子办：以监护人身份备案，外人看不到也办不了"


def run(world: World) -> None:
    parent, child = world.guardian()
    me = parent.sign_in()
    with parent.step("在“家人”里选孩子") as step:
        wards = [relative for relative in me["relatives"] if relative["ward"]]
        for ward in wards:
            step.saw(f"{ward['name']}，{age_on(ward['birth_date'], world.today)} 岁，由您代办")
        must(child in [ward["person_id"] for ward in wards], "家人里应当有这个孩子")

    place = world.place_not_filed(parent, child)
    form: Form = {
        "category": "other_temporary",
        "care_region_code": place["code"],
        "proof": "commitment",
        "commitment_accepted": True,
    }
    papers = parent.hand_in(parent.phone.camera.social_card(parent.person.holder), person_id=child)
    filing = parent.file(form, papers=papers, subject_id=child, did=f"替孩子办去{place['full_name']}的备案")
    must_be("办件状态", filing["status"], "approved")
    must_be("办理身份", filing["ground"], "guardian")
    must(filing["subject_id"] == child, "办理对象应当是孩子")

    records = parent.read_records(person_id=child)
    must(filing["id"] in [one["filing_id"] for one in records], "孩子的备案记录里应当有这一份")
    with parent.step("查看和家人有关的办件") as step:
        listed = parent.api.list_filings(scope="subject", limit=50)["items"]
        for one in listed[:5]:
            step.saw(f"{one['number']} {one['subject_name']} {one['status_text']}")
        must(filing["id"] in [one["id"] for one in listed], "和家人有关的办件里应当有孩子的")
    parent.read_notice("filing_approved", filing)
    parent.download_receipt(filing)

    stranger = world.citizen(Wanted(parent.person.region[:4], student=False))
    stranger.sign_in()
    stranger.refused(
        "外人想替这个孩子办",
        "subject_not_allowed",
        lambda: stranger.start(form, subject_id=child),
        status=404,
    )
    stranger.refused(
        "外人想看孩子的备案",
        "subject_not_allowed",
        lambda: stranger.api.list_remote_care_records(person_id=child),
        status=404,
    )
    stranger.refused(
        "外人想打开孩子的办件", "not_found", lambda: stranger.api.get_filing(filing["id"]), status=404
    )
