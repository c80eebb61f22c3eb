"""Tries again to draw experts for cases for which nobody could be drawn: a leave ends, a new day has room."""

import structlog

from app.filings.deadlines import step_through_stage
from app.kit.db import Database
from app.services.chronic_disease.benefits import CHRONIC_CODE
from app.services.chronic_disease.concluding import NO_EXPERT
from app.services.chronic_disease.errors import NO_EXPERT_YET
from app.workflow.table import Action

_log = structlog.get_logger("app.chronic.redrawing")


def redraw_waiting(database: Database) -> int:
    """Draw for every case in the stage ``expert_draw``. Returns for how many it worked.

    Where there is still nobody the case stays as it is, its deadline too: the agency's supervisor is told in time.
    """
    total = step_through_stage(database, CHRONIC_CODE, NO_EXPERT, Action.REDRAW, NO_EXPERT_YET)
    if total:
        _log.info("experts_drawn_at_last", cases=total)
    return total
