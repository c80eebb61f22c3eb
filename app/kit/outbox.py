"""The outbox: work that must follow a committed change, written in the same transaction and done afterwards.

A message is done at least once: its handler must bear a repetition. A handler that raises is tried again with
growing pauses; after MAX_ATTEMPTS the message stays, marked failed, and is seen in metrics and by the doctor. A handler
that asks to be called later (TryLater) has not failed, so that is no attempt; after PATIENCE the message fails all the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import structlog
from sqlalchemy import JSON, ColumnElement, Index, String, Table, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import clock, ids
from app.kit.db import Base, Database

Handler = Callable[[Database, Mapping[str, Any]], None]

MAX_ATTEMPTS = 8
PATIENCE = timedelta(days=7)
"""How long TryLater puts a message off, from when it was first due. Longer than any limit of a day repeats."""
CLAIM = timedelta(minutes=2)
BATCH = 4
"""Claimed at once: so few that the last is begun well within CLAIM, though each waits for slow systems (20 s)."""
COUNTED = 10_000
"""How far backlog counts: it is asked often, and more than this is bad enough."""
_log = structlog.get_logger("app.outbox")


class OutboxMessage(Base):
    """Payloads hold identifiers only, never personal data."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_open", "failed_at", "available_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    attempts: Mapped[int] = mapped_column(default=0)
    # When it was first due. (When it was put is in its id.)
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(200))


_INSERTION = insert(cast(Table, OutboxMessage.__table__))
"""Built once: building it takes longer than executing it."""


class TryLater(Exception):  # noqa: N818 - an instruction rather than an error
    """Raised by a handler that knows when to try again."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True)
class Duty:
    """A handler that also has something to do when its message is given up, in the transaction that marks it failed."""

    do: Handler
    gave_up: Callable[[Session, Mapping[str, Any]], None]

    def __call__(self, database: Database, payload: Mapping[str, Any]) -> None:
        self.do(database, payload)


@dataclass(frozen=True)
class _Claimed:
    id: UUID
    topic: str
    payload: Mapping[str, Any]
    attempts: int
    due_since: datetime
    until: datetime

    @property
    def is_ours(self) -> ColumnElement[bool]:
        """Nobody else has claimed it since."""
        return (OutboxMessage.id == self.id) & (OutboxMessage.available_at == self.until)


def put(session: Session, topic: str, payload: Mapping[str, Any], *, after: timedelta = timedelta(0)) -> None:
    """Queue a message with the session's transaction."""
    session.add(OutboxMessage(**_values(topic, payload, after)))
    session.info["outbox_written"] = True


def put_at_once(session: Session, topic: str, payload: Mapping[str, Any]) -> None:
    """The same in one statement, now and without the ORM, for paths that every settlement takes."""
    session.connection().execute(_INSERTION, _values(topic, payload, timedelta(0)))
    session.info["outbox_written"] = True


def _values(topic: str, payload: Mapping[str, Any], after: timedelta) -> dict[str, Any]:
    due = clock.now() + after
    return {
        "id": ids.new_id(),
        "topic": topic,
        "payload": dict(payload),
        "attempts": 0,
        "created_at": due,
        "available_at": due,
    }


def pause_after(attempts: int) -> timedelta:
    """10 s, 40 s, 90 s … up to an hour."""
    return timedelta(seconds=min(3600, 10 * attempts * attempts))


def drain(database: Database, handlers: Mapping[str, Handler], *, batch: int = BATCH) -> int:
    """Work off what is due, message by message. Returns how many were done."""
    done = 0
    while claimed := database.run(lambda session: _claim(session, batch)):
        for message in claimed:
            done += _work(database, handlers, message)
    return done


def _claim(session: Session, batch: int) -> list[_Claimed]:
    now = clock.now()
    due = (
        select(OutboxMessage.id)
        .where(OutboxMessage.failed_at.is_(None), OutboxMessage.available_at <= now)
        .order_by(OutboxMessage.available_at)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    claimed = session.execute(due).scalars().all()
    if not claimed:
        return []
    # Claiming moves the message into the future: if this process dies, another takes it up then.
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(claimed))
        .values(available_at=now + CLAIM, attempts=OutboxMessage.attempts + 1)
    )
    rows = session.execute(
        select(OutboxMessage).where(OutboxMessage.id.in_(claimed)).order_by(OutboxMessage.id)
    )
    return [
        _Claimed(row.id, row.topic, row.payload, row.attempts, row.created_at, row.available_at)
        for row in rows.scalars()
    ]


def _work(database: Database, handlers: Mapping[str, Handler], message: _Claimed) -> int:
    if message.attempts > MAX_ATTEMPTS:
        # Its handler never came back: it takes the worker down with it each time.
        _give_up(database, handlers, message, "worker_died")
        return 0
    try:
        handlers[message.topic](database, message.payload)
    except TryLater as later:
        if clock.now() - message.due_since >= PATIENCE:
            _give_up(database, handlers, message, str(later))
        else:
            _put_back(database, message, message.attempts - 1, timedelta(seconds=later.seconds), str(later))
        return 0
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the other messages must go on
        reason = type(error).__name__
        _log.warning("outbox_failed", topic=message.topic, message_id=str(message.id), kind=reason)
        if message.attempts >= MAX_ATTEMPTS:
            _give_up(database, handlers, message, reason)
        else:
            _put_back(database, message, message.attempts, pause_after(message.attempts), reason)
        return 0
    database.run(lambda session: session.execute(delete(OutboxMessage).where(OutboxMessage.id == message.id)))
    return 1


def _put_back(database: Database, message: _Claimed, attempts: int, pause: timedelta, reason: str) -> None:
    values = {"available_at": clock.now() + pause, "attempts": attempts, "last_error": reason[:200]}
    database.run(
        lambda session: session.execute(update(OutboxMessage).where(message.is_ours).values(**values))
    )


def _give_up(database: Database, handlers: Mapping[str, Handler], message: _Claimed, reason: str) -> None:
    """Mark it failed, and let the handler's domain know."""
    _log.error("outbox_given_up", topic=message.topic, message_id=str(message.id), reason=reason)
    handler = handlers.get(message.topic)

    def mark(session: Session) -> bool:
        failed = (
            update(OutboxMessage)
            .where(message.is_ours)
            .values(failed_at=clock.now(), last_error=reason[:200])
            .returning(OutboxMessage.id)
        )
        return session.execute(failed).first() is not None

    def mark_and_tell(session: Session) -> None:
        if mark(session) and isinstance(handler, Duty):
            handler.gave_up(session, message.payload)

    try:
        database.run(mark_and_tell)
    except Exception as error:  # noqa: BLE001 - as above
        _log.error("outbox_gave_up_failed", topic=message.topic, kind=type(error).__name__)
        database.run(mark)


def backlog(session: Session) -> tuple[int, int]:
    """(waiting, failed) messages, each counted up to COUNTED."""
    waiting = _count(session, OutboxMessage.failed_at.is_(None))
    failed = _count(session, OutboxMessage.failed_at.is_not(None))
    return waiting, failed


def _count(session: Session, which: ColumnElement[bool]) -> int:
    some = select(OutboxMessage.id).where(which).limit(COUNTED).subquery()
    return session.execute(select(func.count()).select_from(some)).scalar_one()
