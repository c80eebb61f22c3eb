"""Which chronic-disease and 两病 benefits somebody holds on a day: what settlement asks of this service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.model import Entitlement, HeldBenefit
from app.services.chronic_disease.benefits import Benefit
from app.services.chronic_disease.entitlements import in_force, institutions_of, last_day

_ENTITLEMENTS: Final = {
    Benefit.CHRONIC: Entitlement.CHRONIC,
    Benefit.TWO_DISEASE: Entitlement.TWO_DISEASE,
}


@dataclass(frozen=True, slots=True)
class HeldEntitlement:
    """An entitlement in force: for what, under which insurance, until which day (ends_on None: without end)."""

    benefit: HeldBenefit
    insutype: str
    region_code: str
    begins_on: date
    ends_on: date | None


def held(session: Session, person_id: UUID, day: date, institution_id: UUID) -> Sequence[HeldEntitlement]:
    """A person's entitlements that hold on a day, at most one a disease and benefit. Two statements, one for nobody.

    By dates, so that a bill of an earlier day is judged by what held then; the institutions are those chosen now. Once
    institutions were chosen, a benefit holds at these; before that everywhere (ours: the choice may be made after the
    approval, and nobody goes without medicine meanwhile).
    """
    rows = in_force(session, person_id, day)
    chosen = institutions_of(session, [row.id for row in rows])
    return [
        HeldEntitlement(
            benefit=HeldBenefit(
                benefit=_ENTITLEMENTS[Benefit(row.benefit)],
                disease_code=row.opsp_dise_code,
                name=row.opsp_dise_name,
                place_allowed=row.id not in chosen or institution_id in chosen[row.id],
            ),
            insutype=row.insutype,
            region_code=row.insu_admdvs,
            begins_on=row.begndate,
            ends_on=last_day(row),
        )
        for row in rows
    ]
