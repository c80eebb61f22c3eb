"""Calling experts to a case: drawn by lot, with equal load, never one with a conflict; undone in time → drawn anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.filings import assigning
from app.filings.models import Assignment, Filing
from app.identity import service as identity
from app.kit import clock, ids
from app.kit.workdays import deadline
from app.services.chronic_disease import experts, seeds
from app.services.chronic_disease.drawing import Candidate, Case, draw
from app.services.chronic_disease.experts import Pool
from app.services.chronic_disease.models import ChronicItem, ExpertDraw
from app.services.chronic_disease.packs import pack_by_id

_log = structlog.get_logger("app.chronic.dispatch")


def call_expert(
    session: Session, filing: Filing, items: Sequence[ChronicItem], hospitals: frozenset[str], now: datetime
) -> Assignment | None:
    """Draw an expert for these items, all of one specialty and round. None when nobody can be drawn today.

    Raises RuntimeError for a filing without a region, which no submitted one is.
    """
    if filing.region_code is None or filing.pack_id is None:
        raise RuntimeError(f"case {filing.number} has no region")
    today = clock.china_day(now)
    pool = experts.pool_of(session, filing.region_code, today)
    if pool is None:
        return None
    seed = seeds.of_day(session, pool.organisation_id, today)
    case = _case(session, filing, items[0], hospitals)
    candidates = pool.candidates
    while True:
        drawn = draw(seeds.secret(seed), case, candidates)
        if drawn.chosen is None:
            return None
        if _has_room(session, pool, drawn.chosen, today):
            break
        # Others were drawn at the same moment and filled the expert's day: the pool as it is now.
        candidates = _with_one_more(candidates, drawn.chosen)
    days = pack_by_id(filing.pack_id).expert_days
    assignment = assigning.assign(
        session, filing, drawn.chosen, part=case.group, round_=items[0].round, due_at=deadline(now, days)
    )
    made = ExpertDraw(
        id=ids.new_id(),
        filing_id=filing.id,
        person_id=filing.person_id,
        organisation_id=pool.organisation_id,
        seed_id=seed.id,
        assignment_id=assignment.id,
        account_id=drawn.chosen,
        drawn_on=today,
        created_at=now,
    )
    made.record = drawn.to_record()
    session.add(made)
    session.flush()
    _log.info("expert_drawn", case=filing.number, round=items[0].round, among=len(drawn.among))
    return assignment


def _case(session: Session, filing: Filing, item: ChronicItem, hospitals: frozenset[str]) -> Case:
    involved = {filing.person_id, filing.applicant_person_id}
    before = {one.account_id for one in assigning.of_filing(session, filing.id)}
    return Case(
        filing_id=filing.id,
        # Every further draw of a case has its own number, and so its own result.
        round=len(before) + 1,
        group=item.specialty,
        hospitals=hospitals,
        barred=frozenset(before | assigning.acted(session, filing.id)),
        relatives=frozenset(involved | identity.related_to(session, involved)),
    )


def _has_room(session: Session, pool: Pool, account_id: UUID, today: date) -> bool:
    """Whether the expert's day still has room, looked at under the lock of the expert's own row."""
    limit = pool.profiles[account_id].daily_limit
    if limit is None:
        return True
    experts.profile_of(session, account_id)
    return experts.drawn_today(session, account_id, today) < limit


def _with_one_more(candidates: Sequence[Candidate], account_id: UUID) -> tuple[Candidate, ...]:
    return tuple(
        replace(one, today=one.daily_limit or one.today) if one.account_id == account_id else one
        for one in candidates
    )
