"""Whatever experts, applicant, agency and clock do to a case: somebody has it, and no expert meets it twice."""

from collections import Counter
from datetime import datetime, time
from typing import Any
from uuid import UUID

import pytest
from clinic import CORONARY, DIABETES, HYPERTENSION, REGION, Clinic
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.filings import history
from app.filings.models import Assignment, Ended, Filing
from app.identity.models import RoleGrant
from app.kit import clock
from app.kit.workdays import add_workdays
from app.services.chronic_disease.models import ChronicEntitlement, ChronicItem, ExpertDraw, ItemStatus
from app.services.chronic_disease.redrawing import redraw_waiting
from tests.somebody import Somebody

CODES = (HYPERTENSION, CORONARY, DIABETES)
"""Two of one specialty, one of another."""
CLOSED = {"approved", "rejected", "withdrawn"}
AT_THE_AGENCY = {"handler", "supervisor"}


class CaseMachine(RuleBasedStateMachine):
    """One case at a time; ``clinic`` is set by the test."""

    clinic: Clinic

    def __init__(self) -> None:
        super().__init__()
        self.hired: list[Somebody] = []

    @initialize(codes=st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True))
    def apply(self, codes: list[str]) -> None:
        self.patient = self.clinic.world.citizen(region=REGION)
        self.handler = self.clinic.world.handler(REGION)
        self.case = self.clinic.apply(self.patient, *codes)

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = self.patient.ok("GET", f"/filings/{self.case['id']}")
        return found

    def status(self) -> str:
        return str(self.seen()["status"])

    @precondition(lambda self: self.clinic.named(self.case))
    @rule(which=st.integers(0, 2), certify=st.booleans())
    def opine(self, which: int, certify: bool) -> None:
        named = self.clinic.named(self.case)
        expert = named[which % len(named)]
        mine = [code for code, item in self.clinic.items(expert, self.case).items() if item["yours"]]
        assert mine, "who is named has something to decide"
        self.clinic.decide(expert, self.case, mine[which % len(mine)], certify=certify)

    @precondition(lambda self: self.clinic.named(self.case))
    @rule(which=st.integers(0, 2))
    def ask(self, which: int) -> None:
        named = self.clinic.named(self.case)
        expert = named[which % len(named)]
        items = [{"kind": "outpatient_record", "text": "请补门诊病历"}]
        version = expert.ok("GET", f"/filings/{self.case['id']}")["version"]
        body = {
            "action": "request_correction",
            "expected_version": version,
            "items": items,
            "reason": "看不清",
        }
        answer = expert.send("POST", f"/filings/{self.case['id']}/actions", body)
        assert answer.status_code == 200 or answer.get_json()["code"] == "correction_in_instalments"

    @precondition(lambda self: self.status() == "needs_correction")
    @rule(drop=st.booleans())
    def correct(self, drop: bool) -> None:
        paper = str(self.clinic.world.paper(self.patient, "outpatient_record")["id"])
        more: dict[str, Any] = {"material_ids": [paper]}
        entries = self.seen()["form"]["diseases"]
        waiting = [
            code
            for code, item in self.clinic.items(self.patient, self.case).items()
            if item["status"] == "waiting" and not item["opinions"]
        ]
        if drop and waiting and len(entries) > 1:
            kept = [entry for entry in entries if entry["disease_code"] != waiting[0]]
            more["form"] = {"diseases": kept}
        self.clinic.do(self.patient, self.case, "resubmit", **more)

    @precondition(lambda self: "appeal" in self.seen()["available_actions"])
    @rule()
    def appeal(self) -> None:
        version = self.seen()["version"]
        body = {"action": "appeal", "expected_version": version, "reason": "不同意"}
        answer = self.patient.send("POST", f"/filings/{self.case['id']}/actions", body)
        assert answer.status_code == 200 or answer.get_json()["code"] == "chronic_appeal_too_late"

    @precondition(lambda self: self.status() == "certified")
    @rule(approve=st.booleans())
    def review(self, approve: bool) -> None:
        queue = self.handler.ok("GET", f"/filings/{self.case['id']}")["available_actions"]
        if not queue:
            return  # with the supervisor by now
        self.clinic.do(self.handler, self.case, "claim")
        reason = {} if approve else {"reason": "与就诊记录不符"}
        self.clinic.do(self.handler, self.case, "approve" if approve else "reject", **reason)

    @rule(days=st.sampled_from([2, 2, 16]))
    def wait(self, days: int) -> None:
        day = add_workdays(clock.today(), days)
        clock.shift(datetime.combine(day, time(10), clock.CHINA) - clock.real_now())
        self.patient, self.handler = self.clinic.again(self.patient), self.clinic.again(self.handler)
        for expert in list(self.clinic.experts.values()):
            self.clinic.again(expert)
        self.clinic.overdue()

    @precondition(lambda self: self.seen()["stage"] == "expert_draw")
    @rule()
    def hire(self) -> None:
        self.hired.append(self.clinic.expert())
        redraw_waiting(self.clinic.world.parts.database)

    @precondition(lambda self: "withdraw" in self.seen()["available_actions"])
    @rule(really=st.sampled_from([False, False, False, True]))
    def withdraw(self, really: bool) -> None:
        if really:
            self.clinic.do(self.patient, self.case, "withdraw")

    @invariant()
    def it_is_in_somebody_s_hands(self) -> None:
        self.clinic.world.write(self._check_held)
        seen = self.seen()
        if seen["status"] in {"needs_correction", "refused"}:
            assert seen["available_actions"], "the applicant can do something"

    def _check_held(self, session: Session) -> None:
        filing = session.get_one(Filing, UUID(self.case["id"]))
        named = self._assignments(session)
        open_now = {(one.part, one.round) for one in named if one.ended_at is None}
        asked = {(one.part, one.round) for one in named if one.ended is Ended.ASKED}
        items = session.execute(select(ChronicItem).where(ChronicItem.filing_id == filing.id)).scalars().all()
        waiting = {(one.specialty, one.round) for one in items if one.state is ItemStatus.WAITING}
        if filing.status != "submitted":
            assert not open_now, "experts are named only while they are waited for"
        elif filing.queue_role == "expert":
            assert open_now, "it waits for experts, so there are some"
            assert waiting <= open_now | asked, "every disease waits for somebody"
            assert filing.due_at == min(one.due_at for one in named if one.ended_at is None)
        else:
            assert filing.queue_role in AT_THE_AGENCY
            assert filing.stage == "expert_draw"
        if filing.status == "certified":
            assert filing.queue_role in AT_THE_AGENCY
        if filing.status in CLOSED:
            assert not waiting, "of a closed case no disease waits"

    @invariant()
    def no_expert_meets_it_twice(self) -> None:
        def look(session: Session) -> None:
            query = select(ExpertDraw.account_id).where(ExpertDraw.filing_id == UUID(self.case["id"]))
            drawn = Counter(session.execute(query).scalars())
            assert all(count == 1 for count in drawn.values())
            named = {one.account_id for one in self._assignments(session)}
            assert named == set(drawn), "nobody is named who was not drawn"

        self.clinic.world.write(look)
        for item in self.clinic.items(self.patient, self.case).values():
            rounds = [one["round"] for one in item["opinions"]]
            assert rounds == list(range(1, len(rounds) + 1))

    @invariant()
    def what_was_approved_is_held_once_and_the_case_says_so(self) -> None:
        states = self.clinic.states(self.patient, self.case)
        approved = sorted(code for code, state in states.items() if state == "approved")
        query = select(ChronicEntitlement.opsp_dise_code).where(
            ChronicEntitlement.filing_id == UUID(self.case["id"])
        )
        given = self.clinic.world.write(lambda session: sorted(session.execute(query).scalars()))
        assert given == approved
        if self.status() in CLOSED:
            assert (self.status() == "approved") is bool(approved)

    def _assignments(self, session: Session) -> list[Assignment]:
        query = select(Assignment).where(Assignment.filing_id == UUID(self.case["id"]))
        return list(session.execute(query).scalars())

    def teardown(self) -> None:
        for one in self.hired:
            del self.clinic.experts[one.account_id]
        gone = [one.account_id for one in self.hired]
        ended = update(RoleGrant).where(RoleGrant.account_id.in_(gone)).values(ended_at=clock.now())
        self.clinic.world.write(lambda session: session.execute(ended))
        if hasattr(self, "case") and "withdraw" in self.seen()["available_actions"]:
            self.clinic.do(self.patient, self.case, "withdraw")


@pytest.mark.slow
def test_a_case_is_never_stuck(clinic: Clinic) -> None:
    machine = type("Machine", (CaseMachine,), {"clinic": clinic})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with clinic.world.parts.database.reading() as session:
        steps = list(history.verify(session))
    assert all(isinstance(step, int) for step in steps), steps
