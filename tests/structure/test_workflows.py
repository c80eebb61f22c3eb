"""A case that nobody holds is impossible: proven for every service over all its states and transitions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from app import registry
from app.filings import wording
from app.filings.declaration import Service
from app.filings.service import DONE
from app.identity.models import AccessKind
from app.notices.models import NoticeKind
from app.workflow import engine
from app.workflow.engine import SYSTEM, Performer, Refused
from app.workflow.table import Action, Holder, Mark, Party, Status, Transition, Workflow

SERVICES = registry.SERVICES
services = pytest.mark.parametrize("service", SERVICES, ids=[service.code for service in SERVICES])
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)

APPLICANT, FIRST, SECOND, NAMED = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
PERFORMERS = (
    Performer(APPLICANT, frozenset({Party.APPLICANT})),
    Performer(FIRST, frozenset({Party.REVIEWER})),
    Performer(SECOND, frozenset({Party.REVIEWER})),
    Performer(NAMED, frozenset({Party.ASSIGNEE})),
    SYSTEM,
)
"""The applicant, two reviewers, an expert who was drawn, and the product itself."""


@dataclass
class Case:
    """What the engine needs of a case, and nothing else."""

    status: Status
    holder_account_id: UUID | None = None
    claimed_at: datetime | None = None
    due_at: datetime | None = None
    marks: frozenset[Mark] = frozenset()

    @property
    def place(self) -> tuple[Status, UUID | None, bool, frozenset[Mark]]:
        return self.status, self.holder_account_id, self.due_at is not None, self.marks


def everything_that_can_happen(service: Service) -> tuple[list[Case], list[tuple[Case, Transition, Case]]]:
    """All reachable places of a case, and every step between them, by trying each action as everybody.

    A step's effects may put marks on the case or take them off: after each step it is looked at with every mark and none.
    """
    start = Case(Status.DRAFT)
    places, steps, todo = {start.place: start}, [], [start]
    while todo:
        case = todo.pop()
        for action, performer in product(Action, PERFORMERS):
            after = replace(case)
            try:
                applied = engine.apply(
                    service.workflow, after, action, performer, now=NOW, duties={}, reason="理由"
                )
            except Refused:
                continue
            for marked in marked_anyhow(service.workflow, after):
                steps.append((case, applied.transition, marked))
                if marked.place not in places:
                    places[marked.place] = marked
                    todo.append(marked)
    return list(places.values()), steps


def marked_anyhow(workflow: Workflow, case: Case) -> Iterator[Case]:
    yield replace(case, marks=frozenset())
    for mark in {transition.needs for transition in workflow.transitions if transition.needs is not None}:
        yield replace(case, marks=frozenset({mark}))


@services
def test_each_open_state_names_with_whom_it_lies(service: Service) -> None:
    workflow = service.workflow
    for status in workflow.states:
        holder = workflow.holders[status]
        assert holder in Holder
        if holder is Holder.NOBODY:
            # An appeal, or a step that the product takes within another, waits for nobody.
            assert not [
                t
                for t in workflow.transitions
                if status in t.sources
                and t.target is not status
                and t.needs is None
                and t.by != {Party.SYSTEM}
            ], f"{status} is held by nobody, but leads on"


@services
def test_no_open_case_is_ever_without_a_queue_or_a_person(service: Service) -> None:
    places, steps = everything_that_can_happen(service)

    assert len(places) > len(service.workflow.states), "the simulation saw claimed and unclaimed cases"
    for case in places:
        if not service.workflow.is_open(case.status):
            assert (case.holder_account_id, case.due_at) == (None, None), f"{case.status} is over"
        elif service.workflow.holders[case.status] is Holder.APPLICANT:
            assert case.holder_account_id is None, (
                f"{case.status}: it lies with the applicant, no reviewer keeps it"
            )
    for before, transition, after in steps:
        if after.holder_account_id is not None:
            assert service.workflow.holders[after.status] is Holder.QUEUE
            assert transition.takes or before.holder_account_id == after.holder_account_id, (
                f"{transition.action} gave the case to somebody who did not ask for it"
            )


@services
def test_from_every_open_place_somebody_can_bring_the_case_to_its_end(service: Service) -> None:
    places, steps = everything_that_can_happen(service)
    ending = {case.place for case in places if not service.workflow.is_open(case.status)}
    while True:
        more = {before.place for before, _, after in steps if after.place in ending} - ending
        if not more:
            break
        ending |= more
    assert {case.place for case in places} == ending


@services
def test_whoever_holds_a_case_can_do_something_with_it(service: Service) -> None:
    """In a queue every reviewer may claim it, and who claimed it may go on or give it back; an expert who was named may
    decide it, and where nobody could be named the reviewers may have others named."""
    for case in everything_that_can_happen(service)[0]:
        able = {
            performer.account_id: engine.available_actions(service.workflow, case, performer, {})
            for performer in PERFORMERS
        }
        holder = service.workflow.holders[case.status]
        if holder is Holder.APPLICANT:
            assert able[APPLICANT] or lacks_its_mark(service.workflow, case)
        elif holder is Holder.QUEUE and by_named_people(service.workflow, case.status):
            assert {Action.CERTIFY, Action.REFUSE} <= set(able[NAMED])
            assert Action.REDRAW in able[FIRST]
        elif holder is Holder.QUEUE and case.holder_account_id is None:
            assert Action.CLAIM in able[FIRST]
        elif holder is Holder.QUEUE:
            assert Action.RELEASE in able[case.holder_account_id or FIRST]
            assert len(able[case.holder_account_id or FIRST]) > 1


def by_named_people(workflow: Workflow, status: Status) -> bool:
    """Whether cases in this state lie with people who were named for them, rather than with who claims them."""
    return any(status in t.sources and Party.ASSIGNEE in t.by for t in workflow.transitions)


def lacks_its_mark(workflow: Workflow, case: Case) -> bool:
    """Whether all that the applicant could do here needs a mark that this case, seen without any, would really bear."""
    rows = [t for t in workflow.transitions if case.status in t.sources and Party.APPLICANT in t.by]
    return not case.marks and bool(rows) and all(t.needs is not None for t in rows)


@services
def test_every_waiting_state_has_a_deadline_and_something_happens_when_it_passes(service: Service) -> None:
    workflow = service.workflow
    for status in workflow.states:
        if not workflow.is_open(status) or status is Status.DRAFT:
            continue
        assert status in workflow.working_days, f"{status} may wait for ever"
        late = Action.ESCALATE if workflow.holders[status] is Holder.QUEUE else Action.LAPSE
        transition = workflow.find(late, status)
        assert transition is not None
        assert Party.SYSTEM in transition.by


@services
def test_an_escalated_case_gets_no_second_deadline_and_can_still_be_claimed(service: Service) -> None:
    for status, holder in service.workflow.holders.items():
        if holder is not Holder.QUEUE or status not in service.workflow.states:
            continue
        named = by_named_people(service.workflow, status)
        case = Case(status, None if named else FIRST, NOW, NOW)
        engine.apply(service.workflow, case, Action.ESCALATE, SYSTEM, now=NOW, duties={})
        assert case.holder_account_id is None
        if named:
            assert engine.available_actions(service.workflow, case, PERFORMERS[3], {})
            continue
        engine.apply(service.workflow, case, Action.CLAIM, PERFORMERS[2], now=NOW, duties={})
        assert case.holder_account_id == SECOND


@services
def test_nobody_decides_after_having_done_another_duty(service: Service) -> None:
    """Separation of duties: for each deciding step, whoever did a different one is refused."""
    for transition in service.workflow.transitions:
        if transition.duty is None:
            continue
        for status in transition.sources:
            case = Case(status, FIRST, NOW, NOW)
            duties: Mapping[str, frozenset[UUID]] = {f"not_{transition.duty}": frozenset({FIRST})}
            assert transition.action not in engine.available_actions(
                service.workflow, case, PERFORMERS[1], duties
            )


@services
def test_who_is_related_can_do_nothing_as_a_reviewer(service: Service) -> None:
    for case in everything_that_can_happen(service)[0]:
        parties = frozenset({Party.REVIEWER, Party.ASSIGNEE})
        related = Performer(case.holder_account_id or FIRST, parties, conflict="relative")
        able = engine.available_actions(service.workflow, case, related, {})
        only_review = {
            t.action for t in service.workflow.transitions if t.by & parties and Party.APPLICANT not in t.by
        }
        assert not set(able) & only_review


@services
def test_every_step_has_words_and_every_notice_exists(service: Service) -> None:
    for transition in service.workflow.transitions:
        assert transition.action in wording.ACTION
        assert transition.notice is None or NoticeKind(transition.notice)
        assert set(transition.effects) <= set(service.effects)
    for status in service.workflow.states:
        assert status in wording.STATUS
        assert status in wording.NEXT_STEP
    assert all(isinstance(kind, AccessKind) for kind in DONE.values())


def test_a_remote_care_filing_can_be_approved_by_the_product_itself() -> None:
    """Instant services pass from submitted to approved without a reviewer."""
    workflow = next(service.workflow for service in SERVICES if service.code == "remote_care")
    case = Case(Status.SUBMITTED)

    engine.apply(workflow, case, Action.APPROVE, SYSTEM, now=NOW, duties={})

    assert case.status is Status.APPROVED
