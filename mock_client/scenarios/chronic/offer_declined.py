"""Declined: remembered for the year. What is likely but not proven becomes no offer at all."""

from mock_client.checks import must, must_be
from mock_client.scenarios.chronic.moves import COPD, HOSPITAL, patient
from mock_client.scenarios.chronic.visits import BY_THE_MINUTE_S, outpatient_visit, reported, screened, stay
from mock_client.world import World

NAME = "chronic_offer_declined"
TITLE = "免申即享：本人点“不用了”，今年不再问；只是可能、没有证明的，不发邀请"


def run(world: World) -> None:
    citizen = patient(world)
    reported(world, HOSPITAL, stay(world, citizen.person.id_no), "上报一次住院")
    likely = patient(world)
    reported(
        world,
        HOSPITAL,
        outpatient_visit(world, likely.person.id_no, "J44.100"),
        "上报一次门诊：诊断对得上，但只看了一次门诊",
    )
    if not screened(world, citizen):
        return
    must(not likely.read_offers(), "没有证明的不应发邀请")

    citizen.read_notice("benefit_offered", None, seconds=BY_THE_MINUTE_S)
    [offer] = citizen.read_offers()
    must_be("邀请的病种", offer["disease_code"], COPD)
    likely.refused(
        "别人想替他点“同意”",
        "not_found",
        lambda: likely.api.act_on_chronic_offer(offer["id"], "accept", offer["version"]),
        status=404,
    )
    declined = citizen.decline(offer)
    must_be("邀请的状态", declined["status"], "declined")
    must_be("还能做的操作", declined["available_actions"], [])

    reported(world, HOSPITAL, stay(world, citizen.person.id_no, days_ago=3), "又上报一次住院")
    screened(world, citizen)
    must_be("今年的邀请", [one["status"] for one in citizen.read_offers()], ["declined"])
    must(not citizen.read_entitlements(), "没有同意就不应有待遇")
    must(not citizen.api.list_filings(scope="subject")["items"], "没有同意就不应有办件")
