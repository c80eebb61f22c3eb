"""Many tills at the same moment on PostgreSQL: a code, a message and a bill pay once, whatever is reversed or undone
meanwhile, and the fund, the accounts and the cash add up to the fen."""

import threading
import time
from collections import Counter as Count
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.kit.api import application
from app.kit.db import is_retryable
from app.places.models import InstitutionType
from app.settlement import undoing
from tests.conftest import needs_postgres
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee, findings
from tests.world import World

pytestmark = [pytest.mark.postgres, needs_postgres]
T = TypeVar("T")
TILLS = 50
ROUNDS = 20
OK, DIFFERS, USED_CODE, REVERSED, UNDONE, STANDS_PAID = 0, 402, 301, 501, 502, 504


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A connection for each till, so that the database decides who waits."""
    return replace(settings, database_pool=TILLS // 2)  # and as many beyond the pool


@pytest.fixture
def pharmacy(world: World) -> Counter:
    return Counter(world, InstitutionType.PHARMACY, "230502")


def at_once(work: Sequence[Callable[[], T]]) -> list[T]:
    """Their results, begun together as far as there are tills."""
    gate = threading.Barrier(min(TILLS, len(work)))

    def run(number: int, one: Callable[[], T]) -> T:
        if number < gate.parties:
            gate.wait()
        return one()

    with ThreadPoolExecutor(gate.parties) as pool:
        waiting = [pool.submit(run, number, one) for number, one in enumerate(work)]
        return [future.result(timeout=120) for future in waiting]


def sender(counter: Counter, infno: str, message: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    return lambda: counter.send(infno, message)


def count(world: World, query: str) -> int:
    with world.parts.database.reading() as session:
        return int(session.execute(text(query)).scalar_one())


def test_of_fifty_tills_that_scanned_one_code_one_is_paid_twenty_times(
    world: World, pharmacy: Counter
) -> None:
    """Given twenty codes, when fifty tills settle a bill of their own with each, twenty bills are paid."""
    tokens = [pharmacy.scan(employee(world, 5_00), "02121") for _ in range(ROUNDS)]
    messages = [
        pharmacy.message(
            **{
                **bill(world.nobody, drugs("1.00"), med_type="41"),
                "mdtrt_cert_type": "01",
                "mdtrt_cert_no": token,
                "psn_name": None,
            }
        )
        for token in tokens
        for _ in range(TILLS)
    ]
    answers = at_once([sender(pharmacy, "2207", one) for one in messages])
    codes = [answer["infcode"] for answer in answers]
    rounds = [Count(codes[first : first + TILLS]) for first in range(0, len(codes), TILLS)]
    assert rounds == [Count({OK: 1, USED_CODE: TILLS - 1})] * ROUNDS
    assert count(world, "SELECT count(*) FROM settlement") == ROUNDS
    assert findings(world) == []


def test_one_message_fifty_times_is_paid_once_and_always_answered_alike(
    world: World, pharmacy: Counter
) -> None:
    """Half of them under one number, half under numbers of their own, one with another amount."""
    patient = employee(world, 1_000_00)
    wish = bill(patient, drugs("700.00"), med_type="41")
    message = pharmacy.message(**wish)
    other = pharmacy.message(**{**wish, "acct_used_flag": "0"})
    storm = [message] * 25 + [{**message, "msgid": f"ANEW-{number}"} for number in range(24)]
    answers = at_once([sender(pharmacy, "2207", one) for one in (*storm, other)])
    first = next(answer["output"] for answer in answers if answer["infcode"] == OK)
    same = [answer for answer in answers if answer["output"] == first]
    assert [answer["infcode"] for answer in same] in ([OK] * 49, [OK])
    assert {answer["infcode"] for answer in answers} == {OK, DIFFERS}
    assert count(world, "SELECT count(*) FROM ledger_transaction WHERE kind = 'settlement'") == 1
    assert findings(world) == []


def test_whatever_is_reversed_or_undone_at_the_same_moment_is_never_paid_and_costs_nobody_anything(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 1_000_00)
    lost = [pharmacy.message(**bill(patient, drugs("60.00"), med_type="41")) for _ in range(10)]
    work: list[Callable[[], dict[str, Any]]] = []
    for message in lost:
        reversal = pharmacy.message(**reversing(message))
        anew = {**message, "msgid": f"{message['msgid']}-ANEW"}
        work += [
            sender(pharmacy, infno, one)
            for infno, one in (("2207", message), ("2601", reversal), ("2601", reversal), ("2207", anew))
        ]
    answers = at_once(work)
    assert {answer["infcode"] for answer in answers} <= {OK, REVERSED, STANDS_PAID}
    # A bill that stands by its second number is told so, and taken back by that.
    for message in lost:
        answer = pharmacy.transact("2601", **reversing(message))
        if answer["infcode"] == STANDS_PAID:
            wish = {**reversing(message), "omsgid": answer["output"]["standing"]["msgid"]}
            assert pharmacy.output("2601", **wish)["setlinfo"] is not None
        assert pharmacy.send("2207", message)["infcode"] == REVERSED
    assert _untouched(world, pharmacy, patient)

    settled = [pharmacy.output("2207", **bill(patient, drugs("70.00"), med_type="41")) for _ in range(5)]
    retries = []
    for output in settled:
        info = output["setlinfo"]
        wish = bill(patient, drugs("70.00"), med_type="41", chrg_bchno=info["chrg_bchno"])
        undo = pharmacy.message(setl_id=info["setl_id"], psn_no=info["psn_no"])
        reverse = pharmacy.message(omsgid=info["medins_setl_id"], oinfno="2207")
        retries += [
            sender(pharmacy, infno, one)
            for infno, one in (
                ("2208", undo),
                ("2207", pharmacy.message(**wish)),
                ("2601", reverse),
                ("2208", undo),
            )
        ]
    answers = at_once(retries)
    assert {answer["infcode"] for answer in answers} <= {OK, REVERSED, UNDONE, STANDS_PAID}
    assert count(world, "SELECT count(*) FROM settlement WHERE state = 'settled'") == 0
    assert _untouched(world, pharmacy, patient)


def test_a_reversal_and_a_retry_of_its_bill_do_not_wait_for_each_other_crosswise(
    world: World, pharmacy: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a reversal that names no bill and holds the settlement, when the bill comes again under a new number, then it
    waits for the reversal and the database has no deadlock to break."""
    message = pharmacy.message(**bill(employee(world, 100_00), drugs("60.00"), med_type="41"))
    pharmacy.send("2207", message)
    holds, go_on = threading.Event(), threading.Event()
    broken: list[DBAPIError] = []

    def slowly(*given: Any, take_back: Callable[..., None] = undoing._take_back) -> None:
        holds.set()
        assert go_on.wait(30)
        take_back(*given)

    def note(error: DBAPIError) -> bool:
        broken.append(error)
        return is_retryable(error)

    monkeypatch.setattr(undoing, "_take_back", slowly)
    monkeypatch.setattr(application, "is_retryable", note)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(2) as pool:
        reversal = pool.submit(pharmacy.transact, "2601", omsgid=message["msgid"], oinfno="2207")
        assert holds.wait(30)
        retry = pool.submit(pharmacy.send, "2207", {**message, "msgid": "ANEW"})
        wait_until(lambda: count(world, waiting) == 1)
        go_on.set()
        assert (reversal.result()["infcode"], retry.result()["infcode"]) == (OK, REVERSED)
    assert broken == []
    assert findings(world) == []


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.01)


