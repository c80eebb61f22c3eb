"""A workflow is a table: what the table must be, before anybody acts."""

import pytest

from app.services.remote_care.table import WORKFLOW
from app.workflow.common import APPLICANT, HOLDERS, REVIEWER, applicant_rows, queue_rows
from app.workflow.diagram import mermaid
from app.workflow.table import Action, Holder, Status, Transition, Workflow, table_problems

APPROVE = Transition(Action.APPROVE, frozenset({Status.SUBMITTED}), Status.APPROVED, REVIEWER, claimed=True)
ROWS = (
    *applicant_rows(withdrawable=(Status.DRAFT, Status.SUBMITTED)),
    *queue_rows(queued=(Status.SUBMITTED,)),
    Transition(
        Action.REQUEST_CORRECTION,
        frozenset({Status.SUBMITTED}),
        Status.NEEDS_CORRECTION,
        REVIEWER,
        claimed=True,
    ),
    APPROVE,
)


def test_a_sound_table_is_taken() -> None:
    assert table_problems(Workflow("sound", ROWS, HOLDERS)) == []


@pytest.mark.parametrize(
    ("rows", "holders", "complaint"),
    [
        pytest.param((*ROWS, APPROVE), HOLDERS, "approve from submitted stands twice", id="ambiguous row"),
        pytest.param(ROWS, {**HOLDERS, Status.APPROVED: Holder.QUEUE}, "nothing leads out", id="dead end"),
        pytest.param(
            (*ROWS, Transition(Action.REJECT, frozenset({Status.CERTIFIED}), Status.REJECTED, REVIEWER)),
            HOLDERS,
            "certified is never reached",
            id="state never reached",
        ),
        pytest.param(
            ROWS,
            {status: holder for status, holder in HOLDERS.items() if status is not Status.SUBMITTED},
            "submitted has no holder",
            id="state that nobody holds",
        ),
        pytest.param(
            (
                *ROWS,
                Transition(
                    Action.REJECT, frozenset({Status.SUBMITTED}), Status.REJECTED, APPLICANT, claimed=True
                ),
            ),
            HOLDERS,
            "only reviewers hold cases",
            id="applicant who would have to claim",
        ),
    ],
)
def test_a_faulty_table_stops_the_program_and_says_why(
    rows: tuple[Transition, ...], holders: dict[Status, Holder], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Workflow("faulty", rows, holders)


def test_every_state_of_remote_care_is_drawn() -> None:
    drawing = mermaid(WORKFLOW)

    assert drawing.startswith("stateDiagram-v2\n    [*] --> draft\n")
    assert "    submitted --> approved: approve (经办/系统)" in drawing
    for status in WORKFLOW.states:
        assert str(status) in drawing
