"""What the stand-in servers share: an HTTP server in a thread, a clock to advance, faults on demand.

A stand-in answers a vendor's own HTTP on the vendor's own paths. Everything that the vendor does not have
lives under ``/_standin/``: that is how QA scripts and the phone steer it.
"""

import socket
import threading
import time
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

CONTROL = "/_standin"


class ServerClock:
    """Seconds since the epoch; QA may advance it to let codes and tokens expire."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds

    def reset(self) -> None:
        self._ahead_s = 0.0


@dataclass
class Fault:
    """One trouble that QA ordered.

    ``path`` is the vendor's path or ``*``; ``only`` restricts it to one person (openid or phone). ``times``
    None means until it is cleared. With neither ``code``, ``http_status`` nor ``drop`` the request is only
    delayed.
    """

    path: str
    code: str | None
    times: int | None
    only: str | None
    delay_ms: int
    drop: bool
    http_status: int | None

    def fits(self, path: str, subject: str | None) -> bool:
        return self.path in {"*", path} and (self.only is None or self.only == subject)


class Faults:
    """The ordered troubles, oldest first; each request takes the first one that fits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, path: str, subject: str | None) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if not fault.fits(path, subject):
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                return fault
        return None

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(vars(fault)) for fault in self._faults]


class Fields:
    """The JSON body of a control request, read field by field; a wrong or unknown one is a 400 naming it."""

    def __init__(self) -> None:
        body = request.get_json(force=True, silent=True)
        if not isinstance(body, dict):
            refuse("the body must be a JSON object")
        self._left: dict[str, object] = dict(body)

    def text(self, name: str) -> str:
        value = self.text_or_none(name)
        if not value:
            refuse(f"{name} is required")
        return value

    def text_or_none(self, name: str) -> str | None:
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, str):
            refuse(f"{name} must be a string")
        return value

    def integer_or_none(self, name: str) -> int | None:
        value = self._left.pop(name, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            refuse(f"{name} must be a whole number")
        return value

    def integer(self, name: str, default: int) -> int:
        value = self.integer_or_none(name)
        return default if value is None else value

    def boolean(self, name: str, *, default: bool) -> bool:
        value = self._left.pop(name, default)
        if not isinstance(value, bool):
            refuse(f"{name} must be true or false")
        return value

    def has(self, name: str) -> bool:
        return name in self._left

    def close(self) -> None:
        """Refuse what nobody read: a typing error in a QA script must not pass silently."""
        if self._left:
            refuse(f"unknown fields: {', '.join(sorted(self._left))}")


def refuse(reason: str, status: int = 400) -> NoReturn:
    """End a control request with ``{"error": reason}``."""
    response = jsonify(error=reason)
    response.status_code = status
    abort(response)


def read_fault(fields: Fields, *, code_name: str, only_name: str, default_path: str | None = None) -> Fault:
    """A fault from the body of ``fail-next``; the names of code and person are the vendor's."""
    path = (fields.text_or_none("path") or default_path) if default_path else fields.text("path")
    code: str | None
    if code_name == "errcode":
        number = fields.integer_or_none("errcode")
        code = None if number is None else str(number)
    else:
        code = fields.text_or_none(code_name)
    endless = fields.has("times")
    times = fields.integer_or_none("times")
    if times is None and not endless:
        times = 1
    if times is not None and times < 1:
        refuse("times must be at least 1, or null for until cleared")
    fault = Fault(
        path=str(path),
        code=code,
        times=times,
        only=fields.text_or_none(only_name),
        delay_ms=fields.integer("delay_ms", 0),
        drop=fields.boolean("drop", default=False),
        http_status=fields.integer_or_none("http_status"),
    )
    fields.close()
    if fault.code is None and fault.http_status is None and not fault.drop and not fault.delay_ms:
        refuse(f"say what should fail: {code_name}, http_status, drop or delay_ms")
    return fault


def drop_connection() -> None:
    """Close the connection without an answer, as a bad network does."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("dropped on demand")


def suffer(fault: Fault | None) -> Response | None:
    """Delay, drop or answer with a bare HTTP status; None when the vendor's own answer should follow."""
    if fault is None:
        return None
    if fault.delay_ms:
        time.sleep(fault.delay_ms / 1000)
    if fault.drop:
        drop_connection()
    if fault.http_status is not None and fault.code is None:
        return Response("upstream trouble\n", status=fault.http_status, mimetype="text/plain")
    return None


def new_app(name: str) -> Flask:
    """A Flask application whose control errors are JSON and whose own mistakes are not hidden."""
    app = Flask(name, static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it, its base class not

    @app.errorhandler(HTTPException)
    def control_error(error: HTTPException) -> Any:
        if error.response is not None:
            return error.response
        return jsonify(error=error.description), error.code or 500

    return app


class _QuietHandler(WSGIRequestHandler):
    """Writes no request log: the URLs carry secrets and access tokens, as the vendor demands."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class HttpServer:
    """Serves an application on loopback in a thread of its own; port 0 takes any free one."""

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = make_server(host, port, app, threaded=True, request_handler=_QuietHandler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name=app.name, daemon=True
        )
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.server_close()
