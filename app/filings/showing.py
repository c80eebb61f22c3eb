"""Shows a case to whoever is concerned with it: one's own costs a read, anybody else's look is written down first."""

from uuid import UUID

from app.filings import service
from app.filings.service import SeenFiling
from app.identity.actor import Actor
from app.identity.models import AccessKind
from app.kit.db import Database


def find(
    database: Database, actor: Actor, filing_id: UUID, *, what: AccessKind = AccessKind.FILING_VIEWED
) -> SeenFiling:
    """The case as the actor sees it. Raises NOT_FOUND for whoever has nothing to do with it.

    The look at somebody else's case is committed before this returns, and stays even if no answer follows.
    The read has ended by then: a request never holds two connections at once.
    """
    with database.reading() as session:
        seen = service.look(session, actor, filing_id)
    if seen.filing.person_id != actor.person_id:
        database.run(lambda session: service.note_look(session, actor, seen, what))
    return seen
