"""1101: who a person is and how insured, with names and numbers masked; 5301: which benefits the person holds.

Each look of an institution at a person is on record for that person (``GET /me/accesses``); the same look within ten
minutes is kept once, so that 1101 or 2206 after a scan add nothing. 5301 is a look of its own: it tells of diseases.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.model import MedType
from app.identity import service as identity
from app.identity.models import AccessKind, CoverageStatus, InsuType
from app.identity.service import Cover, InsuredPerson
from app.kit import clock
from app.kit.masking import mask_id_no, mask_name
from app.kit.text import Text
from app.ledger import service as ledger
from app.settlement import facts
from app.settlement.businesses import Purpose
from app.settlement.envelope import Message, Transaction
from app.settlement.errors import COVERAGE_NOT_IN_FORCE
from app.settlement.fields import Field, Fields, ReadPast, yuan_number
from app.settlement.identify import (
    IDENTITY_FIELDS,
    INSUTYPE,
    identify,
    identify_person,
    identity_problems,
    insured_by,
)
from app.settlement.institution import Terminal

PERSON: Final = Transaction(
    "1101",
    Text("人员信息获取", "person"),
    Fields(*IDENTITY_FIELDS, INSUTYPE, Field("begntime", ReadPast())),
    checks=(identity_problems,),
)
BENEFITS: Final = Transaction(
    "5301",
    Text("人员慢特病备案查询", "chronic-disease benefits"),
    Fields(*IDENTITY_FIELDS, INSUTYPE),
    checks=(identity_problems,),
)

STATUSES: Final[Mapping[CoverageStatus, str]] = {
    CoverageStatus.ACTIVE: "1",
    CoverageStatus.SUSPENDED: "2",
    CoverageStatus.ENDED: "4",
}
"""psn_insu_stas: 1 正常参保, 2 暂停参保, 4 终止参保."""

EMPLOYED, RETIRED, YOUNG_RESIDENT, RESIDENT, OLD_RESIDENT = "11", "12", "14", "15", "16"
"""psn_type of the national platform, its first two digits: 在职, 退休, 居民（未成年）, 居民（成年）, 居民（老年）."""

ADULT_AT, OLD_AT = 18, 60
LOW_INCOME: Final = "low_income"
"""psn_idet_type. Ours: the dictionary's codes differ by province, and the register knows no finer word."""


