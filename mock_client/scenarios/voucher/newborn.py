"""A newborn without an ID number is treated: the number of the birth certificate serves for 180 days."""

from mock_client.actors.cashier import SOCIAL_CARD, card
from mock_client.bills import INPATIENT, treatment
from mock_client.checks import must_be, must_say
from mock_client.scenarios.voucher.moves import HOSPITAL, NURSING_BED, must_pay, till
from mock_client.world import World

NAME = "voucher_newborn"
TITLE = "新生儿没有身份证：凭出生医学证明编号住院结算，报销60%"

PHOTOTHERAPY = treatment("新生儿蓝光治疗", "160.00")


def run(world: World) -> None:
    baby = world.rng.choice(world.people.newborns())
    cashier = till(world, HOSPITAL)
    client = cashier.read_card(baby, did="输入出生医学证明编号和姓名")
    must_be("证件类型", client.base["psn_cert_type"], "99")
    bill = cashier.bill(INPATIENT, PHOTOTHERAPY.times(3), NURSING_BED.times(3))
    paid = cashier.preview_and_settle(bill, client)
    must_pay(paid, fund=360_00, account=0, cash=240_00)
    must_say(paid.words, "60%")

    wrong = {**card(baby), "psn_name": "样本错"}
    cashier.declined("姓名填错了", 201, lambda: cashier.his.ask("1101", wrong))
    cashier.declined("当成社保卡刷", 101, lambda: cashier.his.ask("1101", card(baby, SOCIAL_CARD)))
