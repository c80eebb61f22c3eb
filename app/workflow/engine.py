"""``apply``: the only way to change a case's state. It checks, writes the state and says what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.kit.workdays import deadline
from app.workflow.table import Action, Holder, Mark, Party, Status, Transition, Workflow


class Case(Protocol):
    """What the engine needs of a case."""

    status: Status
    holder_account_id: UUID | None
    claimed_at: datetime | None
    due_at: datetime | None

    @property
    def marks(self) -> frozenset[Mark]: ...


@dataclass(frozen=True)
class Performer:
    """Who acts, as seen from this case. ``account_id`` None is the product itself.

    conflict: why this performer may not decide on the case at all ("own_case", "relative"), if so.
    """

    account_id: UUID | None
    parties: frozenset[Party]
    conflict: str | None = None


SYSTEM = Performer(None, frozenset({Party.SYSTEM}))
_DECIDING = frozenset({Party.REVIEWER, Party.ASSIGNEE})
_RENEW_DEADLINE = frozenset({Action.ESCALATE, Action.NOTE_OVERDUE, Action.REDRAW})


@dataclass(frozen=True)
class Applied:
    """What was done: the row, and the state before."""

    transition: Transition
    before: Status
    after: Status


class Refused(Exception):  # noqa: N818 - the engine's refusal; the domain above turns it into a problem
    """The action cannot be done; ``available`` says what this performer can do instead."""

    def __init__(self, action: Action, status: Status, available: tuple[Action, ...]) -> None:
        super().__init__(f"{action} in {status}")
        self.action = action
        self.status = status
        self.available = available


class WrongState(Refused):
    """The action is not possible in the case's state."""


class WrongParty(Refused):
    """The action is for somebody else."""


class NotClaimed(Refused):
    """The case must be claimed first."""


class HeldByAnother(Refused):
    """Somebody else has claimed the case."""


class ConflictOfInterest(Refused):
    """It is the performer's own case or a relative's."""


class DutySeparation(Refused):
    """The performer did another step of this case."""


class ReasonMissing(Refused):
    """The action needs a reason in words."""


Duties = Mapping[str, frozenset[UUID]]
"""Duty → accounts that have performed it on this case."""


def apply(
    workflow: Workflow,
    case: Case,
    action: Action,
    performer: Performer,
    *,
    now: datetime,
    duties: Duties,
    reason: str | None = None,
    working_days: Mapping[Status, int] | None = None,
) -> Applied:
    """Do ``action`` to ``case``. Raises a ``Refused`` and changes nothing if it may not be done.

    working_days: how long the states last for this case, where the rules for it say otherwise than the workflow.
    """
    check(workflow, case, action, performer, duties)
    transition = workflow.find(action, case.status)
    if transition is None:
        raise AssertionError("checked above")
    if transition.needs_reason and not reason:
        raise ReasonMissing(action, case.status, available_actions(workflow, case, performer, duties))
    before = case.status
    case.status = transition.target
    _pass_on(workflow, case, transition, performer, now)
    if case.status is not before or action in _RENEW_DEADLINE:
        days = {**workflow.working_days, **(working_days or {})}.get(case.status)
        case.due_at = deadline(now, days) if days is not None else None
    return Applied(transition, before, case.status)


def check(workflow: Workflow, case: Case, action: Action, performer: Performer, duties: Duties) -> None:
    """Raise the ``Refused`` that ``apply`` would raise, without doing anything."""
    refusal = _refusal(workflow, case, action, performer, duties)
    if refusal is not None:
        raise refusal(action, case.status, available_actions(workflow, case, performer, duties))


def available_actions(
    workflow: Workflow, case: Case, performer: Performer, duties: Duties
) -> tuple[Action, ...]:
    """What this performer can do now, in the table's order."""
    return tuple(
        dict.fromkeys(
            transition.action
            for transition in workflow.transitions
            if case.status in transition.sources
            and _refusal(workflow, case, transition.action, performer, duties) is None
        )
    )


def _refusal(
    workflow: Workflow, case: Case, action: Action, performer: Performer, duties: Duties
) -> type[Refused] | None:
    transition = workflow.find(action, case.status)
    if transition is None or (transition.needs is not None and transition.needs not in case.marks):
        return WrongState
    if not transition.by & performer.parties:
        return WrongParty
    if performer.account_id is None:
        return None
    if transition.by & _DECIDING and Party.APPLICANT not in transition.by:
        refusal = _reviewer_refusal(transition, case, performer.account_id, performer.conflict)
        if refusal is not None:
            return refusal
    if transition.duty is not None and _did_another_duty(transition.duty, performer.account_id, duties):
        return DutySeparation
    return None


def _reviewer_refusal(
    transition: Transition, case: Case, account_id: UUID, conflict: str | None
) -> type[Refused] | None:
    holder = case.holder_account_id
    if conflict is not None:
        return ConflictOfInterest
    if transition.takes:
        return HeldByAnother if holder is not None else None
    if transition.claimed and holder != account_id:
        return NotClaimed if holder is None else HeldByAnother
    return None


def _did_another_duty(duty: str, account_id: UUID, duties: Duties) -> bool:
    return any(account_id in accounts for other, accounts in duties.items() if other != duty)


def _pass_on(
    workflow: Workflow,
    case: Case,
    transition: Transition,
    performer: Performer,
    now: datetime,
) -> None:
    if transition.takes:
        case.holder_account_id, case.claimed_at = performer.account_id, now
    elif transition.gives_back or workflow.holders[case.status] is not Holder.QUEUE:
        case.holder_account_id, case.claimed_at = None, None
