"""Pools of experts: which one judges for a region, and who is in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.identity.accounts import tidy_username
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Account, Kinship, Organisation, RoleGrant, StaffLogin


@dataclass(frozen=True)
class ExpertAccount:
    """A staff account, and the pools at which it holds the role of expert now; a disabled one holds none."""

    account_id: UUID
    person_id: UUID | None
    pools: frozenset[UUID]


def expert_pools(session: Session) -> Sequence[UUID]:
    """All pools: at most one a county."""
    query = select(Organisation.id).where(Organisation.kind == OrganisationKind.EXPERT_POOL)
    return session.execute(query.order_by(Organisation.id)).scalars().all()


def expert_pool_of_region(session: Session, region_code: str) -> UUID | None:
    """The pool of the region itself, else of the nearest region above it."""
    above = [region_code[:length] for length in range(2, len(region_code) + 1)]
    query = select(Organisation.id, Organisation.region_code).where(
        Organisation.kind == OrganisationKind.EXPERT_POOL, Organisation.region_code.in_(above)
    )
    rows = sorted(session.execute(query), key=lambda row: (-len(row.region_code), row.id))
    return rows[0].id if rows else None


def experts_at(session: Session, organisation_id: UUID) -> Sequence[UUID]:
    """The accounts that hold the role of expert at a pool now and may sign in."""
    query = (
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.organisation_id == organisation_id,
            RoleGrant.role == Role.EXPERT,
            RoleGrant.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(RoleGrant.account_id)
    )
    return session.execute(query).scalars().all()


def expert_account(session: Session, username: str) -> ExpertAccount | None:
    """The staff account of a user name, however it is typed, in two statements. None if nobody has that name."""
    login = (
        select(Account)
        .join(StaffLogin, StaffLogin.account_id == Account.id)
        .where(StaffLogin.username == tidy_username(username))
    )
    account = session.execute(login).scalar_one_or_none()
    if account is None:
        return None
    held = (
        select(RoleGrant.organisation_id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(
            RoleGrant.account_id == account.id,
            RoleGrant.role == Role.EXPERT,
            RoleGrant.ended_at.is_(None),
            Organisation.kind == OrganisationKind.EXPERT_POOL,
        )
    )
    pools = frozenset(session.execute(held).scalars()) if account.disabled_at is None else frozenset()
    return ExpertAccount(account.id, account.person_id, pools)


def usernames(session: Session, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Account → user name, for staff."""
    query = select(StaffLogin.account_id, StaffLogin.username).where(StaffLogin.account_id.in_(account_ids))
    return {row.account_id: row.username for row in session.execute(query)}


def related_to(session: Session, person_ids: Collection[UUID]) -> set[UUID]:
    """All relatives of these persons, seen from either side."""
    query = select(Kinship.person_id, Kinship.relative_id).where(
        Kinship.ended_at.is_(None),
        or_(Kinship.person_id.in_(person_ids), Kinship.relative_id.in_(person_ids)),
    )
    return {one for row in session.execute(query) for one in row} - set(person_ids)
