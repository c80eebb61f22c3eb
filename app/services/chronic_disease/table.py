"""The workflow of a chronic-disease application (domain.md §2.2, the model of 略阳).

Experts who were drawn by lot give their opinions while the case is ``submitted``; when the last one has, the product
itself moves the case on: to the agency, back to the applicant for everything that the experts miss (one notice), or to
``refused``, where the applicant may appeal once. What was approved before stays approved, whatever becomes of an
appeal about the rest: ``keep_approved`` leads back from wherever the case would have ended.
"""

from app.workflow.common import (
    APPLICANT,
    HOLDERS,
    REVIEWER,
    SYSTEM,
    applicant_rows,
    lapsing_with,
    queue_rows,
)
from app.workflow.table import Action, Holder, Mark, Party, Status, Transition, Workflow

EXPERT_DAYS = 1
AGENCY_DAYS = 1
CORRECTION_DAYS = 15
APPEAL_DAYS = 15
"""Working days where a pack says nothing else; the first two are 略阳's one day in all, the others ours."""

_SUBMITTED = frozenset({Status.SUBMITTED})
_CERTIFIED = frozenset({Status.CERTIFIED})
_EXPERT = frozenset({Party.ASSIGNEE})


WORKFLOW = Workflow(
    name="chronic_disease",
    transitions=(
        *applicant_rows(
            withdrawable=(Status.DRAFT, Status.SUBMITTED, Status.NEEDS_CORRECTION),
            submit_effects=("call_experts",),
            withdraw_effects=("dismiss_experts",),
        ),
        Transition(
            Action.CERTIFY, _SUBMITTED, Status.SUBMITTED, _EXPERT, duty="expert", effects=("give_opinion",)
        ),
        Transition(
            Action.REFUSE,
            _SUBMITTED,
            Status.SUBMITTED,
            _EXPERT,
            duty="expert",
            needs_reason=True,
            effects=("give_opinion",),
        ),
        Transition(
            Action.REQUEST_CORRECTION,
            _SUBMITTED,
            Status.SUBMITTED,
            _EXPERT,
            duty="expert",
            needs_reason=True,
            effects=("ask_correction",),
        ),
        Transition(Action.SEND_BACK, _SUBMITTED, Status.NEEDS_CORRECTION, SYSTEM, notice="correction_needed"),
        Transition(Action.HAND_OVER, _SUBMITTED, Status.CERTIFIED, SYSTEM, notice="filing_certified"),
        Transition(Action.CLOSE_REFUSED, _SUBMITTED, Status.REFUSED, SYSTEM, notice="filing_refused"),
        # After an appeal nobody is left to ask.
        Transition(
            Action.REJECT,
            _SUBMITTED,
            Status.REJECTED,
            SYSTEM,
            needs_reason=True,
            notice="filing_rejected",
        ),
        Transition(
            Action.KEEP_APPROVED,
            frozenset({Status.SUBMITTED, Status.REJECTED, Status.WITHDRAWN}),
            Status.APPROVED,
            SYSTEM,
            notice="result_kept",
        ),
        # Late experts are replaced; where nobody can be drawn the agency may try again, and the supervisor is told.
        Transition(
            Action.REDRAW,
            _SUBMITTED,
            Status.SUBMITTED,
            SYSTEM | REVIEWER,
            effects=("redraw_experts",),
        ),
        Transition(Action.ESCALATE, _SUBMITTED, Status.SUBMITTED, SYSTEM, notice="overdue_escalated"),
        Transition(Action.NOTE_OVERDUE, _SUBMITTED, Status.SUBMITTED, SYSTEM),
        *lapsing_with(queue_rows(queued=(Status.CERTIFIED,)), "dismiss_experts"),
        Transition(
            Action.APPROVE,
            _CERTIFIED,
            Status.APPROVED,
            REVIEWER,
            duty="review",
            claimed=True,
            notice="filing_approved",
            effects=("grant_entitlements",),
        ),
        Transition(
            Action.REJECT,
            _CERTIFIED,
            Status.REJECTED,
            REVIEWER,
            duty="review",
            claimed=True,
            needs_reason=True,
            notice="filing_rejected",
            effects=("reject_items",),
        ),
        Transition(
            Action.APPEAL,
            frozenset({Status.REFUSED, Status.APPROVED, Status.REJECTED}),
            Status.SUBMITTED,
            APPLICANT,
            needs=Mark.APPEALABLE,
            needs_reason=True,
            notice="filing_submitted",
            effects=("open_appeal",),
        ),
        Transition(
            Action.LAPSE,
            frozenset({Status.REFUSED}),
            Status.REJECTED,
            SYSTEM,
            notice="filing_rejected",
            effects=("close_appeal",),
        ),
    ),
    holders={**HOLDERS, Status.REFUSED: Holder.APPLICANT},
    working_days={
        Status.SUBMITTED: EXPERT_DAYS,
        Status.CERTIFIED: AGENCY_DAYS,
        Status.NEEDS_CORRECTION: CORRECTION_DAYS,
        Status.REFUSED: APPEAL_DAYS,
    },
)
