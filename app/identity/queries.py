"""Reads of the identity tables. Each function is one statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Table, and_, bindparam, select
from sqlalchemy.orm import Session

from app.identity.actor import AccountKind, Actor, Grant, OrganisationKind, Role
from app.identity.models import (
    Account,
    Coverage,
    Organisation,
    Person,
    RealNameCheck,
    RealNameStatus,
    RoleGrant,
    SignInSession,
    WechatLogin,
)
from app.kit import clock
from app.kit.sealing import blind_index

# What every request or every filing executes is built once: building a statement takes longer than executing it.
# The two below go without the ORM, too.
_ACCOUNT, _GRANT, _ORGANISATION, _SIGN_IN = (
    cast(Table, model.__table__) for model in (Account, RoleGrant, Organisation, SignInSession)
)
_GRANT_COLUMNS = (
    _GRANT.c.role,
    _ORGANISATION.c.id,
    _ORGANISATION.c.kind,
    _ORGANISATION.c.region_code,
    _ORGANISATION.c.institution_id,
    _ORGANISATION.c.service_point_id,
    _ORGANISATION.c.name,
)
_ACTOR_OF_SESSION = (
    select(_SIGN_IN.c.account_id, _ACCOUNT.c.kind, _ACCOUNT.c.person_id, *_GRANT_COLUMNS)
    .select_from(_SIGN_IN)
    .join(_ACCOUNT, _ACCOUNT.c.id == _SIGN_IN.c.account_id)
    .outerjoin(_GRANT, and_(_GRANT.c.account_id == _ACCOUNT.c.id, _GRANT.c.ended_at.is_(None)))
    .outerjoin(_ORGANISATION, _ORGANISATION.c.id == _GRANT.c.organisation_id)
    .where(
        _SIGN_IN.c.id == bindparam("session_id"),
        _SIGN_IN.c.revoked_at.is_(None),
        _SIGN_IN.c.expires_at > bindparam("now"),
        _ACCOUNT.c.disabled_at.is_(None),
    )
    .order_by(_GRANT.c.id)
)
_GRANTS_OF = (
    select(*_GRANT_COLUMNS)
    .select_from(_GRANT)
    .join(_ORGANISATION, _ORGANISATION.c.id == _GRANT.c.organisation_id)
    .where(_GRANT.c.account_id == bindparam("account_id"), _GRANT.c.ended_at.is_(None))
    .order_by(_GRANT.c.id)
)


def actor_of_session(session: Session | Connection, session_id: UUID, account_id: UUID) -> Actor | None:
    """The actor of a sign-in that goes on; None when it ended, is another's, or the account is disabled."""
    values = {"session_id": session_id, "now": clock.now()}
    rows: Sequence[Sequence[Any]] = session.execute(_ACTOR_OF_SESSION, values).all()
    # Compared here: asked for in SQL, PostgreSQL may go through all sign-ins of the account instead of to this one.
    if not rows or rows[0][0] != account_id:
        return None
    grants = tuple(_grant(*row[3:]) for row in rows if row[3] is not None)
    return Actor(account_id, AccountKind(rows[0][1]), rows[0][2], session_id, grants)


def grants_of(session: Session, account_id: UUID) -> tuple[Grant, ...]:
    """The roles that an account holds now."""
    rows = session.connection().execute(_GRANTS_OF, {"account_id": account_id})
    return tuple(_grant(*row) for row in rows)


def _grant(
    role: str,
    organisation_id: UUID,
    kind: str,
    region_code: str,
    institution_id: UUID | None,
    service_point_id: UUID | None,
    name: str,
) -> Grant:
    return Grant(
        role=Role(role),
        organisation_id=organisation_id,
        organisation_kind=OrganisationKind(kind),
        region_code=region_code,
        institution_id=institution_id,
        service_point_id=service_point_id,
        organisation_name=name,
    )


def person(session: Session, person_id: UUID) -> Person | None:
    """No statement for one that the session holds already."""
    return session.get(Person, person_id)


