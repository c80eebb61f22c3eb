"""The workflow of a remote-care filing: instant, or one review by the agency or the referring hospital."""

from app.workflow.common import APPLICANT, HOLDERS, REVIEWER, applicant_rows, queue_rows
from app.workflow.table import Action, Party, Status, Transition, Workflow

REVIEW_DAYS = 2
CORRECTION_DAYS = 15
"""Working days; ours, where a pack's deadline_days does not say otherwise."""

_SUBMITTED = frozenset({Status.SUBMITTED})
_APPROVED = frozenset({Status.APPROVED})

WORKFLOW = Workflow(
    name="remote_care",
    transitions=(
        *applicant_rows(withdrawable=(Status.DRAFT, Status.SUBMITTED, Status.NEEDS_CORRECTION)),
        *queue_rows(queued=(Status.SUBMITTED,)),
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
            frozenset({Party.REVIEWER, Party.SYSTEM}),
            duty="review",
            claimed=True,
            notice="filing_approved",
            effects=("issue_record",),
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
        ),
        Transition(
            Action.CANCEL_RECORD,
            _APPROVED,
            Status.APPROVED,
            APPLICANT,
            notice="record_cancelled",
            effects=("cancel_record",),
        ),
        Transition(
            Action.REPLACE_RECORD,
            _APPROVED,
            Status.APPROVED,
            frozenset({Party.SYSTEM}),
            notice="record_changed",
        ),
    ),
    holders=HOLDERS,
    working_days={Status.SUBMITTED: REVIEW_DAYS, Status.NEEDS_CORRECTION: CORRECTION_DAYS},
)
