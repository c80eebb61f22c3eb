"""Questions to the database that are asked together, in one round trip to PostgreSQL.

Each round trip costs both sides more than most statements that it carries. So a domain says what it would ask and how it
reads the answer (``Question``), and whoever needs several answers at one moment asks for them together:

    with together(session) as batch:
        used = batch.ask(asking_used(person_id, year))
        account = batch.ask(locking_account_of(coverage_id))
        insert_sealed(session, settlement)      # what gives nothing back is simply executed
    used()                                      # the answer, once the block is over

They are executed in their order, each seeing what was committed before it began, as if they had been sent one by one.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, Protocol, TypeVar

import psycopg
from sqlalchemy import Insert, Select, Update
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Rows = Sequence[Any]
"""Whose columns are read by name or by place."""
Statement = Select[Any] | Insert | Update
_Convert = Callable[[Any], Any]
_EXPANDING: Final = "POSTCOMPILE"


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """A statement that was built once, for good, what fills it, and what its rows mean. No IN over a list.

    Where the databases differ the statement of each, by the name of SQLAlchemy's dialect.
    """

    statement: Statement | Mapping[str, Statement]
    values: Mapping[str, Any]
    read: Callable[[Rows], T]


class Answer(Protocol[T_co]):
    """What was asked, once the block is over. Raises what reading it raises."""

    def __call__(self) -> T_co: ...


class Batch:
    """What goes to PostgreSQL together; on SQLite, where nothing is to be saved, each at once."""

    def __init__(self, connection: Connection, driver: psycopg.Connection[Any] | None) -> None:
        self._connection = connection
        self._driver = driver

    def ask(self, question: Question[T]) -> Answer[T]:
        """Put a question; its answer is there when the block is over."""
        dialect, statement = self._connection.dialect, question.statement
        if isinstance(statement, Mapping):
            statement = statement[dialect.name]
        if self._driver is None:
            rows = self._connection.execute(statement, question.values).all()
            return lambda: question.read(rows)
        spoken = _spoken(statement, dialect)
        cursor, filled = self._driver.cursor(), spoken.filled(question.values)
        # Whoever listens to what is executed hears of this, too.
        self._connection.dispatch.before_cursor_execute(
            self._connection, cursor, spoken.text, filled, None, False
        )
        cursor.execute(spoken.text.encode(), filled)
        return lambda: question.read(spoken.rows(cursor.fetchall()))


@contextmanager
def together(session: Session) -> Iterator[Batch]:
    """Let what the block asks and writes go to PostgreSQL in one round trip.

    A refusal is raised at the end of the block, as SQLAlchemy raises it.
    """
    connection = session.connection()
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        yield Batch(connection, None)
        return
    try:
        with driver.pipeline():
            yield Batch(connection, driver)
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, hide_parameters=True) from error


def ask(session: Session, question: Question[T]) -> T:
    """The answer to one question, asked by itself."""
    with together(session) as batch:
        answer = batch.ask(question)
    return answer()


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A statement as the driver takes it, and how SQLAlchemy's types change what goes in and what comes out."""

    text: str
    constants: Mapping[str, Any]
    fills: Sequence[tuple[str, _Convert | None]]
    reads: Sequence[_Convert | None]
    make: Callable[[Sequence[Any]], Any]

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        filled = dict(self.constants)
        for name, change in self.fills:
            filled[name] = _changed(values[name], change)
        return filled

    def rows(self, raw: Sequence[Sequence[Any]]) -> Rows:
        return [
            self.make(
                [
                    value if change is None else change(value)
                    for value, change in zip(row, self.reads, strict=True)
                ]
            )
            for row in raw
        ]


@cache
def _spoken(statement: Statement, dialect: Dialect) -> _Spoken:
    compiled = statement.compile(dialect=dialect)
    text = str(compiled)
    if _EXPANDING in text:
        raise ValueError("a question has no IN over a list")
    columns = list(statement.exported_columns)
    named: Callable[..., Any] = namedtuple  # whose names mypy wants to read
    row = named("Row", [str(one.key) for one in columns], rename=True)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    changes = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    constants = {name: bind.value for name, bind in binds.items() if not bind.required}
    return _Spoken(
        text=text,
        constants={name: _changed(value, changes[name]) for name, value in constants.items()},
        fills=[(name, change) for name, change in changes.items() if name not in constants],
        reads=[one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns],
        make=row._make,
    )


def _changed(value: Any, change: _Convert | None) -> Any:
    return value if change is None else change(value)
