"""A request's way: authenticate, parse, one transaction, answer or one problem document."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.exceptions import HTTPException

from app.kit import errors, ids
from app.kit.api.context import RequestContext, context, known_method, pick_language, takes_files
from app.kit.api.idempotency import remember_answer, replay_or_begin
from app.kit.api.problems import from_exception, from_http_exception, problem_response
from app.kit.db import Database, is_retryable
from app.kit.errors import Problem
from app.kit.permissions import Principal, Route

Authenticator = Callable[[Connection, str], Principal]
_ATTEMPTS = 3
_log = structlog.get_logger("app.request")

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}


class Application(Flask):
    """Flask with one transaction at the edge and a policy for every route."""

    def __init__(
        self,
        import_name: str,
        *,
        database: Database,
        routes: tuple[Route, ...],
        authenticate: Authenticator,
        kick: Callable[[], None],
        json_max_bytes: int = 65_536,
        admit: Callable[[], None] = lambda: None,
    ) -> None:
        """``admit`` raises when the caller's address has called too often; it is asked before anything else."""
        super().__init__(import_name, static_folder=None)
        self.database = database
        self.routes: Mapping[str, Route] = {route.endpoint: route for route in routes}
        if len(self.routes) != len(routes):
            raise ValueError("a route stands twice in the registry")
        self._authenticate = authenticate
        self._kick = kick
        self._json_max_bytes = json_max_bytes
        self._admit = admit
        self.before_request(self._open_context)
        self.after_request(self._finish)
        self.register_error_handler(Problem, problem_response)
        self.register_error_handler(HTTPException, lambda error: problem_response(from_http_exception(error)))
        self.register_error_handler(Exception, lambda error: problem_response(from_exception(error)))

    def check_routes(self) -> None:
        """Raise unless the registry names every route that exists, and no other."""
        existing = {rule.endpoint for rule in self.url_map.iter_rules()}
        missing, unknown = existing - set(self.routes), set(self.routes) - existing
        if missing or unknown:
            raise RuntimeError(
                f"routes without a policy: {sorted(missing)}; policies without a route: {sorted(unknown)}"
            )

    def _open_context(self) -> None:
        g.started = time.perf_counter()
        route = self.routes.get(request.endpoint or "")
        language = pick_language(request.headers.get("Accept-Language"))
        g.request_context = RequestContext(self.database, route, request.method, language)
        g.request_context.request_id = str(ids.new_id())
        clear_contextvars()
        bind_contextvars(request_id=g.request_context.request_id)
        if not takes_files():
            own_limit = None if route is None else route.max_bytes
            request.max_content_length = own_limit or self._json_max_bytes
        self._admit()
        if "\0" in request.path:
            raise errors.NOT_FOUND()
        if route is None or route.policy.public:
            return
        with self.database.connecting() as connection:
            principal = self._authenticate(connection, _bearer_token())
        g.request_context.principal = principal
        bind_contextvars(account_id=str(principal.account_id))
        if not route.policy.allows(principal):
            raise errors.NOT_ALLOWED()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view and hook is a plain function; Flask would look at each of them again at each request."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """The view inside one transaction, run again where the database asks for it."""
        ctx = context()
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = self._run_view(ctx)
                jobs_queued = ctx.commit()
            except DBAPIError as error:
                if attempt == _ATTEMPTS or not is_retryable(error):
                    raise
                _log.info("transaction_retried", attempt=attempt)
                continue
            finally:
                ctx.close()
            if jobs_queued:
                self._kick()
            return response
        raise AssertionError("unreachable")

    def _run_view(self, ctx: RequestContext) -> Response:
        key = request.headers.get("Idempotency-Key")
        if ctx.route is None or not ctx.route.idempotent or key is None or ctx.principal is None:
            return self.make_response(super().dispatch_request())
        replayed = replay_or_begin(ctx.session, ctx.principal.account_id, key)
        if replayed is not None:
            return replayed
        response = self.make_response(super().dispatch_request())
        remember_answer(ctx.session, key, response)
        return response

    def _finish(self, response: Response) -> Response:
        # Looking a header up goes through all of them, so their names are gathered once.
        present = {name.lower() for name, _ in response.headers}
        response.headers.extend(
            (name, value) for name, value in SECURITY_HEADERS.items() if name.lower() not in present
        )
        if response.status_code == 204:
            response.headers.remove("Content-Type")
        if "request_context" not in g:
            return response
        ctx = context()
        response.headers.add("X-Request-ID", ctx.request_id)
        if "cache-control" not in present:
            response.headers.add("Cache-Control", "no-store")
        response.headers.add("Vary", "Accept-Language")
        elapsed_ms = (time.perf_counter() - g.started) * 1000
        # The matched rule is logged, never the address: an address may carry what somebody typed.
        rule = request.url_rule.rule if request.url_rule else None
        _log.info(
            "request",
            method=known_method(request.method),
            rule=rule,
            status=response.status_code,
            ms=round(elapsed_ms, 1),
        )
        return response


def _bearer_token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise errors.NOT_SIGNED_IN(headers={"WWW-Authenticate": "Bearer"})
    return token.strip()
