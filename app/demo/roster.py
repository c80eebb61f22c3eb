"""Everybody of the demo with all it takes to sign in as them: what ``zhangban demo people --json`` prints."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import staff
from app.demo.people import DemoPerson
from app.demo.population import everybody
from app.demo.words import (
    Entry,
    RelativeEntry,
    address_of,
    age_on,
    coverage_entry,
    insured_as,
    organisation_entry,
)
from app.identity import queries as identity
from app.identity.actor import AccountKind, Role
from app.identity.models import (
    Account,
    Coverage,
    Kinship,
    Organisation,
    Person,
    RoleGrant,
    Sex,
    StaffLogin,
    TerminalLogin,
    WechatLogin,
)
from app.kit import clock
from app.kit.db import Database
from app.places import service as places
from app.services.chronic_disease.models import ExpertProfile

_ADDED_AT_MOST: Final = 1000
_SEXES: Final = {Sex.MALE: "male", Sex.FEMALE: "female"}


def people(database: Database) -> list[Entry]:
    """Citizens first, then those without an account of their own, staff, terminals, and who was added later.

    Every entry has ``kind``, ``description``, ``roles`` and ``organisation``. Entries of persons add who they are,
    how they are insured and to whom they are related, and of experts what the draw goes by. Then what signs in:
    ``openid`` with a ``js_code`` that is good once, or ``username`` with ``password``, or ``client_id`` with
    ``client_secret``; none for kind ``none``.
    """
    with database.reading() as session:
        today = clock.today()
        expected = everybody(today)
        persons = _persons_by_number(session, [person.number for person in expected])
        known = {one.key: (persons[one.number], one) for one in expected if one.number in persons}
        book = _Book.of(session, [person for person, _ in known.values()], today)
        entries = [book.citizen(*known[one.key]) for one in expected if _is_citizen(one) and one.key in known]
        entries += _staff_entries(book, known)
        entries += _terminal_entries(session)
        entries += _added_entries(session, book, today)
    return entries


def entry_of(session: Session, person: Person) -> Entry:
    """The entry of one person with a citizen account."""
    return _Book.of(session, [person], clock.today()).citizen(person, None)


@dataclass(slots=True)
class _Book:
    """What the entries of some persons need, read in a handful of statements."""

    today: date
    coverages: Mapping[UUID, list[Coverage]]
    relatives: Mapping[UUID, list[RelativeEntry]]
    logins: Mapping[UUID, tuple[Account, str]]
    grants: Mapping[UUID, list[tuple[RoleGrant, Organisation]]]
    accounts: Mapping[str, Account] = field(default_factory=dict)
    experts: Mapping[UUID, ExpertProfile] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, persons: Collection[Person], today: date) -> "_Book":
        ids = [person.id for person in persons]
        logins = session.execute(
            select(Account, WechatLogin)
            .join(WechatLogin, WechatLogin.account_id == Account.id)
            .where(Account.person_id.in_(ids))
        ).all()
        accounts = session.execute(
            select(Account, StaffLogin.username).join(StaffLogin, StaffLogin.account_id == Account.id)
        ).all()
        account_ids = [account.id for account, _ in (*logins, *accounts)]
        return cls(
            today=today,
            coverages=_coverages(session, ids),
            relatives=_relatives(session, ids),
            logins={
                account.person_id: (account, login.openid or "")
                for account, login in logins
                if account.person_id is not None
            },
            grants=_grants(session, account_ids),
            accounts={username: account for account, username in accounts},
            experts=_experts(session, account_ids),
        )

    def citizen(self, person: Person, one: DemoPerson | None) -> Entry:
        """Somebody as a citizen; ``one`` is None for a person who is not of the cast."""
        account, openid = self.logins.get(person.id, (None, one.openid if one is not None else None))
        kind = AccountKind.CITIZEN.value if openid is not None else "none"
        entry: Entry = {"kind": kind, "account_id": str(account.id) if account else None}
        entry |= self.person(person, one.house if one is not None else person.id.int % 180 + 1)
        entry |= self._roles(account, [Role.CITIZEN] if openid is not None else [])
        entry["real_name"] = account is not None
        entry["openid"] = openid
        entry["js_code"] = None if openid is None else fresh_js_code(openid)
        entry["description"] = self._description(entry, one)
        return entry

    def person(self, person: Person, house: int) -> Entry:
        """Who somebody is, how insured, whose relative."""
        coverages = self.coverages.get(person.id, [])
        first = next((one for one in coverages if one.in_force(self.today)), next(iter(coverages), None))
        region_code = first.region_code if first is not None else person.residence_code or ""
        return {
            "person_id": str(person.id),
            "psn_no": person.psn_no,
            "name": person.name,
            "sex": _SEXES.get(Sex(person.sex), "unknown"),
            "birth_date": person.birth_date.isoformat(),
            "age": age_on(person.birth_date, self.today),
            "id_type": str(person.id_type),
            "id_no": person.id_no,
            "phone": person.phone,
            "address": address_of(person.residence_code or region_code, house),
            "residence_code": person.residence_code,
            "region_code": region_code,
            "region": places.full_name(region_code),
            "insured_as": insured_as(first) if first is not None else "未参保",
            "coverages": [coverage_entry(one) for one in coverages],
            "relatives": self.relatives.get(person.id, []),
        }

    def staff(self, person: Person, one: staff.DemoStaff, house: int) -> Entry | None:
        """Somebody as a member of staff, if the account is there."""
        account = self.accounts.get(one.username)
        if account is None:
            return None
        entry: Entry = {"kind": AccountKind.STAFF.value, "account_id": str(account.id)}
        entry |= self.person(person, house)
        entry |= self._roles(account, [])
        entry |= {"username": one.username, "password": staff.PASSWORD, "description": one.note}
        entry |= self._expertise(account)
        return entry

    def _expertise(self, account: Account) -> Entry:
        """What the draw goes by; nothing for those who are no experts."""
        profile = self.experts.get(account.id)
        if profile is None:
            return {}
        return {
            "specialties": list(profile.specialties),
            "hospital": profile.hospital,
            "title": profile.title,
            "daily_limit": profile.daily_limit,
        }

    def _roles(self, account: Account | None, own: list[Role]) -> Entry:
        grants = self.grants.get(account.id, []) if account is not None else []
        return {
            "roles": [*(role.value for role in own), *(str(grant.role) for grant, _ in grants)],
            "organisation": organisation_entry(grants[0][1]) if grants else None,
        }

    @staticmethod
    def _description(entry: Entry, one: DemoPerson | None) -> str:
        who = f"{entry['age']}岁，{entry['insured_as']}，{entry['region']}。"
        return who + (one.note if one is not None else "后来添加的人，已实名。")


def fresh_js_code(openid: str) -> str:
    """A code of wx.login that the stand-in WeChat takes once for that user."""
    return f"demo.{openid}.{secrets.token_hex(8)}"


def _persons_by_number(session: Session, numbers: Iterable[str]) -> dict[str, Person]:
    by_index = {identity.id_no_index(number): number for number in numbers}
    rows = session.execute(select(Person).where(Person.id_no_index.in_(by_index))).scalars()
    return {by_index[person.id_no_index]: person for person in rows}


def _coverages(session: Session, person_ids: Collection[UUID]) -> Mapping[UUID, list[Coverage]]:
    rows = session.execute(
        select(Coverage).where(Coverage.person_id.in_(person_ids)).order_by(Coverage.id)
    ).scalars()
    found: dict[UUID, list[Coverage]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row)
    return found


def _relatives(session: Session, person_ids: Collection[UUID]) -> Mapping[UUID, list[RelativeEntry]]:
    rows = session.execute(
        select(Kinship, Person)
        .join(Person, Person.id == Kinship.relative_id)
        .where(Kinship.person_id.in_(person_ids), Kinship.ended_at.is_(None))
        .order_by(Kinship.id)
    )
    found: dict[UUID, list[RelativeEntry]] = defaultdict(list)
    for kinship, relative in rows:
        found[kinship.person_id].append(
            {
                "person_id": str(relative.id),
                "name": relative.name,
                "relation": str(kinship.relation),
                "guardian": kinship.guardian,
            }
        )
    return found


def _grants(
    session: Session, account_ids: Collection[UUID]
) -> Mapping[UUID, list[tuple[RoleGrant, Organisation]]]:
    rows = session.execute(
        select(RoleGrant, Organisation)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(RoleGrant.account_id.in_(account_ids), RoleGrant.ended_at.is_(None))
        .order_by(RoleGrant.id)
    )
    found: dict[UUID, list[tuple[RoleGrant, Organisation]]] = defaultdict(list)
    for grant, organisation in rows:
        found[grant.account_id].append((grant, organisation))
    return found


def _experts(session: Session, account_ids: Collection[UUID]) -> Mapping[UUID, ExpertProfile]:
    rows = session.execute(select(ExpertProfile).where(ExpertProfile.account_id.in_(account_ids))).scalars()
    return {row.account_id: row for row in rows}


def _is_citizen(one: DemoPerson) -> bool:
    """Staff are listed by their user names; those who are in the cast too are listed twice."""
    return not one.key.startswith(staff.STAFF_KEY)


def _staff_entries(book: _Book, known: Mapping[str, tuple[Person, DemoPerson]]) -> list[Entry]:
    entries = []
    for one in staff.staff():
        if one.person in known:
            person, whose = known[one.person]
            entry = book.staff(person, one, whose.house)
            entries += [entry] if entry is not None else []
    return entries


def _terminal_entries(session: Session) -> list[Entry]:
    wanted = {one.client_id: one.organisation for one in staff.terminals()}
    rows = session.execute(
        select(TerminalLogin, Organisation)
        .join(RoleGrant, RoleGrant.account_id == TerminalLogin.account_id)
        .join(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(TerminalLogin.client_id.in_(wanted))
        .order_by(TerminalLogin.client_id)
    )
    return [
        {
            "kind": AccountKind.TERMINAL.value,
            "account_id": str(login.account_id),
            "name": organisation.name,
            "roles": [Role.TERMINAL.value],
            "organisation": organisation_entry(organisation),
            "region_code": organisation.region_code,
            "region": places.full_name(organisation.region_code),
            "client_id": login.client_id,
            "client_secret": staff.TERMINAL_SECRET,
            # An institution's organisation goes by its code.
            "institution_code": wanted[login.client_id],
            "description": f"{organisation.name}的信息系统。可试：扫医保码、预结算、结算、撤销、对账；上报就诊记录。",
        }
        for login, organisation in rows
    ]


def _added_entries(session: Session, book: _Book, today: date) -> list[Entry]:
    rows = session.execute(
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .where(Account.kind == AccountKind.CITIZEN, Account.person_id.not_in(list(book.logins)))
        .order_by(Account.id.desc())
        .limit(_ADDED_AT_MOST)
    )
    added = list(rows.scalars())
    later = _Book.of(session, added, today)
    return [later.citizen(person, None) for person in added]
