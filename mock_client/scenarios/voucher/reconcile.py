"""The day's end: one answer was lost and nobody reversed. Reconciling names the bill; undone, both sides agree."""

from mock_client.answers import NoSignal
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.bills import fen
from mock_client.checks import NotAsItMustBe, must, must_be
from mock_client.network import Fate
from mock_client.scenarios.voucher.moves import (
    AMOXICILLIN,
    COLD_GRANULES,
    PATENT_MEDICINE,
    SHAANXI_EMPLOYEE,
    till,
)
from mock_client.world import World

NAME = "voucher_reconcile"
TITLE = "日终对账：有一笔回答丢了，对账找得出是哪一笔，处理以后两边一致"

PHARMACY = "旬阳同心大药房"
"""Where no other story settles: its day is this story's."""


def run(world: World) -> None:
    citizen = world.anyone(SHAANXI_EMPLOYEE)
    cashier = till(world, PHARMACY)
    his = cashier.his
    opening = cashier.reconcile("开门前先对一次账")
    for one in opening["differences"]:
        # Bills of an earlier run today: this till has lost its book.
        his.enter({**one, **one["ours"]})

    client = cashier.read_card(citizen.person)
    cashier.settle(cashier.bill(PHARMACY_BILL, AMOXICILLIN), client)
    lost = cashier.bill(PHARMACY_BILL, PATENT_MEDICINE)
    with cashier.step("这一笔没有收到回答，系统又没有冲正") as step:
        cashier.phone.network.foresee(Fate.LOST_AFTER)
        try:
            his.send(his.settling(lost, client.proof))
        except NoSignal:
            step.saw("没有回答；顾客付现金走了")
        else:
            raise NotAsItMustBe("这个回答应当丢掉")
    cashier.settle(cashier.bill(PHARMACY_BILL, COLD_GRANULES), client)

    found = cashier.reconcile()
    must_be("对账结果", found["stmtinfo"]["stmt_rslt"], "1")
    [difference] = found["differences"]
    must_be("差异", (difference["kind"], difference["chrg_bchno"]), ("ours_only", lost.number))
    must_be("差异的金额（分）", fen(difference["ours"]["medfee_sumamt"]), lost.total_fen)

    with cashier.step("按差异撤销这一笔") as step:
        undone = his.undo({**difference, "psn_no": client.base["psn_no"]})["setlinfo"]
        step.saw(f"已撤销 {undone['chrg_bchno']}")
    again = cashier.reconcile("再对一次账")
    must_be("对账结果", again["stmtinfo"]["stmt_rslt"], "0")
    must(not again["differences"], "处理以后不应再有差异")

    # Where a day has more bills than one message holds, it is compared in parts.
    times = sorted({row["setl_time"] for row in his.book.values()})
    halves = ((times[0], times[0]), (times[-1], times[-1]))
    for number, half in enumerate(halves, 1):
        found = cashier.reconcile(f"分时段对账（{number}）", half)
        must_be("对账结果", found["stmtinfo"]["stmt_rslt"], "0")
