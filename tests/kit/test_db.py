"""Transactions: writers in turn, retries where the database asks for them, types that come back as they went in."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit.api.idempotency import IdempotentAnswer
from app.kit.asking import together
from app.kit.db import Choice, Database, UtcDateTime, insert_if_absent, is_lock_timeout


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def database(parts: Parts) -> Database:
    return parts.database


def row(key: str = "k") -> dict[str, object]:
    return {
        "key_hash": key,
        "account_id": UUID("01a1ffb0-76c0-7382-8a7c-6dc1df3e4e5c"),
        "request_hash": "0",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }


def counter(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(text("SELECT attempts FROM outbox_message")).scalar_one())


def test_no_read_modify_write_is_lost(database: Database) -> None:
    def begin(session: Session) -> None:
        session.execute(
            text(
                "INSERT INTO outbox_message (id, topic, payload, attempts, created_at, available_at) "
                "VALUES (:id, 't', '{}', 0, :now, :now)"
            ),
            {"id": "0" * 32, "now": datetime(2026, 1, 1, tzinfo=UTC)},
        )

    database.run(begin)

    def add_one(session: Session) -> None:
        lock = "" if database.is_sqlite else " FOR UPDATE"
        now = session.execute(text(f"SELECT attempts FROM outbox_message{lock}")).scalar_one()
        session.execute(text("UPDATE outbox_message SET attempts = :n"), {"n": now + 1})

    def work() -> None:
        for _ in range(25):
            database.run(add_one)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter(database) == 100


def test_a_row_that_is_there_is_not_inserted_again(database: Database) -> None:
    assert database.run(lambda session: insert_if_absent(session, IdempotentAnswer, row())) is True
    assert database.run(lambda session: insert_if_absent(session, IdempotentAnswer, row())) is False


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    def fail(session: Session) -> None:
        insert_if_absent(session, IdempotentAnswer, row())
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        database.run(fail)
    assert database.run(lambda session: insert_if_absent(session, IdempotentAnswer, row())) is True


def test_what_is_written_together_is_refused_together_and_leaves_nothing(database: Database) -> None:
    def write(session: Session) -> None:
        with together(session):
            for key in ("first", "twice", "twice"):
                session.connection().execute(insert(IdempotentAnswer), row(key))

    with pytest.raises(IntegrityError):
        database.run(write)
    with database.writing() as session:
        with together(session):
            session.connection().execute(insert(IdempotentAnswer), row("first"))
            session.connection().execute(insert(IdempotentAnswer), [row("second"), row("third")])
        found = session.execute(select(func.count()).select_from(IdempotentAnswer)).scalar_one()
    assert found == 3


def test_a_reference_to_nothing_is_found_at_the_commit(database: Database) -> None:
    def orphan(session: Session) -> None:
        session.execute(
            text(
                "INSERT INTO sign_in_session (id, account_id, created_at, expires_at) VALUES (:i, :a, :t, :t)"
            ),
            {"i": "1" * 32, "a": "2" * 32, "t": datetime(2026, 1, 1, tzinfo=UTC)},
        )

    with pytest.raises(IntegrityError):
        database.run(orphan)


def test_a_time_without_an_offset_is_refused_and_others_come_back_in_utc(database: Database) -> None:
    kind, dialect = UtcDateTime(), database.engine.dialect
    with pytest.raises(ValueError, match="offset"):
        kind.process_bind_param(datetime(2026, 1, 1), dialect)  # noqa: DTZ001 - what is refused
    china = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert kind.process_bind_param(china, dialect) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_choice_comes_back_as_its_member_and_strangers_are_refused(database: Database) -> None:
    class Colour(StrEnum):
        RED = "red"

    kind, dialect = Choice(Colour, 8), database.engine.dialect
    assert kind.process_result_value("red", dialect) is Colour.RED
    assert kind.process_bind_param("red", dialect) == "red"
    with pytest.raises(ValueError, match="blue"):
        kind.process_bind_param("blue", dialect)


def test_waiting_too_long_for_a_lock_is_told_apart_from_other_errors() -> None:
    assert is_lock_timeout(TimeoutError())
    assert is_lock_timeout(OperationalError("", None, Exception("database is locked")))
    assert not is_lock_timeout(OperationalError("", None, Exception("disk full")))
    assert not is_lock_timeout(ValueError())
