"""Paid is paid, and once: the server is killed again and again while tills settle, undo and ask again.

KILLS=20 BILLS=2000 pytest tests/promises/test_settling_durability.py
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import func, select

from app.config import Settings
from app.kit.api.application import Application
from app.ledger import checking
from app.ledger.checking import Finding
from app.ledger.models import LedgerTransaction, TransactionKind
from app.places.models import InstitutionType
from app.registry import LEDGER_CHECKS
from app.settlement.models import Settlement
from tests.promises.killed import Journal, Server, post_until_answered, running
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.somebody import Somebody
from tests.world import World

BILLS = int(os.environ.get("BILLS", "60"))
KILLS = int(os.environ.get("KILLS", "3"))
TILLS = 4
UNDO_EACH = 5
SETTLE, UNDO = "/terminal/transactions/2207", "/terminal/transactions/2208"


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with running(settings) as started:
        yield started


@dataclass
class Till:
    """A pharmacy's system: it sends a message until it hears an answer, and now and then takes a bill back."""

    counter: Counter
    server: Server
    journal: Journal
    undone: set[str] = field(default_factory=set)

    def work(self, place: int, message: dict[str, Any]) -> None:
        info = self.send(SETTLE, message)["setlinfo"]
        with self.journal.lock:
            self.journal.answers[message["msgid"]] = str(info)
        if place % UNDO_EACH == 0:
            wish = {"setl_id": info["setl_id"], "psn_no": info["psn_no"]}
            assert self.send(UNDO, self.counter.message(**wish))["setlinfo"]["refd_setl_flag"] == "1"
            self.undone.add(message["msgid"])

    def send(self, path: str, message: dict[str, Any]) -> Any:
        answer = post_until_answered(self.server, self.counter.terminal, path, message, self.journal).json()
        assert answer["infcode"] == 0, answer
        return answer["output"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_what_was_paid_stays_paid_once_and_the_ledger_is_whole(
    app: Application, world: World, server: Server
) -> None:
    patients = [_patient(world) for _ in range(6)]
    counter = Counter(world, InstitutionType.PHARMACY, "230502")
    till = Till(counter, server, Journal())
    messages = [
        counter.message(**bill(patients[place % len(patients)], drugs("37.50"), med_type="41"))
        for place in range(BILLS)
    ]

    with ThreadPoolExecutor(TILLS) as tills:
        calls = [tills.submit(till.work, *one) for one in enumerate(messages)]
        for number in range(1, KILLS + 1):
            till.journal.wait_for(number * BILLS // (KILLS + 1))
            server.kill()
            server.start()
        for call in calls:
            call.result()

    assert till.journal.lost_connections >= KILLS, "the kills did not hit anybody"
    for message in (one for one in messages if one["msgid"] not in till.undone):
        again = str(till.send(SETTLE, message)["setlinfo"])
        assert again == till.journal.answers[str(message["msgid"])], "a retry got another answer"
    steps = checking.check(world.parts.database, also=LEDGER_CHECKS)
    assert [step for step in steps if isinstance(step, Finding)] == []
    with world.parts.database.reading() as session:
        assert session.execute(select(func.count()).select_from(Settlement)).scalar_one() == BILLS
        query = select(LedgerTransaction.kind, func.count()).group_by(LedgerTransaction.kind)
        groups = {row[0]: row[1] for row in session.execute(query)}
    assert groups[TransactionKind.SETTLEMENT] == BILLS
    assert groups[TransactionKind.UNDO] == len(till.undone)


def _patient(world: World) -> Somebody:
    return world.citizen(region="2305", insutype="310", opening_balance_fen=500_00)
