"""Bills dated back: medicines and outpatient care by 31 days, a stay in hospital into last year; what is older is for the
agency."""

from datetime import date, timedelta

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import INPATIENT, PHARMACY, drug
from mock_client.checks import must_be, must_say
from mock_client.people import Wanted
from mock_client.scenarios.voucher.moves import (
    HOSPITAL,
    NURSING_BED,
    OPERATION,
    POOLING_PHARMACY,
    must_pay,
    pooled,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_dated_back"
TITLE = "补结旧单子：买药看门诊最多补31天以内的，住院可以补到去年，更早的去经办机构报"

TOO_OLD = 406
COURSE = drug("一个疗程的中成药", "700.00")


def run(world: World) -> None:
    citizen = with_voucher(pooled(world))
    cashier = till(world, POOLING_PHARMACY)
    client = scanned(cashier, citizen)
    last_day = world.today - timedelta(days=31)
    old = cashier.bill(PHARMACY, COURSE, day=at_noon(last_day - timedelta(days=1)))
    refused = cashier.declined("补 32 天前买的药", TOO_OLD, lambda: cashier.try_settling(old, client))
    must_say(refused.words, f"{last_day}", "手工报销")
    paid = cashier.settle(cashier.bill(PHARMACY, COURSE, day=at_noon(last_day)), client, "补 31 天前买的药")
    must_be("起付线（分）", paid["act_pay_dedc"], 600_00)
    must_be("基金支付（分）", paid["fund_pay_sumamt"], 70_00)

    resident = with_voucher(world.anyone(Wanted("6109", "390", low_income=False)))
    hospital = till(world, HOSPITAL)
    client = scanned(hospital, resident, SETTLEMENT)
    stay, year = (OPERATION, NURSING_BED.times(10)), world.today.year
    discharge = hospital.bill(INPATIENT, *stay, day=at_noon(date(year - 1, 12, 31)))
    paid = hospital.settle(discharge, client, "补结去年出院的")
    must_pay(paid, fund=1_800_00, account=0, cash=1_200_00)
    older = hospital.bill(INPATIENT, *stay, day=at_noon(date(year - 2, 12, 31)))
    by_card = hospital.read_card(resident.person)
    hospital.declined("前年出院的", TOO_OLD, lambda: hospital.try_settling(older, by_card))


def at_noon(day: date) -> str:
    return f"{day} 12:00:00"
