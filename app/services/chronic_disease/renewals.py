"""Reminds people, once an entitlement, that it ends soon: from the day on which it may be applied for anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from app.filings.numbers import told_of
from app.kit import clock
from app.kit.db import Database
from app.kit.text import Text
from app.notices import service as notices
from app.services.chronic_disease import entitlements
from app.services.chronic_disease.models import ChronicEntitlement, EntitlementStatus

REMIND_BEFORE = timedelta(days=30)
"""Ours: time to see a doctor and to gather papers. By then every pack lets people renew."""
BATCH = 200
"""Entitlements of one transaction: their rows are locked for it."""
_log = structlog.get_logger("app.chronic.renewals")


@dataclass(frozen=True)
class Ending:
    """How far the walk over entitlements that end soon has come."""

    enddate: date
    id: UUID


def remind_of_ending(database: Database) -> int:
    """Remind of every entitlement that ends within REMIND_BEFORE and was not reminded of. Returns of how many.

    An entitlement is marked in the transaction that queues its notice, so a run that is cut off is gone on with by the
    next. Of two workers at once each passes over the rows that the other has locked.
    """
    today, total = clock.today(), 0
    done, last = database.run(partial(_remind_some, today=today, after=None))
    while last is not None:
        total += done
        done, last = database.run(partial(_remind_some, today=today, after=last))
    if total:
        _log.info("entitlement_ends_reminded", entitlements=total)
    return total


def _remind_some(session: Session, today: date, after: Ending | None) -> tuple[int, Ending | None]:
    """Remind of a batch: of how many, and its last entitlement, None where there was none."""
    ending = _ending(session, today, after)
    if not ending:
        return 0, None
    due = _not_renewed(session, ending, today)
    cases = told_of(session, [one.filing_id for one in due])
    _mark(session, [one.id for one in due])
    for one in due:
        notices.queue_notice(
            session,
            person_id=one.person_id,
            kind=notices.NoticeKind.ENTITLEMENT_ENDING,
            filing_id=one.filing_id,
            params={
                "service": Text(f"{one.opsp_dise_name}待遇", f"benefit for {one.opsp_dise_name}"),
                "number": cases[one.filing_id].number,
                "until": f"{one.enddate}",
            },
            also_person_id=cases[one.filing_id].guardian_id,
        )
    last = ending[-1]
    return len(due), Ending(last.enddate or today, last.id)


def _mark(session: Session, entitlement_ids: Sequence[UUID]) -> None:
    """One statement, past the version: nobody's view of an entitlement grows stale by a reminder."""
    marked = update(ChronicEntitlement).where(ChronicEntitlement.id.in_(entitlement_ids))
    session.execute(marked.values(reminded_at=clock.now()).execution_options(synchronize_session=False))


def _ending(session: Session, today: date, after: Ending | None) -> Sequence[ChronicEntitlement]:
    query = select(ChronicEntitlement).where(
        ChronicEntitlement.enddate >= today,
        ChronicEntitlement.enddate <= today + REMIND_BEFORE,
        ChronicEntitlement.reminded_at.is_(None),
        ChronicEntitlement.state == EntitlementStatus.ACTIVE,
    )
    if after is not None:
        query = query.where(
            tuple_(ChronicEntitlement.enddate, ChronicEntitlement.id) > (after.enddate, after.id)
        )
    query = query.order_by(ChronicEntitlement.enddate, ChronicEntitlement.id).limit(BATCH)
    return session.execute(query.with_for_update(skip_locked=True)).scalars().all()


def _not_renewed(
    session: Session, ending: Sequence[ChronicEntitlement], today: date
) -> list[ChronicEntitlement]:
    """Those after which the person has no other for the same disease already."""
    last_day: dict[tuple[UUID, str, str], date] = {}
    held = entitlements.not_ended_of(session, {one.person_id for one in ending}, today)
    for one in held:
        last_day[_what(one)] = max(one.enddate or date.max, last_day.get(_what(one), date.min))
    return [one for one in ending if one.enddate == last_day[_what(one)]]


def _what(entitlement: ChronicEntitlement) -> tuple[UUID, str, str]:
    return entitlement.person_id, entitlement.benefit, entitlement.opsp_dise_code
