"""Designated institutions: the first choice is free, then one change a year."""

from mock_client.camera import DIABETES as DIABETES_ILLNESS
from mock_client.checks import must, must_be, must_say
from mock_client.days import months_after
from mock_client.scenarios.chronic.moves import (
    DIABETES,
    DIABETES_MET,
    REGION,
    approved_by_agency,
    certified_by_lot,
    diagnosed,
    papers_about,
    patient,
)
from mock_client.world import World

NAME = "chronic_institutions"
TITLE = "选定点机构：最多三家，一年改一次，再改要等到明年"


def run(world: World) -> None:
    citizen = patient(world)
    filing = citizen.apply([diagnosed(world, citizen, DIABETES)], papers_about(citizen, DIABETES_ILLNESS))
    certified_by_lot(world, citizen, filing, {DIABETES: DIABETES_MET})
    approved_by_agency(world, citizen, filing)
    [entitlement] = citizen.read_entitlements()
    must_be("还没有选的定点机构", entitlement["institution_ids"], [])

    listed = citizen.api.list_institutions(region_code=REGION, limit=50)["items"]
    must(len(listed) >= 4, "略阳应当至少有四家定点机构")
    four = listed[:4]
    citizen.refused(
        "一次选四家",
        "invalid_input",
        lambda: citizen.api.choose_chronic_institutions(
            entitlement["id"], [one["id"] for one in four], entitlement["version"]
        ),
    )
    elsewhere = citizen.api.list_institutions(region_code="320922", limit=1)["items"][0]
    citizen.refused(
        "选外地的一家",
        "invalid_input",
        lambda: citizen.api.choose_chronic_institutions(
            entitlement["id"], [elsewhere["id"]], entitlement["version"]
        ),
    )
    chosen = citizen.choose_institutions(entitlement, four[:3], "第一次选三家定点机构")
    must_be("定点机构数", len(chosen["institution_ids"]), 3)
    citizen.refused(
        "在没刷新的页面上又选一次",
        "stale_version",
        lambda: citizen.api.choose_chronic_institutions(
            entitlement["id"], [four[3]["id"]], entitlement["version"]
        ),
        status=409,
    )
    changed = citizen.choose_institutions(chosen, four[1:], "换掉一家")
    must_be("换过以后的定点机构", set(changed["institution_ids"]), {one["id"] for one in four[1:]})
    refusal = citizen.refused(
        "这一年里想再换一次",
        "chronic_institutions_fixed",
        lambda: citizen.api.choose_chronic_institutions(
            entitlement["id"], [one["id"] for one in four[:3]], changed["version"]
        ),
        status=409,
    )
    must_say(refusal.detail, months_after(world.today, 12).isoformat()[:4])
    [held] = citizen.read_entitlements()
    must_be("定点机构没有变", set(held["institution_ids"]), {one["id"] for one in four[1:]})
