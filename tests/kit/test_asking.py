"""What is asked together comes back as if each question had been asked by itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, event, insert, literal, select, update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit.asking import Question, _spoken, ask, together
from app.kit.crypto import Suite
from app.kit.sealing import DataKey, Purpose

KEY: Any = DataKey.__table__
MADE = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=8)))
ROW = {
    "purpose": Purpose.VOUCHER,
    "number": 7,
    "wrapped": b"\x00\xff",
    "master_version": "v1",
    "suite": Suite.SM,
    "created_at": MADE,
    "retired_at": None,
}
NEW = (
    insert(KEY)
    .values({name: bindparam(name, type_=KEY.c[name].type) for name in ROW})
    .returning(KEY.c.number)
)
FIND = select(*(KEY.c[name] for name in ROW)).where(
    KEY.c.purpose == bindparam("purpose", type_=KEY.c.purpose.type), KEY.c.number >= literal(7)
)
RAISE = (
    update(KEY)
    .where(KEY.c.purpose == Purpose.VOUCHER, KEY.c.number == bindparam("which"))
    .values(number=KEY.c.number + 1)
    .returning(KEY.c.number)
)


def new(**more: object) -> Question[int]:
    return Question(NEW, {**ROW, **more}, len)


def found() -> Question[list[Any]]:
    return Question(FIND, {"purpose": Purpose.VOUCHER}, list)


def raised(which: int) -> Question[list[int]]:
    return Question(RAISE, {"which": which}, lambda rows: [row.number for row in rows])


def asked(session: Session, *questions: Question[Any]) -> list[Any]:
    """The answers to questions that were asked together."""
    with together(session) as batch:
        answers = [batch.ask(one) for one in questions]
    return [answer() for answer in answers]


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def session(parts: Parts) -> Iterator[Session]:
    with parts.database.write_session() as opened:
        yield opened


def test_values_go_in_and_come_out_as_sqlalchemy_s_types_say(session: Session) -> None:
    assert ask(session, new()) == 1

    [row] = ask(session, found())
    [by_sqlalchemy] = session.connection().execute(FIND, {"purpose": Purpose.VOUCHER}).all()
    assert tuple(row) == tuple(by_sqlalchemy)
    assert (row.purpose, row.suite, row.wrapped, row.retired_at) == (
        Purpose.VOUCHER,
        Suite.SM,
        b"\x00\xff",
        None,
    )
    assert isinstance(row.purpose, Purpose)
    assert row.created_at == MADE


def test_each_sees_what_those_before_it_did_and_the_answers_keep_their_order(session: Session) -> None:
    made, moved, rows = asked(session, new(), raised(7), found())

    assert (made, moved, [row.number for row in rows]) == (1, [8], [8])


def test_what_is_simply_executed_goes_along_in_its_place(session: Session) -> None:
    with together(session) as batch:
        before = batch.ask(found())
        session.connection().execute(insert(KEY), [ROW])
        after = batch.ask(found())

    assert (len(before()), len(after())) == (0, 1)


def test_nobody_moved_is_no_rows(session: Session) -> None:
    assert ask(session, raised(99)) == []


def test_a_refusal_is_raised_as_sqlalchemy_raises_it(parts: Parts) -> None:
    with parts.database.write_session() as session:
        ask(session, new())
        with pytest.raises(IntegrityError):
            asked(session, found(), new())
    with parts.database.reading() as session:
        assert ask(session, found()) == []


def test_the_statement_of_the_database_that_is_asked_is_taken(session: Session) -> None:
    by_dialect = {session.get_bind().dialect.name: FIND, "another": RAISE}

    assert ask(session, Question(by_dialect, {"purpose": Purpose.VOUCHER}, list)) == []


def test_who_listens_to_statements_hears_of_all_of_them(
    parts: Parts, session: Session, request: pytest.FixtureRequest
) -> None:
    heard: list[str] = []

    def note(*call: Any) -> None:
        heard.append(str(call[2]).partition(" ")[0])

    event.listen(parts.database.engine, "before_cursor_execute", note)
    request.addfinalizer(lambda: event.remove(parts.database.engine, "before_cursor_execute", note))
    asked(session, new(), found())
    assert [verb for verb in heard if verb != "BEGIN"] == ["INSERT", "SELECT"]


def test_a_value_that_is_missing_is_never_taken_for_null(session: Session) -> None:
    with pytest.raises((KeyError, StatementError), match="purpose"):
        ask(session, Question(FIND, {}, list))


def test_a_list_is_refused_for_it_is_another_statement_for_each_length() -> None:
    listing = select(KEY.c.number).where(KEY.c.number.in_(bindparam("numbers", expanding=True)))
    with pytest.raises(ValueError, match="no IN over a list"):
        _spoken(listing, PGDialect_psycopg())
