"""What a workflow is: states, and a table action → (from states, to state, who, what follows)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """The states of a case."""

    DRAFT = "draft"  # 草稿
    SUBMITTED = "submitted"  # 已提交, in a queue
    ACCEPTED = "accepted"  # 已受理
    NEEDS_CORRECTION = "needs_correction"  # 待补正, with the applicant
    CERTIFIED = "certified"  # 专家已认定
    REFUSED = "refused"  # 专家不予认定
    APPROVED = "approved"  # 已办结
    REJECTED = "rejected"  # 不予办理
    WITHDRAWN = "withdrawn"  # 已撤回


class Action(StrEnum):
    """Everything that can be done to a case."""

    SAVE = "save"
    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    CLAIM = "claim"
    RELEASE = "release"
    ACCEPT = "accept"
    REQUEST_CORRECTION = "request_correction"
    CERTIFY = "certify"
    REFUSE = "refuse"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    NOTE_OVERDUE = "note_overdue"
    LAPSE = "lapse"
    APPEAL = "appeal"
    REDRAW = "redraw"
    SEND_BACK = "send_back"
    HAND_OVER = "hand_over"
    CLOSE_REFUSED = "close_refused"
    KEEP_APPROVED = "keep_approved"
    CANCEL_RECORD = "cancel_record"
    REPLACE_RECORD = "replace_record"


class Mark(StrEnum):
    """What a service notes on a case beside its state; a row of the table may need one."""

    APPEALABLE = "appealable"  # something was refused and has not been appealed yet


class Party(StrEnum):
    """In what quality somebody acts on a case."""

    APPLICANT = "applicant"  # who filed it, the subject, or who acts for the subject in law
    REVIEWER = "reviewer"  # holds the role that the case's queue asks for, at its place
    ASSIGNEE = "assignee"  # was named for this case: an expert who was drawn
    SYSTEM = "system"  # the product itself: instant decisions, deadlines


class Holder(StrEnum):
    """With whom an open case lies. A case that nobody holds is impossible."""

    APPLICANT = "applicant"
    QUEUE = "queue"
    NOBODY = "nobody"  # closed states only


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    duty: names the step for separation of duties; who did one duty on a case does no other on it.
    claimed: only who holds the case may do it.
    takes/gives_back: the case becomes the performer's, or nobody's again within its queue.
    needs: only possible while the case bears this mark.
    notice: what the applicant is told. effects: names that the service implements.
    """

    action: Action
    sources: frozenset[Status]
    target: Status
    by: frozenset[Party]
    duty: str | None = None
    claimed: bool = False
    takes: bool = False
    gives_back: bool = False
    needs_reason: bool = False
    needs: Mark | None = None
    notice: str | None = None
    effects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """A table with the holder and, in working days, the deadline of each state."""

    name: str
    transitions: tuple[Transition, ...]
    holders: Mapping[Status, Holder]
    working_days: Mapping[Status, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = table_problems(self)
        if problems:
            raise ValueError(f"workflow {self.name}: " + "; ".join(problems))

    def find(self, action: Action, status: Status) -> Transition | None:
        """The row for ``action`` in ``status``; several rows of one action differ in their sources."""
        for transition in self.transitions:
            if transition.action is action and status in transition.sources:
                return transition
        return None

    @property
    def states(self) -> frozenset[Status]:
        found = {transition.target for transition in self.transitions}
        for transition in self.transitions:
            found |= transition.sources
        return frozenset(found)

    def is_open(self, status: Status) -> bool:
        return self.holders.get(status, Holder.NOBODY) is not Holder.NOBODY


def table_problems(workflow: Workflow) -> list[str]:
    """What is wrong with a table: an ambiguous row, a state nobody holds, a dead end, a state never reached."""
    problems = []
    seen: set[tuple[Action, Status]] = set()
    for transition in workflow.transitions:
        for source in transition.sources:
            if (transition.action, source) in seen:
                problems.append(f"{transition.action} from {source} stands twice")
            seen.add((transition.action, source))
        if transition.claimed and Party.APPLICANT in transition.by:
            problems.append(f"{transition.action}: only reviewers hold cases")
    for status in sorted(workflow.states):
        if status not in workflow.holders:
            problems.append(f"{status} has no holder")
        leaves = any(
            status in transition.sources and transition.target is not status
            for transition in workflow.transitions
        )
        if workflow.is_open(status) and not leaves:
            problems.append(f"{status} is open but nothing leads out of it")
    problems.extend(f"{status} is never reached" for status in sorted(workflow.states - _reachable(workflow)))
    return problems


def _reachable(workflow: Workflow) -> set[Status]:
    reached = {Status.DRAFT}
    while True:
        more = {t.target for t in workflow.transitions if t.sources & reached} - reached
        if not more:
            return reached
        reached |= more
