"""``python -m bench.screening``: how fast visits are taken and screened, and how much memory it takes.

For each size a database of its own with made-up people and a file of visits; importing and screening each run in a new
process, whose greatest memory is measured. The screening runs twice: the second time it must propose nothing.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from stdnum.cn import ric

from app.config import Settings
from app.gateways.parts import Parts, build_parts
from app.identity import register
from app.identity.models import Coverage, CoverageStatus, InsuType
from app.kit import clock, ids, logs
from app.kit.csv_rows import read_lines
from app.kit.migrate import upgrade
from app.places import service as places
from app.places.models import InstitutionType
from app.services.chronic_disease import screening, visits
from app.services.chronic_disease.visit_rows import COLUMNS
from bench import database

REGION: Final = "610727"
SIZES: Final = (10_000, 100_000)
VISITS_OF_ONE: Final = 8
"""A person's visits in two years, on average."""
ADULT_DAYS: Final = 14_000
BORN: Final = 12_000
DAYS: Final = 700
DIAGNOSES: Final = (
    *("J06.900", "K29.500", "M54.500", "J18.900", "N39.000", "H52.100", "R50.900", "K02.900"),
    *("I10.X00", "I10.X00", "E11.900", "I25.100", "I11.000", "E11.300", "I63.900", "J44.100", "I69.300"),
)
STAYS: Final = 0.08
"""So many of a hundred visits are stays; with the diagnoses above about one person in twenty-five gets an offer."""


