"""Rows that every service's table shares."""

from collections.abc import Iterable
from dataclasses import replace

from app.workflow.table import Action, Holder, Party, Status, Transition

APPLICANT = frozenset({Party.APPLICANT})
REVIEWER = frozenset({Party.REVIEWER})
SYSTEM = frozenset({Party.SYSTEM})

HOLDERS = {
    Status.DRAFT: Holder.APPLICANT,
    Status.SUBMITTED: Holder.QUEUE,
    Status.ACCEPTED: Holder.QUEUE,
    Status.NEEDS_CORRECTION: Holder.APPLICANT,
    Status.CERTIFIED: Holder.QUEUE,
    Status.REFUSED: Holder.NOBODY,
    Status.APPROVED: Holder.NOBODY,
    Status.REJECTED: Holder.NOBODY,
    Status.WITHDRAWN: Holder.NOBODY,
}


def applicant_rows(
    *,
    withdrawable: Iterable[Status],
    submit_effects: tuple[str, ...] = (),
    withdraw_effects: tuple[str, ...] = (),
) -> tuple[Transition, ...]:
    """Draft, submit, correct, withdraw."""
    return (
        Transition(Action.SAVE, frozenset({Status.DRAFT}), Status.DRAFT, APPLICANT),
        Transition(Action.SAVE, frozenset({Status.NEEDS_CORRECTION}), Status.NEEDS_CORRECTION, APPLICANT),
        Transition(
            Action.SUBMIT,
            frozenset({Status.DRAFT}),
            Status.SUBMITTED,
            APPLICANT,
            notice="filing_submitted",
            effects=submit_effects,
        ),
        Transition(
            Action.RESUBMIT,
            frozenset({Status.NEEDS_CORRECTION}),
            Status.SUBMITTED,
            APPLICANT,
            notice="filing_submitted",
            effects=submit_effects,
        ),
        Transition(
            Action.WITHDRAW,
            frozenset(withdrawable),
            Status.WITHDRAWN,
            APPLICANT,
            notice="filing_withdrawn",
            effects=withdraw_effects,
        ),
    )


def queue_rows(*, queued: Iterable[Status]) -> tuple[Transition, ...]:
    """Claim, release, and what happens when a deadline passes."""
    states = tuple(queued)
    rows = []
    for status in states:
        here = frozenset({status})
        rows.append(Transition(Action.CLAIM, here, status, REVIEWER, takes=True))
        rows.append(Transition(Action.RELEASE, here, status, REVIEWER, claimed=True, gives_back=True))
        rows.append(
            Transition(Action.ESCALATE, here, status, SYSTEM, gives_back=True, notice="overdue_escalated")
        )
        # Late again, with the supervisor already: there is nobody above, and the citizen was told.
        rows.append(Transition(Action.NOTE_OVERDUE, here, status, SYSTEM))
    lapse = Transition(
        Action.LAPSE,
        frozenset({Status.NEEDS_CORRECTION}),
        Status.WITHDRAWN,
        SYSTEM,
        notice="filing_lapsed",
    )
    return (*rows, lapse)


def lapsing_with(rows: Iterable[Transition], effect: str) -> tuple[Transition, ...]:
    """The common rows; a correction that did not come ends like a withdrawal, with its effect."""
    return tuple(replace(row, effects=(effect,)) if row.action is Action.LAPSE else row for row in rows)