def look_up_person(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """1101: the person and all coverages, ended ones too, so that a cashier sees why one does not pay.

    Raises as ``identify_person``, and COVERAGE_NOT_IN_FORCE for somebody who was never insured.
    """
    today = clock.today()
    found = identify_person(session, terminal, message.given, today, purpose=Purpose.INQUIRY)
    if not found.person.covers:
        raise COVERAGE_NOT_IN_FORCE(day=today)
    return shown(session, terminal, found.person, message.given["insutype"])


def shown(
    session: Session, terminal: Terminal, person: InsuredPerson, insutype: str | None = None
) -> dict[str, Any]:
    """A person, and the record that this terminal has seen him or her. Two statements, one without a personal account."""
    note_look(session, terminal, person.id, AccessKind.COVERAGE_VIEWED)
    with_account = [cover.id for cover in person.covers if ledger.has_account(cover)]
    accounts = ledger.accounts_of_coverages(session, with_account) if with_account else {}
    balances = {coverage_id: account.balance_fen for coverage_id, account in accounts.items()}
    return described(person, balances, insutype)


def described(
    person: InsuredPerson, balances: Mapping[UUID, int], insutype: str | None = None
) -> dict[str, Any]:
    """baseinfo, insuinfo and idetinfo. balances: coverage → what its account holds in fen, for those that are open."""
    today = clock.today()
    covers = [cover for cover in person.covers if insutype in {None, cover.insutype.value}]
    return {
        "baseinfo": _base(person, today),
        "insuinfo": _insurances(person, covers, balances, today),
        "idetinfo": _identities(covers, today),
    }


def list_benefits(session: Session, terminal: Terminal, message: Message) -> Mapping[str, Any]:
    """5301: what holds today under the insurance in force. Raises as ``identify``."""
    today = clock.today()
    who = identify(session, terminal, message.given, today, purpose=Purpose.INQUIRY)
    note_look(session, terminal, who.person.id, AccessKind.BENEFITS_VIEWED)
    insured = insured_by(who.cover)
    held = facts.held_under(session, who.person.id, insured, today, terminal.institution.id)
    return {"feedetail": [_benefit(one) for one in held]}


def note_look(session: Session, terminal: Terminal, person_id: UUID, what: AccessKind) -> None:
    """Keep for the person that this terminal looked. One statement."""
    identity.record_access(session, terminal.actor, person_id, what, grant=terminal.grant)


def age_on(birth_date: date, day: date) -> int:
    """Full years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def psn_type(cover: Cover, age: int) -> str:
    """What sort of insured person: by work or retirement, of residents by age."""
    if cover.insutype is InsuType.EMPLOYEE:
        return RETIRED if cover.retired else EMPLOYED
    if age < ADULT_AT:
        return YOUNG_RESIDENT
    return RESIDENT if age < OLD_AT else OLD_RESIDENT


def _base(person: InsuredPerson, today: date) -> dict[str, Any]:
    return {
        "psn_no": person.psn_no,
        "psn_cert_type": person.id_type.value,
        "certno": mask_id_no(person.id_no),
        "psn_name": mask_name(person.name),
        "gend": person.sex.value,
        "brdy": person.birth_date.isoformat(),
        "age": age_on(person.birth_date, today),
    }


def _insurances(
    person: InsuredPerson, covers: Sequence[Cover], balances: Mapping[UUID, int], today: date
) -> list[dict[str, Any]]:
    """The coverages, those in force first."""
    age = age_on(person.birth_date, today)
    in_order = sorted(covers, key=lambda cover: (not cover.in_force(today), cover.insutype.value))
    return [
        {
            # An account is opened at its first use, with what the coverage began with.
            "balc": yuan_number(balances.get(cover.id, cover.opening_balance_fen)),
            "insutype": cover.insutype.value,
            "psn_type": psn_type(cover, age),
            "insuplc_admdvs": cover.region_code,
            "psn_insu_stas": _status(cover, today),
            "psn_insu_date": cover.begin_date.isoformat(),
            "paus_insu_date": _paused_from(cover),
        }
        for cover in in_order
    ]


def _paused_from(cover: Cover) -> str | None:
    """The first day of arrears, or the insurance's last day, whichever comes first."""
    known = [day for day in (cover.suspended_from, cover.end_date) if day is not None]
    return min(known).isoformat() if known else None


def _status(cover: Cover, today: date) -> str:
    """As of today: a coverage whose last day has passed is ended though the register has not been tidied."""
    if cover.status is CoverageStatus.ACTIVE and cover.end_date is not None and cover.end_date < today:
        return STATUSES[CoverageStatus.ENDED]
    return STATUSES[cover.status]


def _identities(covers: Sequence[Cover], today: date) -> list[dict[str, Any]]:
    return [
        {
            "psn_idet_type": LOW_INCOME,
            "psn_type_lv": None,
            "begntime": cover.begin_date.isoformat(),
            "endtime": cover.end_date.isoformat() if cover.end_date is not None else None,
            "memo": "低收入人口",
        }
        for cover in covers
        if cover.low_income and cover.in_force(today)
    ]


_MED_TYPES: Final = {kind.entitlement: kind for kind in MedType if kind.entitlement is not None}


def _benefit(one: facts.Held) -> dict[str, Any]:
    return {
        "opsp_dise_code": one.benefit.disease_code,
        "opsp_dise_name": one.benefit.name,
        "begndate": one.begins_on.isoformat(),
        "enddate": one.ends_on.isoformat() if one.ends_on is not None else None,
        "med_type": _MED_TYPES[one.benefit.benefit].value,
        "place_allowed": "1" if one.benefit.place_allowed else "0",
    }
