"""A person with all coverages in one statement, as every scan and every settlement reads them."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import register
from app.identity import service as identity
from app.identity.models import Coverage, CoverageStatus, InsuType, Person
from tests.somebody import id_number

BORN = date(1970, 5, 5)


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def number() -> str:
    return id_number("6109", BORN)


@pytest.fixture
def person_id(write: Callable[..., Any], number: str) -> UUID:
    """Two coverages, one of them ended."""

    def enter(session: Session) -> UUID:
        person = register.add_person(session, name="欧阳青岚", id_no=number)
        ended = {"end_date": date(2020, 12, 31), "status": CoverageStatus.ENDED}
        register.add_coverage(
            session,
            person,
            insutype=InsuType.RESIDENT,
            region_code="6109",
            begin_date=date(2010, 1, 1),
            **ended,  # type: ignore[arg-type] # two of its arguments
        )
        register.add_coverage(
            session,
            person,
            insutype=InsuType.EMPLOYEE,
            region_code="6109",
            begin_date=date(2021, 1, 1),
            opening_balance_fen=77,
        )
        return person.id

    found: UUID = write(enter)
    return found


@pytest.mark.parametrize("lock", [False, True])
def test_by_id_and_by_number_it_is_the_same_person_as_the_register_has(
    parts: Parts, person_id: UUID, number: str, lock: bool
) -> None:
    with parts.database.writing() as session:
        found = identity.insured_by_id(session, person_id, lock=lock)
        assert found is not None
        assert found == identity.insured_by_number(session, number, lock=lock)
        person = session.get_one(Person, person_id)
        assert (found.id, found.psn_no, found.sex, found.birth_date) == (
            person.id,
            person.psn_no,
            person.sex,
            BORN,
        )
        assert (found.name, found.id_no) == (person.name, number)
        rows = {row.id: row for row in session.execute(select(Coverage)).scalars()}
        assert [cover.begin_date.year for cover in found.covers] == [2010, 2021]
        for cover in found.covers:
            row = rows[cover.id]
            for name in (
                "insutype",
                "region_code",
                "status",
                "end_date",
                "retired",
                "student",
                "low_income",
                "opening_balance_fen",
            ):
                assert getattr(cover, name) == getattr(row, name)
            for day in (date(2009, 1, 1), date(2015, 1, 1), date(2021, 1, 1), date(2030, 1, 1)):
                assert cover.in_force(day) is row.in_force(day)


def test_nobody_is_none_and_a_person_without_coverage_is_somebody(
    parts: Parts, write: Callable[..., Any]
) -> None:
    number = id_number("6109", BORN)
    write(lambda session: register.add_person(session, name="皇甫未保", id_no=number).id)
    with parts.database.reading() as session:
        assert identity.insured_by_id(session, uuid4()) is None
        assert identity.insured_by_number(session, id_number("6109", BORN)) is None
        found = identity.insured_by_number(session, number)
        assert found is not None
        assert found.covers == ()


def test_it_does_not_print_who_it_is(parts: Parts, person_id: UUID, number: str) -> None:
    with parts.database.reading() as session:
        shown = repr(identity.insured_by_id(session, person_id))
    # Not the year by itself: the number of a person is drawn, and one in some thousand holds those four digits.
    for telling in (number, repr(BORN), BORN.isoformat(), f"{BORN:%Y%m%d}"):
        assert telling not in shown


def test_a_locked_person_is_waited_for_and_may_still_be_referred_to(parts: Parts, person_id: UUID) -> None:
    if parts.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    with parts.database.writing() as first:
        identity.insured_by_id(first, person_id, lock=True)
        with parts.database.write_session() as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            # A row that refers to the person takes FOR KEY SHARE on it.
            refer = text("SELECT id FROM person WHERE id = :id FOR KEY SHARE")
            assert other.execute(refer, {"id": person_id}).all()
            with pytest.raises(OperationalError):
                identity.insured_by_id(other, person_id, lock=True)
