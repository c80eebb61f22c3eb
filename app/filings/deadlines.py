"""What happens by itself: overdue cases go to the supervisor, corrections are reminded of and lapse."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.filings import catalogue, queries
from app.filings.acting import Step, check_held, perform, system_step
from app.filings.models import Filing
from app.filings.queries import Overdue
from app.identity.actor import Role
from app.kit import clock
from app.kit.db import Database
from app.kit.text import Text
from app.notices import service as notices
from app.workflow.table import Action, Holder, Status

BATCH = 100
LAPSED = Text(
    "超过补正期限，系统自动撤回；材料齐全后可随时重新申请。",
    "Withdrawn after the deadline; apply again any time.",
)
_log = structlog.get_logger("app.deadlines")


def work_off_overdue(database: Database) -> int:
    """Escalate or lapse every overdue case, each in a transaction of its own. Returns how many.

    One that fails is logged by its number and holds up no other; the next run tries it again.
    """
    now, total = clock.now(), 0
    last: Overdue | None = None
    while True:
        with database.reading() as session:
            late = queries.overdue(session, now, BATCH, last)
        if not late:
            break
        total += sum(_work_off(database, case, now) for case in late)
        last = late[-1]
    if total:
        _log.info("overdue_worked_off", cases=total)
    return total


def _work_off(database: Database, case: Overdue, now: datetime) -> bool:
    """Whether something was done about the case."""
    try:
        return database.run(lambda session: _do_what_is_due(session, case.id, now))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one case, the others must go on
        _log.error("overdue_case_failed", case=case.number, kind=type(error).__name__)
        return False


def _do_what_is_due(session: Session, filing_id: UUID, now: datetime) -> bool:
    filing = queries.locked_if_overdue(session, filing_id, now)
    if filing is None:
        return False
    perform(session, filing, _step_due(filing))
    check_held(filing)
    return True


def _step_due(filing: Filing) -> Step:
    """To the supervisor, once; late there too it is only noted; a correction that did not come lapses."""
    workflow = catalogue.get(filing.service_code).workflow
    if workflow.holders[filing.status] is not Holder.QUEUE:
        return system_step(Action.LAPSE, reason=str(LAPSED))
    action = Action.NOTE_OVERDUE if filing.queue_role == Role.SUPERVISOR else Action.ESCALATE
    return system_step(action, facts={"queue": filing.queue_role})


def remind_of_correction(database: Database, payload: Mapping[str, Any]) -> None:
    """Remind once, if the case still waits for the same correction."""

    def remind(session: Session) -> None:
        filing = session.get(Filing, UUID(payload["filing_id"]))
        if filing is None or filing.status is not Status.NEEDS_CORRECTION or filing.last_seq < payload["seq"]:
            return
        asked = queries.last_event(session, filing.id, Action.REQUEST_CORRECTION)
        asked_again = asked is not None and asked.seq > payload["seq"]
        if asked_again or filing.due_at is None:
            return
        service = catalogue.get(filing.service_code)
        notices.queue_notice(
            session,
            person_id=filing.person_id,
            kind=notices.NoticeKind.CORRECTION_REMINDER,
            filing_id=filing.id,
            params={
                "service": service.name,
                "number": filing.number,
                "due": clock.china_day(filing.due_at).isoformat(),
                "reason": "",
            },
            also_person_id=None,
        )

    database.run(remind)
