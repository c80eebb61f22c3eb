"""The till presses settle again and again, at once and one after the other: paid once, and one answer."""

from concurrent.futures import ThreadPoolExecutor

from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import must, must_be
from mock_client.his import amounts_fen
from mock_client.network import Fate
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    by_account,
    goods,
    scanned,
    till,
    with_voucher,
)
from mock_client.world import World

NAME = "voucher_retry_storm"
TITLE = "网络时断时续：同一笔结算重发十几次，只付一次，回答一字不差"

AT_ONCE = 6


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    client, his, network = scanned(cashier, citizen), cashier.his, cashier.phone.network
    bill = cashier.bill(PHARMACY_BILL, AMOXICILLIN)
    letter = his.settling(bill, client.proof)
    with cashier.step("结算，头两次回答丢了，系统用同一个报文编号重发") as step:
        network.foresee(Fate.LOST_AFTER, Fate.LOST_BEFORE, Fate.DELIVERED)
        first = his.settle(letter)
        step.saw(f"第三次收到回答：账户支付 {first['setlinfo']['acct_pay']:.2f} 元")
    with cashier.step(f"收费员着急，又同时按了 {AT_ONCE} 次") as step:
        with ThreadPoolExecutor(AT_ONCE) as fingers:
            answers = list(fingers.map(lambda _: his.insist(letter), range(AT_ONCE)))
        must(all(answer == first for answer in answers), "每次的回答都应当和第一次一样")
        step.saw(f"{AT_ONCE} 次都是同一笔 {first['setlinfo']['setl_id']}")
    with cashier.step("换了报文编号又发同一张单子") as step:
        again = his.settle(his.settling(bill, client.proof))
        must_be("结算编号", again["setlinfo"]["setl_id"], first["setlinfo"]["setl_id"])
        step.saw("还是同一笔")
    other = cashier.bill(PHARMACY_BILL, AMOXICILLIN)
    fresh = [his.settling(other, cashier.read_card(citizen.person).proof) for _ in range(AT_ONCE)]
    with cashier.step(f"再买一盒，{AT_ONCE} 个报文编号同时发同一张单子") as step:
        with ThreadPoolExecutor(AT_ONCE) as fingers:
            made = list(fingers.map(lambda one: his.insist(one)["setlinfo"], fresh))
        must_be("结算笔数", len({one["setl_id"] for one in made}), 1)
        his.enter(made[0])
        step.saw("只有一笔")
    account, _ = by_account(2 * goods(AMOXICILLIN), client.balance_fen)
    must_be(
        "两盒一共从账户付了（分）",
        amounts_fen(first["setlinfo"])["acct_pay"] + amounts_fen(made[0])["acct_pay"],
        account,
    )
    after = cashier.read_card(citizen.person).balance_fen
    must_be("账户余额（分）", after, client.balance_fen - account)
