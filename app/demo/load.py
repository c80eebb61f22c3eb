"""Loads the demo into a database. Loading again adds what is missing and changes nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.demo import institutions, staff
from app.demo.cast import Kin, SignIn
from app.demo.experts import experts
from app.demo.people import DemoPerson
from app.demo.population import KIN, everybody
from app.demo.staff import DemoOrganisation
from app.identity import queries as identity
from app.identity import register
from app.identity.actor import Role
from app.identity.kinship import is_minor, relation_of
from app.identity.models import Organisation, Person, Relation, RoleGrant, StaffLogin, TerminalLogin
from app.kit import clock
from app.kit.db import Database
from app.places import service as places
from app.services.chronic_disease import experts as profiles
from app.services.chronic_disease import seeds
from app.services.chronic_disease.models import ExpertProfile

Progress = Callable[[str], None]


@dataclass(slots=True)
class Summary:
    """How many there are of each kind, and how many of all were new."""

    counts: dict[str, int] = field(default_factory=dict)
    new: int = 0

    def add(self, kind: str, *, new: bool) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.new += new

    def __str__(self) -> str:
        counted = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in self.counts.items())
        return f"{counted}; {self.new} of them new"


class OneHash:
    """Hashes each password once: all of the demo's staff have the same, and a hash takes a tenth of a second."""

    def __init__(self, passwords: register.Hasher) -> None:
        self._passwords = passwords
        self._made: dict[str, str] = {}

    def hash(self, password: str) -> str:
        if password not in self._made:
            self._made[password] = self._passwords.hash(password)
        return self._made[password]


def load(database: Database, passwords: register.Hasher, *, progress: Progress | None = None) -> Summary:
    """Write the whole demo in one transaction, in a few seconds. All or nothing.

    Then the secrets of the coming days' draws, so that whoever tries a draw today finds its commitment already public.
    """
    hashes = OneHash(passwords)
    # Before the transaction: nobody else should wait for argon2.
    hashes.hash(staff.PASSWORD)
    hashes.hash(staff.TERMINAL_SECRET)
    summary = database.run(lambda session: _Loader(session, hashes, progress or _silent).load())
    seeds.commit_ahead(database)
    return summary


def _silent(_: str) -> None:
    return None


