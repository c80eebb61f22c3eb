"""What every such service answers about itself: health, readiness, metrics, documentation."""

import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import flask_swagger_ui
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    render_template_string,
    request,
    send_from_directory,
)

from app.kit import errors
from app.kit.api.metrics import Gauges, exposition

_SWAGGER = Path(flask_swagger_ui.__file__).parent / "dist"
_PAGE_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
)

_DOCS_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_DOCS_START = """SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});
"""
_ERRORS_PAGE = """<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>错误代码 · Error codes</title>
<style>body{font-family:sans-serif;margin:2rem auto;max-width:60rem;line-height:1.5;padding:0 1rem}
dt{font-weight:bold;margin-top:1.2rem}dt code{margin-right:.6rem}dd{margin:0}:target{background:#fff3c4}</style></head>
<body><h1>错误代码 · Error codes</h1><dl>
{% for kind in kinds %}<dt id="{{ kind.code }}"><code>{{ kind.code }}</code>{{ kind.status }}</dt>
<dd>{{ kind.detail }}</dd><dd lang="en">{{ kind.detail.en }}</dd>
{% endfor %}</dl></body></html>
"""


READY_FOR_SECONDS = 5.0
"""How long an answer of /readyz holds: anyone may ask, and each look costs the database and the paper store work."""


class Readiness:
    """What /readyz says, looked at anew when the last look is READY_FOR_SECONDS old."""

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self._checks = checks
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._states: dict[str, str] = {}

    def states(self) -> dict[str, str]:
        """Part → "ok", or the kind of its error."""
        with self._lock:
            if time.monotonic() - self._looked_at >= READY_FOR_SECONDS:
                self._states = {part: _state(check) for part, check in self._checks.items()}
                self._looked_at = time.monotonic()
            return self._states


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a part, the answer is that it is
        return type(error).__name__
    return "ok"


def make_system_blueprint(
    *,
    readiness: Mapping[str, Callable[[], None]],
    gauges: Gauges = dict,
    metrics_token: str,
    document: Callable[[Flask], dict[str, object]],
) -> Blueprint:
    """``readiness``: part → a check that raises; ``gauges``: what /metrics looks up when it is asked;
    ``document``: the OpenAPI document of an application.
    """
    blueprint = Blueprint("system", __name__)
    looks = Readiness(readiness)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process lives."""
        return _json({"status": "ok"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        """Everything that a request needs answers; otherwise 503 and the parts that do not."""
        states = looks.states()
        ready = all(state == "ok" for state in states.values())
        return _json({"status": "ok" if ready else "unavailable", "parts": states}, 200 if ready else 503)

    @blueprint.get("/metrics")
    def metrics() -> Response:
        """Prometheus metrics: with the token, or from this machine where none is set."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        allowed = (
            hmac.compare_digest(given.encode(), metrics_token.encode())
            if metrics_token
            else request.remote_addr in {"127.0.0.1", "::1"}
        )
        if not allowed:
            raise errors.NOT_FOUND()
        body, headers = exposition(gauges)
        return Response(body, headers=headers)

    @blueprint.get("/openapi.json")
    def openapi_document() -> Response:
        return _json(document(current_app))

    @blueprint.get("/docs")
    def docs() -> Response:
        return _page(render_template_string(_DOCS_PAGE, title="掌上办 API"))

    @blueprint.get("/docs/start.js")
    def docs_start() -> Response:
        return Response(_DOCS_START, content_type="text/javascript; charset=utf-8")

    @blueprint.get("/docs/assets/<path:name>")
    def docs_asset(name: str) -> Response:
        response = send_from_directory(_SWAGGER, name, max_age=86400)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    @blueprint.get("/docs/errors")
    def docs_errors() -> Response:
        kinds = sorted(errors.CATALOGUE.values(), key=lambda kind: (kind.status, kind.code))
        return _page(render_template_string(_ERRORS_PAGE, kinds=kinds))

    return blueprint


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")


def _page(html: str) -> Response:
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return response
