"""The register: persons, coverages, kinship; and from app.identity.accounts organisations, accounts, roles.

Used by real-name checks, the demo's data, batch imports and tests. Every function flushes, so that unique
indexes are checked where the mistake is; none commits. What contradicts itself raises RegisterError.
"""

import secrets
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from app.identity import kinship, queries
from app.identity.accounts import (
    Hasher,
    RegisterError,
    add_citizen_account,
    add_organisation,
    add_staff,
    add_terminal,
    end_role,
    grant_role,
    tidy_username,
)
from app.identity.id_numbers import parse_birth_certificate_number, parse_id_number
from app.identity.models import (
    Coverage,
    CoverageStatus,
    IdType,
    InsuType,
    Kinship,
    Person,
    Relation,
    Sex,
    last_day,
)
from app.identity.names import tidy_name
from app.kit import clock, ids

__all__ = [
    "Hasher",
    "RegisterError",
    "add_citizen_account",
    "add_coverage",
    "add_kinship",
    "add_organisation",
    "add_person",
    "add_staff",
    "add_terminal",
    "end_coverage",
    "end_kinship",
    "end_role",
    "grant_role",
    "resume_coverage",
    "set_phone",
    "suspend_coverage",
    "tidy_username",
]

PSN_NO_RANDOM_DIGITS: Final = 14
NO_REGION: Final = "000000"


def add_person(
    session: Session,
    *,
    name: str,
    id_no: str | None = None,
    birth_certificate_no: str | None = None,
    sex: Sex | None = None,
    birth_date: date | None = None,
    phone: str | None = None,
    residence_code: str | None = None,
) -> Person:
    """Enter a person by an ID number, which says sex and birth date, or a newborn by a birth certificate's.

    Raises BadName, BadNumber (both ValueError), RegisterError, or IntegrityError when the number is there.
    """
    if (id_no is None) == (birth_certificate_no is None):
        raise RegisterError("a person has either an ID number or a birth certificate number")
    if id_no is not None:
        parsed = parse_id_number(id_no)
        if birth_date not in {None, parsed.birth_date} or sex not in {None, parsed.sex}:
            raise RegisterError("sex or birth date differ from the ID number")
        id_type, number, sex, birth_date = IdType.ID_CARD, parsed.number, parsed.sex, parsed.birth_date
    else:
        id_type, number = IdType.BIRTH_CERTIFICATE, parse_birth_certificate_number(birth_certificate_no or "")
        if birth_date is None or birth_date > clock.today():
            raise RegisterError(
                "with a birth certificate number the birth date is needed, and not in the future"
            )
    person = Person(
        id=ids.new_id(),
        psn_no=_new_psn_no(residence_code or (number[:6] if id_no is not None else NO_REGION)),
        id_type=id_type,
        id_no_index=queries.id_no_index(number),
        sex=sex or Sex.UNKNOWN,
        birth_date=birth_date,
        residence_code=residence_code,
        created_at=clock.now(),
    )
    person.name, person.id_no = tidy_name(name), number
    if phone is not None:
        set_phone(person, phone)
    session.add(person)
    session.flush()
    return person


def set_phone(person: Person, phone: str) -> None:
    """The number under which the person is reached: 13800001111, abroad +85261234567."""
    person.phone = phone
    person.phone_index = queries.phone_index(phone)


