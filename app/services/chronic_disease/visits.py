"""The feed of visits: hospitals report what was diagnosed, by a file or by their terminals; the same twice is once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor, Role
from app.kit import clock, ids
from app.kit.csv_rows import AnyLine, BadLine, Fault, Line, batches
from app.kit.db import Database, insert_absent
from app.kit.errors import NOT_ALLOWED
from app.kit.text import Text
from app.places import service as places
from app.places.models import Institution
from app.services.chronic_disease.offer_models import Visit
from app.services.chronic_disease.visit_rows import VisitRow, read_row

BATCH: Final = 500
"""Rows of one transaction, and of one call of a terminal."""

NOT_INSURED_HERE = Text("本地没有此人的参保信息", "is not insured here")
NO_INSTITUTION = Text("没有这家定点医药机构", "there is no such designated institution")
NOT_YOURS = Text("只能上报本机构的就诊记录", "only visits of your own institution")
DIFFERS = Text("这次就诊已上报过，内容不同", "was reported before with other content")

CITY_DIGITS: Final = 4
"""People insured anywhere in the hospital's city are insured here. Ours: a county's patients go to the city's hospital."""


@dataclass(slots=True)
class Taken:
    """What became of rows. known: reported before, with the same content."""

    new: int = 0
    known: int = 0
    bad: list[BadLine] = field(default_factory=list)


def report(session: Session, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> Taken:
    """Take visits that a terminal reports, of its own institution only. Raises NOT_ALLOWED for one of no institution."""
    own = _own_institution(session, actor)
    today = clock.today()
    read = [read_row(place, row, today, own_institution=True) for place, row in enumerate(rows)]
    return _with_bad(take(session, _good(read), own=own), read)


def bring_in(database: Database, lines: Iterable[AnyLine], on_batch: Callable[[Taken], None]) -> None:
    """Take the lines of a file, batch by batch, each in a transaction of its own, so a run that is cut off is simply run
    again. ``on_batch`` gets what became of each batch; nothing is kept of earlier ones. Raises BadFile after what came
    before it."""
    today = clock.today()
    for batch in batches(lines, BATCH):
        read = [
            read_row(one.line, one.entries, today, own_institution=False) if isinstance(one, Line) else one
            for one in batch
        ]
        taken = database.run(partial(take, rows=_good(read), own=None))
        on_batch(_with_bad(taken, read))


def _good(read: Sequence[VisitRow | BadLine]) -> list[VisitRow]:
    return [one for one in read if isinstance(one, VisitRow)]


def _with_bad(taken: Taken, read: Sequence[VisitRow | BadLine]) -> Taken:
    """With what could not even be read, all in order."""
    taken.bad.extend(one for one in read if isinstance(one, BadLine))
    taken.bad.sort(key=lambda one: one.line)
    return taken


def take(session: Session, rows: Sequence[VisitRow], *, own: Institution | None) -> Taken:
    """Write down what is new of at most BATCH rows; a fixed number of statements.

    own: the institution of the terminal that reports. It learns of nobody whether he or she is insured elsewhere: who
    is not insured in its city is to it as one who does not exist.
    """
    taken = Taken()
    institutions = _institutions(session, rows, own)
    person_ids = identity.person_ids_by_number(session, {row.id_no for row in rows})
    if own is not None:
        person_ids = _insured_in_city(session, person_ids, own)
    found: list[dict[str, Any]] = []
    now = clock.now()
    for row in rows:
        institution = institutions.get(row.institution_code or (own.code if own is not None else ""))
        faults = _faults(row, institution, own, person_ids)
        if faults or institution is None:
            taken.bad.append(BadLine(row.line, tuple(faults)))
        else:
            found.append(_values(row, institution.id, person_ids[row.id_no], now))
    keys = {(one["institution_id"], one["visit_no"]) for one in found}
    _sort_out(session, found, taken, _already(session, sorted(keys)))
    return taken


def _sort_out(
    session: Session,
    found: Sequence[dict[str, Any]],
    taken: Taken,
    present: dict[tuple[UUID, str], tuple[Any, ...]],
) -> None:
    """Split what can be written into new, known and contradicting, and write the new."""
    new = []
    for one in found:
        line = one.pop("line")
        key = (one["institution_id"], one["visit_no"])
        if key not in present:
            present[key] = _content(one)
            new.append(one)
        elif present[key] == _content(one):
            taken.known += 1
        else:
            taken.bad.append(BadLine(line, (Fault("visit_no", DIFFERS),)))
    written = insert_absent(session, Visit, new)
    taken.new += written
    taken.known += len(new) - written  # somebody else reported the same at this moment


def _faults(
    row: VisitRow, institution: Institution | None, own: Institution | None, person_ids: Mapping[str, UUID]
) -> list[Fault]:
    faults = []
    if own is not None and row.institution_code not in {None, own.code}:
        faults.append(Fault("institution_code", NOT_YOURS))
    elif institution is None:
        faults.append(Fault("institution_code", NO_INSTITUTION))
    if row.id_no not in person_ids:
        faults.append(Fault("id_no", NOT_INSURED_HERE))
    return faults


def _values(row: VisitRow, institution_id: UUID, person_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "institution_id": institution_id,
        "visit_no": row.visit_no,
        "person_id": person_id,
        "kind": row.kind,
        "icd10": row.icd10,
        "visited_on": row.visited_on,
        "discharged_on": row.discharged_on,
        "created_at": now,
        "screened_at": None,
        "line": row.line,
    }


_CONTENT = ("person_id", "kind", "icd10", "visited_on", "discharged_on")


def _content(values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in _CONTENT)


def _already(session: Session, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], tuple[Any, ...]]:
    """What was reported before of these."""
    if not keys:
        return {}
    query = select(Visit.institution_id, Visit.visit_no, *(getattr(Visit, name) for name in _CONTENT)).where(
        tuple_(Visit.institution_id, Visit.visit_no).in_(keys)
    )
    return {(row[0], row[1]): tuple(row[2:]) for row in session.execute(query)}


def _institutions(
    session: Session, rows: Sequence[VisitRow], own: Institution | None
) -> Mapping[str, Institution]:
    if own is not None:
        return {own.code: own}
    return places.institutions_by_codes(session, {row.institution_code or "" for row in rows})


def _insured_in_city(session: Session, person_ids: Mapping[str, UUID], own: Institution) -> dict[str, UUID]:
    city = own.region_code[:CITY_DIGITS]
    here = {
        coverage.person_id
        for coverage in identity.coverages_of_persons(session, set(person_ids.values()))
        if coverage.region_code.startswith(city) or city.startswith(coverage.region_code)
    }
    return {number: person_id for number, person_id in person_ids.items() if person_id in here}


def _own_institution(session: Session, actor: Actor) -> Institution:
    for grant in actor.grants_of([Role.TERMINAL]):
        if grant.institution_id is not None:
            return places.get_institution(session, grant.institution_id)
    raise NOT_ALLOWED()
