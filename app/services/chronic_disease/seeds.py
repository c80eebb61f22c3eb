"""The secrets of the draws: one a pool and day, committed to in public before the day, shown in public after it."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit import clock, ids
from app.kit.crypto import new_data_key
from app.kit.db import Database, insert_if_absent
from app.services.chronic_disease.drawing import commitment
from app.services.chronic_disease.models import DrawSeed

DAYS_AHEAD = 7
"""So many days' commitments stand in public before their day comes. Ours."""


def of_day(session: Session, organisation_id: UUID, day: date) -> DrawSeed:
    """The pool's secret of a day; made now if the daily job has not."""
    found = find(session, organisation_id, day)
    if found is not None:
        return found
    _commit_to(session, organisation_id, day)
    made = find(session, organisation_id, day)
    if made is None:
        raise RuntimeError("the seed that was made is not there")
    return made


def commit_ahead(database: Database) -> int:
    """Make the secrets of the coming days for every pool, each pool in a transaction of its own.

    Returns how many were new; doing it again makes none.
    """
    with database.reading() as session:
        pools = identity.expert_pools(session)
    days = [clock.today() + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1)]

    def commit(session: Session, pool: UUID) -> int:
        return sum(_commit_to(session, pool, day) for day in days)

    return sum(database.run(partial(commit, pool=pool)) for pool in pools)


def page(session: Session, organisation_id: UUID, before: date, limit: int) -> Sequence[DrawSeed]:
    """The latest days up to ``before``."""
    query = (
        select(DrawSeed)
        .where(DrawSeed.organisation_id == organisation_id, DrawSeed.day <= before)
        .order_by(DrawSeed.day.desc())
        .limit(limit)
    )
    return session.execute(query).scalars().all()


def is_shown(seed: DrawSeed) -> bool:
    """Whether the day is over, so that everybody may know the secret and repeat its draws."""
    return seed.day < clock.today()


def secret(seed: DrawSeed) -> bytes:
    """The seed itself."""
    return bytes.fromhex(seed.seed or "")


def find(session: Session, organisation_id: UUID, day: date) -> DrawSeed | None:
    """The pool's secret of a day, if there is one."""
    values = {"organisation_id": organisation_id, "day": day}
    return session.execute(_OF_DAY, values).scalar_one_or_none()


_OF_DAY = select(DrawSeed).where(
    DrawSeed.organisation_id == bindparam("organisation_id"), DrawSeed.day == bindparam("day")
)


def _commit_to(session: Session, organisation_id: UUID, day: date) -> bool:
    seed = new_data_key()
    row = DrawSeed(
        id=ids.new_id(),
        organisation_id=organisation_id,
        day=day,
        commitment=commitment(seed),
        created_at=clock.now(),
    )
    row.seed = seed.hex()
    values = {column.key: getattr(row, column.key) for column in DrawSeed.__table__.columns}
    return insert_if_absent(session, DrawSeed, values)
