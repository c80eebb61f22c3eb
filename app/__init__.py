"""掌上办: medical insurance handled on a phone."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from flask_limiter import HeaderNames, Limiter
from flask_limiter.util import get_remote_address
from werkzeug.middleware.proxy_fix import ProxyFix

from app import registry
from app.benefits import packs as policy_packs
from app.config import Settings
from app.filings.describing import describe_data
from app.gateways.parts import Parts, build_parts
from app.identity.tokens import authenticator
from app.kit import clock, outbox
from app.kit.api import failures, limits
from app.kit.api.application import Application
from app.kit.api.context import context
from app.kit.api.document import openapi_document
from app.kit.api.metrics import observe
from app.kit.api.smorest import Api
from app.kit.api.system import make_system_blueprint
from app.kit.jobs import Jobs, make_huey

API_PREFIX = "/api/v1"


def create_app(settings: Settings, parts: Parts | None = None) -> Application:
    """The web application. ``parts`` may be given by a process that has built them already.

    Raises PackError if a policy pack contradicts itself: a deployment stops at that, not a patient at the counter.
    """
    policy_packs.catalogue()
    clock.shift_seconds(settings.clock_offset_seconds)
    parts = parts or build_parts(settings)
    jobs = make_jobs(parts)
    app = Application(
        "app",
        database=parts.database,
        routes=registry.ROUTES,
        authenticate=authenticator(parts.token_key),
        kick=jobs.knock,
        json_max_bytes=settings.json_max_bytes,
        admit=_door(settings),
    )
    app.extensions["parts"] = parts
    app.extensions["material_readers"] = registry.MATERIAL_READERS
    app.config.update(
        API_TITLE="掌上办 Zhangban",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=None,
        MAX_CONTENT_LENGTH=settings.upload_max_bytes + 100_000,
        MAX_FORM_MEMORY_SIZE=100_000,
        MAX_FORM_PARTS=20,
        JSON_AS_ASCII=False,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign] # as Flask says
    _register(app, parts)
    _limit(app, settings)
    observe(app)
    app.check_routes()
    return app


def make_jobs(parts: Parts) -> Jobs:
    """Background work for web processes (which knock) and workers (which do it)."""
    huey = make_huey(parts.settings.redis_url, parts.settings.data_dir)
    return Jobs(huey, parts.database, registry.outbox_handlers(parts), registry.periodic_jobs(parts))


def _register(app: Application, parts: Parts) -> None:
    api = Api(app, spec_kwargs={"info": {"description": registry.API_DESCRIPTION}})
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    api.spec.components.parameter(
        "IdempotencyKey",
        "header",
        {
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"},
            "description": "The same key and body give the first answer again; send one with everything that creates.",
        },
    )
    for blueprint in registry.BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix=API_PREFIX)
    api.describe_later(partial(describe_data, api.spec))
    readiness = {"database": parts.database.check, "papers": parts.papers.check}
    document = cache(openapi_document)
    app.register_blueprint(
        make_system_blueprint(
            readiness=readiness,
            gauges=lambda: _gauges(parts),
            metrics_token=parts.settings.metrics_token,
            document=document,
        )
    )


def _gauges(parts: Parts) -> Mapping[str, tuple[str, float]]:
    with parts.database.reading() as session:
        waiting, failed = outbox.backlog(session)
    return {
        "zhangban_outbox_waiting": (f"Outbox messages not done yet, counted to {outbox.COUNTED}", waiting),
        "zhangban_outbox_failed": (f"Outbox messages given up, counted to {outbox.COUNTED}", failed),
    }


def _door(settings: Settings) -> Callable[[], None]:
    """The limit by address that every request passes before sign-in."""
    if not settings.rate_limits:
        return lambda: None
    # A whole demo, with all its phones, calls from the machine it runs on.
    alone = settings.is_demo and not settings.trusted_proxies
    check = limits.by_address(settings.rate_address, spare_this_machine=alone)
    return lambda: check(get_remote_address())


def _limit(app: Application, settings: Settings) -> None:
    counts_in = settings.redis_url or f"{limits.SCHEME}://"
    rate_failures = settings.rate_failures if settings.rate_limits else None
    app.extensions[failures.EXTENSION] = failures.FailureLimit(rate_failures, counts_in)
    limiter = Limiter(
        _caller,
        storage_uri=counts_in,
        default_limits=[settings.rate_general],
        enabled=settings.rate_limits,
        headers_enabled=True,
        # Under its own name it would stand on every answer, and a client that is told 409 would wait and ask again.
        header_name_mapping={HeaderNames.RETRY_AFTER: "X-RateLimit-Reset-After"},
        in_memory_fallback_enabled=bool(settings.redis_url),
    )
    limiter.init_app(app)
    app.extensions["rate_limiter"] = limiter  # the decorated views hold it by a weak reference only
    for route in app.routes.values():
        if route.limit is not None:
            limit = getattr(settings, f"rate_{route.limit}")
            limited: Any = limiter.limit(limit)(app.view_functions[route.endpoint])
            app.view_functions[route.endpoint] = limited
    for endpoint in ("system.healthz", "system.readyz", "system.metrics"):
        limiter.exempt(app.view_functions[endpoint])


def _caller() -> str:
    """Limits count by account; before sign-in by address."""
    principal = context().principal
    return str(principal.account_id) if principal is not None else get_remote_address()
