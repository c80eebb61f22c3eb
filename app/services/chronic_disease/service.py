"""What the routes of chronic disease do."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import service as filings
from app.filings.service import SeenFiling
from app.identity import service as identity
from app.identity.actor import Actor
from app.kit import clock
from app.kit.errors import NOT_FOUND
from app.services.chronic_disease import seeds
from app.services.chronic_disease.benefits import CHRONIC_CODE, TWO_DISEASE_CODE
from app.services.chronic_disease.judging import pack_on
from app.services.chronic_disease.models import DrawSeed
from app.services.chronic_disease.pack_model import CriteriaPack


def pack_today(region_code: str) -> CriteriaPack:
    """The criteria of a region today. Raises NO_RULES."""
    return pack_on(region_code, clock.today())


def case(session: Session, actor: Actor, filing_id: UUID) -> SeenFiling:
    """A chronic-disease case as the actor may see it. Raises NOT_FOUND for any other."""
    seen = filings.get(session, actor, filing_id)
    if seen.filing.service_code not in {CHRONIC_CODE, TWO_DISEASE_CODE}:
        raise NOT_FOUND()
    return seen


def draw_days(
    session: Session, region_code: str, before: date | None, limit: int
) -> tuple[str, Sequence[DrawSeed]]:
    """The days of the pool that judges for a region: its name, and the latest days. Raises NOT_FOUND without a pool."""
    pool = identity.expert_pool_of_region(session, region_code)
    if pool is None:
        raise NOT_FOUND()
    last = before or clock.today() + timedelta(days=seeds.DAYS_AHEAD)
    return identity.organisation_names(session, [pool])[pool], seeds.page(session, pool, last, limit)
