"""Undone, whole, after what was settled later and rests on it: account and deductible are as before, the number stays
used, and undoing again changes nothing."""

from mock_client.bills import OUTPATIENT, PHARMACY, drug
from mock_client.checks import must, must_be
from mock_client.his import amounts_fen
from mock_client.scenarios.voucher.moves import (
    ACUPUNCTURE,
    COLD_GRANULES,
    POOLING_CLINIC,
    POOLING_PHARMACY,
    pooled,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_undo"
TITLE = "退货撤销：先撤后来的，账户、起付线都退回去，撤两次也只退一次，别家撤不了"
LATER_BILLS_DEPEND = 505

EXPENSIVE = drug("一个疗程的进口药", "900.00")


def run(world: World) -> None:
    citizen = with_voucher(pooled(world))
    cashier = till(world, POOLING_PHARMACY)
    client = scanned(cashier, citizen)
    bill = cashier.bill(PHARMACY, EXPENSIVE)
    paid = cashier.preview_and_settle(bill, client)
    must_be("基金支付（分）", paid["fund_pay_sumamt"], 210_00)

    other = till(world, POOLING_CLINIC)
    other.declined("别的机构想撤销这一笔", 401, lambda: other.his.undo(paid.info))
    by_card = other.read_card(citizen.person)
    later = other.settle(other.bill(OUTPATIENT, ACUPUNCTURE), by_card, "又去诊所：起付线在药店已经付过了")
    refused = cashier.declined("这时要退药店的货", LATER_BILLS_DEPEND, lambda: cashier.his.undo(paid.info))
    must_be("要先撤销的（本机构、其他机构）", refused.output, {"later": [], "later_elsewhere": 1})
    other.undo(later, "先撤销诊所后来那一笔")
    first = cashier.undo(paid)
    must(not citizen.read_bill(paid.setl_id)["counts"], "撤销的账单不应再算数")
    citizen.read_bill_notice("bill_taken_back", paid.setl_id)
    with cashier.step("没收到回答，又撤销一次") as step:
        again = cashier.his.undo(paid.info)["setlinfo"]
        must_be("撤销时间", again["refd_time"], first["refd_time"])
        step.saw("还是刚才那一次撤销")
    cashier.declined("同一张单子又发来结算", 502, lambda: cashier.try_settling(bill, client))

    by_card = cashier.read_card(citizen.person)
    must_be("账户余额（分）", by_card.balance_fen, client.balance_fen)
    anew = cashier.preview(cashier.bill(PHARMACY, EXPENSIVE), by_card, "换一张新单子再问：起付线也退回来了吗")
    must_be("重新预结算的金额", amounts_fen(anew.info), amounts_fen(paid.info))
    small = cashier.settle(cashier.bill(PHARMACY, COLD_GRANULES), by_card)
    must_be("又从头算起付线（分）", small["act_pay_dedc"], COLD_GRANULES.amount_fen)
