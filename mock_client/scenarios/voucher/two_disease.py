"""Medicines for hypertension up to the yearly limit of 1,600 yuan: counted expense, not payment."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import TWO_DISEASE as TWO_DISEASE_BILL
from mock_client.bills import drug
from mock_client.checks import must_be, must_say
from mock_client.scenarios.chronic.moves import DIABETES, HYPERTENSION
from mock_client.scenarios.voucher.entitled import PRIMARY, entitled_to_two_disease
from mock_client.scenarios.voucher.moves import must_pay, scanned, till
from mock_client.world import World

NAME = "voucher_two_disease"
TITLE = "“两病”用药：镇卫生院报销60%，一种病一年算到1600元为止，最后一分也不多"

DISEASE_UNCLEAR = 407
HALF_A_YEAR = drug("半年的降压药", "1200.00")
THREE_MONTHS = drug("三个月的降压药", "500.00")
ONE_MORE = drug("再开一盒降压药", "50.00")


def run(world: World) -> None:
    citizen = entitled_to_two_disease(world, HYPERTENSION)
    cashier = till(world, PRIMARY)
    client = scanned(cashier, citizen, SETTLEMENT)
    with cashier.step("查慢特病和“两病”待遇（5301）") as step:
        [held] = cashier.his.ask("5301", client.proof)["feedetail"]
        step.saw(f"{held['opsp_dise_code']} {held['opsp_dise_name']}，按 {held['med_type']} 结算")
        must_be("待遇", (held["opsp_dise_code"], held["med_type"]), (HYPERTENSION, TWO_DISEASE_BILL))
    wrong = cashier.bill(TWO_DISEASE_BILL, HALF_A_YEAR, disease=DIABETES)
    cashier.declined("病种填错了，填成糖尿病", DISEASE_UNCLEAR, lambda: cashier.try_settling(wrong, client))
    first = cashier.preview_and_settle(
        cashier.bill(TWO_DISEASE_BILL, HALF_A_YEAR, disease=HYPERTENSION), client
    )
    must_pay(first, fund=720_00, account=0, cash=480_00, deductible=0)

    by_card = cashier.read_card(citizen.person)
    second = cashier.preview_and_settle(
        cashier.bill(TWO_DISEASE_BILL, THREE_MONTHS, disease=HYPERTENSION), by_card
    )
    # 400 yuan are left of the limit.
    must_pay(second, fund=240_00, account=0, cash=260_00)
    must_say(second.words, "1600元")

    third = cashier.settle(cashier.bill(TWO_DISEASE_BILL, ONE_MORE, disease=HYPERTENSION), by_card)
    must_pay(third, fund=0, account=0, cash=50_00)
    must_say(third.words, "1600元")
