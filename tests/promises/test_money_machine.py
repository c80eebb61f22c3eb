"""Money is conserved: whatever people and institutions do, in whatever order, not a fen is lost or made.

Runs small here. The whole proof of 10,000 steps:

    MONEY_STEPS=10000 pytest tests/promises/test_money_machine.py
"""

import itertools
import os
from collections import Counter as Counter_
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.kit.api.application import Application
from app.ledger import checking
from app.ledger.checking import Finding
from app.ledger.models import LedgerEntry, PersonalAccount
from app.places.models import InstitutionType
from app.registry import LEDGER_CHECKS
from app.settlement.models import Accumulator
from tests.settlement.bills import bill, line
from tests.settlement.counter import Counter
from tests.somebody import Somebody
from tests.world import World

STEPS = int(os.environ.get("MONEY_STEPS", "120"))
STEPS_OF_A_RUN, RUNS = 40, 5
KINDS = {"write", "settle", "undo", "reverse"}
STANDS_PAID, LATER_DEPEND = 504, 505
OPENING_FEN = 900_00
NEVER_PAID = {501, 502}


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@dataclass(frozen=True)
class Sent:
    """A message that was sent or is yet to come, and the bill in it."""

    message: dict[str, Any]
    counter: int


def machine_of(world: World, counters: list[Counter], done: Counter_[str]) -> type[RuleBasedStateMachine]:
    """A machine on this world. Each run has patients of its own, and keeps its own book of what must be true.

    done: which steps were done how often.
    """

    class Money(RuleBasedStateMachine):
        sent = Bundle("sent")

        def __init__(self) -> None:
            super().__init__()
            self.patients = [_patient(world, number) for number in range(2)]
            self.standing: dict[str, dict[str, float]] = {}
            """Number of the bill → what was answered, for those that stand."""
            self.answered: dict[str, str] = {}
            """Number of the bill → of the newest message that was answered: its reversal takes the bill back."""
            self.heard: set[str] = set()
            self.dead: set[str] = set()
            """Numbers of bills that were taken back or reversed before they came."""

        @rule(
            target=sent,
            who=st.integers(0, 1),
            where=st.integers(0, len(counters) - 1),
            fen=st.integers(1, 1_200_00),
            own_fen=st.integers(0, 100_00),
            med_type=st.sampled_from(("11", "41")),
            account=st.booleans(),
        )
        def write_bill(
            self, who: int, where: int, fen: int, own_fen: int, med_type: str, account: bool
        ) -> Sent:
            """A bill is written; whether it arrives is for the other rules."""
            done["write"] += 1
            lines = [line(_yuan(fen))] + ([line(_yuan(own_fen), lv="03")] if own_fen else [])
            given = bill(self.patients[who], lines, med_type=med_type, acct_used_flag="1" if account else "0")
            return Sent(counters[where].message(**given), where)

        @rule(sent=sent, anew=st.booleans())
        def settle(self, sent: Sent, anew: bool) -> None:
            """It arrives, perhaps again, perhaps under a number of its own each time."""
            done["settle"] += 1
            number, counter = _number(sent), counters[sent.counter]
            message = {**sent.message, "msgid": counter.message()["msgid"]} if anew else sent.message
            answer = counter.send("2207", message)
            if number in self.dead:
                assert answer["infcode"] in NEVER_PAID, answer["err_msg"]
                return
            assert answer["infcode"] == 0, answer["err_msg"]
            info = answer["output"]["setlinfo"]
            assert self.standing.setdefault(number, info) == info, "a retry was answered otherwise"
            self.standing[number] = info
            if message["msgid"] not in self.heard:
                self.heard.add(message["msgid"])
                self.answered[number] = message["msgid"]

        @rule(sent=sent)
        def undo(self, sent: Sent) -> None:
            info = self.standing.get(_number(sent))
            if info is None:
                return
            done["undo"] += 1
            wish = {"setl_id": info["setl_id"], "psn_no": info["psn_no"]}
            answer = counters[sent.counter].transact("2208", **wish)
            if answer["infcode"] == LATER_DEPEND:
                standing = list(self.standing.values())
                later = [one["psn_no"] for one in standing[standing.index(info) + 1 :]]
                assert info["psn_no"] in later, "nothing was settled after it"
                return
            assert answer["infcode"] == 0, answer["err_msg"]
            self._take_back(_number(sent))

        @rule(sent=consumes(sent))
        def reverse(self, sent: Sent) -> None:
            """Whether it was paid, is undone, or never came. What stands by another message is named, and stays paid."""
            done["reverse"] += 1
            number, given = _number(sent), sent.message["input"]["data"]
            wish = {
                "omsgid": sent.message["msgid"],
                "oinfno": "2207",
                "mdtrt_id": given["mdtrt_id"],
                "chrg_bchno": given["chrg_bchno"],
            }
            counter = counters[sent.counter]
            answer = counter.transact("2601", **wish)
            if number in self.standing and self.answered[number] != sent.message["msgid"]:
                assert answer["infcode"] == STANDS_PAID, answer["err_msg"]
                assert answer["output"]["standing"]["msgid"] == self.answered[number]
                return
            assert answer["infcode"] == 0, answer["err_msg"]
            assert counter.send("2207", sent.message)["infcode"] in NEVER_PAID
            self._take_back(number)

        @invariant()
        def not_a_fen_is_lost(self) -> None:
            """The accounts hold what they began with, less what the bills that stand took; the ledger sums to zero."""
            taken = sum(_fen(info["acct_pay"]) for info in self.standing.values())
            people = [patient.person_id for patient in self.patients]
            with world.parts.database.reading() as session:
                of_people = PersonalAccount.person_id.in_(people)
                held, opened = session.execute(
                    select(func.sum(PersonalAccount.balance_fen), func.count()).where(of_people)
                ).one()
                assert (held or 0) == opened * OPENING_FEN - taken
                assert session.execute(select(func.sum(LedgerEntry.amount_fen))).scalar_one() in {None, 0}
                fund = session.execute(
                    select(func.sum(Accumulator.fund_fen)).where(Accumulator.person_id.in_(people))
                ).scalar_one()
                assert (fund or 0) == sum(_fen(info["fund_pay_sumamt"]) for info in self.standing.values())

        def _take_back(self, number: str) -> None:
            self.standing.pop(number, None)
            self.dead.add(number)

    return Money


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_money_is_conserved_whatever_happens_in_whatever_order(app: Application, world: World) -> None:
    counters = [
        Counter(world, InstitutionType.PHARMACY, "230502"),
        Counter(world, InstitutionType.HOSPITAL, "230502", level=2),
    ]
    done: Counter_[str] = Counter_()
    # Chance may leave a kind of step out of a short run, which then goes on for a while.
    while done.total() < STEPS or (set(done) != KINDS and done.total() < 10 * STEPS):
        run_state_machine_as_test(  # type: ignore[no-untyped-call]
            machine_of(world, counters, done),
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS_OF_A_RUN,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    steps = checking.check(world.parts.database, also=LEDGER_CHECKS)
    assert [step for step in steps if isinstance(step, Finding)] == []
    assert set(done) == KINDS


def _patient(world: World, number: int) -> Somebody:
    """An employee, whose account pays, and a resident, who has none; of all ages, for one day of birth has 1,000 numbers."""
    age = 20 + next(_ages) % 53
    if number:
        return world.citizen(region="2305", insutype="390", age=age)
    return world.citizen(region="2305", insutype="310", age=age, opening_balance_fen=OPENING_FEN)


_ages = itertools.count()


def _number(sent: Sent) -> str:
    return str(sent.message["input"]["data"]["chrg_bchno"])


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _fen(yuan: float) -> int:
    return round(yuan * 100)
