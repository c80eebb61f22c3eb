"""Databases of the bench's own on the server that TEST_POSTGRES names, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

DEFAULT = "postgresql://postgres@127.0.0.1:5432/postgres"


class Server:
    """A PostgreSQL server on which databases may be created."""

    def __init__(self, url: str) -> None:
        self.url = url

    @contextmanager
    def database(self, template: str = "template0") -> Iterator["Database"]:
        """A new database, dropped afterwards also when something fails."""
        name = f"zhangban_bench_{uuid4().hex[:10]}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield Database(self, name)
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def version(self) -> str:
        with psycopg.connect(self.url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return "" if row is None else str(row[0])

    def checkpoint(self) -> None:
        """Write out now what would otherwise be written during a measurement."""
        self._run(sql.SQL("CHECKPOINT"))

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


class Database:
    """One database: its address for libpq (``dsn``) and for SQLAlchemy (``url``)."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        parts = urlsplit(server.url)
        self.dsn = urlunsplit(parts._replace(path=f"/{name}"))
        self.url = urlunsplit(parts._replace(scheme="postgresql+psycopg", path=f"/{name}"))

    def connect(self) -> psycopg.Connection:
        """A connection whose statements each commit."""
        return psycopg.connect(self.dsn, autocommit=True)

    def analyze(self) -> None:
        """As autovacuum would have left it: statistics, and pages known to be visible to all."""
        with self.connect() as connection:
            connection.execute("VACUUM (ANALYZE)")


def server() -> Server:
    """The server of the tests. Raises psycopg.OperationalError when it does not answer."""
    found = Server(os.environ.get("TEST_POSTGRES", DEFAULT))
    found.version()
    return found
