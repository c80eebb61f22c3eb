"""A bill dated last year settles by last year's deductible, and leaves this year's alone."""

from mock_client.bills import PHARMACY, drug
from mock_client.checks import must_be
from mock_client.scenarios.voucher.moves import (
    POOLING_PHARMACY,
    must_pay,
    pooled,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_last_year"
TITLE = "补结去年的单子：用去年的起付线，今年的一分不动；前年的不行"

COURSE = drug("一个疗程的中成药", "700.00")


def run(world: World) -> None:
    citizen = with_voucher(pooled(world))
    cashier = till(world, POOLING_PHARMACY)
    client = scanned(cashier, citizen)
    year = world.today.year
    old = cashier.settle(cashier.bill(PHARMACY, COURSE, day=f"{year - 1}-12-31 23:59:59"), client)
    must_be("去年的起付线（分）", old["act_pay_dedc"], 600_00)
    must_be("基金支付（分）", old["fund_pay_sumamt"], 70_00)

    by_card = cashier.read_card(citizen.person)
    new = cashier.preview(cashier.bill(PHARMACY, COURSE), by_card, "同样的单子，今天的")
    must_be("今年的起付线还没用过（分）", new["act_pay_dedc"], 600_00)
    must_pay(new, fund=70_00, account=new["acct_pay"], cash=630_00 - new["acct_pay"])
    cashier.declined(
        "前年的单子",
        101,
        lambda: cashier.try_settling(
            cashier.bill(PHARMACY, COURSE, day=f"{year - 2}-12-31 23:59:59"), by_card
        ),
    )
