"""A recognised chronic disease is paid: no share is published, so the floor is, and the words say where to claim the rest."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import CHRONIC, treatment
from mock_client.checks import must, must_be, must_say
from mock_client.scenarios.chronic.moves import COPD, DIABETES
from mock_client.scenarios.voucher.entitled import entitled_to_chronic_care
from mock_client.scenarios.voucher.moves import (
    HOSPITAL,
    METFORMIN,
    PHARMACY,
    VITAMINS,
    must_pay,
    scanned,
    till,
)
from mock_client.world import World

NAME = "voucher_chronic_care"
TITLE = "门诊慢特病认定以后看病就能报：两种病各报各的，没有公布比例的至少报60%，差额可以补报"

LUNG_FUNCTION = treatment("肺功能检查", "180.00")


def run(world: World) -> None:
    citizen = entitled_to_chronic_care(world)
    cashier = till(world, HOSPITAL)
    client = scanned(cashier, citizen, SETTLEMENT)
    with cashier.step("查慢特病待遇（5301）") as step:
        held = {one["opsp_dise_code"]: one for one in cashier.his.ask("5301", client.proof)["feedetail"]}
        step.saw("、".join(f"{code} {one['opsp_dise_name']}" for code, one in held.items()))
        must_be("待遇", set(held), {DIABETES, COPD})
    unnamed = cashier.bill(CHRONIC, LUNG_FUNCTION)
    refusal = cashier.declined("忘了填是哪种病", 407, lambda: cashier.try_settling(unnamed, client))
    must(
        not any(one["opsp_dise_name"] in refusal.words for one in held.values()),
        "拒绝的话里不应说出病人有哪些病",
    )
    # 180.00 at 60 %; no deductible is known.
    first = cashier.preview_and_settle(cashier.bill(CHRONIC, LUNG_FUNCTION, disease=COPD), client)
    must_pay(first, fund=108_00, account=0, cash=72_00, deductible=0)
    must_say(first.words, "没有查到公布的比例", "至少报60%", "补报")

    pharmacy = till(world, PHARMACY)
    by_card = pharmacy.read_card(citizen.person)
    # 264.00 at 60 % are 158.40; the vitamins are class C.
    second = pharmacy.preview_and_settle(
        pharmacy.bill(CHRONIC, METFORMIN.times(10), VITAMINS, disease=DIABETES), by_card
    )
    must_pay(second, fund=158_40, account=0, cash=173_60, deductible=0)
    [used] = citizen.read_year()["benefits"]
    must_be("今年慢特病报销（分）", used["fund_paid_fen"], 266_40)
