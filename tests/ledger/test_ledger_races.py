"""Many at the same moment on PostgreSQL: no account is overdrawn, opened twice or topped up twice, and nobody hangs."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session
from till import DAY, HOSPITAL, REGION, Till

from app.config import Settings
from app.gateways.parts import Parts
from app.kit import ids
from app.kit.db import Database
from app.kit.errors import Problem
from app.ledger import service as ledger
from app.ledger.service import Account, TransactionKind
from app.ledger.top_up import Taken, take
from app.ledger.top_up_lines import TopUpLine
from tests.conftest import needs_postgres

pytestmark = [pytest.mark.postgres, needs_postgres]
T = TypeVar("T")


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def till(parts: Parts, settings: Settings) -> Iterator[Till]:
    """With as many connections as there are threads, so that the database decides who waits."""
    found = Till(parts)
    found.database = Database(settings.database_url, pool_size=25)
    yield found
    found.database.dispose()


def at_once(work: list[Callable[[], T]]) -> list[T]:
    """Their results, all begun together."""
    gate = threading.Barrier(len(work))

    def run(one: Callable[[], T]) -> T:
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, one) for one in work]]


def test_fifty_who_pay_at_once_never_overdraw(till: Till) -> None:
    """Given 100 yuan, when fifty bills take 3 yuan each without having asked, 33 are paid and 1 yuan is left."""
    account = till.account(100_00)

    def pay() -> str:
        try:
            till.settle(account, 3_00)
        except Problem as refused:
            return refused.kind.code
        return "paid"

    assert Counter(at_once([pay] * 50)) == {"paid": 33, "account_short": 17}
    assert till.balance(account) == 1_00
    assert till.findings() == []


def test_fifty_who_lock_first_spend_all_and_nobody_is_refused(till: Till) -> None:
    """As settling does: what the account holds is known from the lock on, so nobody comes short."""
    person, cover = till.employee(100_00)

    def pay() -> int:
        def settle(session: Session) -> int:
            account = ledger.lock_accounts_of(session, [(person.id, cover)])[cover.id]
            fen = min(3_00, account.balance_fen)
            entries = [
                ledger.personal(account.id, person.id, -fen),
                ledger.cash(HOSPITAL, fen - 3_00),
                ledger.payable(HOSPITAL, 3_00),
            ]
            ledger.post(session, TransactionKind.SETTLEMENT, ids.new_id(), person.id, DAY, entries)
            return fen

        return till.database.run(settle)

    paid = at_once([pay] * 50)

    assert Counter(paid) == {3_00: 33, 1_00: 1, 0: 16}
    assert till.findings() == []


def test_whoever_comes_first_opens_an_account_and_all_find_the_same(till: Till) -> None:
    person, cover = till.employee(50_00)
    found = at_once([lambda: till.open(person, cover)] * 20)
    assert len(set(found)) == 1
    assert till.count("personal_account") == till.count("ledger_transaction") == 1
    assert till.findings() == []


def test_two_who_pay_for_each_other_do_not_wait_for_ever(till: Till) -> None:
    """Given a bill of each that the other's account pays too, the accounts are moved in one order."""
    one, other = till.account(1_000_00), till.account(1_000_00)

    def pay(mine: Account, shared: Account) -> None:
        entries = [
            ledger.personal(mine.id, mine.person_id, -1_00),
            ledger.personal(shared.id, shared.person_id, -2_00),
            ledger.payable(HOSPITAL, 3_00),
        ]
        with till.database.writing() as session:  # no second try, unlike Database.run
            ledger.post(session, TransactionKind.SETTLEMENT, ids.new_id(), mine.person_id, DAY, entries)

    at_once([lambda: pay(one, other), lambda: pay(other, one)] * 20)

    assert till.balance(one) == till.balance(other) == 1_000_00 - 20 * 3_00
    assert till.findings() == []


def test_a_batch_that_is_brought_in_twice_at_once_tops_up_once(till: Till) -> None:
    people = [till.employee(5_00) for _ in range(10)]
    lines = [
        TopUpLine(number, REGION, "2026-03", person.psn_no, 86_50)
        for number, (person, _) in enumerate(people, start=2)
    ]

    def bring(order: int) -> Taken:
        return till.database.run(lambda session: take(session, lines[::order]))

    found = at_once([lambda: bring(1), lambda: bring(-1)] * 3)

    assert sum(one.new for one in found) == 10
    assert sum(one.known for one in found) == 50
    with till.database.reading() as session:
        accounts = ledger.accounts_of_coverages(session, [cover.id for _, cover in people])
    assert [one.balance_fen for one in accounts.values()] == [91_50] * 10
    assert till.findings() == []
