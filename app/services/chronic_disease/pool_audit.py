"""Whether the log of the pools is whole, and agrees with profiles, leave, and what the draws took experts to be.

Found are: a row of the log that was edited or is missing, a profile or leave that was changed around the log, and, by
the draws' own records, an end of the log that was cut off although profile and leave were made to agree with what
remains. Not found is what somebody did to an expert of whom the log never told, from the time before there was a log,
by hand; nor a cut-off end after which there was no draw.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from app.kit import clock
from app.kit.crypto import SealBroken
from app.kit.sealing import is_whole
from app.services.chronic_disease.experts import hospital_key
from app.services.chronic_disease.faults import Fault
from app.services.chronic_disease.models import ExpertDraw, ExpertLeave, ExpertPoolChange, ExpertProfile
from app.services.chronic_disease.pool_log import LOOK_BACK, Known, known_of

TABLE: Final = ExpertPoolChange.__tablename__
EXPERTS: Final = 200
"""So many experts are looked at together, each with his or her few changes."""
AT_ONCE: Final = timedelta(minutes=1)
"""A draw and a change that are no further apart may have gone past each other, and clocks of machines may differ."""
TAKEN: Final = ("specialties", "institution", "on_leave", "daily_limit")
"""What a draw's record says of an expert that the log says too."""
EDITED: Final = "the row was changed by hand: its seal does not fit"


def audit(session: Session) -> Iterator[Fault]:
    """Walk the log, expert by expert, and compare its end with what is known now."""
    last_id = None
    while True:
        query = select(ExpertPoolChange.account_id).distinct().order_by(ExpertPoolChange.account_id)
        if last_id is not None:
            query = query.where(ExpertPoolChange.account_id > last_id)
        accounts = session.execute(query.limit(EXPERTS)).scalars().all()
        if not accounts:
            break
        last_id = accounts[-1]
        yield from _audit_some(session, accounts)
        session.expunge_all()
    yield from _unlogged(session)


def _audit_some(session: Session, accounts: Sequence[UUID]) -> Iterator[Fault]:
    """These experts' changes. A value that cannot be read at all is named, and holds up nobody else's."""
    try:
        found = list(_read_and_audit(session, accounts))
    except (LookupError, TypeError, ValueError):
        session.expunge_all()
        if len(accounts) > 1:
            for account_id in accounts:
                yield from _audit_some(session, [account_id])
            return
        what = "the log of this expert, or the profile, holds a value that cannot be read"
        found = [Fault("account", str(accounts[0]), what)]
    yield from found


def _read_and_audit(session: Session, accounts: Sequence[UUID]) -> Iterator[Fault]:
    today = clock.today()
    query = (
        select(ExpertPoolChange)
        .where(ExpertPoolChange.account_id.in_(accounts))
        .order_by(ExpertPoolChange.account_id, ExpertPoolChange.seq)
    )
    rows: defaultdict[UUID, list[ExpertPoolChange]] = defaultdict(list)
    for row in session.execute(query).scalars():
        rows[row.account_id].append(row)
    now = known_of(session, accounts, today)
    for account_id in accounts:
        yield from _faults_of(rows[account_id], now.get(account_id), today)


def _faults_of(rows: Sequence[ExpertPoolChange], now: Known | None, today: date) -> Iterator[Fault]:
    """``rows``: those of one expert, at least one, in their order."""
    edited = {row.id for row in rows if not is_intact(row)}
    for row in rows:
        if row.id in edited:
            yield Fault(TABLE, str(row.id), EDITED)
    if rows[0].seq != 1:
        yield Fault(TABLE, str(rows[0].id), f"{rows[0].seq - 1} changes before this one are missing")
    for one, following in pairwise(rows):
        if following.seq != one.seq + 1:
            missing = following.seq - one.seq - 1
            yield Fault(TABLE, str(following.id), f"{missing} changes before this one are missing")
        elif not edited & {one.id, following.id} and _differ(one, following.before, _day(following)):
            what = "profile or leave was changed without a trace between this change and the one before"
            yield Fault(TABLE, str(following.id), what)
    last = rows[-1]
    if last.id not in edited and _differ(last, now, today):
        what = "profile or leave is not as this last change left it: changed by hand, or the log's end was cut off"
        yield Fault(TABLE, str(last.id), what)


def is_intact(row: ExpertPoolChange) -> bool:
    """Whether a change says what we wrote, and who made it can be read."""
    try:
        return is_whole(row) and bool(row.by)
    except (SealBroken, ValueError):
        return False


