"""Insurances: whole, never two of a kind on one day, and judged by their dates."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from identity_world import add_person, private
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import register, service
from app.identity.models import Coverage, CoverageStatus, Person
from app.identity.register import RegisterError
from app.kit import clock

Write = Callable[[Callable[[Session], Any]], Any]
BEGIN = date(2020, 1, 1)


class TestCoverages:
    @pytest.fixture
    def person(self, write: Write) -> Person:
        return write(add_person)

    def add(self, write: Write, person: Person, **traits: Any) -> Any:
        values = {"insutype": "390", "region_code": "610902", "begin_date": BEGIN, **traits}
        return write(lambda session: register.add_coverage(session, person, **values))

    def test_a_person_may_have_one_of_each_kind(self, write: Write, person: Person, parts: Parts) -> None:
        self.add(write, person)
        self.add(write, person, insutype="310", employer="某公司", opening_balance_fen=50_000)

        with parts.database.reading() as session:
            coverages = service.coverages_of(session, person.id)
        assert {coverage.insutype for coverage in coverages} == {"310", "390"}
        assert all(coverage.in_force(date(2026, 1, 1)) for coverage in coverages)

    def test_where_a_person_works_is_sealed(self, write: Write, person: Person, parts: Parts) -> None:
        employer = private("汉滨区某某茶业有限公司")
        self.add(write, person, insutype="310", employer=employer)

        with parts.database.reading() as session:
            coverage = service.coverages_of(session, person.id)[0]
        assert coverage.employer == employer
        assert employer.encode() not in (coverage.employer_sealed or b"")

    @pytest.mark.parametrize(
        "traits",
        [
            {},
            {"begin_date": date(2019, 1, 1), "end_date": BEGIN},
            {"begin_date": date(2024, 1, 1), "end_date": date(2024, 12, 31)},
            {"insutype": "390", "retired": True},
            {"insutype": "310", "student": True},
            {"insutype": "390", "employer": "某公司"},
            {"insutype": "390", "opening_balance_fen": 1},
            {"insutype": "310", "opening_balance_fen": -1},
            {"insutype": "310", "end_date": date(2019, 12, 31)},
            {"insutype": "310", "begin_date": date(1900, 1, 1)},
            {"insutype": "310", "status": CoverageStatus.ENDED},
            {"insutype": "310", "status": CoverageStatus.SUSPENDED, "suspended_from": date(2019, 12, 31)},
            {"status": CoverageStatus.ENDED, "end_date": date(2024, 12, 31)},
        ],
    )
    def test_what_contradicts_itself_or_the_register_is_refused(
        self, traits: dict[str, Any], write: Write, person: Person
    ) -> None:
        self.add(write, person)

        with pytest.raises(RegisterError):
            self.add(write, person, **traits)

    def test_one_coverage_may_follow_another(self, write: Write, person: Person) -> None:
        self.add(write, person, end_date=date(2023, 12, 31))

        assert self.add(write, person, begin_date=date(2024, 1, 1))

    def test_where_one_gives_nothing_any_more_another_may_begin_and_not_before(
        self, write: Write, person: Person
    ) -> None:
        moved = date(2024, 3, 1)
        self.add(write, person, status=CoverageStatus.SUSPENDED, suspended_from=moved)

        with pytest.raises(RegisterError):
            self.add(write, person, begin_date=moved - timedelta(days=1))
        assert self.add(write, person, begin_date=moved)

    def test_a_coverage_that_ends_covers_its_last_day_and_no_other(
        self, write: Write, person: Person, parts: Parts
    ) -> None:
        coverage = self.add(write, person)
        last = clock.today() + timedelta(days=3)

        def end(session: Session) -> None:
            register.end_coverage(session, session.merge(coverage), last)

        write(end)

        with parts.database.reading() as session:
            [kept] = service.coverages_of(session, person.id)
        assert kept.in_force(last)
        assert not kept.in_force(last + timedelta(days=1))
        assert not kept.in_force(BEGIN - timedelta(days=1))

    def test_a_coverage_ends_once(self, write: Write, person: Person) -> None:
        coverage = self.add(write, person)

        def end(on: date) -> Callable[[Session], None]:
            return lambda session: register.end_coverage(
                session, session.get_one(type(coverage), coverage.id), on
            )

        write(end(date(2021, 6, 30)))
        write(end(date(2021, 6, 30)))
        with pytest.raises(RegisterError):
            write(end(date(2021, 7, 31)))

    def test_a_coverage_does_not_end_before_it_begins(self, write: Write, person: Person) -> None:
        coverage = self.add(write, person)

        with pytest.raises(RegisterError):
            write(lambda session: register.end_coverage(session, coverage, BEGIN - timedelta(days=1)))

    def test_a_coverage_that_ended_or_is_suspended_gave_what_it_gave_before(
        self, write: Write, person: Person, parts: Parts
    ) -> None:
        yesterday = clock.today() - timedelta(days=1)
        week_before = yesterday - timedelta(days=7)
        resident, employee = self.add(write, person), self.add(write, person, insutype="310")

        def in_force(on: date) -> set[str]:
            with parts.database.reading() as session:
                covers = service.coverages_of(session, person.id)
                insured = service.insured_by_id(session, person.id)
            assert insured is not None
            days = {one.insutype.value for one in covers if one.in_force(on)}
            assert days == {one.insutype.value for one in insured.covers if one.in_force(on)}
            return days

        def change(how: Callable[..., None], coverage: Coverage, *day: date) -> None:
            write(lambda session: how(session, session.get_one(Coverage, coverage.id), *day))

        change(register.end_coverage, resident, week_before)
        change(register.suspend_coverage, employee, yesterday)

        assert in_force(week_before) == {"310", "390"}
        assert in_force(yesterday - timedelta(days=1)) == {"310"}
        assert in_force(yesterday) == set()
        change(register.resume_coverage, employee)
        assert in_force(yesterday) == {"310"}
        with pytest.raises(RegisterError):
            change(register.suspend_coverage, resident, yesterday)

    def test_arrears_are_not_paid_into_a_second_insurance_of_the_same_days(
        self, write: Write, person: Person
    ) -> None:
        old = self.add(write, person, insutype="310")
        yesterday = clock.today() - timedelta(days=1)
        write(
            lambda session: register.suspend_coverage(session, session.get_one(Coverage, old.id), yesterday)
        )
        self.add(write, person, insutype="310", region_code="6109", begin_date=clock.today())
        with pytest.raises(RegisterError, match="began meanwhile"):
            write(lambda session: register.resume_coverage(session, session.get_one(Coverage, old.id)))

    def test_a_state_without_its_date_never_gave_anything(self) -> None:
        for status in (CoverageStatus.SUSPENDED, CoverageStatus.ENDED):
            old = Coverage(status=status, begin_date=BEGIN, end_date=None, suspended_from=None)
            assert not old.in_force(BEGIN)
