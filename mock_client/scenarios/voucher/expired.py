"""A photograph of a code is worth nothing two minutes later, and a code of a moment to come nothing either."""

from datetime import datetime, time, timedelta

from mock_client.actors.cashier import PURCHASE
from mock_client.checks import must_say
from mock_client.clock import CHINA
from mock_client.scenarios.voucher.moves import PHARMACY, SHAANXI_EMPLOYEE, scanned, till, with_voucher
from mock_client.world import World

NAME = "voucher_expired"
TITLE = "过期的码：截图过了两分钟就不能用，刷新就好；手机时间快了也说得清"

OLD, AHEAD = timedelta(minutes=2), timedelta(minutes=3)


def run(world: World) -> None:
    citizen = with_voucher(world.anyone(SHAANXI_EMPLOYEE))
    cashier = till(world, PHARMACY)
    _not_at_midnight(world)
    screenshot = citizen.show_code_offline("拿出两分钟前的截图", moment=world.now - OLD)
    refusal = cashier.refused(
        "扫截图", "code_expired", lambda: cashier.decode(screenshot, PURCHASE), status=410
    )
    must_say(refusal.detail, "过期", "刷新")
    early = citizen.show_code_offline("手机时间快了三分钟，没有信号", moment=world.now + AHEAD)
    refusal = cashier.refused("扫这台手机", "clock_off", lambda: cashier.decode(early, PURCHASE), status=422)
    must_say(refusal.detail, "时间")
    scanned(cashier, citizen)


def _not_at_midnight(world: World) -> None:
    """A phone throws away yesterday's key, so just after midnight it cannot play an old screenshot: wait."""
    midnight = datetime.combine(world.today, time(), CHINA)
    world.phone("nobody").clock.sleep(max(0.0, (midnight + OLD - world.now).total_seconds() + 1))
