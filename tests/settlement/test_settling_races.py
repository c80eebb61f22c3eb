"""Many tills at the same moment on PostgreSQL: a code, a message and a bill pay once, whatever is reversed or undone
meanwhile, and the fund, the accounts and the cash add up to the fen."""

import threading
from collections import Counter as Count
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from app.config import Settings
from app.places.models import InstitutionType
from tests.conftest import needs_postgres
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.settlement.test_settling import employee, findings
from tests.world import World

pytestmark = [pytest.mark.postgres, needs_postgres]
T = TypeVar("T")
TILLS = 50
ROUNDS = 20
OK, DIFFERS, USED_CODE, REVERSED, UNDONE = 0, 402, 301, 501, 502


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
        bill_of: Any = message["input"]
        named = {name: bill_of["data"][name] for name in ("mdtrt_id", "chrg_bchno")}
        reversal = pharmacy.message(omsgid=message["msgid"], oinfno="2207", **named)
        anew = {**message, "msgid": f"{message['msgid']}-ANEW"}
        work += [
            sender(pharmacy, infno, one)
            for infno, one in (("2207", message), ("2601", reversal), ("2601", reversal), ("2207", anew))
        ]
    answers = at_once(work)
    assert {answer["infcode"] for answer in answers} <= {OK, REVERSED}
    # A bill that was confirmed under its second number outlives the reversal of the first, which is then told so.
    again = [pharmacy.send("2207", message)["infcode"] for message in lost]
    assert set(again) == {REVERSED}
    for message in lost:
        pharmacy.output("2601", omsgid=f"{message['msgid']}-ANEW", oinfno="2207")
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
    assert {answer["infcode"] for answer in answers} <= {OK, REVERSED, UNDONE}
    assert count(world, "SELECT count(*) FROM settlement WHERE state = 'settled'") == 0
    assert _untouched(world, pharmacy, patient)


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
