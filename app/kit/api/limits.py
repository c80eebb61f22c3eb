"""Rate limits counted in this process, for an installation without Redis.

The storage that comes with ``limits`` starts a thread at nearly every request to forget what is over; this one forgets
by the way, and a request costs it a few microseconds.
"""

import threading
from collections.abc import Callable
from math import ceil
from typing import Final

from limits import parse
from limits.storage import Storage

from app.kit import clock, errors
from app.kit.addresses import network_of

SCHEME: Final = "process"
SWEEP_EVERY_SECONDS: Final = 60.0


class ProcessStorage(Storage):
    """Counts in fixed windows: each begins with the first call that is counted in it."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - limits' own attribute

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, float]] = {}  # key → (calls counted, when the window ends)
        self._sweep_at = _seconds() + SWEEP_EVERY_SECONDS

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more and give the count. expiry: how many seconds a new window lasts."""
        now = _seconds()
        with self._lock:
            if now >= self._sweep_at:
                self._forget_ended(now)
            count, ends_at = self._windows.get(key, (0, 0.0))
            if ends_at <= now:
                count, ends_at = 0, now + expiry
            self._windows[key] = (count + amount, ends_at)
            return count + amount

    def get(self, key: str) -> int:
        """The count of the window that goes on, or 0."""
        count, ends_at = self._windows.get(key, (0, 0.0))
        return count if ends_at > _seconds() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch; now for none."""
        return max(self._windows.get(key, (0, 0.0))[1], _seconds())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        """Forget all counts. Returns how many there were."""
        with self._lock:
            forgotten = len(self._windows)
            self._windows.clear()
        return forgotten

    def clear(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)

    def _forget_ended(self, now: float) -> None:
        self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
        self._sweep_at = now + SWEEP_EVERY_SECONDS


def _seconds() -> float:
    """Since the epoch, by the machine's clock: a limit holds though a demo's clock is shifted."""
    return clock.real_now().timestamp()


def by_address(rate: str, *, spare_this_machine: bool) -> Callable[[str], None]:
    """A check of each request before anything is looked up for it, also of those that lead nowhere (401, 404, 405).

    It counts in this process alone: a flood must not become as many calls of Redis. ``spare_this_machine``: loopback
    is not counted. The check raises TOO_MANY_REQUESTS.
    """
    limit = parse(rate)
    counts = ProcessStorage()

    def check(address: str) -> None:
        network = _network(address)
        if network is None:
            if spare_this_machine:
                return
            network = "loopback"
        if counts.incr(network, limit.get_expiry()) > limit.amount:
            seconds = max(1, ceil(counts.get_expiry(network) - _seconds()))
            raise errors.TOO_MANY_REQUESTS(seconds=seconds, headers={"Retry-After": str(seconds)})

    return check


def _network(address: str) -> str | None:
    """The key under which an address counts; None for this machine."""
    return None if address in {"127.0.0.1", "::1"} else network_of(address)
