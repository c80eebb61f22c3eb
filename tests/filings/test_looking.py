"""Looking at a case: one's own costs no write, anybody else's look stays on record, and downloads never collide."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.filings.models import IssuedPaper
from app.identity.models import AccessKind, AccessRecord
from tests.world import Somebody, World

AT_ONCE = 6


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def test_looking_at_ones_own_case_waits_for_no_writer(world: World) -> None:
    citizen = world.citizen()
    paper = world.paper(citizen)["id"]
    case = world.filing(citizen, material_ids=[paper])
    address = f"/filings/{case['id']}"
    receipt = citizen.ok("GET", f"{address}/form.pdf")

    with world.parts.database.writing() as session:
        session.execute(text("SELECT 1"))  # on SQLite the lock of all writers is held from here on
        assert citizen.ok("GET", address)["number"] == case["number"]
        assert citizen.ok("GET", f"{address}/events")["items"]
        assert citizen.ok("GET", f"/materials/{paper}")["id"] == paper
        assert citizen.ok("GET", f"/materials/{paper}/content")
        assert citizen.ok("GET", f"{address}/form.pdf") == receipt, "it was issued before"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("", AccessKind.FILING_VIEWED),
        ("/events", AccessKind.HISTORY_VIEWED),
        ("/form.pdf", AccessKind.PAPER_DOWNLOADED),
    ],
)
def test_anybody_elses_look_is_on_record_with_the_case_and_the_office(
    world: World, path: str, what: AccessKind
) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)

    handler.ok("GET", f"/filings/{case['id']}{path}")

    with world.parts.database.reading() as session:
        [record] = session.execute(select(AccessRecord)).scalars().all()
    assert (record.account_id, record.person_id, record.what) == (
        handler.account_id,
        citizen.person_id,
        what,
    )
    assert str(record.filing_id) == case["id"]
    assert record.role == "handler"
    assert record.organisation_name


def test_downloads_at_once_are_one_paper_with_one_code(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen)

    answers = _at_once(citizen, f"/filings/{case['id']}/form.pdf")

    assert len(set(answers)) == 1
    with world.parts.database.reading() as session:
        assert session.execute(select(func.count()).select_from(IssuedPaper)).scalar_one() == 1
    assert citizen.ok("GET", f"/filings/{case['id']}/form.pdf") == answers[0]


def _at_once(somebody: Somebody, path: str) -> list[Any]:
    start = threading.Barrier(AT_ONCE)

    def download(_: int) -> Any:
        start.wait(timeout=30)
        return somebody.ok("GET", path)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(download, range(AT_ONCE)))
