"""HTTP as a careful phone speaks it: patient on a poor signal, and never twice where once was meant.

A call is repeated only where that is safe: reading, or changing something under an Idempotency-Key, which
stays the same on each try together with every byte of the body. Nothing is logged but method, path, status
and time.
"""

import json as jsonlib
import logging
import random
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from threading import Lock

import requests
from urllib3.filepost import encode_multipart_formdata

from mock_client.answers import Answer, CallFailed, JsonValue, NoSignal, Refused, Unexpected, check, refusal
from mock_client.clock import Clock, DeviceClock
from mock_client.network import (
    GOOD,
    MOUNTAIN,
    OFFLINE,
    WEAK_3G,
    Fate,
    Network,
    Passage,
    Signal,
    Traffic,
    body_of,
    head_of,
    send_part,
)

__all__ = [
    "GOOD",
    "MOUNTAIN",
    "OFFLINE",
    "WEAK_3G",
    "Answer",
    "CallFailed",
    "Fate",
    "FilePart",
    "JsonValue",
    "Network",
    "NoSignal",
    "Refused",
    "Retry",
    "Signal",
    "Traffic",
    "Transport",
    "Unexpected",
    "check",
    "refusal",
]

log = logging.getLogger(__name__)

READING = frozenset({"GET", "HEAD"})
BUSY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
WAITING = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})
"""Worth another try only if the server says when, as it may while the first request with the key still
runs."""

