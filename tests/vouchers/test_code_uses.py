"""A code pays once, whoever comes first; on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from scanning import Scanner, activate, claim_use, show
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.errors import Problem
from app.vouchers import housekeeping
from app.vouchers.models import CodeUse
from app.vouchers.service import EcToken
from tests.world import Somebody, World

AT_ONCE = 12


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def token(citizen: Somebody, scanner: Scanner) -> EcToken:
    activate(citizen)
    return scanner.scan(show(citizen)["code"])


def uses(world: World) -> list[tuple[str, int, int, UUID]]:
    with world.parts.database.reading() as session:
        rows = session.execute(select(CodeUse)).scalars().all()
    return [(row.handle, row.slot, row.step, row.payment_id) for row in rows]


def outcome(work: Callable[[], None]) -> str:
    try:
        work()
    except Problem as problem:
        return problem.kind.code
    return "ok"


def test_a_code_pays_once_wherever_it_is_shown_again(world: World, scanner: Scanner, token: EcToken) -> None:
    payment_id = ids.new_id()
    scanner.pay(token, payment_id)
    for again in (scanner, Scanner(world, world.hospital())):
        assert outcome(lambda again=again: again.pay(token, payment_id)) == "code_used"
    assert outcome(lambda: scanner.preview(token)) == "code_used"
    assert uses(world) == [(token.handle, token.slot, token.step, payment_id)]


def test_what_is_rolled_back_has_not_paid(world: World, scanner: Scanner, token: EcToken) -> None:
    class OutOfMoneyError(Exception):
        pass

    def settle_and_fail() -> None:
        with world.parts.database.writing() as session:
            claim_use(session, token, payment_id=ids.new_id())
            raise OutOfMoneyError

    with pytest.raises(OutOfMoneyError):
        settle_and_fail()
    assert uses(world) == []
    scanner.preview(token)
    scanner.pay(token)
    assert len(uses(world)) == 1


def test_revoked_between_scan_and_payment_it_pays_nothing(
    world: World, citizen: Somebody, scanner: Scanner, token: EcToken
) -> None:
    citizen.ok("DELETE", "/voucher")
    assert outcome(lambda: scanner.pay(token)) == "voucher_revoked"
    assert uses(world) == []


def test_of_many_orders_at_the_same_moment_one_is_paid(
    world: World, scanner: Scanner, token: EcToken
) -> None:
    gate = threading.Barrier(AT_ONCE)

    def pay(_: int) -> str:
        gate.wait()
        return outcome(lambda: scanner.pay(token))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = Counter(pool.map(pay, range(AT_ONCE)))
    assert found == {"ok": 1, "code_used": AT_ONCE - 1}
    assert len(uses(world)) == 1


def test_the_same_phone_activated_many_times_at_once_is_one_device(world: World) -> None:
    citizen = world.citizen()
    gate = threading.Barrier(AT_ONCE)

    def tap(_: int) -> tuple[str, str]:
        gate.wait()
        answer = activate(citizen)
        return answer["device"]["id"], answer["offline"]["handle"]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(tap, range(AT_ONCE)))) == 1
    assert len(citizen.ok("GET", "/voucher")["devices"]) == 1


def test_uses_are_kept_for_two_years_and_then_forgotten_in_small_bites(
    world: World, scanner: Scanner, token: EcToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enter(session: Session) -> None:
        for number, days in enumerate((900, 850, 801, 799, 1)):
            used_at = clock.now() - timedelta(days=days)
            use = {"handle": "00000000001", "slot": 0, "step": number, "used_at": used_at}
            session.add(CodeUse(person_id=token.person_id, payment_id=ids.new_id(), **use))

    world.write(enter)
    monkeypatch.setattr(housekeeping, "BATCH", 2)

    assert housekeeping.forget_old_uses(world.parts.database) == 3
    assert sorted(use[2] for use in uses(world)) == [3, 4]
