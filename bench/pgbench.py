"""pgbench: how fast PostgreSQL alone does the same SQL on the same rows with the same number of connections."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.database import Database
from bench.plan import CONNECTIONS

_TPS: Final = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_LATENCY: Final = re.compile(r"^latency average = ([\d.]+) ms", re.MULTILINE)
_FAILED: Final = re.compile(r"^number of failed transactions: (\d+)", re.MULTILINE)


class PgbenchError(RuntimeError):
    """pgbench is missing, or a statement of the script failed."""


@dataclass(frozen=True)
class Replay:
    """Scripts a second and their mean time."""

    rate: float
    mean_ms: float


def program() -> str:
    """Where pgbench is. Raises PgbenchError."""
    found = shutil.which("pgbench")
    if found is None:
        raise PgbenchError("pgbench is missing; it comes with PostgreSQL (Debian: postgresql-contrib)")
    return found


def replay(database: Database, script: str, folder: Path, seconds: float) -> Replay:
    """Run a script for so many seconds (whole ones, at least 1), prepared as psycopg prepares."""
    path = folder / "script.sql"
    path.write_text(script, encoding="utf-8")
    options = ["-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", str(CONNECTIONS), "-D", "n=0"]
    duration = ["-T", str(max(1, round(seconds)))]
    done = subprocess.run(  # noqa: S603 - our own script
        [program(), *options, *duration, "-f", str(path), database.dsn],
        capture_output=True,
        text=True,
        check=False,
    )
    rate, latency = _TPS.search(done.stdout), _LATENCY.search(done.stdout)
    failed = _FAILED.search(done.stdout)
    if done.returncode or rate is None or latency is None or (failed and int(failed[1])):
        raise PgbenchError(f"pgbench failed:\n{done.stdout[-500:]}\n{done.stderr[-2000:]}")
    return Replay(float(rate[1]), float(latency[1]))
