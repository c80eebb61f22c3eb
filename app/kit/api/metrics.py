"""Prometheus metrics. With several web processes they are summed through PROMETHEUS_MULTIPROC_DIR."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import ValueClass

from app.kit.api.context import known_method

Gauges = Callable[[], Mapping[str, tuple[str, float]]]
"""Name → (what it is, its value now)."""
_log = structlog.get_logger("app.metrics")

REQUESTS = Counter("zhangban_requests_total", "Requests answered", ["rule", "method", "status"])
SECONDS = Histogram(
    "zhangban_request_seconds",
    "Time to answer",
    ["rule", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def observe(app: Flask) -> None:
    """Count and time every request by its rule (never by its address)."""

    @app.after_request
    def count(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else "unmatched"
        # Each label is a series that stays in memory.
        method = known_method(request.method)
        REQUESTS.labels(rule, method, response.status_code).inc()
        if "started" in g:
            SECONDS.labels(rule, method).observe(time.perf_counter() - g.started)
        return response


class _Collected:
    """Gauges as prometheus_client collects them."""

    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            found = self._gauges()
        except Exception as error:  # noqa: BLE001 - metrics are wanted most when the database is away
            _log.warning("gauges_failed", kind=type(error).__name__)
            return
        for name, (words, value) in found.items():
            yield GaugeMetricFamily(name, words, value)


def exposition(gauges: Gauges) -> tuple[bytes, dict[str, Any]]:
    """The metrics in Prometheus' text format and the headers to send them with. ``gauges`` are looked up now."""
    registry = DEFAULT_REGISTRY
    if ValueClass.__name__ == "MmapedValue":
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    looked_up = CollectorRegistry()
    looked_up.register(_Collected(gauges))
    return generate_latest(registry) + generate_latest(looked_up), {"Content-Type": CONTENT_TYPE_LATEST}
