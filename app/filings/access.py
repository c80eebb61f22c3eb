"""In what quality an actor meets a case. Whoever has none does not learn that it exists."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import assigning
from app.filings.models import Filing
from app.identity import service as identity
from app.identity.actor import Actor, Grant, Ground, Role, region_covers
from app.kit.errors import NOT_FOUND
from app.workflow.engine import Performer
from app.workflow.table import Party

VIEWING_ROLES = frozenset({Role.HANDLER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})


@dataclass(frozen=True)
class Standing:
    """An actor before a case: the role that acts, where it is held, and as which party."""

    role: str
    parties: frozenset[Party]
    ground: Ground
    grant: Grant | None = None

    @property
    def organisation_id(self) -> UUID | None:
        return None if self.grant is None else self.grant.organisation_id

    @property
    def is_applicant(self) -> bool:
        return Party.APPLICANT in self.parties


def standing(session: Session, actor: Actor, filing: Filing) -> Standing:
    """The actor's standing. Raises NOT_FOUND when there is none."""
    ground = _own_ground(session, actor, filing)
    if ground is not None:
        return Standing(Role.CITIZEN, frozenset({Party.APPLICANT}), ground)
    grant = _named_grant(session, actor, filing)
    if grant is not None:
        return Standing(grant.role, frozenset({Party.ASSIGNEE}), Ground.STAFF, grant)
    grant = _queue_grant(actor, filing)
    if grant is not None:
        return Standing(grant.role, frozenset({Party.REVIEWER}), Ground.STAFF, grant)
    grant = _viewing_grant(actor, filing)
    if grant is not None:
        return Standing(grant.role, frozenset(), Ground.STAFF, grant)
    raise NOT_FOUND()


def performer(session: Session, actor: Actor, filing: Filing, place: Standing) -> Performer:
    """The actor as the workflow sees it, with any conflict of interest."""
    return Performer(actor.account_id, place.parties, _conflict(session, actor, filing, place))


def _own_ground(session: Session, actor: Actor, filing: Filing) -> Ground | None:
    """On what ground the case is the actor's own: as its subject, as who filed it, or acting for the subject in law.

    Who filed for somebody keeps the case only while the ground holds: a guardian no longer once the child is of age.
    """
    if Role.CITIZEN not in actor.roles or actor.person_id is None:
        return None
    return identity.may_act_for(session, actor, filing.person_id)


def _named_grant(session: Session, actor: Actor, filing: Filing) -> Grant | None:
    """An expert's grant, if the expert was drawn for this case and has not finished with it."""
    grants = actor.grants_of([Role.EXPERT])
    if not grants or not assigning.is_named(session, filing.id, actor.account_id):
        return None
    region = filing.region_code or ""
    return next((grant for grant in grants if region_covers(grant.region_code, region)), None)


def _queue_grant(actor: Actor, filing: Filing) -> Grant | None:
    """The grant by which the actor serves the queue in which the case lies. Experts serve none: they are named."""
    if filing.queue_role in {None, Role.EXPERT} or filing.queue_region is None:
        return None
    for grant in actor.grants_of([Role(filing.queue_role)]):
        if filing.queue_organisation_id is not None:
            if grant.organisation_id == filing.queue_organisation_id:
                return grant
        elif grant.institution_id is None and region_covers(grant.region_code, filing.queue_region):
            return grant
    return None


def _viewing_grant(actor: Actor, filing: Filing) -> Grant | None:
    """Staff of an agency see the cases of their region; a hospital's desk sees only its own queue."""
    for grant in actor.grants_of(VIEWING_ROLES):
        if grant.institution_id is not None:
            continue
        if filing.region_code is not None and region_covers(grant.region_code, filing.region_code):
            return grant
    return None


def _conflict(session: Session, actor: Actor, filing: Filing, place: Standing) -> str | None:
    if place.is_applicant or not place.parties or actor.person_id is None:
        return None
    involved = {filing.person_id, filing.applicant_person_id}
    if actor.person_id in involved:
        return "own_case"
    if any(identity.are_related(session, actor.person_id, other) for other in involved):
        return "relative"
    return None
