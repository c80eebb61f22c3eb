"""A parent shows a child's code on the parent's own phone; nobody else can."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import INPATIENT
from mock_client.checks import must_be
from mock_client.people import Wanted
from mock_client.scenarios.voucher.moves import HOSPITAL, INFUSION, NURSING_BED, must_pay, till
from mock_client.world import World

NAME = "voucher_child"
TITLE = "家长出示孩子的医保码：付的是孩子的医保，家长的账户一分不动"


def run(world: World) -> None:
    parent, child = world.guardian("6109")
    parent.sign_in()
    parent.activate_voucher("在“家人”里选孩子，启用孩子的医保码", child=child)
    shown = parent.show_code("打开孩子的医保码", child=child)

    cashier = till(world, HOSPITAL)
    client = cashier.scan(shown, SETTLEMENT)
    must_be("险种", client.insurances[0]["insutype"], "390")
    paid = cashier.preview_and_settle(
        cashier.bill(INPATIENT, INFUSION.times(5), NURSING_BED.times(3)), client
    )
    must_pay(paid, fund=108_00, account=0, cash=72_00)

    parent.read_bill(paid.setl_id, "家长查看孩子的账单", child=child)
    stranger = world.anyone(Wanted("1401", student=False))
    stranger.sign_in()
    for did, attempt in (
        (
            "外人想启用这个孩子的医保码",
            lambda: stranger.api.activate_voucher(stranger.phone.device_no, person_id=child),
        ),
        (
            "外人想出示这个孩子的医保码",
            lambda: stranger.api.show_voucher_code(stranger.phone.device_no, person_id=child),
        ),
    ):
        stranger.refused(did, "voucher_person_not_allowed", attempt, status=404)
    stranger.refused(
        "外人想看这个孩子的账单",
        "not_found",
        lambda: stranger.api.list_settlements(person_id=child),
        status=404,
    )
