"""How much is measured: the sizes of a full and of a quick run, and what is aimed at."""

from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 2
AIM_SUBMISSION: Final = 1 / 6
AIM_READ: Final = 1 / 10
AIM_P99_MS: Final = 25.0
AIM_GROWTH: Final = 1.2
AIM_RSS_MB: Final = 200.0
"""The aims: rate against pgbench's, slowest hundredth, cost with many cases against few, memory of a process."""


@dataclass(frozen=True)
class Crowd:
    """People in the database, numbered from ``first``.

    Every ``filer_step``-th files cases that are measured and has none before; from the second on, every
    ``reader_step``-th reads a list and signs in; the others hold the cases that are there already.
    """

    first: int
    count: int
    filer_step: int
    reader_step: int

    @property
    def filers(self) -> range:
        return range(self.first, self.first + self.count, self.filer_step)

    @property
    def readers(self) -> range:
        return range(self.first + 1, self.first + self.count, self.reader_step)


@dataclass(frozen=True)
class Plan:
    """One run. ``few`` and ``many`` are cases; each crowd belongs to one of the two databases."""

    few: int
    many: int
    few_people: Crowd
    more_people: Crowd
    rounds: int
    seconds: float

    @property
    def quick(self) -> bool:
        return self.many < 1_000_000


FULL: Final = Plan(
    few=10_000,
    many=1_000_000,
    few_people=Crowd(first=1_000, count=40_000, filer_step=2, reader_step=200),
    more_people=Crowd(first=100_000, count=240_000, filer_step=12, reader_step=240),
    rounds=5,
    seconds=4.0,
)
QUICK: Final = Plan(
    few=2_000,
    many=50_000,
    few_people=Crowd(first=1_000, count=8_000, filer_step=2, reader_step=200),
    more_people=Crowd(first=100_000, count=20_000, filer_step=8, reader_step=200),
    rounds=2,
    seconds=1.5,
)
CASES_OF_A_READER: Final = 20
"""A full first page of the list."""