def reversing(message: dict[str, Any]) -> dict[str, Any]:
    """What reverses a settling message, the bill named."""
    given = message["input"]["data"]
    return {
        "omsgid": message["msgid"],
        "oinfno": "2207",
        "mdtrt_id": given["mdtrt_id"],
        "chrg_bchno": given["chrg_bchno"],
    }


def _untouched(world: World, pharmacy: Counter, patient: Any) -> bool:
    """The account is full again and the year empty."""
    preview = pharmacy.output("2206", **bill(patient, drugs("600.00"), med_type="41"))["setlinfo"]
    assert (preview["act_pay_dedc"], preview["balc"]) == (600, 400)
    return findings(world) == []


def test_tills_that_share_an_account_and_a_year_spend_both_to_the_fen(
    world: World, pharmacy: Counter
) -> None:
    """Fifty bills of 30 yuan at two pharmacies: 600 go into the deductible, of 900 the fund pays 70 %, the account 100."""
    patient = employee(world, 100_00)
    other = Counter(world, InstitutionType.PHARMACY, "230502")
    work = [
        sender(counter, "2207", counter.message(**bill(patient, drugs("30.00"), med_type="41")))
        for counter in (pharmacy, other)
        for _ in range(TILLS // 2)
    ]
    infos = [answer["output"]["setlinfo"] for answer in at_once(work)]
    paid = {
        name: round(sum(info[name] for info in infos), 2)
        for name in ("act_pay_dedc", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
    }
    assert paid == {"act_pay_dedc": 600, "fund_pay_sumamt": 630, "acct_pay": 100, "psn_cash_pay": 770}
    assert min(info["balc"] for info in infos) == 0
    assert findings(world) == []
