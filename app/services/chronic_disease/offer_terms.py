"""How long an offer stands and when its person is reminded: 30 days, on the 10th and the 20th. Ours."""

from datetime import date, timedelta
from typing import Final

STANDS: Final = timedelta(days=30)
REMINDED: Final = (timedelta(days=10), timedelta(days=20))


def last_day(made_on: date) -> date:
    """The last day on which an offer can be accepted."""
    return made_on + STANDS


def next_step(made_on: date, today: date) -> date:
    """The next day after ``today`` on which something is due: a reminder, or the end.

    A job that missed days reminds once, not once for each reminder it missed.
    """
    steps = [*(made_on + after for after in REMINDED), last_day(made_on) + timedelta(days=1)]
    return next((step for step in steps if step > today), steps[-1])
