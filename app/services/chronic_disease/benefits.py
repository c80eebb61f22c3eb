"""The two benefits of this package, and which criteria of a pack are whose."""

from enum import StrEnum

from app.services.chronic_disease.catalogue import find
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria

CHRONIC_CODE = "chronic_disease"
TWO_DISEASE_CODE = "two_disease"


class Benefit(StrEnum):
    """What is applied for. The values are those of the services' codes."""

    CHRONIC = CHRONIC_CODE  # 门诊慢特病
    TWO_DISEASE = TWO_DISEASE_CODE  # 两病


def criteria_of(pack: CriteriaPack, benefit: Benefit, disease_code: str) -> DiseaseCriteria | None:
    """The region's criteria for a disease; None where it is not offered."""
    found = pack.diseases if benefit is Benefit.CHRONIC else pack.two_disease
    return found.get(disease_code)


def require_criteria(pack: CriteriaPack, benefit: Benefit, disease_code: str) -> DiseaseCriteria:
    """The criteria of a disease of a case. LookupError cannot be, for a case is judged before it has a pack."""
    found = criteria_of(pack, benefit, disease_code)
    if found is None:
        raise LookupError(f"pack {pack.pack_id} has no {benefit} {disease_code}")
    return found


def disease_name(code: str) -> str:
    """What people call a disease; its code for one that is no longer in the catalogue."""
    disease = find(code)
    return code if disease is None else disease.name
