"""Who is related to whom, and who may act for whom: oneself, and the guardians of minors."""

from calendar import isleap
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app.identity.actor import Actor, Ground
from app.identity.models import Account, Kinship, Person, Relation
from app.kit import clock

COMING_OF_AGE: Final = 18
"""民法典 第十七条: an adult is who has reached 18."""


@dataclass(frozen=True)
class Relative:
    """One of a person's relatives: who it is, and what he or she is to the person.

    guardian: the relative acts for the person, a minor. ward: the person acts for the relative, a minor.
    """

    person: Person
    relation: Relation
    guardian: bool
    ward: bool


def is_minor(birth_date: date, on: date) -> bool:
    """Below 18; born on 29 February one comes of age on 1 March."""
    return (on.year - COMING_OF_AGE, on.month, on.day) < (birth_date.year, birth_date.month, birth_date.day)


def relation_of(session: Session, person_id: UUID, relative_id: UUID) -> Relation | None:
    """What the relative is to the person."""
    found = session.execute(
        select(Kinship.relation).where(
            Kinship.person_id == person_id, Kinship.relative_id == relative_id, Kinship.ended_at.is_(None)
        )
    ).scalar_one_or_none()
    return None if found is None else Relation(found)


def relatives(session: Session, person_id: UUID) -> list[Relative]:
    """All relatives, in one statement, the longest entered first."""
    me = aliased(Person)
    back = aliased(Kinship)
    rows = session.execute(
        select(Person, Kinship.relation, Kinship.guardian, back.guardian, me.birth_date)
        .select_from(Kinship)
        .join(Person, Person.id == Kinship.relative_id)
        .join(me, me.id == Kinship.person_id)
        .outerjoin(
            back,
            and_(
                back.person_id == Kinship.relative_id,
                back.relative_id == Kinship.person_id,
                back.ended_at.is_(None),
            ),
        )
        .where(Kinship.person_id == person_id, Kinship.ended_at.is_(None))
        .order_by(Kinship.id)
    )
    today = clock.today()
    return [
        Relative(
            person=person,
            relation=Relation(relation),
            guardian=guardian and is_minor(own_birth_date, today),
            ward=bool(ward) and is_minor(person.birth_date, today),
        )
        for person, relation, guardian, ward, own_birth_date in rows
    ]


def are_related(session: Session, one_id: UUID, other_id: UUID) -> bool:
    """Whether the two are relatives, or one and the same: then one must not decide on the other's case."""
    if one_id == other_id:
        return True
    return (
        session.execute(
            select(Kinship.id)
            .where(
                Kinship.ended_at.is_(None),
                or_(
                    and_(Kinship.person_id == one_id, Kinship.relative_id == other_id),
                    and_(Kinship.person_id == other_id, Kinship.relative_id == one_id),
                ),
            )
            .limit(1)
        ).first()
        is not None
    )


def guardians_of(session: Session, person_id: UUID) -> list[UUID]:
    """The persons who act for a minor; none for an adult."""
    rows = session.execute(
        select(Kinship.relative_id, Person.birth_date)
        .join(Person, Person.id == Kinship.person_id)
        .where(Kinship.person_id == person_id, Kinship.guardian.is_(True), Kinship.ended_at.is_(None))
        .order_by(Kinship.id)
    )
    today = clock.today()
    return [guardian_id for guardian_id, birth_date in rows if is_minor(birth_date, today)]


def guardians_of_each(session: Session, person_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Minor → the persons who act for him or her, for those of these persons who are minors; one statement."""
    rows = session.execute(
        select(Kinship.person_id, Kinship.relative_id, Person.birth_date)
        .join(Person, Person.id == Kinship.person_id)
        .where(Kinship.person_id.in_(person_ids), Kinship.guardian.is_(True), Kinship.ended_at.is_(None))
    )
    today, found = clock.today(), dict[UUID, set[UUID]]()
    for person_id, guardian_id, birth_date in rows:
        if is_minor(birth_date, today):
            found.setdefault(person_id, set()).add(guardian_id)
    return found


def wards_of(session: Session, person_id: UUID) -> list[UUID]:
    """The minors for whom a person acts."""
    rows = session.execute(_WARDS_OF, {"person_id": person_id})
    today = clock.today()
    return [ward_id for ward_id, birth_date in rows if is_minor(birth_date, today)]


# Built once: every list of cases executes it, and building it takes longer than that.
_WARDS_OF = (
    select(Kinship.person_id, Person.birth_date)
    .join(Person, Person.id == Kinship.person_id)
    .where(
        Kinship.relative_id == bindparam("person_id"), Kinship.guardian.is_(True), Kinship.ended_at.is_(None)
    )
    .order_by(Kinship.id)
)


def may_act_for(session: Session, actor: Actor, person_id: UUID) -> Ground | None:
    """On which ground of their own an actor may file for a person: self, or guardian of a minor."""
    if actor.person_id is None:
        return None
    if actor.person_id == person_id:
        return Ground.SELF
    return Ground.GUARDIAN if actor.person_id in guardians_of(session, person_id) else None


def minors_born_after(on: date) -> date:
    """Who was born after this day is a minor on ``on``: ``is_minor`` for a statement."""
    year = on.year - COMING_OF_AGE
    if (on.month, on.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return on.replace(year=year)


def still_acts_for(account_id: ColumnElement[UUID], person_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """A condition for another domain's statement: the account is not disabled, and its person is this one or the
    guardian of this minor. Its parameter ``minors_born_after`` is ``minors_born_after`` of the day."""
    subject = aliased(Person)
    guards = and_(
        Kinship.person_id == person_id,
        Kinship.relative_id == Account.person_id,
        Kinship.guardian.is_(True),
        Kinship.ended_at.is_(None),
    )
    is_minor_now = and_(
        subject.id == Kinship.person_id, subject.birth_date > bindparam("minors_born_after", type_=Date)
    )
    return exists(
        select(Account.id)
        .outerjoin(Kinship, guards)
        .outerjoin(subject, is_minor_now)
        .where(
            Account.id == account_id,
            Account.disabled_at.is_(None),
            or_(Account.person_id == person_id, subject.id.is_not(None)),
        )
        .correlate_except(Account, Kinship, subject)
    )


def between(session: Session, one_id: UUID, other_id: UUID) -> dict[UUID, Kinship]:
    """The entries between two persons, ended ones too, by the person from whom they are seen."""
    rows = session.execute(
        select(Kinship).where(
            or_(
                and_(Kinship.person_id == one_id, Kinship.relative_id == other_id),
                and_(Kinship.person_id == other_id, Kinship.relative_id == one_id),
            )
        )
    ).scalars()
    return {row.person_id: row for row in rows}
