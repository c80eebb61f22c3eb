"""Bounds how often somebody may fail: who guesses is stopped, and what succeeds costs nothing of it."""

from collections.abc import Callable
from math import ceil
from typing import Final, TypeVar, cast

from flask import current_app
from limits import parse
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.kit import clock, errors
from app.kit.api.limits import SCHEME, ProcessStorage

EXTENSION: Final = "failures"
"""The application's extension that holds its FailureLimit."""

T = TypeVar("T")


class FailureLimit:
    """Counts failures by key (of what, whose) over the web processes that share a storage.

    While Redis does not answer each process counts for itself. ``rate`` None: nothing is bounded.
    """

    def __init__(self, rate: str | None, storage_uri: str = f"{SCHEME}://") -> None:
        self._rate = parse(rate) if rate is not None else None
        shared = cast(Storage, storage_from_string(storage_uri, wrap_exceptions=True))
        self._shared = FixedWindowRateLimiter(shared)
        self._own = FixedWindowRateLimiter(ProcessStorage())

    def check(self, *key: str) -> None:
        """Raises TOO_MANY_REQUESTS while the key has failed too often."""
        rate = self._rate
        if rate is None or self._ask(lambda counts: counts.test(rate, *key)):
            return
        ends_at, _ = self._ask(lambda counts: counts.get_window_stats(rate, *key))
        seconds = max(1, ceil(ends_at - clock.real_now().timestamp()))
        raise errors.TOO_MANY_REQUESTS(seconds=seconds, headers={"Retry-After": str(seconds)})

    def count(self, *key: str) -> None:
        """One failure more. It stays counted though the transaction is rolled back."""
        rate = self._rate
        if rate is not None:
            self._ask(lambda counts: counts.hit(rate, *key))

    def _ask(self, question: Callable[[FixedWindowRateLimiter], T]) -> T:
        try:
            return question(self._shared)
        except StorageError:
            return question(self._own)


def failures() -> FailureLimit:
    """The limit of the application that handles the current request."""
    return cast(FailureLimit, current_app.extensions[EXTENSION])
