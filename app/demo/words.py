"""What the roster says of people, insurances and organisations: plain values and words."""

from datetime import date
from typing import Final, TypedDict

from app.identity.models import Coverage, CoverageStatus, InsuType, Organisation
from app.places import service as places

_STATUSES: Final = {CoverageStatus.SUSPENDED: "（欠费暂停）", CoverageStatus.ENDED: "（已终止）"}


class CoverageEntry(TypedDict):
    """One insurance of somebody; dates as YYYY-MM-DD, the opening balance of the personal account in fen."""

    id: str
    insutype: str
    insured_as: str
    region_code: str
    region: str
    status: str
    begin_date: str
    end_date: str | None
    retired: bool
    student: bool
    low_income: bool
    employer: str | None
    balance_fen: int


class RelativeEntry(TypedDict):
    """``relation``: what the relative is to the person. guardian: acts for the person, a minor."""

    person_id: str
    name: str | None
    relation: str
    guardian: bool


class OrganisationEntry(TypedDict):
    """Where a role is held."""

    id: str
    kind: str
    name: str
    region_code: str
    institution_id: str | None
    service_point_id: str | None


class Entry(TypedDict, total=False):
    """One line of the roster. What does not apply is missing: only staff have a password, only experts specialties."""

    kind: str
    description: str
    account_id: str | None
    person_id: str
    psn_no: str
    name: str | None
    sex: str
    birth_date: str
    age: int
    id_type: str
    id_no: str | None
    phone: str | None
    address: str
    residence_code: str | None
    region_code: str
    region: str
    insured_as: str
    coverages: list[CoverageEntry]
    relatives: list[RelativeEntry]
    roles: list[str]
    organisation: OrganisationEntry | None
    real_name: bool
    openid: str | None
    js_code: str | None
    username: str
    password: str
    client_id: str
    client_secret: str
    institution_code: str
    specialties: list[str]
    hospital: str
    title: str
    daily_limit: int | None


def insured_as(coverage: Coverage) -> str:
    """How somebody is insured, in words: 退休职工, 大学生（居民医保）…"""
    if coverage.insutype == InsuType.EMPLOYEE:
        words = "退休职工" if coverage.retired else "在职职工"
    else:
        words = "在校学生（城乡居民医保）" if coverage.student else "城乡居民"
    if coverage.low_income:
        words += "（低收入）"
    return words + _STATUSES.get(CoverageStatus(coverage.status), "")


def age_on(birth_date: date, day: date) -> int:
    """Full years of age."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def address_of(region_code: str, house: int) -> str:
    """An address as on an identity card: committees (居委会, 村委会) give their village's name."""
    name = places.full_name(region_code)
    for office, place in (
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("居委会", "社区"),
        ("村委会", "村"),
    ):
        if name.endswith(office):
            name = name.removesuffix(office) + place
            break
    return f"{name}{house}号"


def organisation_entry(organisation: Organisation) -> OrganisationEntry:
    return {
        "id": str(organisation.id),
        "kind": str(organisation.kind),
        "name": organisation.name,
        "region_code": organisation.region_code,
        "institution_id": str(organisation.institution_id) if organisation.institution_id else None,
        "service_point_id": str(organisation.service_point_id) if organisation.service_point_id else None,
    }


def coverage_entry(coverage: Coverage) -> CoverageEntry:
    return {
        "id": str(coverage.id),
        "insutype": str(coverage.insutype),
        "insured_as": insured_as(coverage),
        "region_code": coverage.region_code,
        "region": places.full_name(coverage.region_code),
        "status": str(coverage.status),
        "begin_date": coverage.begin_date.isoformat(),
        "end_date": coverage.end_date.isoformat() if coverage.end_date else None,
        "retired": coverage.retired,
        "student": coverage.student,
        "low_income": coverage.low_income,
        "employer": coverage.employer,
        "balance_fen": coverage.opening_balance_fen,
    }
