"""Paid is paid, and once: the server is killed again and again while tills settle, undo, reverse and ask again.

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
from app.vouchers.models import CodeUse
from tests.promises.killed import Journal, Server, post_until_answered, running
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.somebody import Somebody
from tests.world import World

BILLS = int(os.environ.get("BILLS", "60"))
KILLS = int(os.environ.get("KILLS", "3"))
TILLS = 4
UNDO_EACH, REVERSE_EACH, VOUCHER_EACH = 5, 7, 6
BILLS_OF_A_PATIENT = 12
"""450 yuan: all within the deductible, so that no bill rests on an earlier one."""
SETTLE, UNDO, REVERSE = (f"/terminal/transactions/{infno}" for infno in ("2207", "2208", "2601"))
REVERSED, UNDONE = 501, 502


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with running(settings) as started:
        yield started


@dataclass
class Till:
    """A pharmacy's system: it sends a message until it hears an answer, and now and then takes a bill back.

    ``gone``: the message's number → how a retry is refused, for what was taken back.
    """

    counter: Counter
    server: Server
    journal: Journal
    gone: dict[str, int] = field(default_factory=dict)

    def work(self, place: int, message: dict[str, Any]) -> None:
        number = str(message["msgid"])
        info = self.send(SETTLE, message)["setlinfo"]
        with self.journal.lock:
            self.journal.answers[number] = str(info)
        if place % UNDO_EACH == 0:
            wish = {"setl_id": info["setl_id"], "psn_no": info["psn_no"]}
            self.take_back(UNDO, wish, info)
            self.gone[number] = UNDONE
        elif place % REVERSE_EACH == 0:
            self.take_back(REVERSE, {"omsgid": number, "oinfno": "2207"}, info)
            self.gone[number] = REVERSED

    def take_back(self, path: str, wish: dict[str, Any], info: dict[str, Any]) -> None:
        taken = self.send(path, self.counter.message(**wish))["setlinfo"]
        assert (taken["setl_id"], taken["refd_way"]) == (info["setl_id"], path[-4:])

    def send(self, path: str, message: dict[str, Any]) -> Any:
        answer = self.answer(path, message)
        assert answer["infcode"] == 0, answer
        return answer["output"]

    def answer(self, path: str, message: dict[str, Any]) -> Any:
        return post_until_answered(self.server, self.counter.terminal, path, message, self.journal).json()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_what_was_paid_stays_paid_once_and_the_ledger_is_whole(
    app: Application, world: World, server: Server
) -> None:
    patients = [_patient(world) for _ in range(1 + BILLS // BILLS_OF_A_PATIENT)]
    counter = Counter(world, InstitutionType.PHARMACY, "230502")
    till = Till(counter, server, Journal())
    messages = [_message(world, counter, place, patients) for place in range(BILLS)]

    with ThreadPoolExecutor(TILLS) as tills:
        calls = [tills.submit(till.work, *one) for one in enumerate(messages)]
        for number in range(1, KILLS + 1):
            till.journal.wait_for(number * BILLS // (KILLS + 1))
            server.kill()
            server.start()
        for call in calls:
            call.result()

    assert till.journal.lost_connections >= KILLS, "the kills did not hit anybody"
    for message in messages:
        again, number = till.answer(SETTLE, message), str(message["msgid"])
        assert again["infcode"] == till.gone.get(number, 0)
        if number not in till.gone:
            assert str(again["output"]["setlinfo"]) == till.journal.answers[number], (
                "a retry got another answer"
            )
    steps = checking.check(world.parts.database, also=LEDGER_CHECKS)
    assert [step for step in steps if isinstance(step, Finding)] == []
    with world.parts.database.reading() as session:
        assert session.execute(select(func.count()).select_from(Settlement)).scalar_one() == BILLS
        used = session.execute(select(func.count()).select_from(CodeUse)).scalar_one()
        assert used == len(range(0, BILLS, VOUCHER_EACH))
        query = select(LedgerTransaction.kind, func.count()).group_by(LedgerTransaction.kind)
        groups = {row[0]: row[1] for row in session.execute(query)}
    assert groups[TransactionKind.SETTLEMENT] == BILLS
    assert groups[TransactionKind.UNDO] == len(till.gone)
    assert set(till.gone.values()) == {REVERSED, UNDONE}


def _message(world: World, counter: Counter, place: int, patients: list[Somebody]) -> dict[str, Any]:
    """A bill by card; or by the voucher code of somebody of its own, for a code pays once."""
    if place % VOUCHER_EACH:
        return counter.message(**bill(patients[place % len(patients)], drugs("37.50"), med_type="41"))
    patient = _patient(world)
    shown = {"mdtrt_cert_type": "01", "mdtrt_cert_no": counter.scan(patient, "02121"), "psn_name": None}
    return counter.message(**{**bill(patient, drugs("37.50"), med_type="41"), **shown})


def _patient(world: World) -> Somebody:
    return world.citizen(region="2305", insutype="310", opening_balance_fen=500_00)
