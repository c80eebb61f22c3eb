"""The database: engine, sessions and transactions. Nothing outside the kit commits.

SQLite: WAL, synchronous=FULL, writers begin with BEGIN IMMEDIATE behind one lock in the process (without it a waiting
thread was starved for seconds). PostgreSQL: READ COMMITTED; rows that state or money depends on are locked FOR UPDATE;
serialization failures are retried at the edge.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import (
    DateTime,
    Engine,
    Executable,
    ForeignKey,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})
LOCK_WAIT_MS = 10_000
T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes, stored in UTC on either database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every constraint has a name, or Alembic could not change it on SQLite."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads this mapping from the class


class Choice(TypeDecorator[StrEnum]):
    """A StrEnum kept as its text, without a CHECK list: a new member needs no migration."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.members = members

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.members(value)


class Choices(TypeDecorator[frozenset[StrEnum]]):
    """A few members of a StrEnum kept as their texts with commas between, in order; none is an empty text."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.members = members

    def process_bind_param(self, value: frozenset[StrEnum] | None, dialect: Dialect) -> str:  # noqa: ARG002
        return ",".join(sorted(self.members(one).value for one in value or ()))

    def process_result_value(self, value: str | None, dialect: Dialect) -> frozenset[StrEnum]:  # noqa: ARG002
        return frozenset(self.members(one) for one in (value or "").split(",") if one)


def refers(target: str) -> ForeignKey:
    """A foreign key that is checked at the commit, so that rows of one transaction may be written in any order."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


class _WriteLock:
    """A session's hold on the process-wide lock of SQLite writers."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._held = False

    def acquire(self) -> None:
        if not self._held:
            if not self._lock.acquire(timeout=LOCK_WAIT_MS / 1000):
                raise TimeoutError("waited too long for the write lock")
            self._held = True

    def release(self) -> None:
        if self._held:
            self._held = False
            self._lock.release()


class WriteSession(Session):
    """A session whose transaction writes; it gives the write lock back when it is closed."""

    def __init__(self, engine: Engine, lock: _WriteLock) -> None:
        super().__init__(
            engine, expire_on_commit=False, autoflush=False, execution_options={"write_lock": lock}
        )
        self._write_lock = lock

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._write_lock.release()


class ReadSession(Session):
    """A session that only reads."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, expire_on_commit=False, autoflush=False)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        if self.new or self.dirty or self.deleted:
            raise RuntimeError("a session for reading must not write")
        super().flush(objects)

    def finish(self) -> None:
        """End the transaction by COMMIT.

        At a ROLLBACK the driver forgets all statements that it had prepared on the connection (psycopg, should_discard),
        and PostgreSQL would plan every statement of the next request anew.
        """
        if self.in_transaction():
            self.expunge_all()
            self.commit()