def persons_by_ids(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Those that exist; no statement for those that the session holds already."""
    wanted = set(person_ids)
    held = (session.identity_map.get(session.identity_key(Person, one)) for one in wanted)
    found = {one.id: one for one in held if one is not None}
    if missing := wanted - found.keys():
        rows = session.execute(_PERSONS_BY_IDS, {"ids": list(missing)}).scalars()
        found.update((row.id, row) for row in rows)
    return found


_PERSONS_BY_IDS = select(Person).where(Person.id.in_(bindparam("ids", expanding=True)))


def id_no_index(number: str) -> str:
    """The blind index of a tidy ID or birth certificate number; the two never look alike."""
    return blind_index("person", "id_no", number)


def phone_index(phone: str) -> str:
    return blind_index("person", "phone", phone)


def openid_index(openid: str) -> str:
    return blind_index("wechat_login", "openid", openid)


def person_by_id_no(session: Session, number: str) -> Person | None:
    """By a tidy number."""
    return session.execute(
        select(Person).where(Person.id_no_index == id_no_index(number))
    ).scalar_one_or_none()


def person_ids_by_id_no(session: Session, numbers: Collection[str]) -> dict[str, UUID]:
    """Tidy number → person, for those in the register."""
    if not numbers:
        return {}
    by_index = {id_no_index(number): number for number in numbers}
    rows = session.execute(_PERSON_IDS_BY_ID_NO, {"indexes": list(by_index)})
    return {by_index[row.id_no_index]: row.id for row in rows}


def person_ids_by_psn_no(session: Session, psn_nos: Collection[str]) -> dict[str, UUID]:
    """psn_no → person, for those in the register."""
    if not psn_nos:
        return {}
    return {row.psn_no: row.id for row in session.execute(_PERSON_IDS_BY_PSN_NO, {"numbers": list(psn_nos)})}


_PERSON_IDS_BY_PSN_NO = select(Person.id, Person.psn_no).where(
    Person.psn_no.in_(bindparam("numbers", expanding=True))
)
_PERSON_IDS_BY_ID_NO = select(Person.id, Person.id_no_index).where(
    Person.id_no_index.in_(bindparam("indexes", expanding=True))
)


def citizen_account_of(session: Session, person_id: UUID) -> Account | None:
    return session.execute(
        select(Account).where(Account.person_id == person_id, Account.kind == AccountKind.CITIZEN)
    ).scalar_one_or_none()


def account_by_openid(session: Session, openid: str) -> Account | None:
    return session.execute(_ACCOUNT_BY_OPENID, {"openid_index": openid_index(openid)}).scalar_one_or_none()


_ACCOUNT_BY_OPENID = (
    select(Account)
    .join(WechatLogin, WechatLogin.account_id == Account.id)
    .where(WechatLogin.openid_index == bindparam("openid_index"))
)


def passed_check(session: Session, account_id: UUID, check_id: UUID, since: datetime) -> bool:
    """Whether a real-name check of the account passed after a moment."""
    query = select(RealNameCheck.id).where(
        RealNameCheck.id == check_id,
        RealNameCheck.account_id == account_id,
        RealNameCheck.status == RealNameStatus.PASSED,
        RealNameCheck.finished_at > since,
    )
    return session.execute(query).first() is not None


def wechat_login_of(session: Session, account_id: UUID) -> WechatLogin | None:
    return session.execute(
        select(WechatLogin).where(WechatLogin.account_id == account_id)
    ).scalar_one_or_none()


def wechat_login_of_person(session: Session, person_id: UUID) -> WechatLogin | None:
    return session.execute(
        select(WechatLogin)
        .join(Account, Account.id == WechatLogin.account_id)
        .where(
            Account.person_id == person_id, Account.kind == AccountKind.CITIZEN, Account.disabled_at.is_(None)
        )
    ).scalar_one_or_none()


def coverages_of(session: Session, person_id: UUID) -> list[Coverage]:
    """All of a person's coverages, the oldest first."""
    return list(session.execute(_COVERAGES_OF, {"person_id": person_id}).scalars())


_COVERAGES_OF = (
    select(Coverage)
    .where(Coverage.person_id == bindparam("person_id"))
    .order_by(Coverage.begin_date, Coverage.id)
)


def coverages_of_persons(session: Session, person_ids: Collection[UUID]) -> list[Coverage]:
    """All coverages of these persons, the oldest first."""
    if not person_ids:
        return []
    return list(session.execute(_COVERAGES_OF_PERSONS, {"ids": list(person_ids)}).scalars())


_COVERAGES_OF_PERSONS = (
    select(Coverage)
    .where(Coverage.person_id.in_(bindparam("ids", expanding=True)))
    .order_by(Coverage.begin_date, Coverage.id)
)


@dataclass(frozen=True)
class AccountHolder:
    """Who is behind an account: a person, or a machine of an organisation."""

    kind: AccountKind
    person: Person | None
    organisation_name: str | None


def holders_of_accounts(session: Session, account_ids: Collection[UUID]) -> Mapping[UUID, AccountHolder]:
    """account id → its holder; no statement for none."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(Account.id, Account.kind, Person, Organisation.name)
        .select_from(Account)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(
            RoleGrant,
            and_(
                RoleGrant.account_id == Account.id,
                RoleGrant.ended_at.is_(None),
                Account.kind == AccountKind.TERMINAL,
            ),
        )
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(Account.id.in_(wanted))
    ).all()
    return {row[0]: AccountHolder(AccountKind(row[1]), row[2], row[3]) for row in rows}


def lock_person(session: Session, person_id: UUID) -> Person | None:
    return session.execute(_LOCK_PERSON, {"person_id": person_id}).scalar_one_or_none()


# FOR NO KEY UPDATE: rows that refer to the person may still be written meanwhile.
_LOCK_PERSON = select(Person).where(Person.id == bindparam("person_id")).with_for_update(key_share=True)


def organisation_names(session: Session, organisation_ids: Collection[UUID]) -> dict[UUID, str]:
    if not organisation_ids:
        return {}
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
    )
    return {row.id: row.name for row in rows}


def desk_of_institution(session: Session, institution_id: UUID) -> UUID | None:
    query = (
        select(Organisation.id)
        .join(RoleGrant, RoleGrant.organisation_id == Organisation.id)
        .where(
            Organisation.institution_id == institution_id,
            RoleGrant.role == Role.HANDLER,
            RoleGrant.ended_at.is_(None),
        )
        .order_by(Organisation.id)
    )
    return session.execute(query.limit(1)).scalar_one_or_none()
