"""Who could be drawn: the pool of a region, with specialties, hospitals, leave and load as they are at this moment."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.kit import clock, ids
from app.services.chronic_disease import pool_log
from app.services.chronic_disease.drawing import Candidate
from app.services.chronic_disease.models import ExpertDraw, ExpertLeave, ExpertProfile, PoolChange

LOAD_DAYS = 30
"""Equal load is equal over so many days. Ours."""


@dataclass(frozen=True)
class Pool:
    """The experts of an organisation, as the draw takes them. profiles: by account."""

    organisation_id: UUID
    candidates: tuple[Candidate, ...]
    profiles: Mapping[UUID, ExpertProfile]


def pool_of(session: Session, region_code: str, today: date) -> Pool | None:
    """The pool that judges for a region: its own, or that of the city or province above. None where there is none.

    Four statements, whatever the size of the pool.
    """
    organisation_id = identity.expert_pool_of_region(session, region_code)
    if organisation_id is None:
        return None
    accounts = identity.experts_at(session, organisation_id)
    rows = session.execute(
        select(ExpertProfile).where(
            ExpertProfile.organisation_id == organisation_id, ExpertProfile.account_id.in_(accounts)
        )
    ).scalars()
    profiles = {row.account_id: row for row in rows}
    away = _on_leave(session, profiles.keys(), today)
    loads = drawn_since(session, profiles.keys(), today - timedelta(days=LOAD_DAYS - 1), today)
    candidates = tuple(
        Candidate(
            account_id=account_id,
            person_id=profile.person_id,
            specialties=frozenset(profile.specialties),
            institution=hospital_key(profile.hospital),
            on_leave=account_id in away,
            load=loads.get(account_id, (0, 0))[0],
            today=loads.get(account_id, (0, 0))[1],
            daily_limit=profile.daily_limit,
        )
        for account_id, profile in profiles.items()
    )
    return Pool(organisation_id, candidates, profiles)


def hospital_key(name: str) -> str:
    """How hospitals are compared: by name, without spaces and in one width, for not every hospital is in our list."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def profile_of(session: Session, account_id: UUID) -> ExpertProfile | None:
    """An expert's profile, locked: two draws at once must not pass the daily limit together."""
    query = select(ExpertProfile).where(ExpertProfile.account_id == account_id).with_for_update()
    return session.execute(query).scalar_one_or_none()


def drawn_today(session: Session, account_id: UUID, today: date) -> int:
    """How often the expert was drawn today."""
    query = select(func.count()).where(ExpertDraw.account_id == account_id, ExpertDraw.drawn_on == today)
    return session.execute(query).scalar_one()


def _on_leave(session: Session, accounts: Collection[UUID], today: date) -> set[UUID]:
    query = select(ExpertLeave.account_id).where(
        ExpertLeave.account_id.in_(accounts), ExpertLeave.begins_on <= today, ExpertLeave.ends_on >= today
    )
    return set(session.execute(query).scalars())


def drawn_since(
    session: Session, accounts: Collection[UUID], since: date, today: date
) -> dict[UUID, tuple[int, int]]:
    """Account → drawn in the period, drawn today. Who was not drawn is not in it."""
    query = (
        select(ExpertDraw.account_id, ExpertDraw.drawn_on, func.count())
        .where(ExpertDraw.account_id.in_(accounts), ExpertDraw.drawn_on >= since)
        .group_by(ExpertDraw.account_id, ExpertDraw.drawn_on)
    )
    found: dict[UUID, tuple[int, int]] = {}
    for account_id, day, count in session.execute(query):
        load, now = found.get(account_id, (0, 0))
        found[account_id] = (load + count, now + (count if day == today else 0))
    return found


def add_profile(
    session: Session,
    *,
    account_id: UUID,
    person_id: UUID,
    organisation_id: UUID,
    specialties: Collection[str],
    hospital: str,
    title: str,
    daily_limit: int | None = None,
    by: str = pool_log.PROGRAM,
) -> ExpertProfile:
    """Enter what the draw must know of an expert; the account must hold the role at the pool already. It is logged."""
    made = ExpertProfile(
        id=ids.new_id(),
        account_id=account_id,
        person_id=person_id,
        organisation_id=organisation_id,
        specialties=sorted(specialties),
        title=title,
        hospital=hospital,
        daily_limit=daily_limit,
        created_at=clock.now(),
    )
    session.add(made)
    pool_log.note(session, account_id, PoolChange.ENTERED, before=None, by=by)
    return made


def add_leave(
    session: Session, account_id: UUID, begins_on: date, ends_on: date, *, by: str = pool_log.PROGRAM
) -> ExpertLeave:
    """Enter days, both included, on which an expert is not drawn. It is logged."""
    before = pool_log.known(session, account_id)
    made = ExpertLeave(
        id=ids.new_id(), account_id=account_id, begins_on=begins_on, ends_on=ends_on, created_at=clock.now()
    )
    session.add(made)
    pool_log.note(session, account_id, PoolChange.LEAVE_ADDED, before=before, by=by)
    return made
