"""A code pays once, whoever comes first, and its own order may come again; on both databases."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from scanning import Scanner, activate, show
from sqlalchemy import select

from app.kit import clock
from app.kit.errors import Problem
from app.vouchers import service
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
    return scanner.scan(show(citizen)["code"]).token


def uses(world: World) -> list[tuple[str, int, int, str]]:
    with world.parts.database.reading() as session:
        rows = session.execute(select(CodeUse)).scalars().all()
    return [(row.handle, row.slot, row.step, row.order_no) for row in rows]


def outcome(work: Callable[[], None]) -> str:
    try:
        work()
    except Problem as problem:
        return problem.kind.code
    return "ok"


def test_a_code_pays_for_one_order_which_may_come_again(
    world: World, scanner: Scanner, token: EcToken
) -> None:
    scanner.pay(token, "bill-1")
    scanner.pay(token, "bill-1")
    assert outcome(lambda: scanner.pay(token, "bill-2")) == "code_used"
    assert outcome(lambda: scanner.preview(token)) == "code_used"
    assert uses(world) == [(token.handle, token.slot, token.step, "bill-1")]


def test_another_hospital_s_order_of_the_same_number_is_another_order(
    world: World, scanner: Scanner, token: EcToken
) -> None:
    scanner.pay(token, "bill-1")
    other = Scanner(world, world.hospital())
    assert outcome(lambda: other.pay(token, "bill-1")) == "code_used"


def test_what_is_rolled_back_has_not_paid(world: World, scanner: Scanner, token: EcToken) -> None:
    class OutOfMoneyError(Exception):
        pass

    def settle_and_fail() -> None:
        with world.parts.database.writing() as session:
            service.claim_use(
                session, token, institution_id=scanner.hospital.id, order_no="bill-1", now=clock.now()
            )
            raise OutOfMoneyError

    with pytest.raises(OutOfMoneyError):
        settle_and_fail()
    assert uses(world) == []
    scanner.preview(token)
    scanner.pay(token, "bill-2")
    assert [use[3] for use in uses(world)] == ["bill-2"]


def test_revoked_between_scan_and_payment_it_pays_nothing(
    world: World, citizen: Somebody, scanner: Scanner, token: EcToken
) -> None:
    citizen.ok("DELETE", "/voucher")
    assert outcome(lambda: scanner.pay(token)) == "voucher_revoked"
    assert uses(world) == []


def test_an_order_that_was_paid_may_come_again_after_the_voucher_was_revoked(
    citizen: Somebody, scanner: Scanner, token: EcToken
) -> None:
    """Its terminal lost the answer and asks once more."""
    scanner.pay(token, "bill-1")
    citizen.ok("DELETE", "/voucher")
    assert outcome(lambda: scanner.pay(token, "bill-1")) == "ok"


def test_of_many_orders_at_the_same_moment_one_is_paid(
    world: World, scanner: Scanner, token: EcToken
) -> None:
    gate = threading.Barrier(AT_ONCE)

    def pay(number: int) -> str:
        gate.wait()
        return outcome(lambda: scanner.pay(token, f"bill-{number}"))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = Counter(pool.map(pay, range(AT_ONCE)))
    assert found == {"ok": 1, "code_used": AT_ONCE - 1}
    assert len(uses(world)) == 1


def test_one_order_sent_many_times_at_the_same_moment_is_taken_each_time(
    world: World, scanner: Scanner, token: EcToken
) -> None:
    gate = threading.Barrier(AT_ONCE)

    def pay(_: int) -> str:
        gate.wait()
        return outcome(lambda: scanner.pay(token, "bill-1"))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = Counter(pool.map(pay, range(AT_ONCE)))
    assert found == {"ok": AT_ONCE}
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