def add_coverage(
    session: Session,
    person: Person,
    *,
    insutype: InsuType,
    region_code: str,
    begin_date: date,
    end_date: date | None = None,
    status: CoverageStatus = CoverageStatus.ACTIVE,
    suspended_from: date | None = None,
    retired: bool = False,
    student: bool = False,
    low_income: bool = False,
    employer: str | None = None,
    opening_balance_fen: int = 0,
) -> Coverage:
    """Insure a person. Refuses a second coverage of the same kind of the same days, and traits against it.

    suspended_from: the first day of arrears, today unless another is given.
    """
    insutype, status = InsuType(insutype), CoverageStatus(status)
    if begin_date < person.birth_date:
        raise RegisterError("a coverage begins before the birth")
    if retired and insutype is not InsuType.EMPLOYEE:
        raise RegisterError("only employees retire")
    if employer is not None and insutype is InsuType.RESIDENT:
        raise RegisterError("residents have no employer")
    if student and insutype is not InsuType.RESIDENT:
        raise RegisterError("students are insured as residents")
    if opening_balance_fen < 0 or (opening_balance_fen and insutype is not InsuType.EMPLOYEE):
        raise RegisterError("only employees have a personal account, and never less than nothing in it")
    coverage = Coverage(
        id=ids.new_id(),
        person_id=person.id,
        insutype=insutype,
        region_code=region_code,
        status=status,
        begin_date=begin_date,
        end_date=end_date,
        suspended_from=suspended_from or (clock.today() if status is CoverageStatus.SUSPENDED else None),
        retired=retired,
        student=student,
        low_income=low_income,
        opening_balance_fen=opening_balance_fen,
        created_at=clock.now(),
    )
    _check_dates(coverage)
    session.flush()
    if any(_overlap(coverage, other) for other in queries.coverages_of(session, person.id)):
        raise RegisterError("the person has such a coverage in these days already")
    coverage.employer = employer
    session.add(coverage)
    session.flush()
    return coverage


def end_coverage(session: Session, coverage: Coverage, on: date) -> None:
    """The last day of a coverage. Ending it again with the same day changes nothing."""
    if coverage.status == CoverageStatus.ENDED and coverage.end_date == on:
        return
    if coverage.status == CoverageStatus.ENDED:
        raise RegisterError("the coverage ended on another day")
    if on < coverage.begin_date:
        raise RegisterError("a coverage ends before it begins")
    coverage.end_date = on
    # A day to come ends it by itself (Coverage.in_force).
    if on < clock.today():
        coverage.status = CoverageStatus.ENDED
    session.flush()


def suspend_coverage(session: Session, coverage: Coverage, since: date) -> None:
    """Contributions are owed (欠费): from this day on it gives nothing; the days before keep what they gave."""
    if coverage.status == CoverageStatus.ENDED:
        raise RegisterError("the coverage has ended")
    if not coverage.begin_date <= since <= clock.today():
        raise RegisterError("a coverage is suspended before it begins, or from a day to come")
    coverage.status, coverage.suspended_from = CoverageStatus.SUSPENDED, since
    session.flush()


def resume_coverage(session: Session, coverage: Coverage) -> None:
    """What was owed is paid: it gives benefits again, for the days between too."""
    if coverage.status != CoverageStatus.SUSPENDED:
        raise RegisterError("the coverage is not suspended")
    suspended_from, coverage.suspended_from = coverage.suspended_from, None
    coverage.status = CoverageStatus.ACTIVE
    others = (one for one in queries.coverages_of(session, coverage.person_id) if one.id != coverage.id)
    if any(_overlap(coverage, other) for other in others):
        coverage.status, coverage.suspended_from = CoverageStatus.SUSPENDED, suspended_from
        raise RegisterError("another such coverage began meanwhile: end this one on the day before it first")
    session.flush()


def _check_dates(coverage: Coverage) -> None:
    if coverage.end_date is not None and coverage.end_date < coverage.begin_date:
        raise RegisterError("a coverage ends before it begins")
    if coverage.status == CoverageStatus.ENDED and coverage.end_date is None:
        raise RegisterError("a coverage that has ended has a last day")
    if coverage.status == CoverageStatus.ACTIVE and coverage.suspended_from is not None:
        raise RegisterError("a coverage with arrears is suspended")
    if coverage.suspended_from is not None and coverage.suspended_from < coverage.begin_date:
        raise RegisterError("a coverage is suspended before it begins")


