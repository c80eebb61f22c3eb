"""The register: what is entered is whole, found again, and never contradicts itself."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from identity_world import add_agency, add_person, id_number, let_pass, private, with_check_digit, years_ago
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import kinship, queries, register
from app.identity.actor import Role
from app.identity.id_numbers import BadNumber
from app.identity.models import Person, Relation, Sex
from app.identity.names import BadName
from app.identity.register import RegisterError
from app.kit import clock

Write = Callable[[Callable[[Session], Any]], Any]
BEGIN = date(2020, 1, 1)


class TestPersons:
    def test_sex_and_birth_date_come_from_the_id_number(self, write: Write) -> None:
        number = id_number(born=date(1990, 7, 4), order=128)

        person = write(
            lambda session: add_person(session, " 王 小明 ", id_no=number.lower(), phone="13812345678")
        )

        assert (person.sex, person.birth_date, person.id_type) == (Sex.FEMALE, date(1990, 7, 4), "01")
        assert (person.name, person.id_no, person.phone) == ("王小明", number, "13812345678")

    def test_a_newborn_has_a_birth_certificate_number(self, write: Write) -> None:
        person = write(
            lambda session: add_person(
                session, "王小宝", birth_certificate_no="u610123456", birth_date=clock.today()
            )
        )

        assert (person.id_no, person.id_type, person.sex) == ("U610123456", "99", Sex.UNKNOWN)

    def test_name_number_and_phone_are_sealed_and_found_by_number(self, write: Write, parts: Parts) -> None:
        number = id_number()
        person = write(lambda session: add_person(session, "王小明", id_no=number, phone="13812345678"))

        stored = person.name_sealed + person.id_no_sealed + person.phone_sealed
        assert not any(text.encode() in stored for text in ("王小明", number, "13812345678"))
        assert number not in person.psn_no + person.id_no_index + person.phone_index
        with parts.database.reading() as session:
            found = queries.person_by_id_no(session, number)
            assert found is not None
            assert found.id == person.id
            assert queries.person_by_id_no(session, id_number()) is None

    def test_a_newborn_is_found_by_the_certificates_number(self, write: Write, parts: Parts) -> None:
        newborn = {"birth_certificate_no": "U610123456", "birth_date": clock.today()}
        person = write(lambda session: add_person(session, "王小宝", **newborn))

        with parts.database.reading() as session:
            found = queries.person_by_id_no(session, "U610123456")
        assert found is not None
        assert found.id == person.id

    @pytest.mark.parametrize(
        ("traits", "error"),
        [
            ({"id_no": with_check_digit("61090219850230123")}, BadNumber),
            ({"birth_certificate_no": "6101234567", "birth_date": BEGIN}, BadNumber),
            ({"birth_certificate_no": "U610123456"}, RegisterError),
            ({"birth_certificate_no": "U610123456", "birth_date": date(2099, 1, 1)}, RegisterError),
            ({"id_no": None}, RegisterError),
            ({"id_no": with_check_digit("61090219850312123"), "birth_date": BEGIN}, RegisterError),
            ({"id_no": with_check_digit("61090219850312123"), "sex": Sex.FEMALE}, RegisterError),
            ({"name": "王1明"}, BadName),
        ],
    )
    def test_what_contradicts_itself_is_refused(
        self, traits: dict[str, Any], error: type[Exception], write: Write
    ) -> None:
        with pytest.raises(error):
            write(lambda session: add_person(session, **traits))

    def test_a_number_is_entered_once(self, write: Write) -> None:
        number = id_number()
        write(lambda session: add_person(session, id_no=number))

        with pytest.raises(IntegrityError):
            write(lambda session: add_person(session, id_no=number))


class TestKinship:
    def people(self, write: Write, *ages: int) -> list[Person]:
        def enter(session: Session) -> list[Person]:
            return [add_person(session, "王某", id_no=id_number(born=years_ago(age))) for age in ages]

        entered: list[Person] = write(enter)
        return entered

    @pytest.mark.parametrize(
        ("relation", "inverse"),
        [
            (Relation.SPOUSE, Relation.SPOUSE),
            (Relation.SIBLING, Relation.SIBLING),
            (Relation.PARENT, Relation.CHILD),
            (Relation.GRANDPARENT, Relation.GRANDCHILD),
        ],
    )
    def test_both_directions_are_entered(
        self, relation: Relation, inverse: Relation, write: Write, parts: Parts
    ) -> None:
        younger, elder = self.people(write, 30, 60)
        write(lambda session: register.add_kinship(session, younger, elder, relation))

        with parts.database.reading() as session:
            assert kinship.relation_of(session, younger.id, elder.id) is relation
            assert kinship.relation_of(session, elder.id, younger.id) is inverse
            assert kinship.are_related(session, elder.id, younger.id)
            assert kinship.are_related(session, younger.id, elder.id)
            assert kinship.are_related(session, elder.id, elder.id)

    def test_strangers_are_not_related(self, write: Write, parts: Parts) -> None:
        one, other = self.people(write, 30, 31)

        with parts.database.reading() as session:
            assert kinship.relation_of(session, one.id, other.id) is None
            assert not kinship.are_related(session, one.id, other.id)

    def test_entering_it_again_from_either_side_changes_nothing(self, write: Write, parts: Parts) -> None:
        child, mother = self.people(write, 5, 30)
        write(lambda session: register.add_kinship(session, child, mother, Relation.PARENT, guardian=True))

        write(lambda session: register.add_kinship(session, child, mother, Relation.PARENT))
        write(lambda session: register.add_kinship(session, mother, child, Relation.CHILD))

        with parts.database.reading() as session:
            assert len(kinship.relatives(session, child.id)) == 1
            assert kinship.guardians_of(session, child.id) == [mother.id]

    @pytest.mark.parametrize(
        ("ages", "relation", "guardian"),
        [
            ((30, 20), Relation.PARENT, False),
            ((30, 30), Relation.GRANDPARENT, False),
            ((30, 60), Relation.CHILD, False),
            ((30, 60), Relation.PARENT, True),
            ((5, 16), Relation.SIBLING, True),
            ((16, 5), Relation.WARD, False),
            ((30, 60), Relation.GUARDIAN, False),
        ],
    )
    def test_what_cannot_be_among_people_of_these_ages_is_refused(
        self, ages: tuple[int, int], relation: Relation, guardian: bool, write: Write
    ) -> None:
        person, relative = self.people(write, *ages)

        with pytest.raises(RegisterError):
            write(
                lambda session: register.add_kinship(session, person, relative, relation, guardian=guardian)
            )

    def test_nobody_is_related_to_himself_or_in_two_ways_or_married_twice(self, write: Write) -> None:
        husband, wife, other = self.people(write, 40, 41, 42)
        write(lambda session: register.add_kinship(session, husband, wife, Relation.SPOUSE))

        for person, relative, relation in (
            (husband, husband, Relation.SPOUSE),
            (husband, wife, Relation.SIBLING),
            (wife, husband, Relation.SIBLING),
            (husband, other, Relation.SPOUSE),
            (other, wife, Relation.SPOUSE),
        ):
            with pytest.raises(RegisterError):
                write(
                    lambda session, person=person, relative=relative, relation=relation: register.add_kinship(
                        session, person, relative, relation
                    )
                )

    def test_after_a_divorce_both_may_marry_others_or_each_other(self, write: Write, parts: Parts) -> None:
        husband, wife, other = self.people(write, 40, 41, 42)
        write(lambda session: register.add_kinship(session, husband, wife, Relation.SPOUSE))
        write(lambda session: register.end_kinship(session, wife, husband))
        with parts.database.reading() as session:
            assert not kinship.are_related(session, husband.id, wife.id)
            assert kinship.relatives(session, wife.id) == []

        write(lambda session: register.add_kinship(session, husband, other, Relation.SPOUSE))
        write(lambda session: register.end_kinship(session, husband, other))
        write(lambda session: register.add_kinship(session, wife, husband, Relation.SPOUSE))

        with parts.database.reading() as session:
            assert kinship.relation_of(session, husband.id, wife.id) is Relation.SPOUSE

    def test_a_guardianship_that_was_ended_does_not_come_back_with_the_kinship(
        self, write: Write, parts: Parts
    ) -> None:
        child, father = self.people(write, 5, 30)
        write(lambda session: register.add_kinship(session, child, father, Relation.PARENT, guardian=True))
        write(lambda session: register.end_kinship(session, child, father))

        write(lambda session: register.add_kinship(session, child, father, Relation.PARENT))

        with parts.database.reading() as session:
            assert kinship.guardians_of(session, child.id) == []

    def test_a_guardian_who_is_no_parent_may_be_entered_from_either_side(
        self, write: Write, parts: Parts
    ) -> None:
        orphan, twin, uncle = self.people(write, 8, 8, 40)
        write(lambda session: register.add_kinship(session, orphan, uncle, Relation.GUARDIAN))
        write(lambda session: register.add_kinship(session, uncle, twin, Relation.WARD))

        with parts.database.reading() as session:
            assert kinship.guardians_of(session, orphan.id) == [uncle.id]
            assert kinship.guardians_of(session, twin.id) == [uncle.id]
            assert kinship.guardians_of(session, uncle.id) == []


class TestAccounts:
    def test_user_names_openids_and_persons_have_one_account_each(self, write: Write, parts: Parts) -> None:
        person, agency = write(lambda session: (add_person(session), add_agency(session)))
        secret = private("a-long-password")
        grants = [(Role.HANDLER, agency)]
        write(lambda session: register.add_citizen_account(session, person, private("openid-one")))
        write(lambda session: register.add_staff(session, parts.passwords, person, "Li", secret, grants))

        for attempt in (
            lambda session: register.add_citizen_account(session, person, private("openid-two")),
            lambda session: register.add_citizen_account(session, None, private("openid-one")),
            lambda session: register.add_staff(session, parts.passwords, None, " LI ", secret, grants),
        ):
            with pytest.raises(IntegrityError):
                write(attempt)

    def test_a_role_that_was_ended_may_begin_again(self, write: Write, parts: Parts) -> None:
        agency = write(add_agency)
        account = write(lambda session: register.add_citizen_account(session, None, private("openid-agent")))
        grant = write(lambda session: register.grant_role(session, account, Role.AGENT, agency))
        write(lambda session: register.end_role(session, session.merge(grant)))

        again = write(lambda session: register.grant_role(session, account, Role.AGENT, agency))

        assert again.id == grant.id
        assert again.ended_at is None


def test_somebody_comes_of_age_on_the_birthday(write: Write, parts: Parts) -> None:
    birth = date(2010, 5, 20)
    assert kinship.is_minor(birth, date(2028, 5, 19))
    assert not kinship.is_minor(birth, date(2028, 5, 20))
    assert kinship.is_minor(date(2008, 2, 29), date(2026, 2, 28))
    assert not kinship.is_minor(date(2008, 2, 29), date(2026, 3, 1))

    def enter(session: Session) -> tuple[Person, Person]:
        child = add_person(session, "王小宝", id_no=id_number(born=years_ago(17)))
        mother = add_person(session, "陈梅", id_no=id_number(born=years_ago(45)))
        register.add_kinship(session, child, mother, Relation.PARENT, guardian=True)
        return child, mother

    child, mother = write(enter)
    with parts.database.reading() as session:
        assert kinship.guardians_of(session, child.id) == [mother.id]
        let_pass(timedelta(days=367))
        assert kinship.guardians_of(session, child.id) == []
        assert [one.guardian for one in kinship.relatives(session, child.id)] == [False]
