"""In hospital in Beijing without a filing: it settles directly, with the lower share."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import INPATIENT
from mock_client.checks import must_be, must_say
from mock_client.people import Wanted
from mock_client.scenarios.voucher.moves import (
    NURSING_BED,
    OPERATION,
    VITAMINS,
    must_pay,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World, is_untouched

NAME = "voucher_remote_unfiled"
TITLE = "没备案在北京住院：也能直接结算，三级医院报销40%"

BEIJING_HOSPITAL = "北京协和医院"


def run(world: World) -> None:
    citizen = with_voucher(
        world.citizen(Wanted("6104", "390", student=False, low_income=False), fresh=is_untouched)
    )
    advice = citizen.ask_advice("北京", "11", hospital_level=3)
    expected = {share["percent"] for share in advice["without_filing"]}
    must_be("不备案的比例", expected, {40})

    cashier = till(world, BEIJING_HOSPITAL)
    client = scanned(cashier, citizen, SETTLEMENT)
    bill = cashier.bill(INPATIENT, OPERATION, NURSING_BED.times(10), VITAMINS)
    paid = cashier.preview_and_settle(bill, client)
    must_pay(paid, fund=3_000_00 * 40 // 100, account=0, cash=1_800_00 + 68_00)
    must_say(paid.words, "40%", "备案")

    urgent = cashier.bill(INPATIENT, OPERATION, NURSING_BED.times(10), urgent=True)
    rescued = cashier.preview(urgent, cashier.read_card(citizen.person), "问一问：如果是急诊抢救")
    must_pay(rescued, fund=1_500_00, account=0, cash=1_500_00)