class Database:
    """One engine and its sessions."""

    def __init__(self, url: str, *, pool_size: int = 5, application_name: str = "zhangban") -> None:
        self.engine = _make_engine(url, pool_size, application_name)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        # One statement needs no BEGIN and COMMIT around it, which are a third of its cost. (On SQLite they cost nothing,
        # and SQLAlchemy would leave its connection with the driver's own transactions.)
        self._reader = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._lock = threading.Lock()

    def read_session(self) -> ReadSession:
        """A session for reading. The caller finishes it, or just closes it after an error."""
        return ReadSession(self.engine)

    def write_session(self) -> WriteSession:
        """A session for one writing transaction. The caller commits (inside the kit) and closes it."""
        return WriteSession(self.engine, _WriteLock(self._lock))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A short read of its own."""
        with self.read_session() as session:
            yield session
            session.finish()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A long read that sees the database as it was at its first statement, whatever is written meanwhile."""
        with self.read_session() as session:
            if not self.is_sqlite:  # SQLite's reads are snapshots anyway
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session
            session.finish()

    @contextmanager
    def connecting(self) -> Iterator[Connection]:
        """A short read of its own without the ORM, for statements that every request executes."""
        with self._reader.connect() as connection:
            yield connection
            connection.commit()  # as ReadSession.finish

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One writing transaction: committed at the end of the block, rolled back if it raises."""
        with self.write_session() as session:
            yield session
            session.commit()

    @contextmanager
    def autocommitting(self) -> Iterator[Session]:
        """A session whose statements are each a transaction by itself, so that PostgreSQL needs no BEGIN and COMMIT. For what
        writes once, at its end. On SQLite, where they cost nothing, it is one writing transaction."""
        if self.is_sqlite:
            with self.writing() as session:
                yield session
            return
        with WriteSession(self._reader, _WriteLock(self._lock)) as session:
            yield session
            session.commit()  # as ReadSession.finish

    def run(self, work: Callable[[Session], T], *, attempts: int = 3) -> T:
        """Run ``work`` in a writing transaction, again if the database asks for it (40001, 40P01)."""
        for attempt in range(1, attempts + 1):
            try:
                with self.writing() as session:
                    return work(session)
            except DBAPIError as error:
                if attempt == attempts or not is_retryable(error):
                    raise
        raise AssertionError("unreachable")

    def check(self) -> None:
        """Raise if the database does not answer."""
        with self.connecting() as connection:
            connection.execute(text("SELECT 1"))

    def dispose(self) -> None:
        self.engine.dispose()


def is_retryable(error: DBAPIError) -> bool:
    """Whether the database refused only because of another transaction."""
    return getattr(error.orig, "sqlstate", None) in RETRYABLE_SQLSTATES


def is_lock_timeout(error: BaseException) -> bool:
    """Whether a lock was not to be had in time: the caller may try again a little later."""
    if isinstance(error, TimeoutError):
        return True
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlstate", None) == "55P03" or "database is locked" in str(error.orig)


def insert_if_absent(session: Session, table: Table | type[Base], values: dict[str, Any]) -> bool:
    """Insert a row unless a unique constraint already holds one. Returns whether it was inserted."""
    target = table if isinstance(table, Table) else table.__table__
    if not isinstance(target, Table):
        raise TypeError("a mapped class with one table is needed")
    statement = _insert_unless_there(target, session.get_bind().dialect.name)
    return session.connection().execute(statement, values).first() is not None


def insert_absent(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> int:
    """Insert those rows that no unique constraint holds already, many in a statement. Returns how many were inserted."""
    target = model.__table__
    if not isinstance(target, Table):
        raise TypeError("a mapped class with one table is needed")
    if not rows:
        return 0
    statement = _insert_unless_there(target, session.get_bind().dialect.name)
    found = session.connection().execute(statement, rows, execution_options=_IN_SMALL_PAGES)
    return len(found.all())


_IN_SMALL_PAGES: Final = {"insertmanyvalues_page_size": 50}
"""Another number of rows is another statement, and SQLite's driver keeps 128 of them with their values: small ones."""


@cache
def _insert_unless_there(target: Table, dialect: str) -> Executable:
    """Built once for each table: building it takes longer than executing it."""
    # The row is asked for, not its count: on PostgreSQL SQLAlchemy gives -1 as the count of an INSERT.
    key = next(iter(target.primary_key.columns))
    if dialect == "sqlite":
        return sqlite.insert(target).on_conflict_do_nothing().returning(key)
    return postgresql.insert(target).on_conflict_do_nothing().returning(key)


def _make_engine(url: str, pool_size: int, application_name: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            hide_parameters=True,
            connect_args={"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "reset", _end_what_is_open)
        return engine
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_recycle=1800,
        # The connection that was used last has its statements prepared and PostgreSQL's caches warm.
        pool_use_lifo=True,
        connect_args={
            "application_name": application_name,
            "options": f"-c lock_timeout={LOCK_WAIT_MS} -c timezone=UTC",
            "connect_timeout": 5,
        },
    )


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:  # noqa: ARG001
    # The driver's own transaction handling loses concurrent read-modify-writes; we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={LOCK_WAIT_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _end_what_is_open(connection: Any, record: ConnectionPoolEntry, state: object) -> None:  # noqa: ARG001
    """A COMMIT that SQLite refuses (a foreign key, a full disk) leaves its transaction open and the file locked, while
    SQLAlchemy takes it as over and gives the connection to the next request."""
    if connection is not None and connection.in_transaction:
        connection.rollback()


def _begin_sqlite(connection: Connection) -> None:
    lock: _WriteLock | None = connection.get_execution_options().get("write_lock")
    if lock is None:
        connection.exec_driver_sql("BEGIN")
        return
    lock.acquire()
    connection.exec_driver_sql("BEGIN IMMEDIATE")
