"""No signal in the valley: the phone makes the code by itself, and the counter takes it like any other."""

from datetime import timedelta

from mock_client.actors import Citizen
from mock_client.actors.cashier import PURCHASE
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must, must_be
from mock_client.network import GOOD, OFFLINE
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    by_account,
    goods,
    must_pay,
    till,
    with_voucher,
)
from mock_client.voucher_code import OfflineVoucher
from mock_client.world import World

NAME = "voucher_offline"
TITLE = "手机没有信号：自己算出医保码照样能付；手机时间不准也不怕"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    citizen.phone.network.change(OFFLINE)
    shown = citizen.show_code_offline("走进药店没有信号，打开医保码")
    cashier = till(world, PHARMACY)
    client = cashier.scan(shown, PURCHASE)
    paid = cashier.preview_and_settle(cashier.bill(PHARMACY_BILL, AMOXICILLIN), client)
    account, cash = by_account(goods(AMOXICILLIN), client.balance_fen)
    must_pay(paid, fund=0, account=account, cash=cash)

    citizen.phone.network.change(GOOD)
    _clock_is_wrong(world, citizen)


def _clock_is_wrong(world: World, citizen: Citizen) -> None:
    """A phone two hours fast learns from the server how wrong it is."""
    keys = citizen.api.get_voucher_keys(citizen.phone.device_no)
    must_be("没有信号也能出示的天数", len(keys["keys"]), 3)
    wrong = citizen.phone.clock.now() + timedelta(hours=2)
    held = OfflineVoucher.of(keys, wrong)
    with citizen.step("手机时间快了两小时，没有信号，打开医保码") as step:
        right = {
            citizen.phone.offline_code(moment=world.now + timedelta(seconds=late)) for late in (-30, 0, 30)
        }
        must(held.code(wrong) in right, "手机应当按服务器的时间算码")
        step.saw("手机知道自己快了两小时，算出的码是对的")
