"""Files on the phone first, and the same stay in Beijing is paid with the higher share."""

from mock_client.actors.cashier import SETTLEMENT
from mock_client.bills import INPATIENT
from mock_client.checks import must_say
from mock_client.people import Wanted
from mock_client.scenarios.chronic.moves import approved_by_agency
from mock_client.scenarios.voucher.moves import NURSING_BED, OPERATION, must_pay, scanned, till, with_voucher
from mock_client.scenarios.voucher.remote_unfiled import BEIJING_HOSPITAL
from mock_client.world import World, is_untouched

NAME = "voucher_remote_filed"
TITLE = "住院期间在手机上备案，经办机构通过：同一张单子从报销40%变成50%"


def run(world: World) -> None:
    citizen = with_voucher(
        world.citizen(Wanted("6104", "390", student=False, low_income=False), fresh=is_untouched)
    )
    cashier = till(world, BEIJING_HOSPITAL)
    client = scanned(cashier, citizen, SETTLEMENT)
    bill = cashier.bill(INPATIENT, OPERATION, NURSING_BED.times(10))
    without = cashier.preview(bill, client, "预结算：还没有备案")
    must_pay(without, fund=1_200_00, account=0, cash=1_800_00)

    filing = citizen.file(
        {
            "category": "long_term_resident",
            "care_region_code": "11",
            "proof": "commitment",
            "commitment_accepted": True,
            "residence_address": "样本路8号（仅供测试）",
        },
        did="在病床上用手机办异地长期居住备案，用承诺书",
    )
    approved_by_agency(world, citizen, filing)

    paid = cashier.preview_and_settle(bill, client)
    must_pay(paid, fund=1_500_00, account=0, cash=1_500_00)
    must_say(paid.words, "50%", "备案")
