"""Which insurance a case is filed on."""

from collections.abc import Sequence
from datetime import date

from app.filings import errors
from app.identity.models import Coverage, CoverageStatus
from app.kit.text import Text


def choose_coverage(coverages: Sequence[Coverage], on: date, insutype: str | None) -> Coverage:
    """The insurance in force on that day, of the type asked for if there are several.

    Raises NOT_INSURED, COVERAGE_ENDED, COVERAGE_SUSPENDED or COVERAGE_AMBIGUOUS.
    """
    in_force = [coverage for coverage in coverages if coverage.in_force(on)]
    wanted = [coverage for coverage in in_force if insutype is None or coverage.insutype == insutype]
    if len(wanted) == 1:
        return wanted[0]
    if len(wanted) > 1:
        words = Text("请选择按职工医保还是居民医保办理。", "Choose the employee or the resident insurance.")
        raise errors.COVERAGE_AMBIGUOUS(errors={"form.insutype": [words]})
    candidates = [coverage for coverage in coverages if insutype is None or coverage.insutype == insutype]
    suspended = [coverage for coverage in candidates if coverage.status == CoverageStatus.SUSPENDED]
    if suspended:
        raise errors.COVERAGE_SUSPENDED()
    ended = [
        coverage.end_date
        for coverage in candidates
        if coverage.end_date is not None and coverage.end_date < on
    ]
    if ended:
        raise errors.COVERAGE_ENDED(date=max(ended).isoformat())
    raise errors.NOT_INSURED()
