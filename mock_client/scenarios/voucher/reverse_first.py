"""The reversal arrives before the order that it reverses: when the order comes at last, it is never paid."""

from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must_be
from mock_client.his import Letter
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_reverse_first"
TITLE = "冲正先到、结算后到：迟到的结算永远不会付款"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    client, his = scanned(cashier, citizen), cashier.his
    letter: Letter = his.settling(cashier.bill(PHARMACY_BILL, AMOXICILLIN), client.proof)
    with cashier.step("结算报文堵在路上，系统等不到回答，先冲正") as step:
        must_be("冲正时中心付过的", his.reverse(letter), None)
        must_be("再冲正一次", his.reverse(letter), None)
        step.saw("中心回答：这笔没有支付过，以后也不会支付")
    cashier.declined("堵在路上的结算报文终于到了", 501, lambda: his.send(letter))
    cashier.declined(
        "换个报文编号又发这张单子",
        501,
        lambda: his.send(Letter("2207", his.letter("2207", {}).msgid, letter.input)),
    )
    paid = cashier.settle(cashier.bill(PHARMACY_BILL, AMOXICILLIN), client, "开一张新单子，用刚才扫的码结算")
    must_be("账户余额（分）", paid.balance_fen, client.balance_fen - paid["acct_pay"])
