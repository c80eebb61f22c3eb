"""Organisations, the accounts that sign in, and the roles they hold. Used through app.identity.register."""

import unicodedata
from collections.abc import Iterable
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.actor import AccountKind, OrganisationKind, Role
from app.identity.models import (
    Account,
    Organisation,
    Person,
    RoleGrant,
    StaffLogin,
    TerminalLogin,
    WechatLogin,
)
from app.kit import clock, ids

MIN_PASSWORD: Final = 8
MIN_SECRET: Final = 32
"""Of a machine, which need not remember it."""


class RegisterError(ValueError):
    """What should be entered contradicts itself or what is there. The words hold no personal data."""


class Hasher(Protocol):
    """Makes password hashes: app.kit.passwords.Passwords, or one that remembers them while much is loaded."""

    def hash(self, password: str, /) -> str: ...


def add_organisation(
    session: Session,
    *,
    kind: OrganisationKind,
    name: str,
    region_code: str,
    institution_id: UUID | None = None,
    service_point_id: UUID | None = None,
) -> Organisation:
    """Where roles are held: an agency, the desk of an institution, a service point, a pool of experts."""
    organisation = Organisation(
        id=ids.new_id(),
        kind=OrganisationKind(kind),
        name=name,
        region_code=region_code,
        institution_id=institution_id,
        service_point_id=service_point_id,
        created_at=clock.now(),
    )
    session.add(organisation)
    session.flush()
    return organisation


def add_citizen_account(session: Session, person: Person | None, openid: str) -> Account:
    """The account of a WeChat user. With a person it is real-named already.

    Raises IntegrityError when the openid has an account or the person has one.
    """
    account = _add_account(session, AccountKind.CITIZEN, person)
    login = WechatLogin(
        id=ids.new_id(),
        account_id=account.id,
        openid_index=queries.openid_index(openid),
        created_at=clock.now(),
    )
    login.openid = openid
    session.add(login)
    if person is not None and person.real_name_at is None:
        person.real_name_at = clock.now()
    session.flush()
    return account


def add_staff(
    session: Session,
    passwords: Hasher,
    person: Person | None,
    username: str,
    password: str,
    grants: Iterable[tuple[Role, Organisation]],
) -> Account:
    """A staff account with its roles. Raises IntegrityError when the user name is taken."""
    if len(password) < MIN_PASSWORD:
        raise RegisterError(f"a password has at least {MIN_PASSWORD} characters")
    account = _add_account(session, AccountKind.STAFF, person)
    session.add(
        StaffLogin(
            id=ids.new_id(),
            account_id=account.id,
            username=tidy_username(username),
            secret_hash=passwords.hash(password),
            created_at=clock.now(),
        )
    )
    for role, organisation in grants:
        grant_role(session, account, role, organisation)
    session.flush()
    return account


def add_terminal(
    session: Session, passwords: Hasher, organisation: Organisation, client_id: str, client_secret: str
) -> Account:
    """The account of an institution's system. Raises IntegrityError when the client id is taken."""
    if len(client_secret) < MIN_SECRET:
        raise RegisterError(f"a secret has at least {MIN_SECRET} characters")
    if organisation.kind != OrganisationKind.INSTITUTION:
        raise RegisterError("a terminal stands at an institution")
    account = _add_account(session, AccountKind.TERMINAL, None)
    session.add(
        TerminalLogin(
            id=ids.new_id(),
            account_id=account.id,
            client_id=client_id,
            secret_hash=passwords.hash(client_secret),
            created_at=clock.now(),
        )
    )
    grant_role(session, account, Role.TERMINAL, organisation)
    return account


def grant_role(session: Session, account: Account, role: Role, organisation: Organisation) -> RoleGrant:
    """Let an account hold a role at an organisation; a role that was ended there begins again."""
    grant = session.execute(
        select(RoleGrant).where(
            RoleGrant.account_id == account.id,
            RoleGrant.role == role,
            RoleGrant.organisation_id == organisation.id,
        )
    ).scalar_one_or_none()
    if grant is None:
        grant = RoleGrant(
            id=ids.new_id(),
            account_id=account.id,
            role=Role(role),
            organisation_id=organisation.id,
            created_at=clock.now(),
        )
        session.add(grant)
    grant.ended_at = None
    session.flush()
    return grant


def end_role(session: Session, grant: RoleGrant) -> None:
    """It holds at the account's next request."""
    grant.ended_at = clock.now()
    session.flush()


def tidy_username(username: str) -> str:
    """User names are one whatever keyboard and case they are typed in."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def _add_account(session: Session, kind: AccountKind, person: Person | None) -> Account:
    account = Account(
        id=ids.new_id(),
        kind=kind,
        person_id=person.id if person is not None else None,
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    return account
