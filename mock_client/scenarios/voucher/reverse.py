"""Paid, but the till never heard of it: its system reverses by itself, and the money is back."""

from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must, must_be
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_reverse"
TITLE = "付了款但没收到回答：收费系统自动冲正，钱退回，那张单子不能再付"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    client = scanned(cashier, citizen)
    bill = cashier.bill(PHARMACY_BILL, AMOXICILLIN)
    undone = cashier.settle_in_silence(bill, client, "结算时网络断了")
    must(undone is not None, "中心已经付过，应当说冲正了哪一笔")
    must_be("冲正标志", (undone or {})["refd_way"], "2601")

    by_card = cashier.read_card(citizen.person)
    must_be("账户余额（分）", by_card.balance_fen, client.balance_fen)
    cashier.declined("又发来那张单子", 501, lambda: cashier.try_settling(bill, by_card))
    paid = cashier.settle(cashier.bill(PHARMACY_BILL, AMOXICILLIN), by_card, "网络好了，开一张新单子结算")
    must_be("账户余额（分）", paid.balance_fen, client.balance_fen - paid["acct_pay"])
