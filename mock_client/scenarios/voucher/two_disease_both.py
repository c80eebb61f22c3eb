"""Both diseases: 2,000 yuan in all, over two hospitals of which one has a deductible that counts too."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import TWO_DISEASE as TWO_DISEASE_BILL
from mock_client.bills import drug
from mock_client.checks import must_be, must_say
from mock_client.scenarios.chronic.moves import DIABETES, HYPERTENSION
from mock_client.scenarios.voucher.entitled import LEVEL_2, PRIMARY, entitled_to_two_disease
from mock_client.scenarios.voucher.moves import must_pay, scanned, till
from mock_client.world import World

NAME = "voucher_two_disease_both"
TITLE = "高血压加糖尿病：一年算到2000元；县中医院先扣100元起付再报50%，卫生院报60%"

COUNTY = drug("县中医院开的降压药", "900.00")
INSULIN = drug("卫生院开的胰岛素", "1000.00")
LAST = drug("卫生院再开的降糖药", "200.00")


def run(world: World) -> None:
    citizen = entitled_to_two_disease(world, HYPERTENSION, DIABETES)
    county = till(world, LEVEL_2)
    first = county.preview_and_settle(
        county.bill(TWO_DISEASE_BILL, COUNTY, disease=HYPERTENSION), scanned(county, citizen, SETTLEMENT)
    )
    must_pay(first, fund=400_00, account=0, cash=500_00, deductible=100_00)

    town = till(world, PRIMARY)
    by_card = town.read_card(citizen.person)
    which = town.preview(town.bill(TWO_DISEASE_BILL, INSULIN), by_card, "忘了填是哪种病：两种报得一样")
    must_pay(which, fund=600_00, account=0, cash=400_00)
    second = town.settle(town.bill(TWO_DISEASE_BILL, INSULIN, disease=DIABETES), by_card)
    must_pay(second, fund=600_00, account=0, cash=400_00, deductible=0)

    # 900 and 1,000 were counted; what the deductible took counts too.
    last = town.preview_and_settle(town.bill(TWO_DISEASE_BILL, LAST, disease=DIABETES), by_card)
    must_pay(last, fund=60_00, account=0, cash=140_00)
    must_say(last.words, "2000元")
    [used] = citizen.read_year()["benefits"]
    must_be("今年算进“两病”的费用（分）", used["counted_fen"], 2_000_00)
    citizen.download_statement(bills=3)
