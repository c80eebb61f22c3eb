"""Where people are treated and helped: designated institutions and service points."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice


class InstitutionType(StrEnum):
    HOSPITAL = "hospital"  # 医院, 卫生院, 社区卫生服务中心
    CLINIC = "clinic"  # 诊所, 村卫生室
    PHARMACY = "pharmacy"  # 定点零售药店


class Grade(StrEnum):
    """Within a hospital's level (医院分级管理办法): 甲等, 乙等, 丙等."""

    A = "A"
    B = "B"
    C = "C"


class Tier(StrEnum):
    """How high a service point stands; the tier decides which services it may do."""

    TOWN = "town"  # 医保服务站
    VILLAGE = "village"  # 医保服务室
    HOSPITAL = "hospital"  # 医院医保服务站


class Institution(Base):
    """A contracted hospital, clinic or pharmacy (定点医药机构). Position: degrees / 1e6 (GCJ-02).

    Lists run through (region_code, id), so each filter has an index that ends in these two.
    """

    __tablename__ = "institution"
    __table_args__ = (
        Index("ix_institution_region_code_id", "region_code", "id"),
        Index("ix_institution_type_region_code_id", "type", "region_code", "id"),
        Index("ix_institution_level_region_code_id", "level", "region_code", "id"),
        Index("ix_institution_can_refer_region_code_id", "can_refer", "region_code", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)  # fixmedins_code of the national platform
    name: Mapped[str] = mapped_column(String(100))
    type: Mapped[InstitutionType] = mapped_column(Choice(InstitutionType, 16))
    level: Mapped[int | None]
    grade: Mapped[Grade | None] = mapped_column(Choice(Grade, 1))
    region_code: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(200))
    latitude_e6: Mapped[int | None]
    longitude_e6: Mapped[int | None]
    can_refer: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ServicePoint(Base):
    """A station or room where somebody helps others to file (医保服务站 / 室)."""

    __tablename__ = "service_point"
    __table_args__ = (
        Index("ix_service_point_region_code_id", "region_code", "id"),
        Index("ix_service_point_tier_region_code_id", "tier", "region_code", "id"),
        Index("uq_service_point_region_code_name", "region_code", "name", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    tier: Mapped[Tier] = mapped_column(Choice(Tier, 16))
    region_code: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(200))
    services: Mapped[list[str]] = mapped_column(JSON)  # service codes that may be filed here
    phone: Mapped[str | None] = mapped_column(String(20))
    institution_id: Mapped[UUID | None] = mapped_column(index=True)  # of a point inside a hospital
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
