"""``zhangban serve``: the web server; in a demo also the worker and the stand-in outside systems."""

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import click
import requests
from flask import Flask
from gunicorn.app.base import BaseApplication
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.values import ValueClass

from app import create_app
from app.commands.common import console, fail, need_migrated, prepare_database, settings
from app.config import Settings, environment_of, is_given, parse_clock
from app.kit import clock, logs


class _Server(BaseApplication):
    """gunicorn configured from here; the application is made in each worker, after the fork."""

    def __init__(self, make: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make = make
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8700, show_default=True, help="Port to listen on.")
@click.option("--workers", default=0, help="Web processes; 0: one on SQLite, two a core elsewhere.")
@click.option("--threads", default=0, help="Threads a process; 0: eight on SQLite, two elsewhere.")
@click.option("--dev", is_flag=True, help="Flask's development server with reloading, instead of gunicorn.")
@click.option(
    "--clock",
    "clock_start",
    default=None,
    metavar="TIME",
    help="Demo only: the clock starts there (RFC 3339).",
)
@click.option(
    "--with-worker/--no-worker", default=None, help="Run the background worker too (default: in a demo)."
)
def serve(
    host: str,
    port: int,
    workers: int,
    threads: int,
    dev: bool,
    clock_start: str | None,
    with_worker: bool | None,
) -> None:
    """Serve the API. A demo migrates its database and starts what it needs; production checks and refuses."""
    address = address_of(host, port)
    found = _with_address(_with_clock(settings(), clock_start), address)
    if found.is_demo:
        prepare_database(found)
    else:
        need_migrated(found)
    children = _start_children(found, with_worker)
    console.print(f"掌上办 serves on {address} (documentation: /docs)")
    try:
        if dev:
            logs.configure(found.log_level, json_lines=False)
            create_app(found).run(host=host, port=port, debug=False, threaded=True)
        else:
            _Server(lambda: _make(found), _options(found, host, port, workers, threads)).run()
    finally:
        for child in children:
            child.terminate()


def _with_clock(found: Settings, start: str | None) -> Settings:
    if start is None:
        return found
    if not found.is_demo:
        fail("--clock is refused outside demo mode: cases and payments would carry wrong times.")
    try:
        offset = parse_clock(start) - clock.real_now()
    except ValueError as error:
        fail(f"--clock: {error}")
    clock.shift(offset)
    return replace(found, clock_offset_seconds=offset.total_seconds())


def address_of(host: str, port: int) -> str:
    """Where this machine reaches what listens on ``host``; one that stands for all addresses is none itself."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared, not listened on
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _with_address(found: Settings, address: str) -> Settings:
    """What is printed for people (the codes on receipts) leads to this server, unless the settings say where to."""
    return found if is_given("public_url") else replace(found, public_url=address)


def _make(found: Settings) -> Flask:
    logs.configure(found.log_level)
    app = create_app(found)
    # What is there now stays for good. Looking through all of it for garbage again and again is a tenth of a request.
    gc.collect()
    gc.freeze()
    return app


def _options(found: Settings, host: str, port: int, workers: int, threads: int) -> dict[str, Any]:
    # One process with threads on SQLite: its write lock then serves writers in turn, without a wait in the file's lock.
    on_sqlite = found.effective_database_url.startswith("sqlite")
    return {
        "bind": f"{host}:{port}",
        "workers": workers or (1 if on_sqlite else 4),
        "threads": threads or (8 if on_sqlite else 2),
        # Connections stay open between requests; gunicorn's other worker closes them (docs/measurements.md).
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 20,
        "keepalive": 5,
        "limit_request_line": 2048,
        "limit_request_fields": 50,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "proc_name": "zhangban",
        "child_exit": _forget_metrics,
    }


def _forget_metrics(_server: object, worker: Any) -> None:
    """With PROMETHEUS_MULTIPROC_DIR set, a web process that ended must not be counted as living."""
    if ValueClass.__name__ == "MmapedValue":
        mark_process_dead(worker.pid)


def _start_children(found: Settings, with_worker: bool | None) -> list[subprocess.Popen[bytes]]:
    """The worker, and in a demo the stand-ins unless something answers already. They end with this process: each
    watches its standard input, which closes even when this process is killed."""
    children = []
    if found.is_demo and _is_here(found.wechat_url) and not _answers(found.wechat_url):
        wechat, sms = urlsplit(found.wechat_url).port, urlsplit(found.sms_url).port
        arguments = ["-m", "mock_client.standins", "--wechat-port", str(wechat), "--sms-port", str(sms)]
        children.append(_child(found, [*arguments, "--end-with-stdin"]))
        _wait_for(found.wechat_url)
    if found.is_demo if with_worker is None else with_worker:
        children.append(_child(found, ["-m", "app.cli", "worker", "--end-with-stdin"]))
    return children


def _child(found: Settings, arguments: list[str]) -> subprocess.Popen[bytes]:
    environment = {**_base_environment(), **environment_of(found)}
    return subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE, env=environment)  # noqa: S603 - our own


def _base_environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost"}


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_standin/health", timeout=1).ok
    except requests.RequestException:
        return False


def _wait_for(url: str, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if _answers(url):
            return
        time.sleep(0.1)
    fail(
        "The stand-in for WeChat did not start. Is its port taken? Set ZHANGBAN_WECHAT_URL and ZHANGBAN_SMS_URL."
    )
