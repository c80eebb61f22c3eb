"""What an administrator does with the accounts of staff and of institutions' systems. All of it is logged.

Secrets and passwords are made here, at random, and given out once; only their hashes are kept.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Executable, and_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.identity import account_log, accounts, sessions
from app.identity.account_models import AccountAct
from app.identity.accounts import Hasher, tidy_username
from app.identity.actor import AccountKind, OrganisationKind, Role
from app.identity.models import Account, Organisation, Person, RoleGrant, StaffLogin, TerminalLogin
from app.identity.sessions import EndedFor
from app.kit import clock
from app.kit.errors import invalid
from app.kit.text import Text

SECRET_BYTES: Final = 32
"""Of a machine's secret: 256 bits, which nobody guesses."""
PASSWORD_BYTES: Final = 12
"""Of a password that a person must type: 16 characters."""

_LOGIN: Final = re.compile(r"[\w.@-]{2,64}")
_FORM: Final = Text(
    "2 到 64 个字符：文字、数字、点、短横线、下划线或 @。",
    "2 to 64 characters: letters, digits, dots, dashes, underscores or @.",
)
_TAKEN: Final = Text("已有这个名称的账号。", "There is an account of this name.")
_UNKNOWN: Final = Text("没有这个账号。", "There is no such account.")

Login = StaffLogin | TerminalLogin


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role is to be held: an organisation that is there, or is entered under this name."""

    kind: OrganisationKind
    region_code: str
    name: str | None
    institution_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account holds now."""

    role: Role
    organisation_name: str
    region_code: str
    institution_id: UUID | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An account, the name that it signs in by, and its roles."""

    account_id: UUID
    login: str
    created_at: datetime
    disabled_at: datetime | None
    held: Sequence[Held]


@dataclass(frozen=True, slots=True)
class Given:
    """What the account signs in with from now on; shown once."""

    login: str
    secret: str = field(repr=False)


def add_terminal(session: Session, passwords: Hasher, place: Place, client_id: str, *, by: str) -> Given:
    """The account of an institution's system. Raises invalid_input (client_id)."""
    _require_form("client_id", client_id)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    organisation = _organisation(session, place)
    try:
        account = accounts.add_terminal(session, passwords, organisation, client_id, secret)
    except IntegrityError:
        raise invalid({"client_id": [_TAKEN]}) from None
    roles = [f"{Role.TERMINAL} @ {organisation.name}"]
    account_log.note(session, account, AccountAct.ADDED, by, {"login": client_id, "roles": roles})
    return Given(client_id, secret)


def add_staff(
    session: Session,
    passwords: Hasher,
    person: Person,
    username: str,
    roles: Sequence[Role],
    place: Place,
    *,
    by: str,
) -> Given:
    """The account of somebody who works there. Raises invalid_input (username)."""
    name = tidy_username(username)
    _require_form("username", name)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    organisation = _organisation(session, place)
    try:
        grants = [(role, organisation) for role in roles]
        account = accounts.add_staff(session, passwords, person, name, password, grants)
    except IntegrityError:
        raise invalid({"username": [_TAKEN]}) from None
    said = {"login": name, "roles": [f"{role} @ {organisation.name}" for role in roles]}
    account_log.note(session, account, AccountAct.ADDED, by, said)
    return Given(name, password)


def change_secret(
    session: Session, passwords: Hasher, kind: AccountKind, login: str, *, end_sign_ins: bool, by: str
) -> Given:
    """A new password or secret; the one before is worth nothing. end_sign_ins: nor is what signed in with it.

    Raises invalid_input (login).
    """
    found, account = _locked(session, kind, login)
    secret = secrets.token_urlsafe(SECRET_BYTES if kind is AccountKind.TERMINAL else PASSWORD_BYTES)
    found.secret_hash = passwords.hash(secret)
    if end_sign_ins:
        sessions.end_all_of(session, account.id, EndedFor.SECRET_CHANGED)
    account_log.note(session, account, AccountAct.SECRET_CHANGED, by)
    return Given(name_of(found), secret)


