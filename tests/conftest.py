"""What tests share: a real database per test, the stand-in outside systems, and the application on top."""

import gc
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.gateways.parts import Parts, build_parts
from app.kit import clock, logs
from app.kit.api.application import Application
from app.kit.db import Database
from app.kit.migrate import upgrade
from mock_client.standins import StandIns
from tests.frozen import Frozen, Stories
from tests.scratch import Scratch

# A loaded machine must not make a sound property flaky.
hypothesis.settings.register_profile("zhangban", deadline=None)
hypothesis.settings.load_profile("zhangban")

POSTGRES = os.environ.get("TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


def postgres_answers() -> bool:
    try:
        with psycopg.connect(POSTGRES, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


# CI sets TEST_REQUIRE_ALL: there a missing server fails the tests that need it instead of skipping them.
REQUIRE_ALL = bool(os.environ.get("TEST_REQUIRE_ALL"))
HAS_POSTGRES = REQUIRE_ALL or postgres_answers()
needs_postgres = pytest.mark.skipif(not HAS_POSTGRES, reason="no PostgreSQL answers on 127.0.0.1:5432")


def pytest_collection_finish() -> None:
    """All modules and tests are there now, for good: to look through them for garbage again and again costs a tenth."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command sets up logging for its own process; here a later test would inherit it and see nothing."""
    loggers = [logging.getLogger(name) for name in ("", *logs.CHATTY)]
    levels = [logger.level for logger in loggers]
    handlers = loggers[0].handlers[:]
    yield
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def standins() -> Iterator[StandIns]:
    """WeChat and SMS, answering real HTTP on loopback."""
    with StandIns() as running:
        yield running


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "zhangban.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_scratch() -> Iterator[Scratch]:
    """PostgreSQL databases, migrated and empty, one at a time."""
    with Scratch(POSTGRES, upgrade) as scratch:
        yield scratch


@pytest.fixture(scope="session")
def sqlite_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database of each test lies: at one address, so that ``open_databases`` knows it."""
    return tmp_path_factory.mktemp("sqlite")


@pytest.fixture
def sqlite_url(sqlite_template: Path, sqlite_folder: Path) -> Iterator[str]:
    path = sqlite_folder / "zhangban.sqlite3"
    shutil.copy(sqlite_template, path)
    yield f"sqlite:///{path}"
    for one in (
        sqlite_folder.iterdir()
    ):  # with what SQLite writes beside it; not over the file, which may still be open
        one.unlink()


@pytest.fixture
def postgres_url(postgres_scratch: Scratch) -> Iterator[str]:
    with postgres_scratch.lend() as url:
        yield url


@pytest.fixture(scope="session")
def open_databases() -> dict[tuple[str, int], Database]:
    """By address: a new engine would compile every statement anew, which is a quarter of a test's time."""
    return {}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite, unless a test (or its module) overrides it: see ``both_databases``."""
    return sqlite_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, needs_postgres])])
def both_databases(request: pytest.FixtureRequest) -> str:
    """Override ``database_url`` with this to run a test on both databases."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="module")
def stories() -> Stories:
    """See tests/frozen.py."""
    return Stories()


@pytest.fixture
def frozen_database(both_databases: str, stories: Stories) -> str:
    """Both databases, as the module's story left them once it was told."""
    stories.begin(both_databases)
    return both_databases


@pytest.fixture
def frozen(database_url: str, stories: Stories) -> Frozen:
    """Tells the module's story once."""
    return lambda tell: stories.once(database_url, tell)


@pytest.fixture
def settings(database_url: str, tmp_path: Path, standins: StandIns) -> Settings:
    return replace(
        Settings(),
        data_dir=tmp_path,
        database_url=database_url,
        wechat_url=standins.wechat_url,
        sms_url=standins.sms_url,
        password_memory_kib=64,
        password_rounds=1,
        rate_limits=False,
    )


@pytest.fixture
def parts(settings: Settings, open_databases: dict[tuple[str, int], Database]) -> Iterator[Parts]:
    url, pool = settings.effective_database_url, settings.database_pool
    if (url, pool) not in open_databases:
        open_databases[url, pool] = Database(url, pool_size=pool)
    yield build_parts(settings, open_databases[url, pool])
    open_databases[url, pool].dispose()


@pytest.fixture
def app(settings: Settings, parts: Parts) -> Application:
    return create_app(settings, parts)


@pytest.fixture
def client(app: Application) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def write(parts: Parts) -> Callable[[Callable[[Session], object]], object]:
    """Run a function in a committed transaction and give its result."""
    return parts.database.run


@pytest.fixture(autouse=True, scope="session")
def _logs_as_in_production() -> None:
    logs.configure("info")


@pytest.fixture(autouse=True)
def _clock_comes_back() -> Iterator[None]:
    yield
    clock.shift_seconds(0)
