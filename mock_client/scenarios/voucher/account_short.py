"""The personal account runs out: the rest in cash, and never a fen below zero."""

from mock_client.bills import PHARMACY
from mock_client.checks import must, must_be
from mock_client.scenarios.voucher.moves import (
    AMLODIPINE,
    COLD_GRANULES,
    POOLING_PHARMACY,
    VITAMINS,
    goods,
    must_pay,
    pooled,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_account_short"
TITLE = "个人账户不够：有多少付多少，其余现金；丙类一分也不从账户付"


def run(world: World) -> None:
    citizen = with_voucher(pooled(world, balance_fen=(2_000, 7_000)))
    cashier = till(world, POOLING_PHARMACY)
    client = scanned(cashier, citizen)
    balance = client.balance_fen
    must(0 < balance <= 70_00, "这个人的账户应当快用完了")

    kept = cashier.preview(
        cashier.bill(PHARMACY, COLD_GRANULES, use_account=False), client, "先问：全付现金，账户一分不动呢"
    )
    must_pay(kept, fund=0, account=0, cash=goods(COLD_GRANULES))
    must_be("账户余额（分）", kept.balance_fen, balance)

    medicines = (AMLODIPINE.times(2), VITAMINS)
    paid = cashier.preview_and_settle(cashier.bill(PHARMACY, *medicines), client)
    must_pay(paid, fund=0, account=balance, cash=goods(*medicines) - balance)
    must_be("账户余额（分）", paid.balance_fen, 0)

    by_card = cashier.read_card(citizen.person)
    empty = cashier.settle(cashier.bill(PHARMACY, COLD_GRANULES), by_card)
    must_pay(empty, fund=0, account=0, cash=goods(COLD_GRANULES))
