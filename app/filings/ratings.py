"""好差评: one rating for each finished case; a bad one is followed up."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import access, catalogue, errors
from app.filings.models import Filing, Rating
from app.identity.actor import Actor
from app.kit import clock
from app.kit.db import insert_if_absent
from app.kit.errors import NOT_FOUND
from app.kit.sealing import sealer

BAD = 2
"""Two stars and fewer are followed up."""


def rate(session: Session, actor: Actor, filing_id: UUID, *, stars: int, comment: str | None) -> Rating:
    """Rate a finished case, once. Raises NOT_FOUND, NOT_RATEABLE, ALREADY_RATED."""
    filing = session.get(Filing, filing_id)
    if filing is None or not access.standing(session, actor, filing).is_applicant:
        raise NOT_FOUND()
    # A draft that was thrown away was nobody's work but the applicant's.
    if filing.submitted_at is None or catalogue.get(filing.service_code).workflow.is_open(filing.status):
        raise errors.NOT_RATEABLE()
    sealed = None
    if comment:
        sealed = sealer().seal(comment, table="rating", column="comment_sealed", row=str(filing.id))
    values = {
        "filing_id": filing.id,
        "person_id": filing.person_id,
        "account_id": actor.account_id,
        "stars": stars,
        "comment_sealed": sealed,
        "follow_up": stars <= BAD,
        "created_at": clock.now(),
    }
    if not insert_if_absent(session, Rating, values):
        raise errors.ALREADY_RATED()
    return Rating(**values)
