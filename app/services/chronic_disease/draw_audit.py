"""Repeats the draws of a day that is over from its revealed seed, and names each that does not fit.

Compared are: the record with its repetition (``drawing.recheck``), the columns beside the record with what it says,
the assignment that the draw gave, the seed with its commitment, and what the draw took each expert to be with the log
of the pool. An assignment of that day without any draw is named too: somebody was put on the case by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.filings.models import Assignment
from app.identity import service as identity
from app.kit import clock
from app.kit.crypto import SealBroken
from app.services.chronic_disease import errors, pool_audit, seeds
from app.services.chronic_disease.drawing import commitment, recheck
from app.services.chronic_disease.faults import Fault
from app.services.chronic_disease.models import DrawSeed, ExpertDraw

BATCH = 200
"""So many draws are in memory at once; a record holds its whole pool."""


def pools(session: Session, region_code: str | None) -> Sequence[UUID]:
    """The pool that judges for a region, or all. Raises NO_POOL for a region without one."""
    if region_code is None:
        return identity.expert_pools(session)
    found = identity.expert_pool_of_region(session, region_code)
    if found is None:
        raise errors.NO_POOL(region=region_code)
    return [found]


def count(session: Session, pool_ids: Sequence[UUID], day: date) -> int:
    """How many draws there are to repeat."""
    query = select(func.count()).where(ExpertDraw.organisation_id.in_(pool_ids), ExpertDraw.drawn_on == day)
    return session.execute(query).scalar_one()


def audit(session: Session, pool_ids: Sequence[UUID], day: date) -> Iterator[Fault | int]:
    """Walk the draws of a day: a fault for each that does not fit, and a number for each batch checked so far.

    Raises DAY_NOT_OVER: the seed of today is nobody's business yet.
    """
    if day >= clock.today():
        raise errors.DAY_NOT_OVER()
    checked = 0
    named: set[Fault] = set()
    for pool_id in pool_ids:
        seed = seeds.find(session, pool_id, day)
        if seed is not None:
            yield from _seed_faults(seed)
        for batch in _batches(session, pool_id, day):
            assignments = _assignments(session, batch)
            taken = {one.id: _taken(one) for one in batch}
            logged = pool_audit.experts_on(
                session, day, {expert for pool in taken.values() for expert in pool}
            )
            yield from (fault for fault in logged.faults if fault not in named)
            named.update(logged.faults)
            for one in batch:
                found = _draw_faults(one, seed, assignments.get(one.assignment_id))
                for what in (*found, *logged.differences(one, taken[one.id])):
                    yield Fault("expert_draw", str(one.id), what)
            checked += len(batch)
            session.expunge_all()
            yield checked
    yield from _without_draw(session, pool_ids, day)


def _batches(session: Session, pool_id: UUID, day: date) -> Iterator[Sequence[ExpertDraw]]:
    query = (
        select(ExpertDraw)
        .where(ExpertDraw.organisation_id == pool_id, ExpertDraw.drawn_on == day)
        .order_by(ExpertDraw.id)
        .limit(BATCH)
    )
    batch = session.execute(query).scalars().all()
    while batch:
        last = batch[-1].id
        yield batch
        batch = session.execute(query.where(ExpertDraw.id > last)).scalars().all()


def _assignments(session: Session, batch: Sequence[ExpertDraw]) -> Mapping[UUID, Assignment]:
    query = select(Assignment).where(Assignment.id.in_([one.assignment_id for one in batch]))
    return {one.id: one for one in session.execute(query).scalars()}


def _seed_faults(seed: DrawSeed) -> Iterator[Fault]:
    try:
        fits = commitment(seeds.secret(seed)) == seed.commitment
    except (SealBroken, ValueError):
        fits = False
    if not fits:
        yield Fault("draw_seed", str(seed.id), "the seed is not the one that was committed to")


def _draw_faults(row: ExpertDraw, seed: DrawSeed | None, assignment: Assignment | None) -> list[str]:
    if seed is None or seed.id != row.seed_id:
        return ["the seed of its day is missing, or it names another"]
    try:
        record: Mapping[str, Any] = row.record
        secret = seeds.secret(seed)
    except (SealBroken, ValueError):
        return ["its record, or the seed, cannot be opened: it was changed by hand"]
    found = recheck(record, secret)
    case = record.get("case")
    said = {
        "filing_id": case.get("filing_id") if isinstance(case, Mapping) else None,
        "account_id": record.get("chosen"),
        "commitment": record.get("commitment"),
    }
    is_so = {
        "filing_id": str(row.filing_id),
        "account_id": str(row.account_id),
        "commitment": seed.commitment,
    }
    found += [
        f"{name}: the record has {said[name]}, the row {is_so[name]}"
        for name in said
        if said[name] != is_so[name]
    ]
    if assignment is None:
        found.append("the assignment that it gave is missing")
    elif (assignment.account_id, assignment.filing_id) != (row.account_id, row.filing_id):
        found.append("the assignment that it gave is somebody else's")
    return found


def _taken(row: ExpertDraw) -> Mapping[UUID, Mapping[str, Any]]:
    """Account → what the draw took the expert to be; nothing where the record cannot be read, which is named anyway."""
    try:
        return {UUID(one["account_id"]): one for one in row.record["facts"]["candidates"]}
    except (SealBroken, LookupError, TypeError, ValueError, AttributeError):
        return {}


def _without_draw(session: Session, pool_ids: Sequence[UUID], day: date) -> Iterator[Fault]:
    """Assignments of experts of these pools on that day whose expert was never drawn for the case."""
    begin = datetime.combine(day, time.min, clock.CHINA)
    accounts = [account for pool_id in pool_ids for account in identity.experts_at(session, pool_id)]
    drawn = (
        select(ExpertDraw.id)
        .where(ExpertDraw.filing_id == Assignment.filing_id, ExpertDraw.account_id == Assignment.account_id)
        .exists()
    )
    query = select(Assignment.id).where(
        Assignment.created_at >= begin,
        Assignment.created_at < begin + timedelta(days=1),
        Assignment.account_id.in_(accounts),
        ~drawn,
    )
    for assignment_id in session.execute(query.limit(BATCH)).scalars():
        yield Fault("filing_assignment", str(assignment_id), "nobody drew this expert for the case")
