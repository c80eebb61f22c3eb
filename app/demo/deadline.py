"""Lets the deadline of one case pass: what ``zhangban demo pass-deadline`` does.

For whoever tries what happens then and does not want to wait; no other case is touched.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.demo.errors import NoDeadline
from app.filings import deadlines
from app.filings.models import Filing
from app.kit import clock
from app.kit.db import Database

_JUST_AFTER = timedelta(minutes=1)


def pass_deadline(database: Database, number: str) -> datetime:
    """Do with the case of that number what the worker does once its deadline is over. Returns when that would be.

    The steps bear that later time, so go on with a server whose clock stands there (``serve --clock``). Raises
    NoDeadline for a case that there is not, or that waits for nobody.
    """
    with database.reading() as session:
        case = session.execute(select(Filing.id, Filing.due_at).where(Filing.number == number)).one_or_none()
    if case is None or case.due_at is None:
        raise NoDeadline(number)
    then = max(case.due_at, clock.now()) + _JUST_AFTER
    with clock.travel(then):
        if not deadlines.work_off(database, case.id):
            raise NoDeadline(number)
    return then
