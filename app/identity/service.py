"""What other domains may ask of identity. Each function is one statement unless it says otherwise."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.accesses import holder_name, record_access
from app.identity.actor import Actor
from app.identity.errors import REAL_NAME_REQUIRED
from app.identity.kinship import (
    Relative,
    are_related,
    guardians_of,
    guardians_of_each,
    is_minor,
    may_act_for,
    relation_of,
    relatives,
    wards_of,
)
from app.identity.models import AccessKind, Coverage, Person
from app.identity.wording import role_name
from app.kit.errors import NOT_FOUND

__all__ = [
    "AccessKind",
    "Relative",
    "are_related",
    "coverages_of",
    "desk_of_institution",
    "display_names_of_accounts",
    "get_coverage",
    "get_person",
    "guardians_of",
    "guardians_of_each",
    "is_minor",
    "lock_person",
    "may_act_for",
    "organisation_names",
    "persons_by_ids",
    "phone_of_person",
    "record_access",
    "relation_of",
    "relatives",
    "require_person",
    "role_name",
    "wards_of",
    "wechat_openid_of_person",
]


def require_person(actor: Actor) -> UUID:
    """The actor's own person. Raises REAL_NAME_REQUIRED while nobody knows who it is. No statement."""
    if actor.person_id is None:
        raise REAL_NAME_REQUIRED()
    return actor.person_id


def get_person(session: Session, person_id: UUID) -> Person:
    """Raises NOT_FOUND."""
    found = queries.person(session, person_id)
    if found is None:
        raise NOT_FOUND()
    return found


def lock_person(session: Session, person_id: UUID) -> Person:
    """The person, locked until the transaction ends. Raises NOT_FOUND."""
    found = queries.lock_person(session, person_id)
    if found is None:
        raise NOT_FOUND()
    return found


def get_coverage(session: Session, coverage_id: UUID | None) -> Coverage:
    """Raises NOT_FOUND."""
    found = None if coverage_id is None else session.get(Coverage, coverage_id)
    if found is None:
        raise NOT_FOUND()
    return found


def organisation_names(session: Session, organisation_ids: Collection[UUID]) -> dict[UUID, str]:
    """What organisations are called."""
    return queries.organisation_names(session, organisation_ids)


def desk_of_institution(session: Session, institution_id: UUID) -> UUID | None:
    """The organisation at which handlers of an institution sit now, if any do."""
    return queries.desk_of_institution(session, institution_id)


def persons_by_ids(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those that exist."""
    return queries.persons_by_ids(session, person_ids)


def coverages_of(session: Session, person_id: UUID) -> list[Coverage]:
    """All of them, ended ones too, the oldest first."""
    return queries.coverages_of(session, person_id)


def display_names_of_accounts(session: Session, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """How accounts are shown: a masked name, a machine's organisation, empty for an unknown person."""
    holders = queries.holders_of_accounts(session, account_ids)
    return {account_id: holder_name(holder) for account_id, holder in holders.items()}


def wechat_openid_of_person(session: Session, person_id: UUID) -> str | None:
    """Where subscribe messages reach the person; None without a citizen account or with a disabled one."""
    login = queries.wechat_login_of_person(session, person_id)
    return login.openid if login is not None else None


def phone_of_person(session: Session, person_id: UUID) -> str | None:
    """The registered number."""
    found = queries.person(session, person_id)
    return found.phone if found is not None else None
