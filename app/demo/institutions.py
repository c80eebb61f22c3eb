"""The demo's designated institutions and service points, from the tables in data/.

Hospitals are named as in life, where people of the demo's regions really go; codes, telephone numbers and small shops are made up.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from app.places.service import Grade, InstitutionType, Tier

_DATA = Path(__file__).parent / "data"


class DemoInstitution(TypedDict):
    """The arguments of ``places.add_institution``."""

    code: str
    name: str
    kind: InstitutionType
    level: int | None
    grade: Grade | None
    region_code: str
    address: str
    latitude_e6: int
    longitude_e6: int
    can_refer: bool
    phone: str


class DemoServicePoint(TypedDict):
    """The arguments of ``places.add_service_point``, with the code of the hospital it stands in."""

    name: str
    tier: Tier
    region_code: str
    address: str
    services: list[str]
    institution_code: str | None


def institutions() -> Iterator[DemoInstitution]:
    for row in _rows("institutions.csv"):
        yield DemoInstitution(
            code=row["code"],
            name=row["name"],
            kind=InstitutionType(row["type"]),
            level=int(row["level"]) if row["level"] else None,
            grade=Grade(row["grade"]) if row["grade"] else None,
            region_code=row["region_code"],
            address=row["address"],
            latitude_e6=int(row["latitude_e6"]),
            longitude_e6=int(row["longitude_e6"]),
            can_refer=row["can_refer"] == "true",
            phone=row["phone"],
        )


def service_points() -> Iterator[DemoServicePoint]:
    for row in _rows("service_points.csv"):
        yield DemoServicePoint(
            name=row["name"],
            tier=Tier(row["tier"]),
            region_code=row["region_code"],
            address=row["address"],
            services=row["services"].split(),
            institution_code=row["institution_code"] or None,
        )


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (_DATA / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
