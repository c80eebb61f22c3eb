"""PostgreSQL databases for tests: one for each process that runs tests, emptied between them.

Making and dropping a database takes a tenth of a second and more, emptying one a hundredth. A test that changed the
tables themselves, not only what they hold, costs its database.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

FEW_PAGES = 32
"""A table of up to so many pages is emptied faster by DELETE than by TRUNCATE, which makes new files."""

_SHAPE = """
SELECT count(*), sum(a.attrelid::bigint), sum(a.atttypid::bigint), count(*) FILTER (WHERE a.attnotnull),
       count(*) FILTER (WHERE a.attisdropped), (SELECT sum(oid::bigint) FROM pg_constraint),
       (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_FILLED = """
SELECT relname, pg_relation_size(oid) / current_setting('block_size')::int FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
  AND pg_relation_size(oid) > 0
"""


class Scratch:
    """Lends migrated, empty databases. server: URL of a database there; migrate: brings the one at a URL up to date."""

    def __init__(self, server: str, migrate: Callable[[str], object]) -> None:
        self._server = server
        self._migrate = migrate
        self._template: str | None = None
        self._lent: str | None = None
        self._shape: object = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in (self._lent, self._template):
            if name is not None:
                self._drop(name)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a database for SQLAlchemy. It is taken back afterwards, whoever is still connected."""
        if self._lent is None:
            self._lent = self._make()
        yield self._url(self._lent, "postgresql+psycopg")
        if not self._emptied(self._lent):
            self._drop(self._lent)
            self._lent = None

    def _make(self) -> str:
        if self._template is None:
            self._template = self._create("template0")
            self._migrate(self._url(self._template, "postgresql+psycopg"))
        name = self._create(self._template)
        with psycopg.connect(self._url(name)) as connection:
            self._shape = connection.execute(_SHAPE).fetchone()
        return name

    def _emptied(self, name: str) -> bool:
        """Empty the tables. False where they are not what they were."""
        with psycopg.connect(self._url(name)) as connection:
            connection.execute(_END_OTHERS)
            if connection.execute(_SHAPE).fetchone() != self._shape:
                return False
            # Neither foreign keys nor triggers have a say: everything goes.
            connection.execute("SET session_replication_role = replica")
            for table, pages in connection.execute(_FILLED).fetchall():
                statement = "DELETE FROM {}" if pages <= FEW_PAGES else "TRUNCATE {} CASCADE"
                connection.execute(sql.SQL(statement).format(sql.Identifier(table)))
        return True

    def _create(self, template: str) -> str:
        name = f"zhangban_test_{uuid.uuid4().hex[:12]}"
        self._on_server("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def _drop(self, name: str) -> None:
        self._on_server("DROP DATABASE {} WITH (FORCE)", name)

    def _on_server(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _url(self, name: str, scheme: str = "postgresql") -> str:
        base = self._server.rsplit("/", 1)[0]
        return f"{scheme}:{base.partition(':')[2]}/{name}"
