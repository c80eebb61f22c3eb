"""Filed late, still in hospital: the record begins on the day of admission, and the bill is settled directly."""

from datetime import timedelta

from mock_client.actors.telling import outcome_of
from mock_client.api.filings import Form
from mock_client.checks import must, must_be, must_say
from mock_client.people import Wanted
from mock_client.world import World

NAME = "backfile_direct"
TITLE = "出院前补办：从入院那天起算，出院直接结算"

SHIYAN = "4203"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("6109", "390", student=False))
    citizen.sign_in()
    admitted = world.today - timedelta(days=3)
    stay: Form = {
        "category": "other_temporary",
        "care_region_code": SHIYAN,
        "proof": "commitment",
        "commitment_accepted": True,
        "admitted_on": admitted.isoformat(),
        "settled": "not_yet",
    }
    wrong: Form = {**stay, "admitted_on": (world.today + timedelta(days=2)).isoformat()}
    refusal = citizen.refused("把入院日期填成了后天", "invalid_input", lambda: citizen.start(wrong))
    must("form.admitted_on" in refusal.errors, "应当指出是入院日期填错了")

    filing = citizen.file(stay, did="还在住院，补办备案")
    must_be("办件状态", filing["status"], "approved")
    settlement = outcome_of(filing, "结算方式")
    must_say(settlement, "直接")
    record = citizen.record_of(filing)
    must_be("开始日期（入院那天）", record["begndate"], admitted.isoformat())
    must_be("结算方式", record["settlement"], "direct_settlement")
    must(record["in_force"], "补办的备案应当马上有效")
    citizen.download_receipt(filing)
