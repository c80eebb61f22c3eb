"""Who need not file: the exemptions (四免 and their kin) that a region's pack grants."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kit.packs import Source
from app.kit.text import Text
from app.services.remote_care.categories import EMPLOYEE, RESIDENT, MedType, PersonFacts
from app.services.remote_care.pack_model import ExemptionKind, ExemptionRule, Pack
from app.services.remote_care.rules import is_at_home

PROVINCE_LENGTH = 2


class Benefit(StrEnum):
    """What care without filing is paid like."""

    AS_AT_HOME = "as_at_home"
    AS_FILED = "as_filed"
    AS_EMERGENCY = "as_emergency"
    AS_NOT_URGENT = "as_not_urgent"
    ACCOUNT_ONLY = "account_only"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why no filing is needed. ``full``: filing would bring nothing more; otherwise it still pays to file."""

    kind: ExemptionKind
    benefit: Benefit
    full: bool
    words: Text
    source: Source


BENEFITS = {
    ExemptionKind.STUDENT_NATIONWIDE: Benefit.AS_AT_HOME,
    ExemptionKind.WITHIN_PROVINCE: Benefit.AS_AT_HOME,
    ExemptionKind.CHRONIC_IN_PROVINCE: Benefit.AS_AT_HOME,
    ExemptionKind.ALLIANCE: Benefit.AS_FILED,
    ExemptionKind.EMERGENCY_COUNTS_AS_FILED: Benefit.AS_EMERGENCY,
    ExemptionKind.AUTOMATIC_AT_DISCHARGE: Benefit.AS_NOT_URGENT,
    ExemptionKind.PERSONAL_ACCOUNT_NATIONWIDE: Benefit.ACCOUNT_ONLY,
}
BEST_FIRST = tuple(BENEFITS)
"""Where several exemptions apply, the one that gives most is the answer."""


def exemption(
    pack: Pack, facts: PersonFacts, care_region_code: str, med_type: MedType, *, urgent: bool, on: date
) -> Exemption | None:
    """The best exemption for this care; None if it needs a filing, or is at home, where nothing is filed."""
    if is_at_home(pack, facts.home_region_code, care_region_code):
        return None
    rules = [
        rule
        for rule in pack.exemptions
        if rule.since <= on
        and med_type in rule.med_types
        and _applies(rule, facts, care_region_code, urgent=urgent)
    ]
    if not rules:
        return None
    best = min(rules, key=lambda rule: BEST_FIRST.index(rule.kind))
    benefit = BENEFITS[best.kind]
    full = benefit in (Benefit.AS_AT_HOME, Benefit.AS_FILED, Benefit.AS_EMERGENCY) or (
        benefit is Benefit.ACCOUNT_ONLY and med_type is MedType.PHARMACY
    )
    return Exemption(best.kind, benefit, full, _words(pack, best.kind, med_type), best.source)


def _applies(rule: ExemptionRule, facts: PersonFacts, care_region_code: str, *, urgent: bool) -> bool:
    in_province = care_region_code[:PROVINCE_LENGTH] == facts.home_region_code[:PROVINCE_LENGTH]
    conditions = {
        ExemptionKind.STUDENT_NATIONWIDE: facts.student and facts.insutype == RESIDENT,
        ExemptionKind.WITHIN_PROVINCE: in_province,
        ExemptionKind.CHRONIC_IN_PROVINCE: in_province and facts.chronic_entitled,
        ExemptionKind.ALLIANCE: care_region_code.startswith(rule.regions or ("-",)),
        ExemptionKind.EMERGENCY_COUNTS_AS_FILED: urgent,
        ExemptionKind.AUTOMATIC_AT_DISCHARGE: facts.in_good_standing and not in_province,
        ExemptionKind.PERSONAL_ACCOUNT_NATIONWIDE: facts.insutype == EMPLOYEE,
    }
    return conditions[rule.kind]


def _words(pack: Pack, kind: ExemptionKind, med_type: MedType) -> Text:
    at_pharmacy = kind is ExemptionKind.PERSONAL_ACCOUNT_NATIONWIDE and med_type is MedType.PHARMACY
    words = ACCOUNT_AT_PHARMACY if at_pharmacy else WORDS[kind]
    return Text(words.zh.format(home=pack.name.zh), words.en.format(home=pack.name.en))


WORDS = {
    ExemptionKind.STUDENT_NATIONWIDE: Text(
        "不用备案。参加{home}居民医保的大学生，在全国看病买药都不用备案，直接刷医保，报销和在{home}一样。",
        "No filing needed. Students insured as residents of {home} are settled directly all over the country "
        "and paid as at home.",
    ),
    ExemptionKind.WITHIN_PROVINCE: Text(
        "不用备案。{home}参保人在省内其他城市看病、住院、买药，直接刷医保，报销和在{home}一样。",
        "No filing needed. Within the province people insured in {home} are settled directly and paid as "
        "at home.",
    ),
    ExemptionKind.CHRONIC_IN_PROVINCE: Text(
        "不用备案。您有门诊慢特病资格，在省内定点医院看这个病，直接刷医保结算。",
        "No filing needed. With your chronic-disease entitlement you are settled directly within the "
        "province.",
    ),
    ExemptionKind.ALLIANCE: Text(
        "不用备案。参保地和就医地已经互认，在那里住院、看门诊、买药视同已备案，直接刷医保。",
        "No filing needed. The two regions recognise each other: care there counts as filed.",
    ),
    ExemptionKind.EMERGENCY_COUNTS_AS_FILED: Text(
        "不用备案，先救治。急诊抢救视同已备案，请提醒医院按“急诊”登记，出院时直接刷医保。"
        "医院没有按急诊登记的，请在出院结算前补办备案。",
        "No filing needed: get treated first. An emergency counts as filed. Ask the hospital to register "
        "it as an "
        "emergency; if it did not, file before the bill is settled.",
    ),
    ExemptionKind.AUTOMATIC_AT_DISCHARGE: Text(
        "建议先备案。不备案，出院时也能自动按“非急诊、未转诊”的比例直接结算；"
        "长期住在外地，或者有转诊单的，先备案再去。",
        "Filing is advised. Without it the bill is still settled at discharge, at the share of care neither "
        "urgent nor referred. File first if you live there for long or have a referral.",
    ),
    ExemptionKind.PERSONAL_ACCOUNT_NATIONWIDE: Text(
        "只用个人账户的钱看门诊，不用备案；想让医保基金也报销，请先备案。",
        "To pay from the personal account alone no filing is needed; for the fund to pay too, file first.",
    ),
}
ACCOUNT_AT_PHARMACY = Text(
    "不用备案。用医保个人账户的钱，在全国定点药店都可以直接刷。",
    "No filing needed. Your personal account pays at designated pharmacies all over the country.",
)
