"""The signal between a phone and the server: good in town, poor in the mountains, sometimes none.

Everything is drawn from a seeded generator, so that a run can be repeated. Each loss is real: an answer is
lost after the server did the work, an upload is cut by closing the socket half-way.
"""

import random
import socket
import ssl
from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from urllib.parse import urlsplit

import requests


class Fate(StrEnum):
    """What becomes of one request."""

    DELIVERED = "delivered"
    LOST_BEFORE = "lost_before"
    """It never leaves the phone."""
    LOST_AFTER = "lost_after"
    """The server does the work, and its answer is lost."""
    CUT = "cut"
    """The upload breaks half-way; the server sees a part of the body."""
    OFFLINE = "offline"
    """The phone has no network at all, and knows it."""


@dataclass(frozen=True, slots=True)
class Signal:
    """How good the signal is: shares of requests (0..1) that meet each fate, and the latency in milliseconds,
    drawn evenly between its two bounds, for the way there and back together."""

    name: str
    loss_before: float = 0.0
    loss_after: float = 0.0
    cut: float = 0.0
    latency_ms: tuple[float, float] = (0.0, 0.0)
    offline: bool = False

    def __post_init__(self) -> None:
        shares = (self.loss_before, self.loss_after, self.cut)
        if min(shares) < 0 or sum(shares) > 1:
            raise ValueError(
                f"the shares of signal {self.name!r} must lie between 0 and 1, together at most 1"
            )
        if not 0 <= self.latency_ms[0] <= self.latency_ms[1]:
            raise ValueError(f"the latency of signal {self.name!r} must be (low, high), not negative")


GOOD = Signal("good", latency_ms=(5, 40))
WEAK_3G = Signal("weak_3g", loss_before=0.06, loss_after=0.05, cut=0.04, latency_ms=(150, 900))
MOUNTAIN = Signal("mountain", loss_before=0.20, loss_after=0.15, cut=0.15, latency_ms=(400, 2500))
OFFLINE = Signal("offline", offline=True)


@dataclass(frozen=True, slots=True)
class Passage:
    """What the network has in store for one request: its fate, how long it is on its way (seconds), and, if
    the upload is cut, which share of the body still leaves."""

    fate: Fate
    latency_s: float
    reach: float


@dataclass(slots=True)
class Traffic:
    """What went over the air. Bytes are those of HTTP messages: request and status line, headers, body."""

    attempts: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)


class Network:
    """One phone's network. Safe to use from several threads; the order of draws is then that of the
    threads."""

    def __init__(self, signal: Signal = GOOD, seed: int = 0) -> None:
        self.traffic = Traffic()
        self._signal = signal
        self._rng = random.Random(f"network:{seed}")
        self._foreseen: deque[Fate] = deque()
        self._lock = Lock()

    @property
    def signal(self) -> Signal:
        """The signal as it is now."""
        return self._signal

    def change(self, signal: Signal) -> None:
        """The phone is carried somewhere else."""
        with self._lock:
            self._signal = signal

    def foresee(self, *fates: Fate) -> None:
        """Settles the fates of the next requests, in order; after them chance decides again. For tests and
        scenarios that tell one certain mishap."""
        with self._lock:
            self._foreseen.extend(fates)

    def draw(self, *, uploading: bool) -> Passage:
        """Draws what happens to the next request, and counts the attempt. A request without a body cannot be
        cut; it is lost instead."""
        with self._lock:
            # Always three draws, so that a foreseen fate or another signal does not shift those after it.
            chance, delay, reach = self._rng.random(), self._rng.random(), self._rng.random()
            fate = self._foreseen.popleft() if self._foreseen else self._fate(chance)
            if fate is Fate.CUT and not uploading:
                fate = Fate.LOST_BEFORE
            self.traffic.attempts += 1
            self.traffic.fates[fate] += 1
            low, high = self._signal.latency_ms
            return Passage(fate, (low + (high - low) * delay) / 1000, reach)

    def count(self, *, sent: int = 0, received: int = 0) -> None:
        """Adds bytes that went over the air."""
        with self._lock:
            self.traffic.bytes_sent += sent
            self.traffic.bytes_received += received

    def _fate(self, chance: float) -> Fate:
        signal = self._signal
        if signal.offline:
            return Fate.OFFLINE
        for share, fate in (
            (signal.loss_before, Fate.LOST_BEFORE),
            (signal.loss_after, Fate.LOST_AFTER),
            (signal.cut, Fate.CUT),
        ):
            if chance < share:
                return fate
            chance -= share
        return Fate.DELIVERED


def head_of(request: requests.PreparedRequest) -> bytes:
    """The request line and headers as they go over the wire, with the empty line that ends them."""
    target = urlsplit(request.url or "")
    lines = [f"{request.method} {request.path_url} HTTP/1.1", f"Host: {target.netloc}"]
    lines += [f"{name}: {_text(value)}" for name, value in request.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def body_of(request: requests.PreparedRequest) -> bytes:
    """The request's body as bytes; empty if it has none."""
    body = request.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    raise TypeError("the body must be whole in memory, since a retry sends the very same bytes")


def send_part(request: requests.PreparedRequest, reach: float, timeout_s: float) -> int:
    """Sends the head, which promises the whole body, and a share `reach` of the body (at least one byte,
    never all of it), then hangs up. Returns how many bytes went out; 0 if nobody listens."""
    target = urlsplit(request.url or "")
    secure = target.scheme == "https"
    body = body_of(request)
    part = body[: min(max(1, int(len(body) * reach)), len(body) - 1)]
    message = head_of(request) + part
    host = target.hostname or ""
    try:
        with socket.create_connection((host, target.port or (443 if secure else 80)), timeout_s) as plain:
            if secure:
                with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as tls:
                    tls.sendall(message)
            else:
                plain.sendall(message)
    except OSError:
        return 0
    return len(message)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
