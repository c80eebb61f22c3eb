"""Cases from draft to end: what routes and services call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import access, acting, assigning, catalogue, errors, history, intake, queries, wanting
from app.filings.access import Standing
from app.filings.acting import Step, perform
from app.filings.declaration import CorrectionItem, Effect
from app.filings.history import Author
from app.filings.intake import ReadForm
from app.filings.models import Filing
from app.filings.wanting import Act
from app.identity import service as identity
from app.identity.actor import Actor, Role
from app.identity.models import AccessKind, Person
from app.kit.errors import NOT_FOUND, STALE_VERSION, Problem
from app.kit.pages import Page
from app.materials import service as materials
from app.materials.models import Material
from app.materials.service import Concern
from app.workflow.engine import Performer
from app.workflow.table import Action, Holder, Party

DONE = {
    Action.SAVE: AccessKind.FILING_EDITED,
    Action.SUBMIT: AccessKind.FILING_SUBMITTED,
    Action.RESUBMIT: AccessKind.FILING_SUBMITTED,
    Action.CLAIM: AccessKind.FILING_CLAIMED,
    Action.RELEASE: AccessKind.FILING_RELEASED,
    Action.REQUEST_CORRECTION: AccessKind.CORRECTION_ASKED,
    Action.CERTIFY: AccessKind.FILING_CERTIFIED,
    Action.APPROVE: AccessKind.FILING_APPROVED,
    Action.REJECT: AccessKind.FILING_REJECTED,
    Action.WITHDRAW: AccessKind.FILING_WITHDRAWN,
}
HANDED_IN = frozenset({Action.SUBMIT, Action.RESUBMIT})
MAX_SAVES = 200
"""How often one case may be saved. Ours: far more than filling in a form takes."""


@dataclass(frozen=True)
class SeenFiling:
    """A case as one actor sees it."""

    filing: Filing
    standing: Standing
    actions: Sequence[Action]
    subject: Person | None = None
    """Whom it is about, where that was read already: the session holds it, and it is not read again."""


def start(
    session: Session,
    actor: Actor,
    *,
    service_code: str,
    subject_id: UUID | None,
    form: Mapping[str, Any],
    material_ids: Sequence[UUID],
    submit: bool,
    open_limit: int,
) -> SeenFiling:
    """Start a case, as a draft or submitted at once. Raises problems that name everything that is wrong."""
    service = catalogue.find(service_code)
    person, ground = intake.subject_of(session, actor, subject_id)
    read = intake.read_form(service, form, draft=not submit)
    intake.check_paper_count(material_ids)
    papers = materials.materials_of(session, actor.account_id, material_ids)
    _check_open_count(session, actor, open_limit)
    filing = intake.new_filing(service, actor, person, ground, read)
    session.add(filing)
    intake.add_papers(session, filing, papers, [], actor)
    if submit:
        step = _applicant_step(Action.SUBMIT, actor)
        intake.hand_in(
            session,
            filing,
            service=service,
            actor=actor,
            person=person,
            form=read,
            papers={paper.id: paper.kind for paper in papers},
            step=step,
        )
    else:
        perform(session, filing, _applicant_step(Action.SAVE, actor), form=read.typed)
    place = Standing(Role.CITIZEN, frozenset({Party.APPLICANT}), ground)
    _note_access(
        session, actor, filing, place, AccessKind.FILING_SUBMITTED if submit else AccessKind.FILING_CREATED
    )
    session.flush()
    return replace(_seen(session, actor, filing, place), subject=person)


def edit(
    session: Session,
    actor: Actor,
    filing_id: UUID,
    *,
    expected_version: int,
    form: Mapping[str, Any] | None,
    material_ids: Sequence[UUID],
    remove_material_ids: Sequence[UUID],
) -> SeenFiling:
    """Change a draft, or a case that was sent back. The form, if given, replaces the one before.

    Raises TOO_MANY_SAVES, and PAPERS_SEEN for papers to be removed that a reviewer saw.
    """
    filing, place = _locked(session, actor, filing_id, expected_version)
    service = catalogue.get(filing.service_code)
    step = _step(session, actor, filing, place, Act(Action.SAVE, expected_version))
    acting.check_possible(session, filing, step)
    _check_saves(session, actor, filing, place)
    read = intake.read_form(service, filing.form if form is None else form, draft=True)
    papers = materials.materials_of(session, actor.account_id, material_ids)
    present = intake.papers_of(session, filing.id)
    if remove_material_ids:
        intake.check_not_both(material_ids, remove_material_ids)
        present = intake.remove_papers(session, filing, remove_material_ids, present)
        step = replace(step, facts={"papers_removed": len(set(remove_material_ids))})
    filing.form = read.plain  # before the step, which seals it
    perform(session, filing, step, form=read.typed)
    intake.add_papers(session, filing, papers, present, actor)
    _note_access(session, actor, filing, place, AccessKind.FILING_EDITED)
    session.flush()
    return _seen(session, actor, filing, place)


def act(session: Session, actor: Actor, filing_id: UUID, wanted: Act) -> SeenFiling:
    """Do an action to a case: submit, withdraw, claim, ask for corrections, decide …"""
    filing, place = _locked(session, actor, filing_id, wanted.expected_version)
    step = _step(session, actor, filing, place, wanted)
    hands_in = wanted.action in HANDED_IN and Party.APPLICANT in place.parties
    takes_data = wanted.action in catalogue.get(filing.service_code).data
    wanting.refuse_superfluous(wanted, takes_form=hands_in, takes_data=takes_data)
    if hands_in:
        _hand_in(session, actor, filing, wanted, step)
    else:
        step = wanting.step_with_data(session, filing, wanted, step)
        if wanted.action is Action.REQUEST_CORRECTION:
            step = wanting.correction_step(filing, step, wanted)
        perform(session, filing, step)
        acting.check_held(filing)
    _note_access(session, actor, filing, place, DONE.get(wanted.action, AccessKind.FILING_CHANGED))
    session.flush()
    return _seen_after(session, actor, filing, place)


def get(
    session: Session, actor: Actor, filing_id: UUID, *, what: AccessKind = AccessKind.FILING_VIEWED
) -> SeenFiling:
    """A case, with what the actor can do. Raises NOT_FOUND for whoever has nothing to do with it.

    what: how the look is written down for the person whom the case is about.
    """
    seen = look(session, actor, filing_id)
    note_look(session, actor, seen, what)
    return seen


def look(session: Session, actor: Actor, filing_id: UUID) -> SeenFiling:
    """The same without writing the look down: the caller does that before anything is shown. Raises NOT_FOUND."""
    filing = session.get(Filing, filing_id)
    if filing is None:
        raise NOT_FOUND()
    return _seen(session, actor, filing, access.standing(session, actor, filing))


def note_look(session: Session, actor: Actor, seen: SeenFiling, what: AccessKind) -> None:
    """Write down that the actor looked at the case (at one's own: nothing)."""
    _note_access(session, actor, seen.filing, seen.standing, what)


def page_mine(session: Session, actor: Actor, **query: Any) -> Page[Filing]:
    """Cases that the actor filed, while the actor may act for those whom they are about."""
    return queries.of_applicant(session, actor.account_id, _acts_for(session, actor), **query)


def page_subject(session: Session, actor: Actor, **query: Any) -> Page[Filing]:
    """Cases about the actor and those for whom the actor acts in law. Staff at work have none of their own."""
    return queries.of_subjects(session, _acts_for(session, actor), **query)


def _acts_for(session: Session, actor: Actor) -> list[UUID]:
    """The citizen and those for whom he or she acts in law today; staff at work act for nobody."""
    if actor.person_id is None or Role.CITIZEN not in actor.roles:
        return []
    return [actor.person_id, *identity.wards_of(session, actor.person_id)]


def page_queue(session: Session, actor: Actor, **query: Any) -> Page[Filing]:
    """Open cases in the actor's queues, the most urgent first."""
    return queries.in_queues(session, actor, **query)


def pending_of_subject(
    session: Session, person_id: UUID, service_code: str, besides: UUID
) -> Sequence[Filing]:
    """The person's other cases of a service that are under way (drafts do not count)."""
    return queries.pending_of_subject(session, person_id, service_code, besides)


def desk_of_institution(session: Session, institution_id: UUID) -> UUID | None:
    """The organisation under which a hospital's desk reviews, if the hospital has one."""
    return identity.desk_of_institution(session, institution_id)


def note_replaced(session: Session, filing_id: UUID, *, by: str) -> None:
    """Write into an older case's history that what it gave was replaced by case number ``by``."""
    filing = queries.locked(session, filing_id)
    if filing is not None:
        perform(session, filing, acting.system_step(Action.REPLACE_RECORD, facts={"by": by}))


def follow_up(
    effect: Effect, action: Action, *, reason: str | None = None, items: Sequence[CorrectionItem] = ()
) -> None:
    """A step that the product itself takes because of the one whose effect this is, in the same transaction.

    items: what the applicant must correct, when the case goes back.
    """
    filing = effect.filing
    facts = None
    if items:
        intake.note_missing(filing, items)
        reason, facts = intake.correction_reason(reason, items), {"items": len(items)}
    perform(effect.session, filing, acting.system_step(action, reason=reason, facts=facts), form=effect.form)


def note_act(session: Session, actor: Actor, filing_id: UUID, what: AccessKind) -> None:
    """Write down, for the person, what an actor did to something that a case gave. Raises NOT_FOUND."""
    filing = session.get(Filing, filing_id)
    if filing is None:
        raise NOT_FOUND()
    _note_access(session, actor, filing, access.standing(session, actor, filing), what)


def concern_of_paper(session: Session, actor: Actor, material: Material) -> Concern | None:
    """The case through which the actor may see this paper, if there is one (access by relation to the case)."""
    for filing in queries.filings_with_paper(session, material.id):
        try:
            place = access.standing(session, actor, filing)
        except Problem:
            continue
        about = catalogue.get(filing.service_code).name
        return Concern(filing.person_id, filing.id, place.ground, place.grant, about)
    return None


def _locked(
    session: Session, actor: Actor, filing_id: UUID, expected_version: int
) -> tuple[Filing, Standing]:
    """The person, then the case, locked in this order everywhere: what a case gives depends on the person's others."""
    person_id = queries.subject_of(session, filing_id)
    if person_id is None:
        raise NOT_FOUND()
    identity.lock_person(session, person_id)
    filing = queries.locked(session, filing_id)
    if filing is None:
        raise NOT_FOUND()
    place = access.standing(session, actor, filing)
    if filing.version != expected_version:
        seen = _seen(session, actor, filing, place)
        raise STALE_VERSION(
            extra={"version": filing.version, "available_actions": [action.value for action in seen.actions]}
        )
    return filing, place


def _step(session: Session, actor: Actor, filing: Filing, place: Standing, wanted: Act) -> Step:
    return Step(
        wanted.action,
        access.performer(session, actor, filing, place),
        Author(actor.account_id, place.role, place.organisation_id),
        actor,
        history.duties_of(session, filing.id),
        reason=wanted.reason,
    )


def _applicant_step(action: Action, actor: Actor) -> Step:
    performer = Performer(actor.account_id, frozenset({Party.APPLICANT}))
    return Step(action, performer, Author(actor.account_id, Role.CITIZEN), actor, {})


def _hand_in(session: Session, actor: Actor, filing: Filing, wanted: Act, step: Step) -> None:
    service = catalogue.get(filing.service_code)
    # Said before the form is judged: in the wrong state no correction of the form would help.
    acting.check_possible(session, filing, step)
    person = identity.get_person(session, filing.person_id)
    papers = materials.materials_of(session, actor.account_id, wanted.material_ids)
    present = list(intake.papers_of(session, filing.id))
    intake.add_papers(session, filing, papers, present, actor)
    held = {paper.material_id: paper.kind for paper in present}
    held |= {paper.id: paper.kind for paper in papers}
    read: ReadForm = intake.read_form(
        service, filing.form if wanted.form is None else wanted.form, draft=False
    )
    filing.form = read.plain
    if wanted.action is Action.RESUBMIT:
        wanting.check_corrected(filing, present, papers)
    intake.hand_in(
        session, filing, service=service, actor=actor, person=person, form=read, papers=held, step=step
    )


def _check_open_count(session: Session, actor: Actor, limit: int) -> None:
    """Raise TOO_MANY_OPEN. Cases about a former ward, which the actor cannot even see any more, do not count."""
    # Few come near the limit: whom they still act for is read for those alone.
    if queries.count_open(session, actor.account_id) < limit:
        return
    count = queries.count_open(session, actor.account_id, about=_acts_for(session, actor))
    if count >= limit:
        raise errors.TOO_MANY_OPEN(count=count)


def _check_saves(session: Session, actor: Actor, filing: Filing, place: Standing) -> None:
    """Raise TOO_MANY_SAVES: a case's history is kept for ever and must stay readable."""
    if filing.last_seq < MAX_SAVES or queries.count_saves(session, filing.id) < MAX_SAVES:
        return
    others = [
        action.value for action in _seen(session, actor, filing, place).actions if action is not Action.SAVE
    ]
    raise errors.TOO_MANY_SAVES(limit=MAX_SAVES, extra={"available_actions": others})


def _seen(session: Session, actor: Actor, filing: Filing, place: Standing) -> SeenFiling:
    if place.is_applicant or not place.parties:
        performer = Performer(actor.account_id, place.parties)
        return SeenFiling(filing, place, acting.available(session, filing, performer, {}))
    performer = access.performer(session, actor, filing, place)
    duties = history.duties_of(session, filing.id)
    return SeenFiling(filing, place, acting.available(session, filing, performer, duties))


def _seen_after(session: Session, actor: Actor, filing: Filing, place: Standing) -> SeenFiling:
    """After an action the case may have left the actor's queue: then there is nothing more to do."""
    workflow = catalogue.get(filing.service_code).workflow
    queued = workflow.holders[filing.status] is Holder.QUEUE and filing.queue_role != Role.EXPERT
    if Party.REVIEWER in place.parties and not queued:
        return SeenFiling(filing, place, ())
    if Party.ASSIGNEE in place.parties and not assigning.is_named(session, filing.id, actor.account_id):
        return SeenFiling(filing, place, ())
    return _seen(session, actor, filing, place)


def _note_access(session: Session, actor: Actor, filing: Filing, place: Standing, what: AccessKind) -> None:
    """Write down, for the person whom the case is about, who saw or did what (one's own acts are not)."""
    about = catalogue.get(filing.service_code).name
    identity.record_access(
        session,
        actor,
        filing.person_id,
        what,
        filing_id=filing.id,
        ground=place.ground,
        grant=place.grant,
        about=about,
    )
