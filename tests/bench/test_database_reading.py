"""Reads keep what makes them fast: prepared statements, and an index for every list."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import event, select

from app.identity.models import Person
from app.kit.db import Database
from tests.conftest import needs_postgres


@pytest.fixture
def database(both_databases: str) -> Iterator[Database]:
    found = Database(both_databases)
    yield found
    found.dispose()


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Database]:
    found = Database(postgres_url)
    yield found
    found.dispose()


@pytest.mark.postgres
@needs_postgres
def test_what_was_prepared_for_one_read_serves_the_next(on_postgres: Database) -> None:
    for _ in range(10):
        with on_postgres.reading() as session:
            session.execute(select(Person).where(Person.psn_no == "nobody"))

    with on_postgres.connecting() as connection:
        prepared = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    assert [statement for statement in prepared if "psn_no" in statement]


def test_a_read_ends_by_a_commit_and_a_failed_one_by_a_rollback(database: Database) -> None:
    ends: list[str] = []
    event.listen(database.engine, "commit", lambda _: ends.append("commit"))
    event.listen(database.engine, "rollback", lambda _: ends.append("rollback"))

    with database.reading() as session:
        session.execute(select(Person.id))
    with pytest.raises(LookupError):
        _read_and_fail(database)
    with database.reading():
        pass  # begins nothing, so there is nothing to end

    assert ends == ["commit", "rollback"]


def test_a_session_for_reading_does_not_write(database: Database) -> None:
    with database.reading() as session:
        session.add(Person())

        with pytest.raises(RuntimeError, match="must not write"):
            session.flush()


def test_what_is_changed_in_a_session_for_reading_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        session.add(Person())

    with database.reading() as session:
        assert session.execute(select(Person.id)).all() == []


@pytest.mark.postgres
@needs_postgres
def test_the_connection_used_last_is_used_first(on_postgres: Database) -> None:
    with on_postgres.connecting() as one, on_postgres.connecting() as other:
        last = {_backend(one.connection.dbapi_connection), _backend(other.connection.dbapi_connection)}
    assert len(last) == 2

    used = set()
    for _ in range(5):
        with on_postgres.connecting() as connection:
            used.add(_backend(connection.connection.dbapi_connection))

    assert len(used) == 1


def _read_and_fail(database: Database) -> None:
    with database.reading() as session:
        session.execute(select(Person.id))
        raise LookupError("after a read")


def _backend(connection: object) -> int:
    assert isinstance(connection, psycopg.Connection)
    return connection.info.backend_pid
