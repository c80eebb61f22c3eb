"""What the words of an explanation are made of: names of kinds of care, places and items, rates, prices, lists."""

from collections.abc import Collection, Mapping, Sequence

from app.benefits.model import (
    EMPLOYEE,
    RESIDENT,
    BillLine,
    Entitlement,
    ItemKind,
    MedType,
    PersonGroup,
    PlaceKind,
    Standing,
)
from app.kit.text import Text

HOTLINE = "12393"

COSTS: Mapping[MedType, Text] = {
    MedType.OUTPATIENT: Text("门诊费", "outpatient costs"),
    MedType.CHRONIC_OUTPATIENT: Text("慢特病门诊费", "costs of the chronic disease"),
    MedType.INPATIENT: Text("住院费", "inpatient costs"),
    MedType.PHARMACY: Text("药费", "medicines"),
    MedType.TWO_DISEASE: Text("药费", "medicines"),
}
CARE: Mapping[MedType, Text] = {
    MedType.OUTPATIENT: Text("看门诊", "outpatient care"),
    MedType.CHRONIC_OUTPATIENT: Text("看门诊慢特病", "outpatient care of a chronic disease"),
    MedType.INPATIENT: Text("住院", "inpatient care"),
    MedType.PHARMACY: Text("药店买药", "medicines from a pharmacy"),
    MedType.TWO_DISEASE: Text("买两病用药", "medicines for hypertension and diabetes"),
}
INSURANCES: Mapping[str, Text] = {
    EMPLOYEE: Text("职工医保", "employees' insurance"),
    RESIDENT: Text("居民医保", "residents' insurance"),
}
ENTITLEMENTS: Mapping[Entitlement, Text] = {
    Entitlement.CHRONIC: Text("门诊慢特病", "chronic-disease benefit"),
    Entitlement.TWO_DISEASE: Text("两病用药", "two-disease benefit"),
}
KINDS: Mapping[ItemKind, Text] = {
    ItemKind.DRUG: Text("药品", "medicines"),
    ItemKind.TREATMENT: Text("诊疗项目", "treatments"),
    ItemKind.CONSUMABLE: Text("耗材", "consumables"),
    ItemKind.OTHER: Text("其他项目", "other items"),
}
PLACES: Mapping[PlaceKind, Text] = {
    PlaceKind.HOSPITAL_1: Text("一级医院", "level-1 hospital"),
    PlaceKind.HOSPITAL_2: Text("二级医院", "level-2 hospital"),
    PlaceKind.HOSPITAL_3: Text("三级医院", "level-3 hospital"),
    PlaceKind.HOSPITAL_UNRATED: Text("没有定级的医院", "hospital without a level"),
    PlaceKind.CLINIC: Text("诊所、村卫生室", "clinic"),
    PlaceKind.PHARMACY: Text("药店", "pharmacy"),
}
LEVELS: Mapping[int, Text] = {
    1: PLACES[PlaceKind.HOSPITAL_1],
    2: PLACES[PlaceKind.HOSPITAL_2],
    3: PLACES[PlaceKind.HOSPITAL_3],
}
STANDINGS: Mapping[Standing, Text] = {
    Standing.LONG_TERM: Text("办了长期备案", "with a long-term filing"),
    Standing.REFERRAL: Text("办了转诊备案", "with a referral filing"),
    Standing.EMERGENCY: Text("急诊抢救", "as an emergency"),
    Standing.OTHER_TEMPORARY: Text("办了临时外出就医备案", "with a filing for other temporary care"),
    Standing.NOT_FILED: Text("没有备案", "without filing"),
    Standing.NOT_FILED_NOT_URGENT: Text(
        "没有备案、不是急诊也没有转诊", "without filing, neither urgent nor referred"
    ),
    Standing.COUNTS_AS_FILED: Text("不用备案、视同已备案", "counting as filed"),
    Standing.AS_AT_HOME: Text("和在参保地看病一样", "as at home"),
}
GROUPS: Mapping[PersonGroup, Text] = {
    PersonGroup.EMPLOYED: Text("在职人员", "people at work"),
    PersonGroup.RETIRED: Text("退休人员", "retired people"),
    PersonGroup.STUDENT: Text("大学生", "students"),
}
_NAMED_AT_MOST = 3
_NAME_AT_MOST = 24
"""A step names at most three lines, and of a name so many characters: it is read on a phone."""


def percent(permille: int) -> str:
    """``70%``, ``72.5%``."""
    whole, rest = divmod(permille, 10)
    return f"{whole}.{rest}%" if rest else f"{whole}%"


def points(permille: int) -> str:
    """A difference of rates in percentage points: ``5``, ``2.5``."""
    return percent(permille)[:-1]


def price(e4: int) -> str:
    """A unit price in yuan, with as many decimals as it has: ``100``, ``100.0001``."""
    whole, rest = divmod(e4, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0") if rest else f"{whole}"


def lines_named(lines: Sequence[BillLine]) -> Text:
    """``“CT平扫”``, or with how many there are: ``“CT平扫”“留置针”等5项``."""
    shown = [_cut(line.name) for line in lines[:_NAMED_AT_MOST]]
    zh = "".join(f"“{name}”" for name in shown)
    en = ", ".join(shown)
    if len(lines) > len(shown):
        zh += f"等{len(lines)}项"
        en += f" and {len(lines) - len(shown)} more"
    elif len(lines) > 1:
        zh += f"{len(lines)}项"
    return Text(zh, en)


def _cut(name: str) -> str:
    return name if len(name) <= _NAME_AT_MOST else f"{name[:_NAME_AT_MOST]}…"


def listed(texts: Collection[Text]) -> Text:
    """``一级医院、诊所``."""
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))
