"""Recorded statements as a pgbench script that does the same for other people and with new ids.

A call is recorded twice, for two people. What is the same in both is a constant. What differs is a person's own key
(known beforehand), a time, or something that the call made up: an id, a number, a hash.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from app.kit import clock
from bench.keys import new_sql_key
from bench.statements import Recording, Statement

_PLACE: Final = re.compile(r"%\((\w+)\)s|%%")


@dataclass(frozen=True)
class Person:
    """One of the two for whom the call was recorded: own values → SQL for any person; when it was."""

    recording: Recording
    known: Mapping[object, str]
    at: datetime


class Script:
    """Turns a call's statements into pgbench's language.

    numbers: the people whom pgbench takes: in turn for a submission, else at random. run: different in each run, so
    that no id comes twice.
    """

    def __init__(self, one: Person, other: Person, numbers: range, *, in_turn: bool) -> None:
        self._one = one
        self._other = other
        self._numbers = numbers
        self._in_turn = in_turn
        self._ordinals: dict[object, int] = {}

    @property
    def statements(self) -> int:
        """How many statements the call executes, with those that begin and end transactions."""
        return sum(len(statement.executions) for statement in self._one.recording.statements)

    def text(self, run: int) -> str:
        """The script. Its variables: :n counts a client's calls (start it at 0), :r picks a person, :p is its number."""
        self._ordinals.clear()
        base_ms = int(clock.real_now().timestamp() * 1000)
        count = len(self._numbers)
        pick = (
            f"(:n * 2 + :client_id + {run * 7919}) % {count}" if self._in_turn else f"random(0, {count - 1})"
        )
        lines = [
            "\\set n :n + 1",
            f"\\set r {pick}",
            f"\\set p {self._numbers.start} + {self._numbers.step} * :r",
        ]
        pairs = zip(self._one.recording.statements, self._other.recording.statements, strict=True)
        for together, group in groupby(pairs, key=lambda pair: pair[0].group):
            lines += ["\\startpipeline"] if together else []
            for one, other in group:
                if one.text != other.text or len(one.executions) != len(other.executions):
                    raise RuntimeError("the same call executed different statements for two people")
                lines += self._lines(one, other, base_ms, run)
            lines += ["\\endpipeline"] if together else []
        return "\n".join(lines) + "\n"

    def _lines(self, one: Statement, other: Statement, base_ms: int, run: int) -> Iterator[str]:
        alone = one.batch and not one.group
        if alone:
            yield "\\startpipeline"
        for mine, theirs in zip(one.executions, other.executions, strict=True):
            values = {
                name: self._expression(value, theirs[name], base_ms, run) for name, value in mine.items()
            }
            yield " ".join(_filled(one.text, values).split()) + ";"
        if alone:
            yield "\\endpipeline"

    def _expression(self, mine: Any, theirs: Any, base_ms: int, run: int) -> str:
        mine, theirs = _plain(mine), _plain(theirs)
        if mine in self._one.known:
            return self._one.known[mine]
        if mine == theirs:
            return literal(mine)
        if isinstance(mine, datetime):
            seconds = (mine - self._one.at).total_seconds()
            return f"(now() + interval '{seconds:.3f} seconds')"
        if isinstance(mine, UUID):
            return new_sql_key(base_ms, ":n", self._ordinal(mine), f":client_id + {run * 16}")
        if isinstance(mine, str) and not mine.startswith(("{", "[")):
            seed = f"'{run}.{self._ordinal(mine)}.' || :client_id || '.' || :n"
            return f"substr(md5({seed}) || md5('x' || {seed}), 1, {len(mine)})"
        return literal(mine)

    def _ordinal(self, value: object) -> int:
        return self._ordinals.setdefault(value, len(self._ordinals) + 1)


def _plain(value: Any) -> Any:
    """A driver's wrapper (JSON, binary) taken off."""
    inner = getattr(value, "obj", value)
    if isinstance(inner, Mapping) or (isinstance(inner, Sequence) and not isinstance(inner, str | bytes)):
        return json.dumps(inner, ensure_ascii=False)
    return bytes(inner) if isinstance(inner, memoryview | bytearray) else inner


def literal(value: Any) -> str:
    """A constant in SQL, without a colon, which pgbench would take for a variable."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    text = value.isoformat() if isinstance(value, date) else str(value)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\x3a")
    return f"E'{escaped}'"


def with_constants(statement: Statement) -> str:
    """The statement with its recorded values, for EXPLAIN by psycopg without parameters."""
    values = statement.executions[0].items()
    return _filled(statement.text, {name: literal(_plain(value)) for name, value in values})


def _filled(text: str, expressions: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: expressions[found[1]] if found[1] else "%", text)
