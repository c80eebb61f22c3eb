"""The phone is lost: revoked between the scan and the payment, nothing is paid any more, with or without signal."""

from mock_client.actors.cashier import PURCHASE
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must_be, must_say
from mock_client.scenarios.voucher.moves import (
    COLD_GRANULES,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    goods,
    must_pay,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_revoked"
TITLE = "停用医保码：扫码以后、付款以前停用，马上付不了；本人刷脸重新启用又能用"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    client = scanned(cashier, citizen)
    citizen.revoke_voucher("手机不见了，在家人手机上登录，停用医保码")
    refusal = cashier.declined(
        "用刚才扫的码结算",
        302,
        lambda: cashier.try_settling(cashier.bill(PHARMACY_BILL, COLD_GRANULES), client),
    )
    must_say(refusal.words, "停用")
    offline = citizen.show_code_offline("不见了的手机还能算出码")
    cashier.refused("扫这个码", "voucher_revoked", lambda: cashier.decode(offline, PURCHASE), status=410)
    citizen.refused(
        "停用以后想出示",
        "voucher_not_activated",
        lambda: citizen.api.show_voucher_code(citizen.phone.device_no),
        status=409,
    )

    by_card = cashier.read_card(citizen.person)
    must_be("一分钱也没动（分）", by_card.balance_fen, client.balance_fen)
    citizen.activate_voucher("手机找到了，重新启用，要刷脸")
    paid = cashier.settle(
        cashier.bill(PHARMACY_BILL, COLD_GRANULES, use_account=False), scanned(cashier, citizen)
    )
    must_pay(paid, fund=0, account=0, cash=goods(COLD_GRANULES))
