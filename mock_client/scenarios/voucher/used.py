"""One code pays once: not at another counter, not for another bill, and not after the bill was undone."""

from mock_client.actors.cashier import PURCHASE
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must_be, must_say
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    COLD_GRANULES,
    OTHER_PHARMACY,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_used"
TITLE = "一个码只付一次：付过的码换一家、换一张单子都不行，退了货也不行"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    here, there = till(world, PHARMACY), till(world, OTHER_PHARMACY)
    shown = citizen.show_code("同一个码给两家药店扫")
    client, elsewhere = here.scan(shown, PURCHASE), there.scan(shown, PURCHASE)
    paid = here.settle(here.bill(PHARMACY_BILL, AMOXICILLIN), client)

    refusal = there.declined(
        "另一家拿刚才扫的码结算",
        301,
        lambda: there.try_settling(there.bill(PHARMACY_BILL, COLD_GRANULES), elsewhere),
    )
    must_say(refusal.words, "付过")
    here.declined(
        "这一家拿同一个码结第二张单子",
        301,
        lambda: here.try_settling(here.bill(PHARMACY_BILL, COLD_GRANULES), client),
    )
    there.refused("再扫一次同一个屏幕", "code_used", lambda: there.decode(shown, PURCHASE), status=409)
    here.undo(paid)
    here.refused("退货以后再扫那个码", "code_used", lambda: here.decode(shown, PURCHASE), status=409)
    fresh = scanned(here, citizen)
    must_be("余额退回来了（分）", fresh.balance_fen, client.balance_fen)
