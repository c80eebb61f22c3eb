"""One step of a case: the workflow's table, then history, effects, queue and notices, all in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import catalogue, errors, history, wording
from app.filings.declaration import CorrectionItem, Effect, Form, Queue
from app.filings.history import Author
from app.filings.models import Filing
from app.identity import service as identity
from app.identity.actor import Actor, Role
from app.kit import clock, outbox
from app.kit.text import Text
from app.kit.workdays import deadline
from app.notices import service as notices
from app.workflow import engine
from app.workflow.engine import SYSTEM, Applied, Duties, Performer
from app.workflow.table import Action, Holder, Status

CORRECTION_REMINDER = "filing.remind_correction"
REMIND_BEFORE = timedelta(days=2)

_REFUSALS = {
    engine.WrongState: errors.WRONG_STATE,
    engine.WrongParty: errors.WRONG_PARTY,
    engine.NotClaimed: errors.NOT_CLAIMED,
    engine.HeldByAnother: errors.HELD_BY_ANOTHER,
    engine.ConflictOfInterest: errors.CONFLICT_OF_INTEREST,
    engine.DutySeparation: errors.DUTY_SEPARATION,
    engine.ReasonMissing: errors.REASON_MISSING,
}


@dataclass(frozen=True)
class Step:
    """Who does what, and what is written about it. quiet: nobody is told, for what follows at once tells more.

    notice, told: what the applicant is told in place of the table's notice, and of the reason.
    """

    action: Action
    performer: Performer
    author: Author
    actor: Actor | None
    duties: Duties
    reason: str | None = None
    facts: Mapping[str, Any] | None = None
    queue: Queue | None = None
    quiet: bool = False
    notice: str | None = None
    told: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[CorrectionItem] = ()


def system_step(action: Action, *, reason: str | None = None, facts: Mapping[str, Any] | None = None) -> Step:
    """A step by the product itself."""
    return Step(action, SYSTEM, Author.system(), None, {}, reason=reason, facts=facts)


def perform(session: Session, filing: Filing, step: Step, *, form: Form | None = None) -> Applied:
    """Do a step. ``form``: the case's form if the caller has it already. Raises problems of the workflow."""
    service = catalogue.get(filing.service_code)
    now = clock.now()
    with refusals_as_problems(session, filing):
        applied = engine.apply(
            service.workflow,
            filing,
            step.action,
            step.performer,
            now=now,
            duties=step.duties,
            reason=step.reason,
            working_days=service.working_days(filing),
        )
    filing.updated_at = now
    # The version counts steps, so a client's expected_version is also the step it has seen.
    history.append(session, filing, applied, step.author, at=now, reason=step.reason, facts=step.facts)
    effect = Effect(
        session,
        filing,
        _typed_form(filing, applied, form),
        step.actor,
        now,
        step.action,
        step.data,
        step.items,
        step.reason,
    )
    _stamp(filing, applied, now)
    _place(filing, applied, step, effect)
    for name in applied.transition.effects:
        service.effects[name](effect)
    _tell(session, filing, applied, step)
    history.seal(filing)
    return applied


def _typed_form(filing: Filing, applied: Applied, form: Form | None) -> Form:
    """The case's form as its declaration reads it; opened only where an effect or a queue may look at it."""
    service = catalogue.get(filing.service_code)
    if form is not None:
        return form
    if not applied.transition.effects and service.place is None:
        return {}
    loaded: Form = catalogue.form_schema(service.form, partial=True).load(filing.form)
    return loaded


@contextmanager
def refusals_as_problems(session: Session, filing: Filing) -> Iterator[None]:
    """The workflow's refusals as problems that name the actions which are possible."""
    try:
        yield
    except engine.Refused as refusal:
        kind = _REFUSALS[type(refusal)]
        still = still_possible(session, filing, refusal.available)
        extra = {"available_actions": [action.value for action in still]}
        raise kind(extra=extra, status=wording.STATUS[filing.status]) from None


def available(session: Session, filing: Filing, performer: Performer, duties: Duties) -> Sequence[Action]:
    """What this performer can do now, in the table's order."""
    workflow = catalogue.get(filing.service_code).workflow
    actions = engine.available_actions(workflow, filing, performer, duties)
    return still_possible(session, filing, actions)


