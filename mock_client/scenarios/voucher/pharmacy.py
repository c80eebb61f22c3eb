"""The plain case: a pharmacy scans the code, shows what it comes to, settles; the account pays below the deductible."""

from mock_client.actors.cashier import PURCHASE
from mock_client.bills import PHARMACY
from mock_client.checks import must, must_be, must_say
from mock_client.scenarios.voucher.moves import (
    AMLODIPINE,
    ATORVASTATIN,
    POOLING_PHARMACY,
    goods,
    must_pay,
    pooled,
    till,
)
from mock_client.world import World

NAME = "voucher_pharmacy"
TITLE = "药店扫医保码：先看清要付多少，再结算；没到起付线，个人账户付"


def run(world: World) -> None:
    citizen = pooled(world)
    citizen.sign_in()
    must(not citizen.read_voucher("第一次打开医保码")["active"], "没启用以前不应有效")
    citizen.refused(
        "没启用就想出示",
        "voucher_not_activated",
        lambda: citizen.api.show_voucher_code(citizen.phone.device_no),
        status=409,
    )
    citizen.activate_voucher()

    cashier = till(world, POOLING_PHARMACY)
    shown = citizen.show_code()
    client = cashier.scan(shown, PURCHASE)
    must("balc" in client.insurances[0], "扫码以后应当看到个人账户余额")
    before = client.balance_fen
    medicines = (AMLODIPINE.times(2), ATORVASTATIN)
    bill = cashier.bill(PHARMACY, *medicines)
    paid = cashier.preview_and_settle(bill, client)
    total = goods(*medicines)
    must_pay(paid, fund=0, account=total, cash=0, deductible=total)
    must_be("账户余额（分）", paid.balance_fen, before - total)
    must_say(paid.words, "起付线每年600元")
    must(citizen.show_code("付完款，屏幕上换了新码").digits != shown.digits, "付过款的码应当马上换掉")
    seen = citizen.read_bill(paid.setl_id)
    must_be("账单上个人账户付的（分）", seen["acct_pay_fen"], total)
    must_be("账单和收费员打印的说明", [one["text"] for one in seen["steps"]], paid.words.splitlines())
    must_say(citizen.read_bill_notice("bill_settled", paid.setl_id)["text"], POOLING_PHARMACY)
    must_be("再扫一次看到的余额（分）", cashier.read_card(citizen.person).balance_fen, before - total)
