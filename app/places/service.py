"""What other domains may know of places: regions, designated institutions, service points.

The tree of regions needs no session; its functions are those of ``regions``.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.errors import invalid
from app.kit.pages import Page
from app.places import queries, regions
from app.places.errors import (
    INSTITUTION_CODE_MALFORMED,
    INSTITUTION_NOT_FOUND,
    REGION_NOT_FOUND,
    region_unknown,
)
from app.places.models import Grade, Institution, InstitutionType, ServicePoint, Tier
from app.places.queries import DESIGNATED_COLUMNS, Designated, InstitutionFilter
from app.places.regions import (
    Level,
    Region,
    ancestors,
    children,
    city_of,
    exists,
    find,
    full_name,
    province_of,
)

__all__ = [
    "DESIGNATED_COLUMNS",
    "Designated",
    "Grade",
    "Institution",
    "InstitutionFilter",
    "InstitutionType",
    "Level",
    "Region",
    "ServicePoint",
    "Tier",
    "ancestors",
    "children",
    "city_of",
    "exists",
    "find",
    "full_name",
    "province_of",
]

_INSTITUTION_CODE = re.compile(r"[HP]\d{11}", re.ASCII)


def require_region(code: str, field: str = "region_code") -> Region:
    """The region that an input's ``field`` names. Raises region_unknown (422)."""
    region = regions.find(code)
    if region is None:
        raise region_unknown(field)
    return region


def get_region(code: str) -> Region:
    """The region of an address. Raises region_not_found (404)."""
    region = regions.find(code)
    if region is None:
        raise REGION_NOT_FOUND()
    return region


def regions_below(parent_code: str | None) -> Sequence[Region]:
    """What lies directly below; the provinces for None. Raises region_unknown (422)."""
    if parent_code is not None:
        require_region(parent_code, "parent_code")
    return regions.children(parent_code)


def find_institutions(
    session: Session, wanted: InstitutionFilter, *, cursor: str | None, limit: int
) -> Page[Institution]:
    """A page of active institutions. Raises region_unknown (422) and invalid_input (a bad cursor)."""
    if wanted.region_code is not None:
        require_region(wanted.region_code)
    return queries.institutions(session, wanted, cursor, limit)


def get_designated(session: Session, institution_id: UUID) -> Designated:
    """What a terminal's message needs of its institution, active or not. Raises institution_not_found (404)."""
    found = queries.designated(session, institution_id)
    if found is None:
        raise INSTITUTION_NOT_FOUND()
    return found


def get_institution(session: Session, institution_id: UUID) -> Institution:
    """One institution, active or not. Raises institution_not_found (404)."""
    institution = session.get(Institution, institution_id)
    if institution is None:
        raise INSTITUTION_NOT_FOUND()
    return institution


def institutions_by_ids(session: Session, institution_ids: Collection[UUID]) -> Mapping[UUID, Institution]:
    """Those that exist, in one statement."""
    return queries.institutions_by_ids(session, institution_ids)


def institution_by_code(session: Session, code: str) -> Institution | None:
    """The institution of a national code (fixmedins_code)."""
    return queries.institution_by_code(session, code)


def institutions_by_codes(session: Session, codes: Collection[str]) -> Mapping[str, Institution]:
    """Those that exist, by their national code, in one statement."""
    return queries.institutions_by_codes(session, codes)


def find_service_points(
    session: Session, *, region_code: str | None, tier: Tier | None, cursor: str | None, limit: int
) -> Page[ServicePoint]:
    """A page of active service points. Raises region_unknown (422) and invalid_input (a bad cursor)."""
    if region_code is not None:
        require_region(region_code)
    return queries.service_points(session, region_code, tier, cursor, limit)


def service_points_by_ids(
    session: Session, service_point_ids: Collection[UUID]
) -> Mapping[UUID, ServicePoint]:
    """Those that exist, in one statement."""
    return queries.service_points_by_ids(session, service_point_ids)


def service_point_by_name(session: Session, region_code: str, name: str) -> ServicePoint | None:
    """The service point of that name in exactly that region."""
    return queries.service_point_by_name(session, region_code, name)


def add_institution(
    session: Session,
    *,
    code: str,
    name: str,
    kind: InstitutionType,
    region_code: str,
    address: str,
    level: int | None = None,
    grade: Grade | None = None,
    latitude_e6: int | None = None,
    longitude_e6: int | None = None,
    can_refer: bool = False,
    phone: str | None = None,
) -> Institution:
    """Contract an institution. ``code`` is its national one and must be new; position in degrees / 1e6.

    Raises region_unknown, or invalid_input for a malformed code; a code that is taken is a database error.
    """
    require_region(region_code)
    if not _INSTITUTION_CODE.fullmatch(code):
        raise invalid({"code": [INSTITUTION_CODE_MALFORMED]})
    institution = Institution(
        id=ids.new_id(),
        code=code,
        name=name,
        type=kind,
        level=level,
        grade=grade,
        region_code=region_code,
        address=address,
        latitude_e6=latitude_e6,
        longitude_e6=longitude_e6,
        can_refer=can_refer,
        phone=phone,
        active=True,
        created_at=clock.now(),
    )
    session.add(institution)
    return institution


def add_service_point(
    session: Session,
    *,
    name: str,
    tier: Tier,
    region_code: str,
    address: str,
    services: Sequence[str],
    phone: str | None = None,
    institution_id: UUID | None = None,
) -> ServicePoint:
    """Open a service point. Its name must be new in its region. Raises region_unknown."""
    require_region(region_code)
    point = ServicePoint(
        id=ids.new_id(),
        name=name,
        tier=tier,
        region_code=region_code,
        address=address,
        services=list(services),
        phone=phone,
        institution_id=institution_id,
        active=True,
        created_at=clock.now(),
    )
    session.add(point)
    return point