@dataclass(frozen=True)
class Step:
    """One measured process. peak_mb: its greatest resident memory, the program itself included."""

    visits: int
    step: str
    seconds: float
    peak_mb: float
    outcome: dict[str, int]

    @property
    def rate(self) -> float:
        """Visits a second."""
        return self.visits / self.seconds if self.seconds else 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """0: done, 1: the second screening proposed something."""
    arguments = _arguments(argv)
    logs.configure("error")
    if arguments.step:
        _child(arguments)
        return 0
    console = Console(stderr=True, highlight=False)
    found: list[Step] = []
    for size in arguments.sizes:
        with _place(postgres=arguments.postgres) as (url, folder):
            console.print(f"{size} visits: making people …")
            feed = _prepare(url, folder, size)
            for step in ("nothing", "import", "screen", "screen again"):
                console.print(f"{size} visits: {step} …")
                found.append(_measure(step, url, folder, feed, size))
    _show(found, as_json=arguments.json)
    again = [one for one in found if one.step == "screen again"]
    return 1 if any(one.outcome["offers"] or one.outcome["tasks"] for one in again) else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.screening", description="Measure the import and the screening of visits."
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument(
        "--postgres", action="store_true", help="on PostgreSQL (TEST_POSTGRES) instead of SQLite"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--feed", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


@contextmanager
def _place(*, postgres: bool) -> Iterator[tuple[str, Path]]:
    """A database's address and a folder, both gone afterwards."""
    with TemporaryDirectory(prefix="zhangban-screening-") as name:
        folder = Path(name)
        made = database.server().database() if postgres else nullcontext(None)
        with made as found:
            url = f"sqlite:///{folder / 'bench.sqlite3'}" if found is None else found.url
            upgrade(url)
            yield url, folder


def _parts(url: str, folder: Path) -> Parts:
    return build_parts(replace(Settings(), data_dir=folder, database_url=url))


def _prepare(url: str, folder: Path, size: int) -> Path:
    """People with coverages, hospitals, and the file."""
    parts = _parts(url, folder)
    chance = random.Random(7)  # noqa: S311 - the same people at each run
    numbers = [_id_number(number) for number in range(max(1, size // VISITS_OF_ONE))]
    for begin in range(0, len(numbers), 1_000):
        with parts.database.writing() as session:
            for number in numbers[begin : begin + 1_000]:
                person = register.add_person(session, name="王小明", id_no=number, residence_code=REGION)
                session.add(
                    Coverage(
                        id=ids.new_id(),
                        person_id=person.id,
                        insutype=InsuType.RESIDENT,
                        region_code=REGION,
                        status=CoverageStatus.ACTIVE,
                        begin_date=clock.today() - timedelta(days=2_000),
                        created_at=clock.now(),
                    )
                )
    hospitals = [f"H{number:011d}" for number in range(6)]
    with parts.database.writing() as session:
        for place, code in enumerate(hospitals):
            places.add_institution(
                session,
                code=code,
                name=f"第{place}医院",
                kind=InstitutionType.HOSPITAL,
                region_code=REGION,
                address="路 1 号",
                level=place % 3 + 1,
            )
    parts.database.dispose()
    feed = folder / "visits.csv"
    with feed.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(_visit(chance, place, numbers, hospitals) for place in range(size))
    return feed


def _id_number(number: int) -> str:
    born = clock.today() - timedelta(days=ADULT_DAYS + number % BORN)
    body = f"{REGION}{born:%Y%m%d}{number // BORN % 1000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def _visit(
    chance: random.Random, place: int, numbers: Sequence[str], hospitals: Sequence[str]
) -> dict[str, str]:
    began = clock.today() - timedelta(days=chance.randrange(20, DAYS))
    stay = chance.random() < STAYS
    return {
        "visit_no": f"JZ{place:010d}",
        "institution_code": chance.choice(hospitals),
        "id_no": chance.choice(numbers),
        "visited_on": began.isoformat(),
        "kind": "inpatient" if stay else "outpatient",
        "icd10": chance.choice(DIAGNOSES),
        "diagnosis": "就诊诊断",
        "discharged_on": (began + timedelta(days=8)).isoformat() if stay else "",
    }


def _measure(step: str, url: str, folder: Path, feed: Path, size: int) -> Step:
    command = [sys.executable, "-m", "bench.screening", "--step", step, "--url", url]
    command += ["--folder", str(folder), "--feed", str(feed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    return Step(size, step, **json.loads(done.stdout))


def _child(arguments: argparse.Namespace) -> None:
    """One step in this process; what it took as JSON."""
    parts = _parts(arguments.url, arguments.folder)
    began = time.perf_counter()
    outcome = _STEPS[arguments.step](parts, arguments.feed)
    seconds = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"seconds": seconds, "peak_mb": peak_mb, "outcome": outcome}, sys.stdout)


def _nothing(parts: Parts, feed: Path) -> dict[str, int]:  # noqa: ARG001 - the shape of a step
    """What the program itself takes."""
    return {}


def _import(parts: Parts, feed: Path) -> dict[str, int]:
    counted = {"taken": 0, "bad": 0}

    def count(taken: visits.Taken) -> None:
        counted["taken"] += taken.new
        counted["bad"] += len(taken.bad)

    with feed.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        visits.bring_in(parts.database, read_lines(lines, COLUMNS), count)
    return counted


def _screen(parts: Parts, feed: Path) -> dict[str, int]:  # noqa: ARG001 - the shape of a step
    found = screening.screen(parts.database)
    return {"visits": found.visits, "offers": found.offers, "tasks": found.tasks}


def _screen_again(parts: Parts, feed: Path) -> dict[str, int]:
    """All visits looked at anew, so that it costs as much and must find nothing."""
    screening.look_again(parts.database)
    return _screen(parts, feed)


_STEPS: Final = {"nothing": _nothing, "import": _import, "screen": _screen, "screen again": _screen_again}


def _show(found: Sequence[Step], *, as_json: bool) -> None:
    if as_json:
        rows: list[dict[str, Any]] = [
            {
                "visits": one.visits,
                "step": one.step,
                "seconds": round(one.seconds, 2),
                "visits_a_second": None if one.step == "nothing" else round(one.rate),
                "peak_mb": round(one.peak_mb, 1),
                **one.outcome,
            }
            for one in found
        ]
        json.dump(rows, sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
        return
    table = Table("visits", "step", caption="peak: resident memory of the process, the program included")
    for title in ("seconds", "visits/s", "peak MB", "outcome"):
        table.add_column(title, justify="right")
    for one in found:
        rate = "" if one.step == "nothing" else f"{one.rate:,.0f}"
        outcome = ", ".join(f"{value} {name}" for name, value in one.outcome.items())
        table.add_row(f"{one.visits:,}", one.step, f"{one.seconds:.1f}", rate, f"{one.peak_mb:.0f}", outcome)
    Console(highlight=False, width=110).print(table)


if __name__ == "__main__":
    sys.exit(main())