def still_possible(session: Session, filing: Filing, actions: Sequence[Action]) -> Sequence[Action]:
    """Those of ``actions`` for which it is not too late: they need no mark, or one that still holds."""
    if not filing.marks:
        return actions
    service = catalogue.get(filing.service_code)
    holding = service.marks(session, filing, clock.now())
    rows = {action: service.workflow.find(action, filing.status) for action in actions}
    return tuple(
        action for action, row in rows.items() if row is None or row.needs is None or row.needs in holding
    )


def check_possible(session: Session, filing: Filing, step: Step) -> None:
    """Raise the problem that ``perform`` would raise because of the case's state or the actor's place."""
    workflow = catalogue.get(filing.service_code).workflow
    with refusals_as_problems(session, filing):
        engine.check(workflow, filing, step.action, step.performer, step.duties)


def _stamp(filing: Filing, applied: Applied, now: datetime) -> None:
    if applied.transition.action in {Action.SUBMIT, Action.RESUBMIT}:
        filing.submitted_at = filing.submitted_at or now
        # What was asked for is remembered: nothing new may be asked for later.
        asked = filing.missing.get("asked", [])
        filing.missing = {"asked": asked} if asked else None
    if applied.after is Status.NEEDS_CORRECTION and applied.before is not Status.NEEDS_CORRECTION:
        filing.corrections += 1
    service = catalogue.get(filing.service_code)
    if applied.before is not applied.after and not service.workflow.is_open(applied.after):
        filing.decided_at = now
    if not service.workflow.is_open(applied.before) and service.workflow.is_open(applied.after):
        filing.decided_at = None  # opened again, by an appeal
    if applied.transition.action is Action.ESCALATE:
        filing.escalated_at = now
    elif service.workflow.holders[applied.after] is Holder.APPLICANT:
        filing.escalated_at = None


def _place(filing: Filing, applied: Applied, step: Step, effect: Effect) -> None:
    """Say where the case lies now. An open case in no queue and in nobody's hands cannot be."""
    service = catalogue.get(filing.service_code)
    if service.workflow.holders[applied.after] is not Holder.QUEUE:
        filing.queue_role = filing.queue_region = filing.queue_organisation_id = None
        return
    if applied.transition.action is Action.ESCALATE:
        filing.queue_role, filing.queue_organisation_id = Role.SUPERVISOR, None
        return
    if applied.before is applied.after:
        return
    queue = step.queue
    if queue is None and service.place is not None:
        queue = service.place(effect)
    if queue is not None:
        filing.queue_role, filing.queue_region = queue.role, queue.region_code
        filing.queue_organisation_id, filing.stage = queue.organisation_id, queue.stage
        if queue.working_days is not None:
            filing.due_at = deadline(effect.now, queue.working_days)


def check_held(filing: Filing) -> None:
    """Raise if an open case lies nowhere; called before the transaction ends."""
    workflow = catalogue.get(filing.service_code).workflow
    if workflow.holders[filing.status] is Holder.QUEUE and (
        filing.queue_role is None or filing.queue_region is None
    ):
        raise RuntimeError(f"case {filing.number} would be in no queue")


def _tell(session: Session, filing: Filing, applied: Applied, step: Step) -> None:
    kind = step.notice or applied.transition.notice
    if kind is None or step.quiet:
        return
    service = catalogue.get(filing.service_code)
    params: dict[str, str | Text] = {
        "service": service.name,
        "number": filing.number,
        "reason": step.told or step.reason or "",
    }
    if applied.after is Status.NEEDS_CORRECTION and filing.due_at is not None:
        params["due"] = clock.china_day(filing.due_at).isoformat()
        _remind_later(session, filing, filing.due_at)
    notices.queue_notice(
        session,
        person_id=filing.person_id,
        kind=notices.NoticeKind(kind),
        filing_id=filing.id,
        params=params,
        also_person_id=_applicant_to_tell(session, filing),
    )


def _applicant_to_tell(session: Session, filing: Filing) -> UUID | None:
    """Who filed for the subject is told as long as the ground holds: an ex-guardian learns nothing any more."""
    applicant_id = filing.applicant_person_id
    if applicant_id == filing.person_id or applicant_id not in identity.guardians_of(
        session, filing.person_id
    ):
        return None
    return applicant_id


def _remind_later(session: Session, filing: Filing, due_at: datetime) -> None:
    after = max(due_at - clock.now() - REMIND_BEFORE, timedelta(hours=1))
    outbox.put(
        session, CORRECTION_REMINDER, {"filing_id": str(filing.id), "seq": filing.last_seq}, after=after
    )
