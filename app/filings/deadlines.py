"""What happens by itself: overdue cases go to the supervisor, corrections are reminded of and lapse."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
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
from app.kit.errors import ErrorKind, Problem
from app.kit.text import Text
from app.notices import service as notices
from app.workflow.table import Action, Holder, Status

BATCH = 100
_LAPSED = {
    Status.NEEDS_CORRECTION: Text(
        "超过补正期限，系统自动撤回；材料齐全后可随时重新申请。",
        "Withdrawn after the deadline; apply again any time.",
    ),
    Status.REFUSED: Text(
        "专家未予认定，复核期限内没有申请复核；有新材料时可重新申请。",
        "Not certified, and no appeal came in time; apply again with new papers.",
    ),
}
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


def work_off(database: Database, filing_id: UUID) -> bool:
    """The same for one case. Whether it was overdue and something was done. Raises what went wrong."""
    now = clock.now()
    return database.run(lambda session: _do_what_is_due(session, filing_id, now))


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
    perform(session, filing, _step_due(session, filing))
    check_held(filing)
    return True


def _step_due(session: Session, filing: Filing) -> Step:
    """To the supervisor, once; late there too it is only noted; a correction that did not come lapses."""
    workflow = catalogue.get(filing.service_code).workflow
    if workflow.holders[filing.status] is not Holder.QUEUE:
        return system_step(Action.LAPSE, reason=_why_lapsed(session, filing))
    instead = catalogue.get(filing.service_code).overdue(filing)
    if instead is not None:
        return system_step(instead)
    action = Action.NOTE_OVERDUE if filing.queue_role == Role.SUPERVISOR else Action.ESCALATE
    return system_step(action, facts={"queue": filing.queue_role})


def _why_lapsed(session: Session, filing: Filing) -> str:
    """A refusal that stands: whoever looks at the closed case reads the experts' reasons, not only that time is over."""
    words = str(_LAPSED[filing.status])
    refused = queries.reason_of(session, filing) if filing.status is Status.REFUSED else None
    return f"{words}{refused}" if refused else words


def step_through_stage(
    database: Database, service_code: str, stage: str, action: Action, nothing_new: ErrorKind
) -> int:
    """Do ``action`` to every case that waits in a stage, each in a transaction of its own. Returns to how many.

    nothing_new: the refusal that says that the step would change nothing; then the case stays as it is. One that fails
    otherwise is logged by its number and holds up no other.
    """
    total = 0
    last: Overdue | None = None
    while True:
        with database.reading() as session:
            waiting = queries.in_stage(session, service_code, stage, BATCH, last)
        if not waiting:
            return total
        for case in waiting:
            try:
                total += database.run(partial(_step, filing_id=case.id, stage=stage, action=action))
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one case, the others must go on
                if not (isinstance(error, Problem) and error.kind is nothing_new):
                    _log.error("case_in_stage_failed", case=case.number, kind=type(error).__name__)
        last = waiting[-1]


def _step(session: Session, *, filing_id: UUID, stage: str, action: Action) -> bool:
    """Whether it was done: not if the case has left the stage, or is acted on just now."""
    filing = queries.locked_in_stage(session, filing_id, stage)
    if filing is None:
        return False
    perform(session, filing, system_step(action))
    check_held(filing)
    return True


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
