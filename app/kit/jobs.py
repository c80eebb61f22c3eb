"""Background work by Huey: SQLite beside the embedded database, Redis in production.

There are two kinds of work. Outbox messages follow a committed change; a web process only knocks ("drain now"), the
messages themselves are in the database, so a lost knock costs a minute and never a message. Periodic jobs are
functions of the database, run by whichever worker has them.
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog
from huey import Huey, RedisHuey, SqliteHuey, crontab

from app.kit import outbox
from app.kit.db import Database

Job = Callable[[Database], object]

_log = structlog.get_logger("app.jobs")

CHINA_HOURS = 8
KNOCK_PAUSE_SECONDS = 0.2
KNOCK_DELAY_SECONDS = 0.3


def make_huey(redis_url: str, data_dir: Path) -> Huey:
    """The queue that settings ask for."""
    if redis_url:
        return RedisHuey("zhangban", url=redis_url, results=False)
    data_dir.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("zhangban", filename=str(data_dir / "jobs.sqlite3"), results=False)


class Jobs:
    """The tasks of this product, bound to one queue."""

    def __init__(
        self,
        huey: Huey,
        database: Database,
        handlers: Mapping[str, outbox.Handler],
        periodic: Mapping[str, tuple[str, Job]],
    ) -> None:
        """``periodic``: name → (crontab "minute hour" in China's time, job)."""
        self.huey = huey
        self._last_knock = 0.0
        self._lock = threading.Lock()

        @huey.task(name="drain_outbox")  # type: ignore[untyped-decorator] # huey is untyped
        def drain_outbox() -> None:
            outbox.drain(database, handlers)

        @huey.periodic_task(crontab(minute="*"), name="drain_outbox_every_minute")  # type: ignore[untyped-decorator] # huey is untyped
        def drain_outbox_every_minute() -> None:
            outbox.drain(database, handlers)

        self._drain_outbox = drain_outbox
        for name, (when, job) in periodic.items():
            self._add_periodic(name, when, job, database)

    def _add_periodic(self, name: str, when: str, job: Job, database: Database) -> None:
        minute, hour = when.split()
        if hour != "*":
            # Huey's crontab counts in UTC: the night of the machine would be the morning of the offices.
            hour = str((int(hour) - CHINA_HOURS) % 24)

        @self.huey.periodic_task(crontab(minute=minute, hour=hour), name=name)  # type: ignore[untyped-decorator] # huey is untyped
        def run() -> None:
            job(database)

    def knock(self) -> None:
        """Ask a worker to drain the outbox now. At most one knock in KNOCK_PAUSE_SECONDS: the drain is scheduled a
        little later than that, so it sees every message that was committed since the knock."""
        with self._lock:
            now = time.monotonic()
            if now - self._last_knock < KNOCK_PAUSE_SECONDS:
                return
            self._last_knock = now
        try:
            self._drain_outbox.schedule(delay=KNOCK_DELAY_SECONDS)
        except Exception as error:  # noqa: BLE001 - the work is committed; a queue that is away must not turn it into an error
            _log.warning("knock_failed", kind=type(error).__name__)
