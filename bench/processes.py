"""The processes that are measured: ``zhangban serve`` and ``zhangban worker``; and the stand-in for WeChat.

Memory and processor time are read from Linux' /proc.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests

from app.config import Settings, environment_of

PATIENCE_S: Final = 60.0
_PEAK: Final = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class ProcessError(RuntimeError):
    """A process ended or did not begin to answer; the text holds the end of its log."""


class Running:
    """A process that was started here, with those that it started."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int = 0) -> None:
        self._process = process
        self.log = log
        self.port = port

    def memory_mb(self) -> float:
        """The most that it has ever held resident, in MB (10**6 bytes); of the largest where children do the work."""
        peaks = [_PEAK.search(Path("/proc", pid, "status").read_text()) for pid in self._workers()]
        return max(int(peak[1]) for peak in peaks if peak is not None) * 1024 / 1_000_000

    def cpu_seconds(self) -> float:
        """Time that processors have worked for it and its children so far."""
        tasks = [task for pid in self._workers() for task in Path("/proc", pid, "task").iterdir()]
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def _workers(self) -> list[str]:
        pid = str(self._process.pid)
        children = Path("/proc", pid, "task", pid, "children").read_text().split()
        return children or [pid]

    def check(self) -> None:
        """Raise ProcessError if it has ended."""
        if self._process.poll() is not None:
            raise ProcessError(f"ended with {self._process.returncode}:\n{self.log.read_text()[-2000:]}")


@contextmanager
def web_server(settings: Settings, folder: Path) -> Iterator[Running]:
    """``zhangban serve`` as an operator starts it on PostgreSQL; ``worker`` is a process of its own."""
    port = _free_port()
    with _started(
        ["serve", "--port", str(port), "--no-worker"], settings, folder / "web.log", port
    ) as running:
        _wait_until_ready(running)
        yield running


@contextmanager
def worker(settings: Settings, folder: Path) -> Iterator[Running]:
    """``zhangban worker``."""
    with _started(["worker"], settings, folder / "worker.log") as running:
        yield running


@contextmanager
def wechat() -> Iterator[str]:
    """The stand-in for WeChat. Yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.wechat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        if process.stdout is None or not (port := process.stdout.readline().strip()):
            raise ProcessError("the stand-in for WeChat did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(process)


@contextmanager
def _started(arguments: list[str], settings: Settings, log: Path, port: int = 0) -> Iterator[Running]:
    environment: Mapping[str, str] = {"PATH": os.defpath, "LANG": "C.UTF-8", **environment_of(settings)}
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "app.cli", *arguments], env=environment, stdout=output, stderr=output
        )
    try:
        yield Running(process, log, port)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(running: Running) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        running.check()
        try:
            if requests.get(f"http://127.0.0.1:{running.port}/readyz", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise ProcessError(f"does not answer:\n{running.log.read_text()[-2000:]}")
