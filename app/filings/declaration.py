"""What a service (事项) declares; the case engine does the rest.

A new service is one module that makes a ``Service``, one line in the registry, one test and one scenario.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings.models import Filing
from app.identity.actor import Actor, Ground
from app.identity.models import Coverage, Person
from app.kit.api.schemas import RequestSchema
from app.kit.errors import Problem
from app.kit.text import Text
from app.workflow.table import Action, Mark, Status, Workflow

Form = Mapping[str, Any]


@dataclass(frozen=True)
class PaperNeed:
    """A paper that a service may ask for. ``when`` says in words in which case."""

    kind: str
    name: Text
    when: Text


@dataclass(frozen=True)
class Queue:
    """Where a case waits: for a role, in a region or at one organisation; how long, if not as the workflow says."""

    role: str
    region_code: str
    organisation_id: UUID | None = None
    stage: str = "agency_review"
    working_days: int | None = None


@dataclass(frozen=True)
class Submission:
    """What a service judges: whose case, on which coverages, with which form and papers, on which day.

    submitted_on: the day of the first submission, when a corrected case comes back.
    """

    session: Session
    actor: Actor
    ground: Ground
    person: Person
    coverages: Sequence[Coverage]
    form: Form
    papers: Mapping[UUID, str]
    today: date
    filing_id: UUID
    service_code: str
    submitted_on: date | None = None

    @property
    def paper_kinds(self) -> Sequence[str]:
        """The kinds of the papers that are there."""
        return tuple(self.papers.values())


@dataclass(frozen=True)
class CorrectionItem:
    """One thing that the one-time notice asks for: a paper or an entry of the form, and what is wrong with it."""

    text: str
    kind: str | None = None
    field: str | None = None


@dataclass(frozen=True)
class MissingPaper:
    """A paper that must be added, and why."""

    kind: str
    name: Text
    why: Text


@dataclass(frozen=True)
class Judgement:
    """The service's verdict on a submission: everything that is wrong at once, or where it goes.

    queue None with no problem: decided at once (instant). refusal: a reason why it cannot be filed at all.
    changes: what the service fills into the form (a district lifted to its city, a validity computed).
    """

    coverage: Coverage | None
    pack_id: str | None = None
    problems: Mapping[str, Sequence[Text]] = field(default_factory=dict)
    missing: Sequence[MissingPaper] = ()
    refusal: Problem | None = None
    queue: Queue | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """What an effect of the workflow gets to work with. data: what the action brought, as ``Service.data`` reads it."""

    session: Session
    filing: Filing
    form: Form
    actor: Actor | None
    now: datetime
    action: Action
    data: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[CorrectionItem] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Said:
    """What the data of an action say to people: the reason that is kept, and a notice in place of the table's.

    told: what the applicant is told in place of the reason.

    facts: what the history notes of it, readable by programs and without anything personal.
    """

    reason: str | None
    notice: str | None = None
    facts: Mapping[str, Any] | None = None
    told: str | None = None


@dataclass(frozen=True)
class Section:
    """A part of an official form: a heading, and labels with their values."""

    heading: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class OfficialForm:
    """A paper of the service's own, in place of the plain result. signatures: what the service needs to check them."""

    title: str
    sections: Sequence[Section]
    signatures: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Signed:
    """An electronic signature on an official form, checked."""

    signer: str
    about: str
    algorithm: str
    valid: bool
    at: datetime | None


@dataclass(frozen=True)
class Fact:
    """One line of a receipt or of a case's summary."""

    label: Text
    value: str | Text


@dataclass(frozen=True)
class Break:
    """A row that was tampered with, or a place where one is missing. ``row`` is the id of the row that shows it."""

    table: str
    row: str
    filing_number: str
    what: str


def no_official_form(session: Session, filing: Filing) -> OfficialForm | None:  # noqa: ARG001 - the hook's shape
    """Of a service whose result is the plain one."""
    return None


def never_revised(session: Session, filing: Filing) -> str:  # noqa: ARG001 - the hook's shape
    """Of a service whose papers change only with the case itself."""
    return ""


def no_signatures(session: Session, signatures: Sequence[Mapping[str, Any]]) -> Sequence[Signed]:  # noqa: ARG001
    """Of a service whose papers nobody signs."""
    return ()


def while_approved(session: Session, filing: Filing) -> bool:  # noqa: ARG001 - the hook's shape
    """Of a service whose cases give something exactly while they are approved."""
    return filing.status is Status.APPROVED


def as_in_the_workflow(filing: Filing) -> Mapping[Status, int]:  # noqa: ARG001 - the hook's shape
    """Of a service whose deadlines are the same everywhere."""
    return {}


def marks_as_noted(session: Session, filing: Filing, now: datetime) -> frozenset[Mark]:  # noqa: ARG001
    """Of a service whose marks hold until they are taken off."""
    return filing.marks


def always_escalate(filing: Filing) -> Action | None:  # noqa: ARG001 - the hook's shape
    """Of a service whose late cases all go to the supervisor."""
    return None


def nothing_to_audit(session: Session, filings: Sequence[Filing]) -> Iterable[Break]:  # noqa: ARG001 - the hook's shape
    """Of a service whose cases give no rows of its own."""
    return ()


@dataclass(frozen=True)
class Service:
    """A declaration.

    describe: a case's facts for people. effects: the workflow's effect names.
    has_given: whether the case gave something, whatever becomes of the rest of it. outcome: what that was, for whoever
    may see the case; gives_now: what is left of it, for whoever holds a paper of the case (None: the outcome).
    place: the queue of a waiting state that is entered otherwise than by submission; None keeps the queue it has.
    working_days: how long the states last for a case, where its rules say otherwise than the workflow.
    marks: those of the case's marks that still hold at a moment: what needs another one is not offered any more.
    data: what an action takes beside its reason. said: what such data say to people, where they hold words of their own.
    overdue: what happens to a late case instead of the escalation.
    official_form, check_official_form: the paper of a case that gave something, and the check of its signatures.
    revision: what that paper rests on beside the case's steps, in at most 16 characters; another one, another paper.
    audit: the service's own rows that refer to these cases (of any service) and are not as they were written.
    """

    code: str
    number_prefix: str
    name: Text
    summary: Text
    who: Text
    how_long: Text
    workflow: Workflow
    form: type[RequestSchema]
    papers: Sequence[PaperNeed]
    judge: Callable[[Submission], Judgement]
    describe: Callable[[Form], Sequence[Fact]]
    outcome: Callable[[Session, Filing], Sequence[Fact]]
    effects: Mapping[str, Callable[[Effect], None]] = field(default_factory=dict)
    place: Callable[[Effect], Queue] | None = None
    has_given: Callable[[Session, Filing], bool] = while_approved
    gives_now: Callable[[Session, Filing], Sequence[Fact]] | None = None
    working_days: Callable[[Filing], Mapping[Status, int]] = as_in_the_workflow
    marks: Callable[[Session, Filing, datetime], frozenset[Mark]] = marks_as_noted
    data: Mapping[Action, type[RequestSchema]] = field(default_factory=dict)
    said: Mapping[Action, Callable[[Session, Filing, Mapping[str, Any], str | None], Said]] = field(
        default_factory=dict
    )
    overdue: Callable[[Filing], Action | None] = always_escalate
    official_form: Callable[[Session, Filing], OfficialForm | None] = no_official_form
    check_official_form: Callable[[Session, Sequence[Mapping[str, Any]]], Sequence[Signed]] = no_signatures
    revision: Callable[[Session, Filing], str] = never_revised
    audit: Callable[[Session, Sequence[Filing]], Iterable[Break]] = nothing_to_audit
