"""Migrations by Alembic, run from the program so that no ini file is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text

from app.kit.db import Base

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` up to ``revision``."""
    with _connect(url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Bring the database at ``url`` down to ``revision``."""
    with _connect(url) as connection:
        command.downgrade(_config(connection), revision)


def new_revision(url: str, message: str) -> None:
    """Write the migration from the database at ``url`` to the models, numbered. For developers."""
    number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
    with _connect(url) as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04d}")
    # Two branches that each add a migration then clash in this file, where people see it.
    (MIGRATIONS / "HEAD").write_text(f"{number:04d}\n", "utf-8")


def current_and_head(url: str) -> tuple[str | None, str | None]:
    """The database's revision and the newest one. A file that is not there is not made: it has no revision."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if _is_missing_file(url):
        return None, head
    with _connect(url) as connection:
        return MigrationContext.configure(connection).get_current_revision(), head


def differences(url: str) -> list[str]:
    """How the database differs from the models; empty when they agree."""
    with _connect(url) as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(migration, Base.metadata)]


def _is_missing_file(url: str) -> bool:
    address = make_url(url)
    kept_in_file = address.get_backend_name() == "sqlite" and address.database not in {None, "", ":memory:"}
    return kept_in_file and not Path(str(address.database)).exists()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connect(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # Changing a table on SQLite rebuilds it: with foreign keys on, dropping the old one would delete the
                # rows that refer to it.
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.commit()
            yield connection
            connection.commit()
            if (
                connection.dialect.name == "sqlite"
                and connection.execute(text("PRAGMA foreign_key_check")).all()
            ):
                raise RuntimeError("the migration left rows that refer to nothing")
    finally:
        engine.dispose()