CONNECT_TIMEOUT_S = 3.05


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a multipart call. `media_type` is what the phone claims, which need not be true."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient a client is. Pauses are in seconds and grow from `first_s` twofold up to `ceiling_s`, each
    with jitter between half and the whole of it. A Retry-After above `patience_s` is not waited for: the
    person gets the answer as it is."""

    tries: int = 8
    first_s: float = 0.5
    ceiling_s: float = 20.0
    patience_s: float = 60.0

    def pause_s(self, failures: int, rng: random.Random) -> float:
        """The pause after so many failures (1, 2, …)."""
        longest = min(self.ceiling_s, self.first_s * 2.0 ** (failures - 1))
        return longest * (0.5 + 0.5 * rng.random())


class Transport:
    """Calls to one server over one network.

    `pace` scales latency and back-off (1.0 as in life, 0.0 at once); a Retry-After is always waited in full.
    Cookies, proxies and .netrc of the environment are ignored, redirects not followed. May be shared by
    threads.
    """

    def __init__(
        self,
        base_url: str,
        network: Network | None = None,
        clock: Clock | None = None,
        *,
        retry: Retry | None = None,
        seed: int = 0,
        pace: float = 1.0,
        read_timeout_s: float = 30.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.network = network or Network(GOOD, seed)
        self.clock = clock or DeviceClock()
        self.retry = retry or Retry()
        self.pace = pace
        self._timeout_s = (CONNECT_TIMEOUT_S, read_timeout_s)
        self._headers = {"User-Agent": "zhangban-mock-phone", "Accept": "application/json", **(headers or {})}
        self._rng = random.Random(f"transport:{seed}")
        self._rng_lock = Lock()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        json: JsonValue = None,
        params: Mapping[str, str | int | bool | None] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart | Sequence[FilePart]] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        expect: int | Collection[int] | None = None,
    ) -> Answer:
        """One call, with as many tries as are safe and needed.

        `json` is sent as JSON; `form` and `files` together as multipart. `params` that are None are left out.
        `expect` names the statuses that are wanted; any other raises `Refused` (a problem document) or
        `Unexpected`. Without it every answer is returned. Raises `NoSignal` if no answer came.
        """
        request = self._prepare(method, path, json, params, form, files, headers, idempotency_key)
        safe = method.upper() in READING or idempotency_key is not None
        return check(self._persist(request, self.retry.tries if safe else 1, path), expect)

    def _prepare(
        self,
        method: str,
        path: str,
        json: JsonValue,
        params: Mapping[str, str | int | bool | None] | None,
        form: Mapping[str, str] | None,
        files: Mapping[str, FilePart | Sequence[FilePart]] | None,
        headers: Mapping[str, str] | None,
        idempotency_key: str | None,
    ) -> requests.PreparedRequest:
        if json is not None and (form or files):
            raise ValueError("a call sends either JSON or multipart, not both")
        head = {**self._headers, **(headers or {})}
        body: bytes | None = None
        if json is not None:
            body = jsonlib.dumps(json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            head["Content-Type"] = "application/json"
        elif form or files:
            body, head["Content-Type"] = self._multipart(form or {}, files or {}, idempotency_key)
        if idempotency_key is not None:
            head["Idempotency-Key"] = idempotency_key
        query = {name: _query_text(value) for name, value in (params or {}).items() if value is not None}
        url = self.base_url + path
        return self._session.prepare_request(
            requests.Request(method.upper(), url, headers=head, params=query, data=body)
        )

    def _multipart(
        self, form: Mapping[str, str], files: Mapping[str, FilePart | Sequence[FilePart]], key: str | None
    ) -> tuple[bytes, str]:
        fields: list[tuple[str, str | tuple[str, bytes, str]]] = list(form.items())
        for name, given in files.items():
            parts = [given] if isinstance(given, FilePart) else given
            fields += [(name, (part.name, part.content, part.media_type)) for part in parts]
        # From the key, so that an outbox that sends the same upload tomorrow sends the same bytes: under one
        # key another body is refused.
        boundary = (uuid.uuid4() if key is None else uuid.uuid5(uuid.NAMESPACE_OID, key)).hex
        return encode_multipart_formdata(fields, boundary)

    def _persist(self, request: requests.PreparedRequest, tries: int, path: str) -> Answer:
        perhaps_done = False
        for number in range(1, tries + 1):
            passage = self.network.draw(uploading=len(body_of(request)) > 1)
            answer = self._try(request, passage, number)
            log.debug(
                "%s %s: %s, try %d", request.method, path, answer.status if answer else "no answer", number
            )
            perhaps_done = perhaps_done or passage.fate is not Fate.OFFLINE
            if answer is None:
                wait_s = self._pause_s(number)
            else:
                asked_s = self._asked_wait_s(answer)
                wait_s = self._pause_s(number) if asked_s is None else asked_s
                worth_it = answer.status in BUSY or (answer.status in WAITING and asked_s is not None)
                if not worth_it or number == tries or wait_s > self.retry.patience_s:
                    return answer
            if number < tries:
                self.clock.sleep(wait_s)
        raise NoSignal(tries, perhaps_done=perhaps_done)

    def _try(self, request: requests.PreparedRequest, passage: Passage, number: int) -> Answer | None:
        if passage.fate is Fate.OFFLINE:
            return None
        self.clock.sleep(passage.latency_s * self.pace)
        if passage.fate is Fate.LOST_BEFORE:
            return None
        if passage.fate is Fate.CUT:
            self.network.count(sent=send_part(request, passage.reach, CONNECT_TIMEOUT_S))
            return None
        answer = self._exchange(request, number)
        return None if passage.fate is Fate.LOST_AFTER else answer

    def _exchange(self, request: requests.PreparedRequest, number: int) -> Answer | None:
        started = self.clock.monotonic()
        try:
            response = self._session.send(request, timeout=self._timeout_s, allow_redirects=False)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            return None
        elapsed_ms = (self.clock.monotonic() - started) * 1000
        sent = len(head_of(request)) + len(body_of(request))
        head = sum(len(name) + len(value) + 4 for name, value in response.headers.items())
        body = response.headers.get("Content-Length", "")
        received = head + (int(body) if body.isdecimal() else len(response.content))
        self.network.count(sent=sent, received=received)
        return Answer(
            status=response.status_code,
            json=_parse(response),
            headers=response.headers,
            content=response.content,
            elapsed_ms=elapsed_ms,
            request_id=response.headers.get("X-Request-Id"),
            tries=number,
        )

    def _pause_s(self, failures: int) -> float:
        with self._rng_lock:
            return self.retry.pause_s(failures, self._rng) * self.pace

    def _asked_wait_s(self, answer: Answer) -> float | None:
        """How long Retry-After asks to wait, in seconds; None if it does not say."""
        asked = answer.headers.get("Retry-After", "").strip()
        if asked.isdecimal():
            return float(asked)
        until = _http_date(asked)
        if until is None:
            return None
        # Against the server's own Date where it gives one: the phone's clock may be wrong.
        since = _http_date(answer.headers.get("Date", "")) or self.clock.now()
        return max(0.0, (until - since).total_seconds())


def _query_text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date that names no zone ("-0000") comes back naive and cannot be compared.
    return moment if moment.tzinfo else None


def _parse(response: requests.Response) -> object:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        return None
    try:
        return response.json()
    except requests.exceptions.JSONDecodeError:
        return None
