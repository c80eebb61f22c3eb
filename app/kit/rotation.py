"""Keys that are exchanged while processes run: every process reads them anew, so that none has to be restarted.

A new key checks at once. It makes something only SIGNS_AFTER later, when every process knows it. An older one goes
KEPT_FOR after the next was made, when nothing that it made can be needed any more; or at once when it is retired.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.kit.crypto import MasterKeyError, SealBroken

READ_EVERY: Final = 30.0
"""Seconds."""
SIGNS_AFTER: Final = timedelta(minutes=2)
KEPT_FOR: Final = timedelta(days=4)
"""A day longer than phones hold what was made with a key (app.vouchers; a test compares the two)."""

_log = structlog.get_logger("app.rotation")


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of a key without opening it."""

    number: int
    made_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rotation:
    """The keys that check now, by number, and which of them makes."""

    keys: Mapping[int, bytes] = field(repr=False)
    makes: int


def still_checking(versions: Sequence[Version], now: datetime) -> list[Version]:
    """Those that were not retired and are not too old, in order; the newest in any case."""
    in_order = sorted(versions, key=lambda one: one.number)
    return [
        one
        for one, following in zip_longest(in_order, in_order[1:])
        if following is None or (one.retired_at is None and now < following.made_at + KEPT_FOR)
    ]


def making(checking: Sequence[Version], now: datetime) -> int:
    """The newest that every process knows; the oldest where that is none."""
    known = [one.number for one in checking if one.made_at + SIGNS_AFTER <= now]
    return max(known, default=checking[0].number)


class Rotating:
    """The keys of one purpose in this process, read anew every READ_EVERY seconds by whoever asks for them then."""

    def __init__(self, read: Callable[[], Rotation]) -> None:
        self._read = read
        self._one_reads = threading.Lock()
        self._current = read()
        self._read_at = time.monotonic()

    def current(self) -> Rotation:
        """While one thread reads, the others go on with what is known; so do all where the database does not answer, or
        has a key that only those open who were started with a newer master key."""
        if time.monotonic() - self._read_at >= READ_EVERY and self._one_reads.acquire(blocking=False):
            try:
                self._current = self._read()
            except (SQLAlchemyError, MasterKeyError, SealBroken):
                _log.warning("keys_not_read", exc_info=True)
            finally:
                self._read_at = time.monotonic()
                self._one_reads.release()
        return self._current