class _Loader:
    """One load in one transaction."""

    def __init__(self, session: Session, hashes: OneHash, progress: Progress) -> None:
        self._session = session
        self._hashes = hashes
        self._progress = progress
        self._today = clock.today()
        self._summary = Summary()
        self._persons: dict[str, Person] = {}
        self._organisations: dict[str, Organisation] = {}

    def load(self) -> Summary:
        self._progress("定点医药机构和服务站 · institutions and service points")
        institution_ids = self._load_institutions()
        point_ids = self._load_service_points(institution_ids)
        self._progress("人员和参保关系 · people and their coverages")
        for person in everybody(self._today):
            self._load_person(person)
        for kin in KIN:
            self._load_kin(kin)
        self._progress("机构、经办员、专家、代办员、终端 · organisations, staff, experts, agents, terminals")
        for organisation in staff.organisations():
            self._load_organisation(organisation, institution_ids, point_ids)
        self._load_staff()
        self._load_experts()
        self._load_agents()
        self._load_terminals()
        self._session.flush()
        return self._summary

    def _load_institutions(self) -> Mapping[str, UUID]:
        found: dict[str, UUID] = {}
        for wanted in institutions.institutions():
            there = places.institution_by_code(self._session, wanted["code"])
            institution = there or places.add_institution(self._session, **wanted)
            self._session.flush()
            found[institution.code] = institution.id
            self._summary.add("institutions", new=there is None)
        return found

    def _load_service_points(self, institution_ids: Mapping[str, UUID]) -> Mapping[tuple[str, str], UUID]:
        found: dict[tuple[str, str], UUID] = {}
        for wanted in institutions.service_points():
            there = places.service_point_by_name(self._session, wanted["region_code"], wanted["name"])
            code = wanted["institution_code"]
            point = there or places.add_service_point(
                self._session,
                name=wanted["name"],
                tier=wanted["tier"],
                region_code=wanted["region_code"],
                address=wanted["address"],
                services=wanted["services"],
                institution_id=None if code is None else institution_ids[code],
            )
            self._session.flush()
            found[point.region_code, point.name] = point.id
            self._summary.add("service_points", new=there is None)
        return found

    def _load_person(self, wanted: DemoPerson) -> None:
        there = identity.person_by_id_no(self._session, wanted.number)
        person = there or register.add_person(
            self._session,
            name=wanted.name,
            id_no=wanted.id_no,
            birth_certificate_no=wanted.birth_certificate_no,
            sex=wanted.sex,
            birth_date=wanted.birth_date,
            phone=wanted.phone,
            residence_code=wanted.home,
        )
        self._persons[wanted.key] = person
        self._summary.add("people", new=there is None)
        self._load_coverages(wanted, person)
        if wanted.openid is not None:
            self._load_citizen_account(wanted, wanted.openid, person)

    def _load_coverages(self, wanted: DemoPerson, person: Person) -> None:
        # Whoever is insured already may have been changed since the first load, and is left alone.
        insured = bool(identity.coverages_of(self._session, person.id))
        for cover in wanted.covers:
            if not insured:
                register.add_coverage(
                    self._session,
                    person,
                    insutype=cover.insutype,
                    region_code=cover.region_code,
                    begin_date=cover.since or wanted.birth_date,
                    end_date=cover.until,
                    status=cover.status,
                    retired=cover.retired,
                    student=cover.student,
                    low_income=cover.low_income,
                    employer=cover.employer,
                    opening_balance_fen=cover.balance_fen,
                )
            self._summary.add("coverages", new=not insured)

    def _load_citizen_account(self, wanted: DemoPerson, openid: str, person: Person) -> None:
        there = identity.account_by_openid(self._session, openid) or identity.citizen_account_of(
            self._session, person.id
        )
        if there is None:
            proven = person if wanted.sign_in is SignIn.REAL_NAME else None
            register.add_citizen_account(self._session, proven, openid)
        self._summary.add("citizen_accounts", new=there is None)

    def _load_kin(self, kin: Kin) -> None:
        person, relative = self._persons[kin.person], self._persons[kin.relative]
        minor = is_minor(person.birth_date, self._today)
        if kin.relation is Relation.GUARDIAN and not minor:
            return
        there = relation_of(self._session, person.id, relative.id) is not None
        if not there:
            register.add_kinship(
                self._session, person, relative, kin.relation, guardian=kin.guardian and minor
            )
        self._summary.add("kinships", new=not there)

    def _load_organisation(
        self,
        wanted: DemoOrganisation,
        institution_ids: Mapping[str, UUID],
        point_ids: Mapping[tuple[str, str], UUID],
    ) -> None:
        there = self._session.execute(
            select(Organisation).where(
                Organisation.kind == wanted.kind,
                Organisation.name == wanted.name,
                Organisation.region_code == wanted.region_code,
            )
        ).scalar_one_or_none()
        self._organisations[wanted.key] = there or register.add_organisation(
            self._session,
            kind=wanted.kind,
            name=wanted.name,
            region_code=wanted.region_code,
            institution_id=institution_ids[wanted.institution_code] if wanted.institution_code else None,
            service_point_id=point_ids[wanted.point] if wanted.point else None,
        )
        self._summary.add("organisations", new=there is None)

    def _load_staff(self) -> None:
        taken = set(self._session.execute(select(StaffLogin.username)).scalars())
        for one in staff.staff():
            new = one.username not in taken
            if new:
                register.add_staff(
                    self._session,
                    self._hashes,
                    self._persons[one.person],
                    one.username,
                    staff.PASSWORD,
                    [(one.role, self._organisations[one.organisation])],
                )
            self._summary.add("staff", new=new)

    def _load_experts(self) -> None:
        self._session.flush()
        logins = self._session.execute(select(StaffLogin.username, StaffLogin.account_id))
        accounts = {row.username: row.account_id for row in logins}
        known = set(self._session.execute(select(ExpertProfile.account_id)).scalars())
        for one in experts():
            new = accounts[one.username] not in known
            if new:
                profiles.add_profile(
                    self._session,
                    account_id=accounts[one.username],
                    person_id=self._persons[f"{staff.STAFF_KEY}{one.username}"].id,
                    organisation_id=self._organisations[one.pool.organisation].id,
                    specialties=one.specialties,
                    hospital=one.hospital,
                    title=one.title,
                    daily_limit=one.daily_limit,
                )
            self._summary.add("experts", new=new)

    def _load_agents(self) -> None:
        for one in staff.agents():
            account = identity.citizen_account_of(self._session, self._persons[one.person].id)
            if account is None:
                continue
            held = select(func.count()).select_from(RoleGrant).where(RoleGrant.account_id == account.id)
            # A post that was ended in the demo stays ended.
            new = not self._session.execute(held).scalar_one()
            if new:
                register.grant_role(self._session, account, Role.AGENT, self._organisations[one.organisation])
            self._summary.add("agents", new=new)

    def _load_terminals(self) -> None:
        taken = set(self._session.execute(select(TerminalLogin.client_id)).scalars())
        for one in staff.terminals():
            new = one.client_id not in taken
            if new:
                register.add_terminal(
                    self._session,
                    self._hashes,
                    self._organisations[one.organisation],
                    one.client_id,
                    staff.TERMINAL_SECRET,
                )
            self._summary.add("terminals", new=new)