def _overlap(one: Coverage, other: Coverage) -> bool:
    """Whether both are of one kind and give benefits on the same day."""
    if one.insutype != other.insutype:
        return False
    lasts = [day for day in (last_day(one), last_day(other)) if day is not None]
    return not lasts or max(one.begin_date, other.begin_date) <= min(lasts)


_INVERSE: Final = {
    Relation.SPOUSE: Relation.SPOUSE,
    Relation.SIBLING: Relation.SIBLING,
    Relation.PARENT: Relation.CHILD,
    Relation.CHILD: Relation.PARENT,
    Relation.GRANDPARENT: Relation.GRANDCHILD,
    Relation.GRANDCHILD: Relation.GRANDPARENT,
    Relation.GUARDIAN: Relation.WARD,
    Relation.WARD: Relation.GUARDIAN,
}
_ELDER: Final = frozenset({Relation.PARENT, Relation.GRANDPARENT, Relation.GUARDIAN})


def add_kinship(
    session: Session, person: Person, relative: Person, relation: Relation, *, guardian: bool = False
) -> Kinship:
    """``relative`` is the ``relation`` of ``person``, written in both directions; again it changes nothing.

    guardian: the relative acts for the person in law while the person is a minor (a GUARDIAN always does).
    """
    relation = Relation(relation)
    guardian = guardian or relation is Relation.GUARDIAN
    _check_kinship(person, relative, relation, guardian=guardian)
    there = kinship.between(session, person.id, relative.id)
    for row in there.values():
        seen = relation if row.person_id == person.id else _INVERSE[relation]
        if row.ended_at is None and row.relation != seen:
            raise RegisterError("the two are related in another way already")
    if relation is Relation.SPOUSE and not there:
        for one in (person, relative):
            if any(other.relation is Relation.SPOUSE for other in kinship.relatives(session, one.id)):
                raise RegisterError("one of the two has another spouse")
    row = _set_direction(session, there.get(person.id), person, relative, relation)
    row.guardian = guardian or (row.guardian and row.ended_at is None)
    row.ended_at = None
    back = _set_direction(session, there.get(relative.id), relative, person, _INVERSE[relation])
    back.guardian = relation is Relation.WARD or (back.guardian and back.ended_at is None)
    back.ended_at = None
    session.flush()
    return row


def end_kinship(session: Session, person: Person, relative: Person) -> None:
    """A divorce, a guardianship that was moved: both directions end now."""
    for row in kinship.between(session, person.id, relative.id).values():
        if row.ended_at is None:
            row.ended_at = clock.now()
    session.flush()


def _check_kinship(person: Person, relative: Person, relation: Relation, *, guardian: bool) -> None:
    if person.id == relative.id:
        raise RegisterError("nobody is his or her own relative")
    if relation in _ELDER and relative.birth_date >= person.birth_date:
        raise RegisterError("a parent, grandparent or guardian is older")
    if _INVERSE[relation] in _ELDER and person.birth_date >= relative.birth_date:
        raise RegisterError("a child, grandchild or ward is younger")
    today = clock.today()
    acting = relative if guardian else person if relation is Relation.WARD else None
    if acting is not None and kinship.is_minor(acting.birth_date, today):
        raise RegisterError("a minor is nobody's guardian")
    if guardian and not kinship.is_minor(person.birth_date, today):
        raise RegisterError("an adult has no guardian here")


def _set_direction(
    session: Session, row: Kinship | None, person: Person, relative: Person, relation: Relation
) -> Kinship:
    if row is None:
        row = Kinship(
            id=ids.new_id(),
            person_id=person.id,
            relative_id=relative.id,
            guardian=False,
            created_at=clock.now(),
        )
        session.add(row)
    row.relation = relation
    return row


def _new_psn_no(region_code: str) -> str:
    """A number of the person (psn_no): the region, then random digits; it tells nothing of the ID number."""
    digits = "".join(secrets.choice("0123456789") for _ in range(PSN_NO_RANDOM_DIGITS))
    return region_code[:6].ljust(6, "0") + digits
