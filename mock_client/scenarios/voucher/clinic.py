"""A clinic with an old scanner that reads bar codes only; class B and class C on one bill."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import OUTPATIENT
from mock_client.checks import must_be, must_say
from mock_client.scanner import Symbology
from mock_client.scenarios.voucher.moves import (
    ACUPUNCTURE,
    POOLING_CLINIC,
    SHOCKWAVE,
    VITAMINS,
    must_pay,
    pooled,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_clinic"
TITLE = "诊所老式扫码枪扫条形码：乙类先自付一成或两成，丙类账户不能付"


def run(world: World) -> None:
    citizen = with_voucher(pooled(world))
    cashier = till(world, POOLING_CLINIC)
    shown = citizen.show_code("切换到条形码，给诊所扫", symbology=Symbology.CODE128)
    client = cashier.scan(shown, SETTLEMENT, "用老式扫码枪扫条形码")
    bill = cashier.bill(OUTPATIENT, ACUPUNCTURE, SHOCKWAVE, VITAMINS)
    paid = cashier.preview_and_settle(bill, client)
    # 80 yuan a piece: a tenth of it first; 150 yuan a piece: a fifth.
    must_be("乙类先行自付（分）", paid["preselfpay_amt"], 8_00 + 30_00)
    must_be("丙类自费（分）", paid["fulamt_ownpay_amt"], 68_00)
    must_be("进入范围（分）", paid["inscp_scp_amt"], 230_00 - 38_00)
    must_pay(paid, fund=0, account=230_00, cash=68_00, deductible=192_00)
    must_say(paid.words, "10%", "20%", VITAMINS.name)
