"""A small world for tests: people, offices, hospitals, papers and cases, made through the register and the API.

    world = World(app)
    citizen = world.citizen(region="6109", insutype="390")
    case = world.filing(citizen, state="queued")
    handler = world.handler("6109")
    world.act(handler, case, "claim")
    citizen.ok("GET", f"/filings/{case['id']}")

Everything personal that is made here is noted in ``world.personal``, so that a test can look for it in logs.
"""

import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import register, sessions
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Account, CoverageStatus, InsuType, Organisation, Person, Relation
from app.kit import clock, ids
from app.places import service as places
from app.places.models import InstitutionType
from tests.somebody import API, Hospital, Somebody, Watcher, id_number, numbers, person_name, photograph

__all__ = [
    "API",
    "INSTANT",
    "PASSWORD",
    "REVIEWED",
    "Hospital",
    "Somebody",
    "World",
    "id_number",
    "photograph",
]

PASSWORD = "Desk-of-2026-anew, and the tills' too"
T = TypeVar("T")
INSTANT: Mapping[str, object] = {
    "category": "other_temporary",
    "care_region_code": "1401",
    "proof": "commitment",
    "commitment_accepted": True,
    "reason": "去太原看望女儿时腰痛复诊",
}
"""A form that is decided at once (安康, baseline)."""

REVIEWED: Mapping[str, object] = {
    "category": "long_term_resident",
    "care_region_code": "31",
    "proof": "commitment",
    "commitment_accepted": True,
    "residence_address": "浦东新区张杨路八百弄三号",
}
"""A form that the agency reviews (安康, baseline)."""


class Write(Protocol):
    """What runs a function in a committed transaction: ``Database.run``, the fixture ``write``."""

    def __call__(self, work: Callable[[Session], T], /) -> T: ...


