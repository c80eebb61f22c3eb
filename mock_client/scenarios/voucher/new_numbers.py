"""A system that writes a new message number at each try: it is told by which message the bill stands, and nothing is
paid twice."""

from collections.abc import Sequence

from mock_client.actors import Cashier
from mock_client.answers import NoSignal
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.checks import NotAsItMustBe, must_be, must_say
from mock_client.his import STANDS_PAID, Letter
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

NAME = "voucher_new_numbers"
TITLE = "每次重发都换报文编号的收费系统：中心说清这笔由哪个报文支付，退得干净，不会付两次"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    client, his = scanned(cashier, citizen), cashier.his
    account, _ = by_account(goods(AMOXICILLIN), client.balance_fen)

    bill = cashier.bill(PHARMACY_BILL, AMOXICILLIN)
    first, second = his.settling(bill, client.proof), his.settling(bill, client.proof)
    in_vain(
        cashier,
        "第一个报文办成了，回答丢了；换编号再发，没有送到",
        [first, second],
        lost_at_last=Fate.LOST_BEFORE,
    )
    told = cashier.declined("冲正第二个报文", STANDS_PAID, lambda: his.insist(his.reversal(second)))
    must_be("中心说是哪个报文付的", told.output["standing"]["msgid"], first.msgid)
    must_say(told.words, "不要换单号重新结算")
    must_be("钱已经付了（分）", cashier.read_card(citizen.person).balance_fen, client.balance_fen - account)
    take_back(cashier, second, paid_by=first)
    by_card = cashier.read_card(citizen.person)
    must_be("账户余额（分）", by_card.balance_fen, client.balance_fen)

    bill = cashier.bill(PHARMACY_BILL, AMOXICILLIN)
    first, second = his.settling(bill, by_card.proof), his.settling(bill, by_card.proof)
    in_vain(cashier, "再开一张：两个报文都送到了，回答都丢了", [first, second], lost_at_last=Fate.LOST_AFTER)
    take_back(cashier, first, paid_by=first)
    must_be("账户余额（分）", cashier.read_card(citizen.person).balance_fen, client.balance_fen)

    cashier.settle(cashier.bill(PHARMACY_BILL, AMOXICILLIN), by_card, "网络好了，开一张新单子结算")
    must_be("只付了一次（分）", cashier.read_card(citizen.person).balance_fen, client.balance_fen - account)


def in_vain(cashier: Cashier, did: str, letters: Sequence[Letter], *, lost_at_last: Fate) -> None:
    """The same bill under one number after the other, and no answer comes."""
    with cashier.step(did) as step:
        cashier.phone.network.foresee(*[Fate.LOST_AFTER] * (len(letters) - 1), lost_at_last)
        for letter in letters:
            try:
                cashier.his.send(letter)
            except NoSignal:
                continue
            raise NotAsItMustBe("这些报文都不应当收到回答")
        step.saw(f"{len(letters)} 个报文都没有回答，系统不知道付了没有")


def take_back(cashier: Cashier, letter: Letter, *, paid_by: Letter) -> None:
    """Reverse one of the messages; the system then reverses the one that the centre names."""
    with cashier.step("冲正：中心说这笔由另一个报文支付，就照它说的冲正那一个") as step:
        undone = cashier.his.reverse(letter)
        must_be("冲正的结算是哪个报文付的", (undone or {})["medins_setl_id"], paid_by.msgid)
        step.saw("已冲正，钱退回账户")
