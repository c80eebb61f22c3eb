"""What people see of themselves, with names and numbers masked, and the phone number that they may change."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import accesses, kinship, queries, register
from app.identity.accesses import Access
from app.identity.actor import AccountKind, Actor, Grant, OrganisationKind, Role
from app.identity.kinship import Relative
from app.identity.models import Coverage, IdType, Person, Relation, Sex
from app.identity.service import require_person
from app.identity.wechat import asking_wechat
from app.kit.masking import mask_id_no, mask_name, mask_phone
from app.kit.pages import Page


@dataclass(frozen=True)
class PersonView:
    """A person as shown: name, number and phone masked."""

    id: UUID
    psn_no: str
    name: str
    id_type: IdType
    id_no: str
    phone: str | None
    sex: Sex
    birth_date: date
    residence_code: str | None


@dataclass(frozen=True)
class RelativeView:
    """guardian: he or she acts for me; ward: I may act for him or her."""

    person_id: UUID
    name: str
    relation: Relation
    birth_date: date
    guardian: bool
    ward: bool


@dataclass(frozen=True)
class OrganisationView:
    """A role that I hold, and where."""

    id: UUID
    name: str
    kind: OrganisationKind
    region_code: str
    role: Role


@dataclass(frozen=True)
class Me:
    """Everything of the start page; person None until the real name is proven."""

    account_id: UUID
    kind: AccountKind
    roles: list[str]
    real_name: bool
    person: PersonView | None
    coverages: list[Coverage]
    relatives: list[RelativeView]
    organisations: list[OrganisationView]


def my_page(session: Session, actor: Actor) -> Me:
    """Three statements for a person, none for a machine."""
    person, coverages, relatives = None, [], []
    if actor.person_id is not None:
        person = session.get_one(Person, actor.person_id)
        coverages = queries.coverages_of(session, person.id)
        relatives = kinship.relatives(session, person.id)
    return Me(
        account_id=actor.account_id,
        kind=actor.kind,
        roles=sorted(actor.roles),
        real_name=person is not None,
        person=person_view(person) if person is not None else None,
        coverages=coverages,
        relatives=[_relative_view(relative) for relative in relatives],
        organisations=[_organisation_view(grant) for grant in actor.grants],
    )


def person_view(person: Person) -> PersonView:
    """Masked."""
    return PersonView(
        id=person.id,
        psn_no=person.psn_no,
        name=mask_name(person.name or ""),
        id_type=IdType(person.id_type),
        id_no=mask_id_no(person.id_no or ""),
        phone=mask_phone(person.phone) if person.phone else None,
        sex=Sex(person.sex),
        birth_date=person.birth_date,
        residence_code=person.residence_code,
    )


def set_phone(parts: Parts, actor: Actor, code: str) -> PersonView:
    """Store the number that WeChat vouches for. Raises REAL_NAME_REQUIRED or WeChat's refusals."""
    person_id = require_person(actor)
    with asking_wechat("code"):
        phone = parts.wechat.phone_number(code)

    def store(session: Session) -> PersonView:
        person = session.get_one(Person, person_id)
        register.set_phone(person, phone)
        return person_view(person)

    return parts.database.run(store)


def my_accesses(session: Session, actor: Actor, cursor: str | None, limit: int) -> Page[Access]:
    """Who saw or did what with my records; nothing while nobody knows who I am."""
    if actor.person_id is None:
        return Page([], None)
    return accesses.page_of(session, actor.person_id, cursor, limit)


def _relative_view(relative: Relative) -> RelativeView:
    return RelativeView(
        person_id=relative.person.id,
        name=mask_name(relative.person.name or ""),
        relation=relative.relation,
        birth_date=relative.person.birth_date,
        guardian=relative.guardian,
        ward=relative.ward,
    )


def _organisation_view(grant: Grant) -> OrganisationView:
    return OrganisationView(
        id=grant.organisation_id,
        name=grant.organisation_name,
        kind=grant.organisation_kind,
        region_code=grant.region_code,
        role=grant.role,
    )
