"""Codes and tokens that are not what they seem: each is refused with its own reason, and nothing is paid."""

from functools import partial

from mock_client.actors.cashier import BOOKING, PURCHASE, Client
from mock_client.actors.voucher import Shown
from mock_client.bills import OUTPATIENT
from mock_client.bills import PHARMACY as PHARMACY_BILL
from mock_client.scenarios.voucher.moves import (
    COLD_GRANULES,
    HOSPITAL,
    OTHER_PHARMACY,
    PHARMACY,
    SHAANXI_EMPLOYEE,
    till,
    with_voucher,
)
from mock_client.voucher_code import DIGITS, screen
from mock_client.world import World

NAME = "voucher_forged"
TITLE = "假码：改一位、付款码、编出来的都认得出；令牌不能换终端、换业务"


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    shown = citizen.show_code()
    place = world.rng.randrange(DIGITS)
    other = (int(shown.digits[place]) + world.rng.randrange(1, 10)) % 10
    for did, text in (
        (f"第 {place + 1} 位改一个数字", f"{shown.digits[:place]}{other}{shown.digits[place + 1 :]}"),
        ("28 位随便编的数字", "".join(world.rng.choices("0123456789", k=DIGITS))),
        ("扫成了付款码", "".join(world.rng.choices("0123456789", k=18))),
        ("扫成了网址", "https://example.invalid/pay"),
    ):
        forged = Shown(screen(text), text)
        cashier.refused(did, "code_unknown", partial(cashier.decode, forged, PURCHASE), status=422)
    _tokens(world, cashier.scan(shown, PURCHASE), shown)


def _tokens(world: World, client: Client, shown: Shown) -> None:
    """A token is bound to the till, and to what the code was scanned for."""
    other = till(world, OTHER_PHARMACY)
    other.declined(
        "另一家药店拿这家扫到的令牌结算",
        305,
        lambda: other.try_settling(other.bill(PHARMACY_BILL, COLD_GRANULES), client),
    )
    token = client.proof["mdtrt_cert_no"]
    broken = {**client.proof, "mdtrt_cert_no": token[:-2] + ("AA" if token[-2:] != "AA" else "BB")}
    own = till(world, PHARMACY)
    own.declined("令牌改了两个字", 305, lambda: own.his.ask("1101", broken))
    hospital = till(world, HOSPITAL)
    hospital.refused(
        "医院按药店购药扫码", "business_not_here", lambda: hospital.decode(shown, PURCHASE), status=409
    )
    booked = hospital.scan(shown, BOOKING, "为预约检查扫码")
    hospital.declined(
        "拿预约检查扫的码结算",
        304,
        lambda: hospital.try_settling(hospital.bill(OUTPATIENT, COLD_GRANULES), booked),
    )