def _differ(row: ExpertPoolChange, later: Known | None, day: date) -> bool:
    """Whether what is known later is something else than a change left; leave that was over by then is no difference."""
    if later is None:
        return True
    since = (max(day, _day(row)) - LOOK_BACK).isoformat()
    return _leave_since(row.after, since) != _leave_since(later, since)


def _leave_since(known: Known, since: str) -> Known:
    return {**known, "leave": [one for one in known["leave"] if one[1] >= since]}


def _day(row: ExpertPoolChange) -> date:
    return clock.china_day(row.at)


def _unlogged(session: Session) -> Iterator[Fault]:
    """Profiles and leave of experts whom the log does not know, from a time when there was a log."""
    first = select(ExpertPoolChange.at).order_by(ExpertPoolChange.id).limit(1)
    began = session.execute(first).scalar_one_or_none()
    if began is None:
        return
    logged = select(ExpertPoolChange.account_id)
    for model in (ExpertProfile, ExpertLeave):
        query = select(model.id).where(model.created_at > began, model.account_id.not_in(logged))
        for row_id in session.execute(query.order_by(model.id).limit(EXPERTS)).scalars():
            yield Fault(model.__tablename__, str(row_id), "the log of the pools does not tell of it")


@dataclass(frozen=True)
class LoggedExperts:
    """What the log tells of some experts around one day. ``faults``: its rows that were edited."""

    rows: Mapping[UUID, Sequence[ExpertPoolChange]]
    faults: Sequence[Fault]

    def differences(self, draw: ExpertDraw, candidates: Mapping[UUID, Mapping[str, Any]]) -> Iterator[str]:
        """Each expert whom a draw took for something else than the log tells. Of whom it does not tell is left out.

        ``candidates``: what the draw's record says of each account, of which the ``TAKEN`` fields are compared.
        """
        for account_id, one in candidates.items():
            logged = [_as_taken(known, draw.drawn_on) for known in self._about(account_id, draw.created_at)]
            taken = {field: one.get(field) for field in TAKEN}
            if logged and taken not in logged:
                differing = ", ".join(field for field in TAKEN if taken[field] != logged[-1][field])
                yield f"the log of the pool tells otherwise of expert {account_id}: {differing}"

    def _about(self, account_id: UUID, moment: datetime) -> Iterator[Known]:
        """What was known of an expert about that moment, nothing if the log does not reach back so far."""
        rows = self.rows.get(account_id, ())
        before = [row for row in rows if row.at < moment - AT_ONCE]
        if before:
            yield before[-1].after
            yield from (row.after for row in rows if abs(row.at - moment) <= AT_ONCE)


def _as_taken(known: Known, day: date) -> dict[str, Any]:
    """What a draw of that day takes an expert to be of whom this is known."""
    return {
        "specialties": known["specialties"],
        "institution": hospital_key(known["hospital"]),
        "on_leave": any(first <= day.isoformat() <= last for first, last in known["leave"]),
        "daily_limit": known["daily_limit"],
    }


def experts_on(session: Session, day: date, accounts: Collection[UUID]) -> LoggedExperts:
    """What the log tells of these experts on a day: its changes of that day, and the last one before. One statement."""
    begin = datetime.combine(day, time.min, clock.CHINA) - AT_ONCE
    end = begin + timedelta(days=1) + 2 * AT_ONCE
    earlier = aliased(ExpertPoolChange)
    last_before = (
        select(func.max(earlier.seq))
        .where(earlier.account_id == ExpertPoolChange.account_id, earlier.at < begin)
        .scalar_subquery()
    )
    query = (
        select(ExpertPoolChange)
        .where(
            ExpertPoolChange.account_id.in_(accounts),
            ExpertPoolChange.at < end,
            or_(ExpertPoolChange.at >= begin, ExpertPoolChange.seq == last_before),
        )
        .order_by(ExpertPoolChange.account_id, ExpertPoolChange.seq)
    )
    rows: defaultdict[UUID, list[ExpertPoolChange]] = defaultdict(list)
    for row in session.execute(query).scalars():
        rows[row.account_id].append(row)
    edited = [row for several in rows.values() for row in several if not is_intact(row)]
    # Of whom something was edited nothing is known: the row is named, not each draw besides.
    unknown = {row.account_id for row in edited}
    whole = {account_id: several for account_id, several in rows.items() if account_id not in unknown}
    return LoggedExperts(whole, [Fault(TABLE, str(row.id), EDITED) for row in edited])