def disable(session: Session, kind: AccountKind, login: str, *, by: str) -> bool:
    """Nothing may be done with the account from now on. Returns whether that is new. Raises invalid_input (login)."""
    _, account = _locked(session, kind, login)
    if account.disabled_at is not None:
        return False
    account.disabled_at = clock.now()
    sessions.end_all_of(session, account.id, EndedFor.DISABLED)
    account_log.note(session, account, AccountAct.DISABLED, by)
    return True


def enable(session: Session, kind: AccountKind, login: str, *, by: str) -> bool:
    """It may sign in again. Returns whether that is new. Raises invalid_input (login)."""
    _, account = _locked(session, kind, login)
    if account.disabled_at is None:
        return False
    account.disabled_at = None
    account_log.note(session, account, AccountAct.ENABLED, by)
    return True


def listed(session: Session, kind: AccountKind) -> list[Listed]:
    """All accounts of a kind, by name, with the roles they hold. One statement."""
    model = _LOGINS[kind]
    query: Executable = (
        select(model, Account, RoleGrant.role, Organisation)
        .select_from(model)
        .join(Account, Account.id == model.account_id)
        .outerjoin(RoleGrant, and_(RoleGrant.account_id == Account.id, RoleGrant.ended_at.is_(None)))
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .order_by(_NAMES[kind], RoleGrant.id)
    )
    found: dict[UUID, tuple[Login, Account, list[Held]]] = {}
    for login, account, role, place in session.execute(query):
        _, _, held = found.setdefault(account.id, (login, account, []))
        if role is not None:
            held.append(Held(Role(role), place.name, place.region_code, place.institution_id))
    return [
        Listed(account.id, name_of(login), account.created_at, account.disabled_at, held)
        for login, account, held in found.values()
    ]


def account_of(session: Session, kind: AccountKind, login: str) -> UUID:
    """The account that signs in by this name. Raises invalid_input (login)."""
    return _login(session, kind, login).account_id


def name_of(login: Login) -> str:
    """The name that it signs in by."""
    return login.username if isinstance(login, StaffLogin) else login.client_id


_LOGINS: Final[Mapping[AccountKind, type[Login]]] = {
    AccountKind.STAFF: StaffLogin,
    AccountKind.TERMINAL: TerminalLogin,
}
_NAMES: Final = {AccountKind.STAFF: StaffLogin.username, AccountKind.TERMINAL: TerminalLogin.client_id}


def _login(session: Session, kind: AccountKind, login: str) -> Login:
    name = tidy_username(login) if kind is AccountKind.STAFF else login
    query: Executable = select(_LOGINS[kind]).where(_NAMES[kind] == name).with_for_update()
    found: Login | None = session.execute(query).scalar_one_or_none()
    if found is None:
        raise invalid({"login": [_UNKNOWN]})
    return found


def _locked(session: Session, kind: AccountKind, login: str) -> tuple[Login, Account]:
    found = _login(session, kind, login)
    return found, session.get_one(Account, found.account_id, with_for_update=True)


def _organisation(session: Session, place: Place) -> Organisation:
    """The organisation of this place; entered if there is none. Raises invalid_input (place_name)."""
    query = select(Organisation).where(Organisation.kind == place.kind)
    if place.institution_id is not None:
        query = query.where(Organisation.institution_id == place.institution_id)
    else:
        query = query.where(Organisation.region_code == place.region_code)
    found = session.execute(query.order_by(Organisation.id).limit(1)).scalar_one_or_none()
    if found is not None:
        return found
    if place.name is None:
        words = Text(
            "那里还没有这样的机构，请给出名称以登记。", "There is none yet; name it, and it is entered."
        )
        raise invalid({"place_name": [words]})
    return accounts.add_organisation(
        session,
        kind=place.kind,
        name=place.name,
        region_code=place.region_code,
        institution_id=place.institution_id,
    )


def _require_form(field_name: str, login: str) -> None:
    if not _LOGIN.fullmatch(login):
        raise invalid({field_name: [_FORM]})
