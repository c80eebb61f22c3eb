"""One-stop+: a low-income patient of the county never pays more than a tenth of the bill, class C included."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import INPATIENT
from mock_client.checks import must_be, must_say
from mock_client.people import Wanted
from mock_client.scenarios.voucher.moves import (
    NURSING_BED,
    OPERATION,
    VITAMINS,
    must_pay,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_low_income"
TITLE = "低收入人口县内住院“一站式+”：自己最多付一成，丙类也算在内"

COUNTY_HOSPITAL = "滨海县人民医院"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(Wanted("320922", "390", low_income=True)))
    cashier = till(world, COUNTY_HOSPITAL)
    client = scanned(cashier, citizen, SETTLEMENT)
    with cashier.step("读人员信息（1101），看有没有特殊身份") as step:
        found = cashier.his.ask("1101", client.proof)
        step.saw("、".join(one["memo"] for one in found["idetinfo"]))
        must_be("身份", [one["psn_idet_type"] for one in found["idetinfo"]], ["low_income"])
    paid = cashier.preview_and_settle(
        cashier.bill(INPATIENT, OPERATION, NURSING_BED.times(8), VITAMINS), client
    )
    # 2,988.00 yuan: a tenth is 298.80.
    must_pay(paid, fund=2_689_20, account=0, cash=298_80)
    must_be("丙类自费（分）", paid["fulamt_ownpay_amt"], 68_00)
    must_say(paid.words, "298.80", "10%")
