"""What other domains ask of identity, and how few statements it costs."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from identity_world import (
    add_citizen,
    add_handler,
    add_person,
    id_number,
    let_pass,
    private,
    statements_of,
    years_ago,
)
from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import queries, register, service
from app.identity.actor import AccountKind, Actor, Ground, OrganisationKind
from app.identity.models import Account, Person, Relation
from app.kit import clock
from app.kit.errors import Problem

Write = Callable[[Callable[[Session], Any]], Any]


def citizen_actor(parts: Parts, openid: str, name: str = "王小明", **traits: Any) -> Actor:
    person_id = add_citizen(parts, openid, name, **traits)
    with parts.database.reading() as session:
        account = queries.citizen_account_of(session, person_id)
    assert account is not None
    return Actor(account.id, AccountKind.CITIZEN, person_id, uuid4())


class TestActingFor:
    @pytest.fixture
    def mother(self, parts: Parts) -> Actor:
        return citizen_actor(parts, "openid-mother", "陈梅", id_no=id_number(born=years_ago(40)))

    def child(self, write: Write, mother: Actor, age: int, *, guardian: bool = True) -> UUID:
        def enter(session: Session) -> UUID:
            person = add_person(session, "王小宝", id_no=id_number(born=years_ago(age)))
            parent = session.get_one(Person, mother.person_id)
            register.add_kinship(session, person, parent, Relation.PARENT, guardian=guardian)
            return person.id

        child_id: UUID = write(enter)
        return child_id

    def ground(self, parts: Parts, actor: Actor, person_id: UUID) -> Ground | None:
        with parts.database.reading() as session:
            return service.may_act_for(session, actor, person_id)

    def still_acts(self, parts: Parts, account_id: UUID, person_id: UUID) -> bool:
        """What a statement of another domain gets, as that of a scanned code."""
        asked = select(service.still_acts_for(literal(account_id), literal(person_id)))
        with parts.database.reading() as session:
            given = {"minors_born_after": service.minors_born_after(clock.today())}
            return session.execute(asked, given).scalar_one()

    def test_an_account_still_acts_for_oneself_and_a_ward_until_that_ends_or_it_is_disabled(
        self, parts: Parts, write: Write, mother: Actor
    ) -> None:
        assert mother.person_id is not None
        [own, child, moved, grown, unguarded] = family = [
            mother.person_id,
            self.child(write, mother, 10),
            self.child(write, mother, 11),
            self.child(write, mother, 17),
            self.child(write, mother, 10, guardian=False),
        ]

        def acts() -> list[UUID]:
            return [one for one in family if self.still_acts(parts, mother.account_id, one)]

        def move(session: Session) -> None:
            register.end_kinship(session, *(session.get_one(Person, one) for one in (moved, own)))

        assert acts() == [own, child, moved, grown]
        write(move)
        let_pass(timedelta(days=367))
        assert acts() == [own, child]
        assert unguarded not in acts()
        write(lambda session: session.execute(update(Account).values(disabled_at=clock.now())))
        assert acts() == []
        assert not self.still_acts(parts, uuid4(), own)

    @pytest.mark.parametrize(
        "day", [date(2022, 2, 28), date(2022, 3, 1), date(2024, 2, 29), date(2028, 2, 29)]
    )
    def test_a_statement_knows_minors_as_the_program_does(self, day: date) -> None:
        around = [day.replace(year=day.year - 18, day=1) + timedelta(days=number) for number in range(-3, 40)]
        limit = service.minors_born_after(day)
        assert [born > limit for born in around] == [service.is_minor(born, day) for born in around]

    def test_everybody_acts_for_himself_without_a_statement(self, parts: Parts, mother: Actor) -> None:
        assert mother.person_id is not None

        with statements_of(parts) as statements:
            assert self.ground(parts, mother, mother.person_id) is Ground.SELF

        assert statements == []

    def test_a_guardian_acts_for_a_minor_until_he_comes_of_age(
        self, parts: Parts, write: Write, mother: Actor
    ) -> None:
        child_id = self.child(write, mother, 17)

        assert self.ground(parts, mother, child_id) is Ground.GUARDIAN
        let_pass(timedelta(days=367))
        assert self.ground(parts, mother, child_id) is None

    def test_a_parent_without_guardianship_an_adults_parent_and_a_stranger_do_not(
        self, parts: Parts, write: Write, mother: Actor
    ) -> None:
        stranger = citizen_actor(parts, "openid-stranger", "赵六")

        assert self.ground(parts, mother, self.child(write, mother, 10, guardian=False)) is None
        assert self.ground(parts, mother, self.child(write, mother, 19, guardian=False)) is None
        assert self.ground(parts, stranger, self.child(write, mother, 10)) is None

    def test_a_child_does_not_act_for_its_guardian(self, parts: Parts, write: Write, mother: Actor) -> None:
        child_id = self.child(write, mother, 16)
        child = Actor(uuid4(), AccountKind.CITIZEN, child_id, uuid4())
        assert mother.person_id is not None

        assert self.ground(parts, child, mother.person_id) is None

    def test_whom_nobody_knows_acts_for_nobody(self, parts: Parts, write: Write, mother: Actor) -> None:
        unknown = Actor(uuid4(), AccountKind.CITIZEN, None, uuid4())

        assert self.ground(parts, unknown, self.child(write, mother, 10)) is None
        with pytest.raises(Problem) as raised:
            service.require_person(unknown)
        assert raised.value.kind.code == "real_name_required"
        assert service.require_person(mother) == mother.person_id


class TestNames:
    def test_accounts_are_shown_by_masked_names_and_machines_by_their_place(
        self, parts: Parts, write: Write
    ) -> None:
        handler_id, _ = add_handler(parts, "hanbin.li", "李经办")
        citizen = citizen_actor(parts, "openid-wang")

        def enter(session: Session) -> tuple[UUID, UUID]:
            hospital = register.add_organisation(
                session, kind=OrganisationKind.INSTITUTION, name="安康市中心医院", region_code="6109"
            )
            secret = private("a-secret-of-the-terminal-at-the-till")
            terminal = register.add_terminal(session, parts.passwords, hospital, "ak-his", secret)
            unknown = register.add_citizen_account(session, None, private("openid-unknown"))
            return terminal.id, unknown.id

        terminal_id, unknown_id = write(enter)
        wanted = [handler_id, citizen.account_id, terminal_id, unknown_id, uuid4()]

        with parts.database.reading() as session, statements_of(parts) as statements:
            names = service.display_names_of_accounts(session, wanted)

        assert names == {
            handler_id: "李*办",
            citizen.account_id: "王*明",
            terminal_id: "安康市中心医院",
            unknown_id: "",
        }
        assert len(statements) == 1

    def test_many_persons_are_one_statement_and_nobody_is_none(self, parts: Parts, write: Write) -> None:
        ids = write(lambda session: [add_person(session).id for _ in range(5)])

        with parts.database.reading() as session, statements_of(parts) as statements:
            found = service.persons_by_ids(session, [*ids, ids[0], uuid4()])
            assert service.persons_by_ids(session, []) == {}
            assert service.display_names_of_accounts(session, []) == {}

        assert set(found) == set(ids)
        assert len(statements) == 1

    def test_a_person_who_is_not_there_is_not_found(self, parts: Parts) -> None:
        with parts.database.reading() as session, pytest.raises(Problem) as raised:
            service.get_person(session, uuid4())

        assert raised.value.kind.status == 404


class TestReaching:
    def test_a_person_is_reached_by_openid_and_phone(self, parts: Parts, write: Write) -> None:
        person_id = add_citizen(parts, "openid-wang", phone="13812345678")
        unreached = write(lambda session: add_person(session).id)

        with parts.database.reading() as session:
            assert service.wechat_openid_of_person(session, person_id) == "openid-wang"
            assert service.phone_of_person(session, person_id) == "13812345678"
            assert service.wechat_openid_of_person(session, unreached) is None
            assert service.phone_of_person(session, unreached) is None
            assert service.phone_of_person(session, uuid4()) is None

    def test_a_disabled_account_gets_no_messages(self, parts: Parts, write: Write) -> None:
        person_id = add_citizen(parts, "openid-wang")
        write(lambda session: session.execute(update(Account).values(disabled_at=clock.now())))

        with parts.database.reading() as session:
            assert service.wechat_openid_of_person(session, person_id) is None

    def test_staff_are_not_reached_by_their_office_account(self, parts: Parts) -> None:
        _, person_id = add_handler(parts, "hanbin.li")

        with parts.database.reading() as session:
            assert service.wechat_openid_of_person(session, person_id) is None


def test_relatives_are_one_statement(parts: Parts, write: Write) -> None:
    def enter(session: Session) -> UUID:
        elder = add_person(session, "王老", id_no=id_number(born=date(1940, 1, 1)))
        for number in range(6):
            child = add_person(session, "王孩", id_no=id_number(born=date(1965 + number, 1, 1)))
            register.add_kinship(session, elder, child, Relation.CHILD)
        return elder.id

    elder_id = write(enter)

    with parts.database.reading() as session, statements_of(parts) as statements:
        found = service.relatives(session, elder_id)

    assert [one.relation for one in found] == [Relation.CHILD] * 6
    assert len(statements) == 1


def test_a_persons_row_moved_into_another_does_not_open(parts: Parts, write: Write) -> None:
    one, other = write(lambda session: (add_person(session, "王小明"), add_person(session, "李小芳")))
    write(
        lambda session: session.execute(
            update(Person).where(Person.id == other.id).values(name_sealed=one.name_sealed)
        )
    )

    with parts.database.reading() as session:
        moved = session.execute(select(Person).where(Person.id == other.id)).scalar_one()
        with pytest.raises(Exception, match="belongs to another row"):
            _ = moved.name
