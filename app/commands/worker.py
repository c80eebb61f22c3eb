"""``zhangban worker``: background work."""

import os
import signal
import sys
import threading

import click
from huey.consumer import Consumer

from app import make_jobs
from app.commands.common import opened_parts, settings
from app.kit import logs


@click.command()
@click.option("--threads", default=2, show_default=True, help="How many messages are worked on at a time.")
@click.option("--end-with-stdin", is_flag=True, help="End when standard input closes (used by serve).")
def worker(threads: int, end_with_stdin: bool) -> None:
    """Send notices, watch deadlines, clean up. Run at least one beside the web processes."""
    found = settings()
    logs.configure(found.log_level)
    jobs = make_jobs(opened_parts(found))
    if end_with_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    Consumer(jobs.huey, workers=threads, worker_type="thread", initial_delay=0.1, max_delay=1.0).run()


def _end_with_stdin() -> None:
    while sys.stdin.buffer.read(1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
