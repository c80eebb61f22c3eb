"""The workflow of 两病: short, one review by the agency."""

from app.workflow.common import HOLDERS, REVIEWER, applicant_rows, lapsing_with, queue_rows
from app.workflow.table import Action, Status, Transition, Workflow

REVIEW_DAYS = 1
CORRECTION_DAYS = 15
"""Working days; ours."""

_SUBMITTED = frozenset({Status.SUBMITTED})

WORKFLOW = Workflow(
    name="two_disease",
    transitions=(
        *applicant_rows(
            withdrawable=(Status.DRAFT, Status.SUBMITTED, Status.NEEDS_CORRECTION),
            submit_effects=("note_diseases",),
            withdraw_effects=("reopen_offers",),
        ),
        *lapsing_with(queue_rows(queued=(Status.SUBMITTED,)), "reopen_offers"),
        Transition(
            Action.REQUEST_CORRECTION,
            _SUBMITTED,
            Status.NEEDS_CORRECTION,
            REVIEWER,
            duty="review",
            claimed=True,
            needs_reason=True,
            notice="correction_needed",
        ),
        Transition(
            Action.APPROVE,
            _SUBMITTED,
            Status.APPROVED,
            REVIEWER,
            duty="review",
            claimed=True,
            notice="filing_approved",
            effects=("grant_entitlements",),
        ),
        Transition(
            Action.REJECT,
            _SUBMITTED,
            Status.REJECTED,
            REVIEWER,
            duty="review",
            claimed=True,
            needs_reason=True,
            notice="filing_rejected",
            effects=("reject_items",),
        ),
    ),
    holders=HOLDERS,
    working_days={Status.SUBMITTED: REVIEW_DAYS, Status.NEEDS_CORRECTION: CORRECTION_DAYS},
)
