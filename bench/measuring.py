"""The measurement itself: rounds of load on both servers and of pgbench, in turn, so that noise falls on all alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

from flask import Flask

from app.gateways.parts import Parts
from app.kit import clock
from bench import calls, load, people, pgbench
from bench.calls import Call
from bench.database import Database
from bench.load import Load
from bench.pgbench import Replay
from bench.plan import Crowd, Plan
from bench.processes import Running
from bench.script import Person, Script
from bench.statements import Recording, record

AT_MOST_A_SECOND: Final = 800
"""So many submissions are prepared for a second of load."""


@dataclass
class Site:
    """A database with a server on it, and the people who call it."""

    name: str
    database: Database
    parts: Parts
    app: Flask
    server: Running
    crowd: Crowd
    used: dict[str, int] = field(default_factory=dict)

    def senders(self, call: Call) -> range:
        """Who sends a call: the first three fifths of the filers (the rest is pgbench's), or the readers."""
        return self.crowd.filers[: len(self.crowd.filers) * 3 // 5] if call.submission else self.crowd.readers

    def pgbench_people(self, call: Call) -> range:
        """In whose place pgbench acts: other filers, or the same readers."""
        return self.crowd.filers[len(self.crowd.filers) * 3 // 5 :] if call.submission else self.crowd.readers

    def load(self, call: Call, seconds: float) -> Load:
        """Drive the server. A submission takes people who have not submitted yet."""
        numbers = self.senders(call)
        if call.submission:
            used = self.used.get(call.name, 0)
            numbers = numbers[used : used + int(AT_MOST_A_SECOND * seconds)]
        requests = [request.wire() for request in calls.requests(self.parts, call, numbers)]
        before = self.server.cpu_seconds()
        measured, sent = load.drive(self.server.port, call, requests, seconds)
        cpu_ms = 1000 * (self.server.cpu_seconds() - before) / len(measured.millis)
        if call.submission:
            self.used[call.name] = used + sent
        self.server.check()
        return replace(measured, cpu_ms=cpu_ms)

    def record(self, call: Call, number: int, token: str | None = None) -> Recording:
        """What a call of a person executes; token: of somebody else who makes the call instead."""
        request = call.request(token or people.token(self.parts, number), number)
        return record(self.app, self.parts.database.engine, call, request)

    def script(self, call: Call) -> Script:
        """The call for pgbench."""
        numbers = self.pgbench_people(call)
        # The very first call of a process does more: it loads packs and regions.
        self.record(call, numbers[0])
        one, other = (self._person(call, number, numbers) for number in numbers[1:3])
        return Script(one, other, numbers[3:], in_turn=call.submission)

    def _person(self, call: Call, number: int, numbers: range) -> Person:
        at = clock.now()
        known = (call.known or calls.known_values)(number, numbers[3:])
        return Person(self.record(call, number), known, at)


@dataclass
class Measured:
    """All rounds of one call."""

    call: Call
    few: list[Load] = field(default_factory=list)
    many: list[Load] = field(default_factory=list)
    replays: list[Replay] = field(default_factory=list)
    statements: int = 0

    @property
    def rate(self) -> float:
        return median(one.rate for one in self.few)

    @property
    def cpu_ms(self) -> float:
        return median(one.cpu_ms for one in self.few)

    @property
    def pgbench_rate(self) -> float:
        return median(one.rate for one in self.replays)

    @property
    def ratio(self) -> float:
        """The server's rate as a part of pgbench's: the median of the rounds."""
        return median(ours.rate / theirs.rate for ours, theirs in zip(self.few, self.replays, strict=True))

    @property
    def growth(self) -> float:
        """What a call costs with many cases in parts of what it costs with few: the median of the rounds' medians."""
        pairs = zip(self.few, self.many, strict=True)
        return median(many.percentile(50) / few.percentile(50) for few, many in pairs)

    def millis(self, percent: float, *, many: bool = False) -> float:
        """A percentile over all rounds together."""
        loads = self.many if many else self.few
        together = sorted(value for one in loads for value in one.millis)
        return Load(0, together).percentile(percent)


def measure(
    plan: Plan, few: Site, many: Site, folder: Path, wanted: Iterable[Call], progress: Callable[[str], None]
) -> list[Measured]:
    """Measure each call in ``plan.rounds`` rounds. progress: called with words after each step."""
    found = [Measured(call) for call in wanted]
    scripts = {}
    for one in found:
        scripts[one.call.name] = few.script(one.call)
        one.statements = scripts[one.call.name].statements
        for site in (few, many):
            progress(f"warming up: {one.call.title}")
            site.load(one.call, max(1.0, plan.seconds / 2))
    for number in range(1, plan.rounds + 1):
        for one in found:
            order = (few, many) if number % 2 else (many, few)
            for site in order:
                progress(f"round {number} of {plan.rounds}: {one.call.title}, {site.name}")
                (one.few if site is few else one.many).append(site.load(one.call, plan.seconds))
            progress(f"round {number} of {plan.rounds}: {one.call.title}, pgbench")
            script = scripts[one.call.name].text(number)
            one.replays.append(pgbench.replay(few.database, script, folder, plan.seconds))
    return found


def steps(plan: Plan, how_many_calls: int) -> int:
    """How often ``measure`` reports progress."""
    return how_many_calls * (2 + 3 * plan.rounds)
