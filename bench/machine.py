"""On what was measured: processors, versions, and how busy the machine was with other things."""

import os
import platform
from dataclasses import dataclass

from app.kit import clock
from bench.database import Server


@dataclass(frozen=True)
class Machine:
    """load: average number of running processes in the last minute, before and after."""

    day: str
    cores: int
    python: str
    postgres: str
    load_before: float
    load_after: float = 0.0


def machine(server: Server) -> Machine:
    """As it is before the measurement."""
    return Machine(
        day=clock.today().isoformat(),
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        postgres=server.version(),
        load_before=round(os.getloadavg()[0], 2),
    )
