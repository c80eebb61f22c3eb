"""A small server for the phone's tests: it remembers what reached it, works off each Idempotency-Key once,
and rotates tokens as the real one does."""

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

REFRESH = "/api/v1/auth/refresh"


@dataclass(frozen=True)
class Arrival:
    """One request as it reached the server; `whole` is false if the body broke off."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def key(self) -> str | None:
        return self.headers.get("Idempotency-Key")


@dataclass(frozen=True)
class Reply:
    status: int
    document: object = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, code: str, **more: object) -> Reply:
    document = {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": f"请重试：{code}",
        "code": code,
    }
    return Reply(status, {**document, **more}, "application/problem+json")


class SmallOffice:
    """Replies in `replies` are given first, in order; then a POST does its work and everything else is
    answered 200."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.replies: deque[Reply] = deque()
        self.work: list[bytes] = []
        self.access, self.refresh, self.refreshes = "access-0", "refresh-0", 0
        self.expired: set[str] = set()
        self._answers: dict[str, tuple[bytes, Reply]] = {}
        self._lock = threading.Lock()
        office = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                arrival = Arrival(self.command, self.path, dict(self.headers), body, len(body) == length)
                reply = office.answer(arrival)
                if not arrival.whole or reply.status == 0:
                    self.close_connection = True
                    return
                content = b"" if reply.document is None else json.dumps(reply.document).encode()
                # Unlike send_response it adds no Date of its own, and writes no log.
                self.send_response_only(reply.status)
                self.send_header("Content-Type", reply.media_type)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("X-Request-Id", f"request-{len(office.arrivals)}")
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        # The base class looks its methods up by these names.
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.handle_one)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> "SmallOffice":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [arrival.path for arrival in self.arrivals]

    def arrived(self, number: int) -> list[Arrival]:
        """What arrived, once it is so much: a broken upload may be noticed after the call that followed it."""
        deadline = time.monotonic() + 5
        while len(self.arrivals) < number and time.monotonic() < deadline:
            time.sleep(0.01)
        return list(self.arrivals)

    def answer(self, arrival: Arrival) -> Reply:
        with self._lock:
            self.arrivals.append(arrival)
            if not arrival.whole:
                return Reply(400)
            if self.replies:
                return self.replies.popleft()
            if arrival.key in self._answers:
                body, first = self._answers[arrival.key]
                return first if arrival.body == body else problem(422, "idempotency_key_reused")
            reply = self._renew(arrival) if arrival.path == REFRESH else self._serve(arrival)
            if arrival.key and reply.status < 300:
                self._answers[arrival.key] = (arrival.body, reply)
            return reply

    def _serve(self, arrival: Arrival) -> Reply:
        token = arrival.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token != self.access:
            return problem(401, "token_expired" if token in self.expired else "token_invalid")
        if arrival.method != "POST":
            return Reply(200, {"path": arrival.path})
        self.work.append(arrival.body)
        return Reply(201, {"id": f"thing-{len(self.work)}"})

    def _renew(self, arrival: Arrival) -> Reply:
        if json.loads(arrival.body)["refresh_token"] != self.refresh:
            return problem(401, "token_family_ended")
        self.refreshes += 1
        self.expired.add(self.access)
        self.access, self.refresh = f"access-{self.refreshes}", f"refresh-{self.refreshes}"
        return Reply(200, self.session())

    def session(self) -> dict[str, Any]:
        """What a sign-in answers."""
        return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 900}

    def expire(self) -> None:
        """The access token that is out there ends now."""
        self.expired.add(self.access)
        self.access = "access-nobody-has"
