"""Institutions and service points that the look-ups are tried on."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from app.places import service as places
from app.places.models import Grade, Institution, InstitutionType, Tier

Write = Callable[[Callable[[Session], object]], object]

HOSPITAL, CLINIC, PHARMACY = InstitutionType.HOSPITAL, InstitutionType.CLINIC, InstitutionType.PHARMACY
_INSTITUTIONS = (
    ("H61090200001", "安康市中心医院", HOSPITAL, 3, Grade.A, "610902", True),
    ("H61090200002", "汉滨区第一医院", HOSPITAL, 2, Grade.A, "610902", True),
    ("H61090200003", "汉滨区恒口镇中心卫生院", HOSPITAL, 1, Grade.A, "610902107", False),
    ("H61090200004", "汉滨区老街社区卫生室", CLINIC, None, None, "610902107001", False),
    ("P61090200001", "安康益民大药房100%_店", PHARMACY, None, None, "610902", False),
    ("H61098100001", "旬阳市医院", HOSPITAL, 2, Grade.A, "610981", True),
    ("H61072700001", "略阳县人民医院", HOSPITAL, 2, Grade.A, "610727", True),
    ("H11010100001", "北京协和医院", HOSPITAL, 3, Grade.A, "110101", True),
    ("H32092200001", "滨海县人民医院", HOSPITAL, 3, Grade.B, "320922", True),
)


@pytest.fixture
def institutions(write: Write) -> dict[str, str]:
    """Nine institutions: code → id."""

    def add(session: Session) -> dict[str, str]:
        found: dict[str, str] = {}
        for code, name, kind, level, grade, region_code, can_refer in _INSTITUTIONS:
            institution = places.add_institution(
                session,
                code=code,
                name=name,
                kind=kind,
                level=level,
                grade=grade,
                region_code=region_code,
                address=f"{name}门口",
                latitude_e6=32_684_700,
                longitude_e6=109_029_000,
                can_refer=can_refer,
            )
            found[code] = str(institution.id)
        return found

    ids = write(add)
    assert isinstance(ids, dict)
    return ids


@pytest.fixture
def closed_hospital(write: Write, institutions: dict[str, str]) -> str:
    """The id of a hospital whose contract has ended."""

    def close(session: Session) -> str:
        institution = places.institution_by_code(session, "H61090200002")
        assert isinstance(institution, Institution)
        institution.active = False
        session.flush()
        return str(institution.id)

    return str(write(close))


@pytest.fixture
def service_points(write: Write) -> None:
    """A town's station, two villages' rooms, and one in a hospital."""

    def add(session: Session) -> None:
        for name, tier, region_code, services in (
            ("恒口镇医保服务站", Tier.TOWN, "610902107", ["remote_care", "chronic_disease", "two_disease"]),
            ("老街社区医保服务室", Tier.VILLAGE, "610902107001", ["remote_care", "two_disease"]),
            ("蜀河社区医保服务室", Tier.VILLAGE, "610981103001", ["remote_care", "two_disease"]),
            ("旬阳市医院医保服务站", Tier.HOSPITAL, "610981", ["chronic_disease"]),
        ):
            places.add_service_point(
                session, name=name, tier=tier, region_code=region_code, address="街口", services=services
            )

    write(add)
