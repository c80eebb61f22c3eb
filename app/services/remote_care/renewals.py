"""Reminds people, once a record, that it ends within a week: who is still away files anew in time."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.filings import catalogue
from app.filings.numbers import told_of, with_cases_under_way
from app.kit import clock
from app.kit.db import Database
from app.notices import service as notices
from app.services.remote_care import store
from app.services.remote_care.judging import CODE
from app.services.remote_care.models import RemoteCareRecord
from app.services.remote_care.store import Ending

REMIND_BEFORE = timedelta(days=7)
BATCH = 200
"""Records of one transaction: their rows are locked for it."""
_log = structlog.get_logger("app.renewals")


def remind_of_renewals(database: Database) -> int:
    """Remind of every record that ends within REMIND_BEFORE and was not reminded of. Returns of how many.

    A record is marked in the transaction that queues its notice, so a run that is cut off is gone on with by the
    next. Of two workers at once each passes over the rows that the other has locked.
    """
    today, total = clock.today(), 0
    done, last = database.run(partial(_remind_some, today=today, after=None))
    while last is not None:
        total += done
        done, last = database.run(partial(_remind_some, today=today, after=last))
    if total:
        _log.info("renewals_reminded", records=total)
    return total


def _remind_some(session: Session, today: date, after: Ending | None) -> tuple[int, Ending | None]:
    """Remind of a batch: of how many, and its last record, None where there was none."""
    ending = store.ending(session, today, today + REMIND_BEFORE, BATCH, after)
    if not ending:
        return 0, None
    due = _not_renewed(session, ending, today)
    cases = told_of(session, [record.filing_id for record in due])
    name, now = catalogue.get(CODE).name, clock.now()
    for record in due:
        record.reminded_at = now
        case = cases[record.filing_id]
        notices.queue_notice(
            session,
            person_id=record.person_id,
            kind=notices.NoticeKind.RENEWAL_REMINDER,
            filing_id=record.filing_id,
            params={
                "service": name,
                "number": case.number,
                "until": f"{record.enddate}",
            },
            also_person_id=case.guardian_id,
        )
    return len(due), Ending.of(ending[-1])


def _not_renewed(session: Session, ending: Sequence[RemoteCareRecord], today: date) -> list[RemoteCareRecord]:
    """Those after whose end the person has no other record to the same place, and no case under way that may give one."""
    longest: dict[tuple[UUID, str], date] = {}
    persons = {record.person_id for record in ending}
    for person_id, place, end in store.places_covered(session, persons, today):
        key = (person_id, place)
        longest[key] = max(end or date.max, longest.get(key, date.min))
    busy = with_cases_under_way(session, persons, CODE)
    return [
        record
        for record in ending
        if record.person_id not in busy and record.enddate == longest[record.person_id, record.rloc_admdvs]
    ]
