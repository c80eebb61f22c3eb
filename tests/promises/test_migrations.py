"""The database can be made from nothing, taken down and brought up again, and is what the models say."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from app import create_app
from app.config import Settings
from app.gateways.parts import build_parts
from app.kit.db import Base
from app.kit.migrate import MIGRATIONS, current_and_head, differences, downgrade, upgrade
from tests.world import World

REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def empty_url(both_databases: str, tmp_path: Path) -> str:
    """A database in which nothing was ever made."""
    if both_databases.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    engine = create_engine(both_databases)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return both_databases


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_the_head_is_pinned() -> None:
    """Two branches that each add a migration clash in this file instead of in a county's database."""
    pinned = (MIGRATIONS / "HEAD").read_text("utf-8").strip()
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [pinned]
    assert sorted(REVISIONS) == REVISIONS


def test_an_empty_database_becomes_complete(empty_url: str) -> None:
    upgrade(empty_url)

    assert differences(empty_url) == []
    assert tables(empty_url) == {*Base.metadata.tables, "alembic_version"}
    assert current_and_head(empty_url) == (REVISIONS[-1], REVISIONS[-1])


def test_a_difference_to_the_models_is_seen(empty_url: str) -> None:
    upgrade(empty_url)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE forgotten (id INTEGER PRIMARY KEY)"))
    engine.dispose()

    assert ["forgotten" in difference for difference in differences(empty_url)] == [True]


def test_it_goes_down_step_by_step_and_up_again(empty_url: str) -> None:
    for revision in REVISIONS:
        upgrade(empty_url, revision)
    for revision in [*REVISIONS[-2::-1], "base"]:
        downgrade(empty_url, revision)

    assert tables(empty_url) <= {"alembic_version"}

    upgrade(empty_url)
    assert differences(empty_url) == []


def test_processes_that_start_at_once_do_not_migrate_over_each_other(empty_url: str, tmp_path: Path) -> None:
    """On PostgreSQL an advisory lock puts them in a line; SQLite has one machine, whose second start finds it done."""
    if empty_url.startswith("sqlite"):
        upgrade(empty_url)
    command = [sys.executable, "-m", "app.cli", "db", "upgrade"]
    environment = {"ZHANGBAN_DATABASE_URL": empty_url, "ZHANGBAN_DATA_DIR": str(tmp_path)}
    started = [
        subprocess.Popen(command, env=environment, cwd=MIGRATIONS.parent, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()

    assert differences(empty_url) == []


def test_one_step_down_and_up_again_works_with_rows_in_place(database_url: str, settings: Settings) -> None:
    parts = build_parts(settings)
    world = World(create_app(settings, parts))
    for state in ("draft", "queued", "needs_correction", "approved"):
        world.filing(world.citizen(), state)
    parts.database.dispose()

    downgrade(database_url, REVISIONS[-2] if len(REVISIONS) > 1 else "base")
    upgrade(database_url)

    assert differences(database_url) == []