class World:
    """Makes people and cases in the database of ``app``."""

    def __init__(self, app: Flask, write: Write | None = None) -> None:
        self.app = app
        self.parts: Parts = app.extensions["parts"]
        self.write: Write = write or cast(Write, self.parts.database.run)
        self.personal: set[str] = set()
        self.nobody = Somebody(app, UUID(int=0), None, {})
        self.watchers: list[Watcher] = app.extensions.setdefault("watchers", [])

    def person(
        self, *, region: str = "6109", age: int = 40, name: str | None = None, phone: str | None = None
    ) -> UUID:
        """Somebody in the register, without a coverage or an account."""
        return self.write(lambda session: self._person(session, region, age, name, phone).id)

    def citizen(
        self,
        *,
        region: str = "6109",
        insutype: str | None = "390",
        age: int = 40,
        name: str | None = None,
        phone: str | None = None,
        person_id: UUID | None = None,
        **traits: Any,
    ) -> Somebody:
        """A real-named citizen who is signed in. insutype None: insured nowhere.

        person_id: give the account to somebody who is there. traits: of register.add_coverage.
        """

        def enter(session: Session) -> tuple[Account, Person, str]:
            if person_id is None:
                person = self._person(session, region, age, name, phone)
                self._insure(session, person, region, insutype, traits)
            else:
                person = session.get_one(Person, person_id)
            openid = self._note(f"openid-world-{next(numbers)}-{ids.readable_code(6)}")
            return register.add_citizen_account(session, person, openid), person, openid

        account, person, openid = self.write(enter)
        return self._signed_in(account, person, openid=openid)

    def enrol(self, name: str, id_no: str, *, region: str = "6109", insutype: str = "390") -> UUID:
        """Somebody in the register with a coverage, who has never signed in: the person id."""

        def enter(session: Session) -> UUID:
            person = register.add_person(session, name=self._note(name), id_no=self._note(id_no))
            self._insure(session, person, region, insutype, {})
            return person.id

        return self.write(enter)

    def bearer(self, token: str, person_id: UUID | None = None) -> Somebody:
        """Whoever shows this token."""
        return Somebody(self.app, UUID(int=0), person_id, {"Authorization": f"Bearer {token}"})

    def stranger(self) -> Somebody:
        """A WeChat user who has not proven a real name."""
        openid = self._note(f"openid-world-{next(numbers)}-{ids.readable_code(6)}")
        account = self.write(lambda session: register.add_citizen_account(session, None, openid))
        return self._signed_in(account, None, openid=openid)

    def child(
        self, guardian: Somebody, *, region: str = "6109", insutype: str | None = "390", age: int = 7
    ) -> UUID:
        """The person id of an insured child without an account, whose guardian ``guardian`` is."""

        def enter(session: Session) -> UUID:
            person = self._person(session, region, age, None, None)
            self._insure(session, person, region, insutype, {})
            parent = session.get_one(Person, guardian.person_id)
            register.add_kinship(session, person, parent, Relation.PARENT, guardian=True)
            return person.id

        return self.write(enter)

    def relate(
        self,
        one: Somebody,
        other: Somebody,
        relation: Relation = Relation.SIBLING,
        *,
        guardian: bool = False,
    ) -> None:
        """``other`` is the ``relation`` of ``one``; guardian: and acts for ``one``, a minor, in law."""

        def enter(session: Session) -> None:
            pair = [session.get_one(Person, somebody.person_id) for somebody in (one, other)]
            register.add_kinship(session, pair[0], pair[1], relation, guardian=guardian)

        self.write(enter)

    def guard(self, child_id: UUID, guardian: Somebody) -> None:
        """``guardian`` acts for the child too, as the other parent."""

        def enter(session: Session) -> None:
            child, parent = (session.get_one(Person, one) for one in (child_id, guardian.person_id))
            register.add_kinship(session, child, parent, Relation.PARENT, guardian=True)

        self.write(enter)

    def part(self, person_id: UUID, relative: Somebody) -> None:
        """The two are no relatives any longer: a guardianship that was moved."""

        def enter(session: Session) -> None:
            person, other = (session.get_one(Person, one) for one in (person_id, relative.person_id))
            register.end_kinship(session, person, other)

        self.write(enter)

    def agency(self, region: str) -> UUID:
        """A new agency of a region: its organisation id."""
        return self._organisation(OrganisationKind.AGENCY, "医疗保障经办中心", region)

    def staff(
        self, role: Role, region: str = "6109", *, organisation_id: UUID | None = None, age: int = 35
    ) -> Somebody:
        """Somebody with one role, at the organisation given or at a new one of the region."""
        kinds = {Role.EXPERT: OrganisationKind.EXPERT_POOL, Role.AGENT: OrganisationKind.SERVICE_POINT}
        place = organisation_id or self._organisation(
            kinds.get(role, OrganisationKind.AGENCY), "经办机构", region
        )

        username = f"staff-{next(numbers)}-{ids.readable_code(6)}".lower()

        def enter(session: Session) -> tuple[Account, Person]:
            person = self._person(session, region, age, None, None)
            organisation = session.get_one(Organisation, place)
            account = register.add_staff(
                session, self.parts.passwords, person, username, PASSWORD, [(role, organisation)]
            )
            return account, person

        account, person = self.write(enter)
        return self._signed_in(account, person, login=username, organisation_id=place)

    def handler(self, region: str = "6109") -> Somebody:
        """A handler of the region's agency."""
        return self.staff(Role.HANDLER, region)

    def hospital(self, region: str = "610902", *, can_refer: bool = True) -> Hospital:
        """A hospital of level 3 with a desk."""

        def enter(session: Session) -> UUID:
            return places.add_institution(
                session,
                code=f"H{next(numbers):011d}",
                name=f"第{next(numbers)}人民医院",
                kind=InstitutionType.HOSPITAL,
                region_code=region,
                address="人民路 1 号",
                level=3,
                can_refer=can_refer,
            ).id

        institution_id = self.write(enter)
        organisation_id = self._organisation(
            OrganisationKind.INSTITUTION, "医院医保办", region, institution_id=institution_id
        )
        return Hospital(institution_id, organisation_id, region)

    def desk(self, hospital: Hospital) -> Somebody:
        """Who works at a hospital's insurance desk."""
        return self.staff(Role.HANDLER, hospital.region_code, organisation_id=hospital.organisation_id)

    def terminal(self, hospital: Hospital) -> Somebody:
        """A hospital's own system."""

        client_id = f"terminal-{next(numbers)}-{ids.readable_code(6)}"

        def enter(session: Session) -> Account:
            organisation = session.get_one(Organisation, hospital.organisation_id)
            return register.add_terminal(session, self.parts.passwords, organisation, client_id, PASSWORD)

        account = self.write(enter)
        return self._signed_in(account, None, login=client_id, organisation_id=hospital.organisation_id)

    def paper(
        self, owner: Somebody, kind: str = "residence_proof", *, person_id: UUID | None = None
    ) -> dict[str, Any]:
        """Upload a photograph: the material as the API answers."""
        form: dict[str, Any] = {"file": (io.BytesIO(photograph()), "photo.jpg"), "kind": kind}
        if person_id is not None:
            form["person_id"] = str(person_id)
        answer: dict[str, Any] = owner.ok("POST", "/materials", data=form, content_type="multipart/form-data")
        return answer

    def filing(
        self,
        applicant: Somebody,
        state: str = "queued",
        *,
        subject_id: UUID | None = None,
        material_ids: list[str] | None = None,
        **form: object,
    ) -> dict[str, Any]:
        """A remote-care case as the API answers. state: draft; queued (submitted, for review);
        needs_correction (of a new handler); approved (at once); ``form`` changes the form of that state."""
        base = INSTANT if state == "approved" else REVIEWED
        body: dict[str, object] = {
            "service_code": "remote_care",
            "form": {**base, **form},
            "submit": state != "draft",
            "material_ids": material_ids or [],
        }
        if subject_id is not None:
            body["subject_id"] = str(subject_id)
        case: dict[str, Any] = applicant.ok("POST", "/filings", body)
        if state == "needs_correction":
            handler = self.handler("6109")
            case = self.act(handler, case, "claim")
            items = [{"kind": "residence_proof", "text": "请补一份居住证明"}]
            self.act(handler, case, "request_correction", items=items, reason="材料不全")
            case = applicant.ok("GET", f"/filings/{case['id']}")
        return case

    def act(self, actor: Somebody, case: Mapping[str, Any], action: str, **more: object) -> dict[str, Any]:
        """Do an action to a case as it was last seen: the case afterwards."""
        body = {"action": action, "expected_version": case["version"], **more}
        after: dict[str, Any] = actor.ok("POST", f"/filings/{case['id']}/actions", body)
        return after

    def sign_in(self, account_id: UUID) -> str:
        """A new access token of an account."""
        return self.write(
            lambda session: sessions.begin(session, self.parts, session.get_one(Account, account_id))
        ).access_token

    def _signed_in(self, account: Account, person: Person | None, **more: Any) -> Somebody:
        headers = {"Authorization": f"Bearer {self.sign_in(account.id)}"}
        if person is not None:
            more |= {"name": person.name, "id_no": person.id_no, "phone": person.phone or ""}
        return Somebody(self.app, account.id, person.id if person else None, headers, **more)

    def _person(self, session: Session, region: str, age: int, name: str | None, phone: str | None) -> Person:
        born = clock.today() - timedelta(days=age * 366)
        number = next(numbers)
        return register.add_person(
            session,
            name=self._note(name or person_name(number)),
            id_no=self._note(id_number(region, born)),
            phone=self._note(phone or f"139{number:08d}"),
            residence_code=region[:6],
        )

    def _insure(
        self, session: Session, person: Person, region: str, insutype: str | None, traits: dict[str, Any]
    ) -> None:
        if insutype is None:
            return
        details = {"begin_date": max(date(2020, 1, 1), person.birth_date), "status": CoverageStatus.ACTIVE}
        register.add_coverage(
            session, person, insutype=InsuType(insutype), region_code=region, **{**details, **traits}
        )

    def _organisation(
        self, kind: OrganisationKind, name: str, region: str, *, institution_id: UUID | None = None
    ) -> UUID:
        return self.write(
            lambda session: (
                register.add_organisation(
                    session,
                    kind=kind,
                    name=f"{region}第{next(numbers)}{name}",
                    region_code=region,
                    institution_id=institution_id,
                ).id
            )
        )

    def _note(self, text: str) -> str:
        self.personal.add(text)
        return text
