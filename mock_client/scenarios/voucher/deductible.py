"""The yearly deductible ends in the middle of a bill, and the fund begins to pay: 70 %, retired 5 points more."""

from mock_client.bills import PHARMACY, drug
from mock_client.checks import must_be, must_say
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    POOLING_PHARMACY,
    by_account,
    must_pay,
    pooled,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_deductible"
TITLE = "起付线在一张单子中间用完：前一段自己付，后一段基金付70%，退休75%"

COURSE = drug("一个疗程的中成药", "550.00")
SECOND = drug("第二个疗程的中成药", "150.00")


def run(world: World) -> None:
    for retired, permille in ((False, 700), (True, 750)):
        citizen = with_voucher(pooled(world, retired=retired))
        cashier = till(world, POOLING_PHARMACY)
        client = scanned(cashier, citizen)
        balance = client.balance_fen
        first = cashier.settle(cashier.bill(PHARMACY, COURSE), client)
        account, cash = by_account(550_00, balance)
        must_pay(first, fund=0, account=account, cash=cash, deductible=550_00)

        by_card = cashier.read_card(citizen.person)
        second = cashier.preview_and_settle(cashier.bill(PHARMACY, SECOND), by_card)
        # 50 yuan are left of the deductible; of the other 100 the fund pays its share.
        fund = 100_00 * permille // 1000
        account, cash = by_account(150_00 - fund, balance - account)
        must_pay(second, fund=fund, account=account, cash=cash, deductible=50_00)
        must_say(second.words, "先扣50元", f"报{permille // 10}%" if not retired else "5个百分点")

        third = cashier.settle(cashier.bill(PHARMACY, AMOXICILLIN.times(5)), by_card)
        fund = 93_00 * permille // 1000
        account = third["acct_pay"]
        must_pay(third, fund=fund, account=account, cash=93_00 - fund - account, deductible=0)
        year = citizen.read_year()
        must_be("今年的账单数", year["totals"]["count"], 3)
        [used] = year["benefits"]
        must_be(
            "起付线（分）", (used["deductible_used_fen"], used["deductible_yearly_fen"]), (600_00, 600_00)
        )
        paid = second["fund_pay_sumamt"] + third["fund_pay_sumamt"]
        must_be("基金一共付了（分）", used["fund_paid_fen"], paid)
