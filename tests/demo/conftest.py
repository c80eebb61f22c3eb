"""A database with the demo in it, loaded once and copied for each test."""

import shutil
from pathlib import Path

import pytest

from app.config import Settings
from app.demo import load
from app.kit import sealing
from app.kit.crypto import Suite, parse_master_keys
from app.kit.db import Database
from app.kit.passwords import Passwords


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "zhangban.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    sealing.configure(database, parse_master_keys(Settings().master_keys, Suite.INTL), Suite.INTL)
    load.load(database, Passwords(memory_kib=64, rounds=1))
    database.dispose()
    return path


@pytest.fixture
def demo_url(demo_template: Path, tmp_path: Path) -> str:
    """Override ``database_url`` with this for a test on the loaded demo."""
    path = tmp_path / "zhangban.sqlite3"
    shutil.copy(demo_template, path)
    return f"sqlite:///{path}"
