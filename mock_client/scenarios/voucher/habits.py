"""Three makers write the same bill in three ways; and what is wrong in a message is named, all of it at once."""

from mock_client.actors.cashier import SOCIAL_CARD
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must_be, must_hold
from mock_client.his import MAKERS, Declined, His, amounts_fen
from mock_client.scenarios.voucher.moves import AMLODIPINE, METFORMIN, PHARMACY, SHAANXI_EMPLOYEE, VITAMINS
from mock_client.world import World

NAME = "voucher_habits"
TITLE = "三家软件三种写法，同一张单子同一个结果；报文写错了，一次说清所有错处"


def run(world: World) -> None:
    citizen = world.anyone(SHAANXI_EMPLOYEE)
    results = []
    for maker in MAKERS:
        cashier = world.cashier(PHARMACY, maker)
        cashier.sign_in()
        client = cashier.read_card(citizen.person, SOCIAL_CARD)
        paid = cashier.preview(cashier.bill(PHARMACY_BILL, AMLODIPINE.times(2), METFORMIN, VITAMINS), client)
        results.append(amounts_fen(paid.info))
    must_be("三种写法的金额", results, [results[0]] * len(MAKERS))

    fields = cashier.his.fields_of(cashier.bill(PHARMACY_BILL, AMLODIPINE), client.proof)
    wrong = {
        **fields,
        "medfee_sumamt": "3.85e1",
        "med_type": "99",
        "acct_usd_flag": "1",
        "feedetail": [{**fields["feedetail"][0], "cnt": "两盒"}],
    }
    declined = cashier.declined("报文写错了四处", 101, lambda: cashier.his.ask("2207", wrong))
    with cashier.step("看是哪几处") as step:
        for one in declined.fields:
            step.saw(f"{one['field']}：{one['message']}")
        named = [one["field"].rsplit(".", 1)[-1] for one in declined.fields]
        must_hold("说出的字段", named, ["medfee_sumamt", "med_type", "acct_usd_flag", "cnt"])
    cashier.declined("这里没有的交易", 102, lambda: _unknown(cashier.his))


def _unknown(his: His) -> None:
    answer = his.api.transact_unknown("2102", his.letter("2102", {}).msgid, {})
    if answer["infcode"]:
        raise Declined(answer)
