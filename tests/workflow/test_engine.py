"""``apply`` is the only way through a workflow: who may do what when, and what follows."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.kit.workdays import deadline
from app.services.remote_care.table import WORKFLOW
from app.workflow import engine
from app.workflow.engine import SYSTEM, Performer, apply, available_actions
from app.workflow.table import Action, Holder, Party, Status

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday morning in China
APPLICANT = Performer(uuid.uuid4(), frozenset({Party.APPLICANT}))
HANDLER = Performer(uuid.uuid4(), frozenset({Party.REVIEWER}))
OTHER_HANDLER = Performer(uuid.uuid4(), frozenset({Party.REVIEWER}))
STRANGER = Performer(uuid.uuid4(), frozenset())


@dataclass
class Case:
    status: Status = Status.DRAFT
    holder_account_id: uuid.UUID | None = None
    claimed_at: datetime | None = None
    due_at: datetime | None = None
    duties: dict[str, frozenset[uuid.UUID]] = field(default_factory=dict)


def do(case: Case, action: Action, who: Performer, reason: str | None = "写明理由") -> None:
    done = apply(WORKFLOW, case, action, who, now=NOW, duties=case.duties, reason=reason)
    if done.transition.duty and who.account_id:
        before = case.duties.get(done.transition.duty, frozenset())
        case.duties[done.transition.duty] = before | {who.account_id}


def submitted() -> Case:
    case = Case()
    do(case, Action.SUBMIT, APPLICANT)
    return case


def claimed() -> Case:
    case = submitted()
    do(case, Action.CLAIM, HANDLER)
    return case


def test_a_reviewed_case_goes_from_draft_to_approved() -> None:
    case = submitted()
    do(case, Action.CLAIM, HANDLER)
    assert case.holder_account_id == HANDLER.account_id

    do(case, Action.REQUEST_CORRECTION, HANDLER)
    assert case.status is Status.NEEDS_CORRECTION
    assert case.holder_account_id is None, "with the applicant now"

    do(case, Action.RESUBMIT, APPLICANT)
    do(case, Action.CLAIM, HANDLER)
    do(case, Action.APPROVE, HANDLER)
    assert case.status is Status.APPROVED
    assert case.due_at is None


def test_an_instant_case_is_approved_by_the_product_itself_without_a_claim() -> None:
    case = submitted()
    do(case, Action.APPROVE, SYSTEM)
    assert case.status is Status.APPROVED


def test_a_deadline_is_the_end_of_a_working_day_in_china() -> None:
    case = submitted()
    # Two working days from Friday 20 November 2026: Tuesday the 24th, to its last second.
    assert case.due_at == datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("case", "action", "who", "refusal"),
    [
        pytest.param(Case(), Action.APPROVE, HANDLER, engine.WrongState, id="a draft cannot be approved"),
        pytest.param(
            submitted(), Action.APPROVE, APPLICANT, engine.WrongParty, id="nobody approves the own case"
        ),
        pytest.param(submitted(), Action.APPROVE, HANDLER, engine.NotClaimed, id="claim first"),
        pytest.param(
            claimed(), Action.APPROVE, OTHER_HANDLER, engine.HeldByAnother, id="somebody else holds it"
        ),
        pytest.param(claimed(), Action.CLAIM, OTHER_HANDLER, engine.HeldByAnother, id="claimed only once"),
        pytest.param(
            submitted(), Action.WITHDRAW, STRANGER, engine.WrongParty, id="a stranger can do nothing"
        ),
        pytest.param(submitted(), Action.SUBMIT, APPLICANT, engine.WrongState, id="submitted only once"),
    ],
)
def test_what_may_not_be_done_is_refused_and_changes_nothing(
    case: Case, action: Action, who: Performer, refusal: type[engine.Refused]
) -> None:
    before = (case.status, case.holder_account_id, case.due_at)

    with pytest.raises(refusal) as caught:
        do(case, action, who)

    assert (case.status, case.holder_account_id, case.due_at) == before
    assert caught.value.available == available_actions(WORKFLOW, case, who, case.duties)
    assert action not in caught.value.available


@pytest.mark.parametrize("conflict", ["own_case", "relative"])
def test_who_is_involved_may_not_even_claim(conflict: str) -> None:
    involved = Performer(HANDLER.account_id, HANDLER.parties, conflict)
    with pytest.raises(engine.ConflictOfInterest):
        do(submitted(), Action.CLAIM, involved)


def test_nobody_acts_in_two_steps_of_one_case() -> None:
    case = claimed()
    assert HANDLER.account_id is not None
    case.duties["intake"] = frozenset({HANDLER.account_id})

    with pytest.raises(engine.DutySeparation):
        do(case, Action.APPROVE, HANDLER)


def test_the_same_person_may_go_on_with_the_same_step() -> None:
    case = claimed()
    do(case, Action.REQUEST_CORRECTION, HANDLER)
    do(case, Action.RESUBMIT, APPLICANT)
    do(case, Action.CLAIM, HANDLER)
    do(case, Action.APPROVE, HANDLER)
    assert case.status is Status.APPROVED


@pytest.mark.parametrize("action", [Action.REQUEST_CORRECTION, Action.REJECT])
def test_a_refusal_needs_a_reason(action: Action) -> None:
    case = claimed()
    with pytest.raises(engine.ReasonMissing):
        do(case, action, HANDLER, reason="")
    assert case.status is Status.SUBMITTED


def test_an_overdue_case_is_taken_from_its_holder_and_gets_a_new_deadline() -> None:
    case = claimed()
    case.due_at = datetime(2026, 11, 1, tzinfo=UTC)
    do(case, Action.ESCALATE, SYSTEM)
    assert case.holder_account_id is None
    assert case.due_at is not None
    assert case.due_at > NOW


@given(st.sampled_from(sorted(WORKFLOW.states)), st.sampled_from([APPLICANT, HANDLER, STRANGER, SYSTEM]))
def test_what_is_offered_can_be_done_and_nothing_else(status: Status, who: Performer) -> None:
    offered = available_actions(WORKFLOW, Case(status), who, {})
    for action in Action:
        case = Case(status)
        if action in offered:
            do(case, action, who)
        else:
            with pytest.raises(engine.Refused):
                do(case, action, who)


class AnyoneDoesAnything(RuleBasedStateMachine):
    """Whatever is tried in whatever order, an open case is always in somebody's hands."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case()

    @rule(
        action=st.sampled_from(sorted(Action)),
        who=st.sampled_from([APPLICANT, HANDLER, OTHER_HANDLER, STRANGER, SYSTEM]),
    )
    def try_it(self, action: Action, who: Performer) -> None:
        refused: engine.Refused | None = None
        try:
            do(self.case, action, who)
        except engine.Refused as refusal:
            refused = refusal
        assert refused is None or action not in refused.available

    @invariant()
    def an_open_case_has_a_holder_and_a_deadline(self) -> None:
        holder = WORKFLOW.holders[self.case.status]
        if holder is Holder.QUEUE:
            assert self.case.due_at is not None
        else:
            assert self.case.holder_account_id is None
        if holder is Holder.NOBODY:
            assert self.case.due_at is None


TestAnyoneDoesAnything = AnyoneDoesAnything.TestCase


def test_the_rules_of_a_case_may_give_a_state_other_days_than_the_workflow() -> None:
    case, usual = submitted(), submitted()
    for one, days in ((case, {Status.NEEDS_CORRECTION: 3}), (usual, {Status.APPROVED: 3})):
        do(one, Action.CLAIM, HANDLER)
        apply(
            WORKFLOW,
            one,
            Action.REQUEST_CORRECTION,
            HANDLER,
            now=NOW,
            duties={},
            reason="写明理由",
            working_days=days,
        )
    assert case.due_at == deadline(NOW, 3)
    assert usual.due_at == deadline(NOW, WORKFLOW.working_days[Status.NEEDS_CORRECTION])
