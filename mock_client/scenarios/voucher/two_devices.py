"""Two phones show one voucher, each with codes of its own; one is taken out, the other goes on."""

from mock_client.actors.cashier import PURCHASE
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must, must_be, must_say
from mock_client.scenarios.voucher.moves import (
    COLD_GRANULES,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    by_account,
    goods,
    must_pay,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_two_devices"
TITLE = "一个人两台手机：各出各的码；丢了一台，只停那一台，不刷脸不能再启用"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    second = world.phone(f"{citizen.person.openid}-second")
    lost = citizen.activate_voucher("在另一台手机上登录，也启用医保码", phone=second)["device"]
    phones = citizen.read_voucher()["devices"]
    must(len(phones) >= 2, "应当有两台手机")
    must(lost["id"] in [one["id"] for one in phones], "第二台手机应当在里面")

    cashier = till(world, PHARMACY)
    of_first, of_second = (
        citizen.show_code("第一台手机出示"),
        citizen.show_code("第二台手机出示", phone=second),
    )
    must(of_first.digits != of_second.digits, "两台手机的码应当不同")
    here, there = cashier.scan(of_first, PURCHASE), cashier.scan(of_second, PURCHASE)
    must_be("两个码是同一个人", there.base["psn_no"], here.base["psn_no"])

    citizen.remove_phone(lost["id"], "第二台手机丢了，在第一台上把它停掉")
    cashier.declined(
        "捡到手机的人用刚才扫过的码付款",
        302,
        lambda: cashier.try_settling(cashier.bill(PHARMACY_BILL, COLD_GRANULES), there),
    )
    cashier.refused(
        "捡到手机的人没有网络也想出示",
        "voucher_revoked",
        lambda: cashier.decode(citizen.show_code_offline("那台手机离线出示", phone=second), PURCHASE),
        status=410,
    )
    refusal = citizen.refused(
        "捡到手机的人在那台手机上想重新启用：那台手机还登录着",
        "voucher_face_required",
        lambda: citizen.api.activate_voucher(second.device_no),
        status=403,
    )
    must_say(refusal.detail, "刷脸")
    paid = cashier.settle(cashier.bill(PHARMACY_BILL, COLD_GRANULES), here)
    account, cash = by_account(goods(COLD_GRANULES), here.balance_fen)
    must_pay(paid, fund=0, account=account, cash=cash)
