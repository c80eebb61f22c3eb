"""Reads of institutions and service points: lists by region, in the order of (region_code, id).

A list's page is one walk along an index from the cursor on, whatever the size of the table. A search by name
reads the names of its region until the page is full; without a region it reads all names.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app.kit.asking import Question, Rows, ask
from app.kit.pages import Page, decode_cursor, encode_cursor
from app.places.models import Institution, InstitutionType, ServicePoint, Tier
from app.places.regions import code_range

Place = TypeVar("Place", Institution, ServicePoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstitutionFilter:
    """What to look for; None asks nothing. ``words`` must all occur in the name, or be the code."""

    region_code: str | None = None
    type: InstitutionType | None = None
    level: int | None = None
    can_refer: bool | None = None
    words: Sequence[str] = ()


def institutions(
    session: Session, wanted: InstitutionFilter, cursor: str | None, limit: int
) -> Page[Institution]:
    """The page of active institutions after ``cursor``."""
    query = select(Institution).where(Institution.active)
    if wanted.type is not None:
        query = query.where(Institution.type == wanted.type)
    if wanted.level is not None:
        query = query.where(Institution.level == wanted.level)
    if wanted.can_refer is not None:
        query = query.where(Institution.can_refer == literal(wanted.can_refer))
    for word in wanted.words:
        query = query.where(
            or_(Institution.name.icontains(word, autoescape=True), Institution.code == word.upper())
        )
    return _page(session, query, Institution, wanted.region_code, cursor, limit)


def service_points(
    session: Session, region_code: str | None, tier: Tier | None, cursor: str | None, limit: int
) -> Page[ServicePoint]:
    """The page of active service points after ``cursor``."""
    query = select(ServicePoint).where(ServicePoint.active)
    if tier is not None:
        query = query.where(ServicePoint.tier == tier)
    return _page(session, query, ServicePoint, region_code, cursor, limit)


def institutions_by_ids(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Institution]:
    """Those that exist, in one statement."""
    return _by_ids(session, Institution, ids)


def service_points_by_ids(session: Session, ids: Collection[UUID]) -> Mapping[UUID, ServicePoint]:
    """Those that exist, in one statement."""
    return _by_ids(session, ServicePoint, ids)


@dataclass(frozen=True, slots=True)
class Designated:
    """An institution, as far as whoever settles bills with it asks."""

    id: UUID
    code: str
    name: str
    type: InstitutionType
    level: int | None
    region_code: str
    active: bool


_INSTITUTION = cast(Table, Institution.__table__)
DESIGNATED_COLUMNS = tuple(_INSTITUTION.c[one.name] for one in fields(Designated))
"""A ``Designated``, for a statement of another domain's that joins the institution."""
_DESIGNATED = select(*DESIGNATED_COLUMNS).where(_INSTITUTION.c.id == bindparam("institution_id"))


def designated(session: Session, institution_id: UUID) -> Designated | None:
    """Without the ORM: every message of a terminal asks."""
    return ask(session, Question(_DESIGNATED, {"institution_id": institution_id}, _read_designated))


def _read_designated(rows: Rows) -> Designated | None:
    return Designated(*rows[0]) if rows else None


def institution_by_code(session: Session, code: str) -> Institution | None:
    return session.execute(select(Institution).where(Institution.code == code)).scalar_one_or_none()


def institutions_by_codes(session: Session, codes: Collection[str]) -> Mapping[str, Institution]:
    """Those that exist, by their national code, in one statement."""
    if not codes:
        return {}
    rows = session.execute(select(Institution).where(Institution.code.in_(codes))).scalars()
    return {row.code: row for row in rows}


def service_point_by_name(session: Session, region_code: str, name: str) -> ServicePoint | None:
    query = select(ServicePoint).where(ServicePoint.region_code == region_code, ServicePoint.name == name)
    return session.execute(query).scalar_one_or_none()


def _by_ids(session: Session, model: type[Place], ids: Collection[UUID]) -> Mapping[UUID, Place]:
    if not ids:
        return {}
    rows = session.execute(select(model).where(model.id.in_(ids))).scalars()
    return {row.id: row for row in rows}


def _page(
    session: Session,
    query: Select[Place],
    model: type[Place],
    region_code: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Place]:
    if region_code is not None:
        lowest, beyond = code_range(region_code)
        query = query.where(model.region_code >= lowest, model.region_code < beyond)
    if cursor is not None:
        query = query.where(tuple_(model.region_code, model.id) > decode_cursor(cursor, _read_region))
    rows = session.execute(query.order_by(model.region_code, model.id).limit(limit + 1)).scalars().all()
    items = rows[:limit]
    last = items[-1] if len(rows) > limit else None
    return Page(items, None if last is None else encode_cursor(last.id, last.region_code))


def _read_region(text: str) -> str:
    if not text.isdecimal() or len(text) > 12:
        raise ValueError("not a region's code")
    return text
