"""A story that takes long to tell is told once for a module's tests; each of them finds the database as it was then.

For tests that all begin alike, and end in a database that nobody wants any more: of each kind of tampering, say.

    @pytest.fixture
    def database_url(frozen_database: str) -> str:
        return frozen_database

    @pytest.fixture
    def story(app: Application, frozen: Frozen) -> Story:
        return frozen(lambda: Story(app))

What the story holds of the application is of the first test's, which is as good: it stands on the same database.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
from psycopg import sql

T = TypeVar("T")
Content = bytes | Mapping[str, bytes]
"""Of a SQLite database its file, of a PostgreSQL database each table's rows."""

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""


class Frozen(Protocol):
    """Tells a story, or gives the one that was told before."""

    def __call__(self, tell: Callable[[], T], /) -> T: ...


class Stories:
    """Those of one module, by the URL of their database."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[object, Content]] = {}

    def begin(self, url: str) -> None:
        """Fill an empty database with what the story left, if it was told."""
        if url in self._told:
            _fill(url, self._told[url][1])

    def once(self, url: str, tell: Callable[[], T]) -> T:
        """The story. After its first telling the database's content is kept."""
        if url not in self._told:
            self._told[url] = (tell(), _content(url))
        story: Any = self._told[url][0]
        return story  # type: ignore[no-any-return]


def _content(url: str) -> Content:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(_path(url))) as connection:
            return connection.serialize()
    with psycopg.connect(_address(url)) as connection:
        names = [name for (name,) in connection.execute(_TABLES).fetchall()]
        found = {name: _copied_out(connection, name) for name in names}
    return {name: rows for name, rows in found.items() if rows}


def _copied_out(connection: psycopg.Connection[Any], table: str) -> bytes:
    query = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return b"".join(bytes(part) for part in copy)


def _fill(url: str, content: Content) -> None:
    if isinstance(content, bytes):
        _path(url).write_bytes(content)
        return
    with psycopg.connect(_address(url)) as connection:
        connection.execute("SET session_replication_role = replica")
        for table, rows in content.items():
            query = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
            with connection.cursor() as cursor, cursor.copy(query) as copy:
                copy.write(rows)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _address(url: str) -> str:
    return url.replace("+psycopg", "", 1)
