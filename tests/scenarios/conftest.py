"""A demo that is loaded once and copied for each server."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_client.standins import StandIns
from tests.scenarios.serving import Serving


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory, worker_id: str, standins: StandIns) -> Path:
    """The data folder of a demo on SQLite with everybody in it, served by nobody. Test processes share it."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "loaded"
    with (shared / "loaded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            half_done = shared / "loading"
            Serving(half_done, standins).load()
            half_done.rename(folder)
    return folder


@pytest.fixture(scope="module")
def serving(loaded: Path, tmp_path_factory: pytest.TempPathFactory, standins: StandIns) -> Iterator[Serving]:
    """A server on SQLite with the demo's people, its worker and the stand-ins."""
    folder = tmp_path_factory.mktemp("serving") / "data"
    shutil.copytree(loaded, folder)
    running = Serving(folder, standins)
    running.start()
    yield running
    running.stop()
