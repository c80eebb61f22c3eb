"""What a person has used of each benefit in a year. The caller holds the person's lock (``identify`` with lock=True)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Executable, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.benefits.model import Addition, Used
from app.kit.asking import Question, Rows, ask
from app.settlement.models import Accumulator

_TABLE = cast(Table, Accumulator.__table__)
_AMOUNTS: Final = ("counted_fen", "deductible_fen", "fund_fen")
_OF_YEAR: Final = select(_TABLE.c.key, *(_TABLE.c[name] for name in _AMOUNTS)).where(
    _TABLE.c.person_id == bindparam("person_id"), _TABLE.c.year == bindparam("year")
)
_TAKE_BACK: Final = (
    update(_TABLE)
    .where(
        _TABLE.c.person_id == bindparam("whose"),
        _TABLE.c.year == bindparam("in_year"),
        _TABLE.c.key == bindparam("of_key"),
    )
    .values({name: _TABLE.c[name] - bindparam(f"less_{name}") for name in _AMOUNTS})
)


def _adding(insert: Any) -> Executable:
    statement = insert(_TABLE)
    raised = {name: _TABLE.c[name] + statement.excluded[name] for name in _AMOUNTS}
    made: Executable = statement.on_conflict_do_update(
        index_elements=["person_id", "year", "key"], set_=raised
    )
    return made


_ADD: Final = {"sqlite": _adding(sqlite.insert), "postgresql": _adding(postgresql.insert)}


def asking_used(person_id: UUID, year: int) -> Question[dict[str, Used]]:
    """Accumulator → what it holds for the year; a handful."""
    return Question(_OF_YEAR, {"person_id": person_id, "year": year}, _read_used)


def _read_used(rows: Rows) -> dict[str, Used]:
    return {row.key: Used(row.counted_fen, row.deductible_fen, row.fund_fen) for row in rows}


def used_in(session: Session, person_id: UUID, year: int) -> dict[str, Used]:
    """``asking_used``, asked by itself."""
    return ask(session, asking_used(person_id, year))


def add(session: Session, person_id: UUID, year: int, additions: Sequence[Addition]) -> None:
    """Count a bill in. One statement, none for a bill that adds nothing."""
    if not additions:
        return
    rows = [
        {
            "person_id": person_id,
            "year": year,
            "key": one.accumulator,
            "counted_fen": one.counted_fen,
            "deductible_fen": one.deductible_fen,
            "fund_fen": one.fund_fen,
        }
        for one in additions
    ]
    session.connection().execute(_ADD[session.get_bind().dialect.name], rows)


def take_back(session: Session, person_id: UUID, year: int, additions: Sequence[Mapping[str, Any]]) -> None:
    """Count a bill out again; additions as ``Settlement.detail`` keeps them. Raises IntegrityError below zero."""
    if not additions:
        return
    rows = [
        {
            "whose": person_id,
            "in_year": year,
            "of_key": one["accumulator"],
            **{f"less_{name}": one[name] for name in _AMOUNTS},
        }
        for one in additions
    ]
    session.connection().execute(_TAKE_BACK, rows)
