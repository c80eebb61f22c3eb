"""The SQL that a call really executes: recorded below SQLAlchemy while the call runs in this process."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from flask import Flask
from psycopg.pq import PipelineStatus
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from bench.calls import API, Call, Request


@dataclass(frozen=True)
class Statement:
    """One statement in psycopg's form (``%(name)s``) and the values of each of its executions.

    batch: the executions went out together, as psycopg's executemany does; group: with its neighbours of a group, too
    (kit.asking).
    """

    text: str
    executions: Sequence[Mapping[str, Any]] = ({},)
    batch: bool = False
    group: bool = False

    @property
    def is_boundary(self) -> bool:
        """Whether it begins or ends a transaction."""
        return self.text in {"BEGIN", "COMMIT", "ROLLBACK"}


@dataclass
class Recording:
    """What was executed, in order."""

    statements: list[Statement] = field(default_factory=list)

    def reads(self) -> list[Statement]:
        return [statement for statement in self.statements if statement.text.lstrip().startswith("SELECT")]


def record(app: Flask, engine: Engine, call: Call, request: Request) -> Recording:
    """Make a call to ``app`` in this process and give what it executed. RuntimeError if it was refused."""
    client = app.test_client(use_cookies=False)
    with _listening(engine) as recording:
        answer = client.open(
            API + request.path, method=request.method, headers=dict(request.headers), json=request.body
        )
    if answer.status_code != call.status or call.expected.encode() not in answer.get_data():
        raise RuntimeError(f"{call.title}: {answer.status_code} {answer.get_data(as_text=True)[:500]}")
    return recording


@contextmanager
def _listening(engine: Engine) -> Iterator[Recording]:
    recording = Recording()
    statements = recording.statements

    def executed(
        connection: Connection, cursor: Any, text: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        del cursor, context
        # Many rows in one INSERT come as one set of values, although they are many.
        batch = executemany and not isinstance(parameters, Mapping)
        many = list(parameters) if batch else [parameters]
        statements.append(Statement(text, many, batch=batch, group=_goes_together(connection)))

    def boundary(text: str) -> Any:
        def note(connection: Connection) -> None:
            # With autocommit the driver sends none.
            if not _autocommits(connection):
                statements.append(Statement(text))

        return note

    listeners = {
        "before_cursor_execute": executed,
        "begin": boundary("BEGIN"),
        "commit": boundary("COMMIT"),
        "rollback": boundary("ROLLBACK"),
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield recording
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def _goes_together(connection: Connection) -> bool:
    driver = connection.connection.driver_connection
    return isinstance(driver, psycopg.Connection) and driver.pgconn.pipeline_status != PipelineStatus.OFF


def _autocommits(connection: Connection) -> bool:
    return bool(getattr(connection.connection.dbapi_connection, "autocommit", False))
