"""Which voucher codes serve for what: by what the institution is, and by what is to be done (domain.md §2.3)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.places.models import InstitutionType
from app.vouchers.business import BusinessType


class Purpose(StrEnum):
    """What a terminal wants of the person who showed a code."""

    INQUIRY = "inquiry"  # 1101, 5301
    SETTLEMENT = "settlement"  # 2206, 2207


_IN_PHARMACIES: Final = frozenset({BusinessType.PHARMACY_PURCHASE, BusinessType.OUTSIDE_PRESCRIPTION})
_ANYWHERE: Final = frozenset({BusinessType.IDENTIFICATION})
_IN_HOSPITALS: Final = frozenset(BusinessType) - _IN_PHARMACIES - _ANYWHERE

SCANNED_AT: Final[Mapping[InstitutionType, frozenset[BusinessType]]] = MappingProxyType(
    {
        InstitutionType.HOSPITAL: _IN_HOSPITALS | _ANYWHERE,
        InstitutionType.CLINIC: _IN_HOSPITALS | _ANYWHERE,
        InstitutionType.PHARMACY: _IN_PHARMACIES | _ANYWHERE,
    }
)
"""Institution → the business types for which its terminals may scan."""

_SETTLES: Final = frozenset(
    {BusinessType.SETTLEMENT, BusinessType.REGISTRATION, BusinessType.DISPENSING, *_IN_PHARMACIES}
)
"""Who only asked for an examination to be booked has not agreed to pay."""


def suiting(kind: InstitutionType, purpose: Purpose) -> frozenset[BusinessType]:
    """The business types whose tokens serve for this purpose at such an institution."""
    allowed = SCANNED_AT[kind]
    return allowed & _SETTLES if purpose is Purpose.SETTLEMENT else allowed
