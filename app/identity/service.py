"""What other domains may ask of identity. Each function is one statement unless it says otherwise."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.accesses import holder_name, record_access
from app.identity.actor import Actor, Role, region_covers
from app.identity.errors import REAL_NAME_REQUIRED
from app.identity.id_numbers import BadNumber, parse_birth_certificate_number, parse_id_number
from app.identity.insured import (
    INSURED_COLUMNS,
    Cover,
    InsuredPerson,
    insured_by_id,
    insured_by_number,
    insured_of,
)
from app.identity.kinship import (
    Relative,
    are_related,
    guardians_of,
    guardians_of_each,
    is_minor,
    may_act_for,
    minors_born_after,
    relation_of,
    relatives,
    still_acts_for,
    wards_of,
)
from app.identity.models import AccessKind, Coverage, Person
from app.identity.pools import (
    ExpertAccount,
    expert_account,
    expert_pool_of_region,
    expert_pools,
    experts_at,
    related_to,
    usernames,
)
from app.identity.wording import role_name
from app.kit.errors import NOT_FOUND

__all__ = [
    "INSURED_COLUMNS",
    "AccessKind",
    "BadNumber",
    "Cover",
    "ExpertAccount",
    "InsuredPerson",
    "Relative",
    "are_related",
    "coverages_of",
    "coverages_of_persons",
    "desk_of_institution",
    "display_names_of_accounts",
    "expert_account",
    "expert_pool_of_region",
    "expert_pools",
    "experts_at",
    "get_coverage",
    "get_person",
    "guardians_of",
    "guardians_of_each",
    "handles_region",
    "has_shown_face",
    "insured_by_id",
    "insured_by_number",
    "insured_of",
    "is_minor",
    "lock_person",
    "may_act_for",
    "minors_born_after",
    "organisation_names",
    "person_ids_by_number",
    "person_ids_by_psn_no",
    "persons_by_ids",
    "phone_of_person",
    "record_access",
    "related_to",
    "relation_of",
    "relatives",
    "require_person",
    "role_name",
    "still_acts_for",
    "tidy_number",
    "usernames",
    "wards_of",
    "wechat_openid_of_person",
]


def require_person(actor: Actor) -> UUID:
    """The actor's own person. Raises REAL_NAME_REQUIRED while nobody knows who it is. No statement."""
    if actor.person_id is None:
        raise REAL_NAME_REQUIRED()
    return actor.person_id


def has_shown_face(session: Session, actor: Actor, real_name_id: UUID, since: datetime) -> bool:
    """Whether this real-name check was the actor's and passed after a moment: the person was before the camera."""
    return queries.passed_check(session, actor.account_id, real_name_id, since)


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


def handles_region(actor: Actor, region_code: str) -> bool:
    """Whether the actor is a handler or supervisor of an agency that covers the region. No statement."""
    return any(
        grant.institution_id is None and region_covers(grant.region_code, region_code)
        for grant in actor.grants_of([Role.HANDLER, Role.SUPERVISOR])
    )


def persons_by_ids(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those that exist."""
    return queries.persons_by_ids(session, person_ids)


def tidy_number(typed: str) -> str:
    """The number of an ID card or a birth certificate as the register holds it. Raises BadNumber. No statement."""
    try:
        return parse_id_number(typed).number
    except BadNumber as error:
        try:
            return parse_birth_certificate_number(typed)
        except BadNumber:
            raise error from None


def person_ids_by_number(session: Session, numbers: Collection[str]) -> dict[str, UUID]:
    """Tidy number → person, for those in the register."""
    return queries.person_ids_by_id_no(session, numbers)


def person_ids_by_psn_no(session: Session, psn_nos: Collection[str]) -> dict[str, UUID]:
    """Number of the national platform → person, for those in the register."""
    return queries.person_ids_by_psn_no(session, psn_nos)


def coverages_of_persons(session: Session, person_ids: Collection[UUID]) -> list[Coverage]:
    """All coverages of these persons, ended ones too, the oldest first."""
    return queries.coverages_of_persons(session, person_ids)


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
