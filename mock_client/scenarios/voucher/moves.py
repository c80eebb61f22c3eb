"""What several of these stories do alike: the places, the goods, who pays, and how somebody comes to the counter."""

from typing import Final

from mock_client.actors import Cashier, Citizen
from mock_client.actors.cashier import PURCHASE, Client, Paid
from mock_client.bills import Item, bed, consumable, drug, treatment
from mock_client.checks import must_be
from mock_client.people import Wanted
from mock_client.world import World

POOLING: Final = "2305"
"""双鸭山: employees' outpatient pooling with all its numbers [002]: 600 yuan a year, then 70 %, at most 2,000 yuan."""
POOLING_PHARMACY: Final = "双鸭山人民同泰医药八马路店"
POOLING_CLINIC: Final = "尖山区王家诊所"

SHAANXI_EMPLOYEE: Final = Wanted("61", "310", least_age=18)
"""No source has numbers for their outpatient care: the personal account pays what there is to pay."""
PHARMACY: Final = "安康益民大药房金州店"
OTHER_PHARMACY: Final = "安康惠民医药恒口店"
HOSPITAL: Final = "安康市中心医院"

AMLODIPINE: Final = drug("苯磺酸氨氯地平片 5mg×28片", "38.50")
METFORMIN: Final = drug("盐酸二甲双胍缓释片 0.5g×60片", "26.40")
ATORVASTATIN: Final = drug("阿托伐他汀钙片 20mg×28片", "42.00")
AMOXICILLIN: Final = drug("阿莫西林胶囊 0.25g×50粒", "18.60")
COLD_GRANULES: Final = drug("感冒清热颗粒 12g×10袋", "16.80")
PATENT_MEDICINE: Final = drug("复方丹参滴丸 27mg×180丸", "29.80")
VITAMINS: Final = drug("多种维生素片（丙类）", "68.00", "C")
NURSING_BED: Final = bed("普通床位费", "40.00")
OPERATION: Final = treatment("胆囊切除术", "2600.00")
INFUSION: Final = treatment("静脉输液", "12.00")
ACUPUNCTURE: Final = treatment("针刺治疗（乙类）", "80.00", "B")
SHOCKWAVE: Final = treatment("体外冲击波治疗（乙类）", "150.00", "B")
GAUZE: Final = consumable("医用敷贴（乙类）", "12.50", "B")


def pooled(
    world: World, *, retired: bool = False, balance_fen: tuple[int, int] = (50_000, 2_000_000)
) -> Citizen:
    """An employee of 双鸭山 who has used nothing of this year yet."""
    return world.payer(Wanted(POOLING, "310", retired=retired, least_age=30, balance_fen=balance_fen))


def with_voucher(citizen: Citizen) -> Citizen:
    """Signed in on the phone, and the voucher active."""
    citizen.sign_in()
    citizen.activate_voucher()
    return citizen


def till(world: World, institution: str) -> Cashier:
    """An institution's till, ready."""
    cashier = world.cashier(institution)
    cashier.sign_in()
    return cashier


def scanned(cashier: Cashier, citizen: Citizen, business: str = PURCHASE) -> Client:
    """Shows the code, which the counter scans."""
    return cashier.scan(citizen.show_code(), business)


def must_pay(paid: Paid, *, fund: int, account: int, cash: int, deductible: int | None = None) -> None:
    """Who pays how much, in fen."""
    must_be("医保基金支付（分）", paid["fund_pay_sumamt"], fund)
    must_be("个人账户支付（分）", paid["acct_pay"], account)
    must_be("现金支付（分）", paid["psn_cash_pay"], cash)
    if deductible is not None:
        must_be("起付线（分）", paid["act_pay_dedc"], deductible)


def by_account(total_fen: int, balance_fen: int) -> tuple[int, int]:
    """How account and cash share what nobody else pays."""
    return min(total_fen, balance_fen), max(0, total_fen - balance_fen)


def goods(*items: Item) -> int:
    """What they cost together, in fen."""
    return sum(item.amount_fen for item in items)
