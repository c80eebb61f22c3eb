"""Finds who qualifies without knowing it (免申即享): reads the visits not looked at yet, offers what they prove.

Batch by batch, each in a transaction of its own: its visits are marked in the transaction that makes the offers, so a
run that is cut off is gone on with by the next, and running again proposes nothing new. A person is weighed with all
visits of the time that any rule looks back to, old ones too. Memory depends on the batch, not on the feed.

Of two runs at once neither waits for a visit of the other's: each takes what the other has not, marks what it took and
nothing else, and makes offers and tasks in the order of the persons. Who has visits in both is weighed by both, and gets
one offer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.models import Coverage
from app.kit import clock, ids
from app.kit.db import Database, insert_absent
from app.kit.periods import add_months
from app.places import service as places
from app.services.chronic_disease.benefits import Benefit
from app.services.chronic_disease.evidence import hospital_level
from app.services.chronic_disease.offer_models import OfferOrigin, TaskStatus, Visit, VisitTask
from app.services.chronic_disease.offering import Proposal, propose
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria
from app.services.chronic_disease.packs import pack_by_id, pack_for, packs
from app.services.chronic_disease.proof import Finding, SeenVisit, weigh
from app.services.chronic_disease.standings import Standing, standings

BATCH: Final = 500
"""Visits, and at most as many persons, of one transaction."""
_LOOKED_AT_AGAIN: Final = 5_000
_IDS_AT_ONCE: Final = 500
LONGEST_STAY: Final = timedelta(days=365)
"""Stays that began earlier than that before the time that counts are not looked for. Ours."""
_CHAPTER: Final = 3
"""All ICD-10 codes of a rule begin with a letter and two digits; by these a visit finds its rules."""
_log = structlog.get_logger("app.screening")


@dataclass(frozen=True, slots=True)
class Screened:
    """What a run, or a part of one, did. Offers and tasks that were there before do not count."""

    visits: int = 0
    offers: int = 0
    tasks: int = 0

    def __add__(self, other: "Screened") -> "Screened":
        return Screened(self.visits + other.visits, self.offers + other.offers, self.tasks + other.tasks)


@dataclass(frozen=True, slots=True)
class Rule:
    """One disease of one benefit that a pack screens for."""

    benefit: Benefit
    criteria: DiseaseCriteria


@dataclass(frozen=True, slots=True)
class Found:
    """What a person's visits say about one disease, and on which coverage it would be applied for."""

    person_id: UUID
    rule: Rule
    pack: CriteriaPack
    coverage: Coverage
    finding: Finding


def screen(database: Database, *, on_batch: Callable[[Screened], None] | None = None) -> Screened:
    """Look at every visit that was not looked at yet. ``on_batch``: told what each batch did."""
    total = Screened()
    while (done := database.run(_next_batch)).visits:
        total += done
        if on_batch is not None:
            on_batch(done)
    if total.visits:
        _log.info("visits_screened", visits=total.visits, offers=total.offers, tasks=total.tasks)
    return total


def waiting(session: Session) -> int:
    """How many visits a run would look at."""
    return session.execute(
        select(func.count()).select_from(Visit).where(Visit.screened_at.is_(None))
    ).scalar_one()


def look_again(database: Database) -> int:
    """Let the next run look anew at all visits that any rule still looks back to: after new criteria, in a new year,
    for people newly insured. Returns how many of them had been looked at."""
    since, total = _since(clock.today()), 0
    part = database.run(partial(_unmark, since=since, after=None))
    while part:
        total += len(part)
        part = database.run(partial(_unmark, since=since, after=part[-1]))
    return total


def _unmark(session: Session, *, since: date, after: UUID | None) -> Sequence[UUID]:
    query = select(Visit.id).where(Visit.visited_on >= since, Visit.screened_at.is_not(None))
    if after is not None:
        query = query.where(Visit.id > after)
    # Locked in their order, in which another run of this would lock them too.
    in_order = query.order_by(Visit.id).limit(_LOOKED_AT_AGAIN).with_for_update(key_share=True)
    found = session.execute(in_order).scalars().all()
    _mark(session, found, None)
    return found


def _next_batch(session: Session) -> Screened:
    rows = session.execute(_UNSCREENED, {"rows": BATCH}).all()
    if not rows:
        return Screened()
    today = clock.today()
    person_ids = {row.person_id for row in rows}
    taken, visits = _visits_of(session, person_ids, today)
    done = _work_off(session, list(_findings(session, visits, today)), today)
    looked_at = sorted({*taken, *(row.id for row in rows)})
    _mark(session, looked_at, clock.now())
    return replace(done, visits=len(looked_at))


# FOR NO KEY UPDATE: tasks of the other run may refer to these visits meanwhile.
_UNSCREENED = (
    select(Visit.id, Visit.person_id)
    .where(Visit.screened_at.is_(None))
    .order_by(Visit.id)
    .limit(bindparam("rows"))
    .with_for_update(skip_locked=True, key_share=True)
)


def _visits_of(
    session: Session, person_ids: set[UUID], today: date
) -> tuple[list[UUID], Mapping[UUID, Sequence[SeenVisit]]]:
    """The ids of the persons' visits that nobody has looked at or looks at now, and by person all that rules look back to.

    Taken before they are read: what comes in between is read and left to the next batch, not passed over.
    """
    values = {"person_ids": _filled_up(list(person_ids)), "since": _since(today)}
    taken = list(session.execute(_TAKE_ALL_OF, values).scalars())
    rows = session.execute(_VISITS_OF, values).all()
    institutions = places.institutions_by_ids(session, {row.institution_id for row in rows})
    levels = {one.id: hospital_level(one) for one in institutions.values()}
    found: dict[UUID, list[SeenVisit]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(
            SeenVisit(
                row.id,
                row.institution_id,
                row.kind,
                row.icd10,
                row.visited_on,
                row.discharged_on,
                levels[row.institution_id],
            )
        )
    return taken, found


_TAKE_ALL_OF = (
    select(Visit.id)
    .where(
        Visit.person_id.in_(bindparam("person_ids", expanding=True)),
        Visit.visited_on >= bindparam("since"),
        Visit.screened_at.is_(None),
    )
    .with_for_update(skip_locked=True, key_share=True)
)
_VISITS_OF = (
    select(
        Visit.id,
        Visit.person_id,
        Visit.institution_id,
        Visit.kind,
        Visit.icd10,
        Visit.visited_on,
        Visit.discharged_on,
    )
    .where(
        Visit.person_id.in_(bindparam("person_ids", expanding=True)), Visit.visited_on >= bindparam("since")
    )
    .order_by(Visit.person_id, Visit.visited_on, Visit.id)
)


def _findings(session: Session, visits: Mapping[UUID, Sequence[SeenVisit]], today: date) -> Iterator[Found]:
    """What each person's visits say, for the diseases of the region where he or she is insured now."""
    if not visits:
        return  # all of the batch are too old to prove anything
    coverages: dict[UUID, list[Coverage]] = defaultdict(list)
    for coverage in identity.coverages_of_persons(session, _filled_up(list(visits))):
        if coverage.in_force(today):
            coverages[coverage.person_id].append(coverage)
    for person_id in sorted(visits):
        asked: set[tuple[str, str]] = set()
        # Employees first: their benefits are the greater ones where somebody has both.
        for coverage in sorted(coverages[person_id], key=lambda one: one.insutype):
            pack = pack_for(coverage.region_code, today)
            for rule, found in _weigh_all(pack, visits[person_id], today):
                key = (rule.benefit.value, rule.criteria.disease_code)
                if coverage.insutype in rule.criteria.insutypes and key not in asked:
                    asked.add(key)
                    yield Found(person_id, rule, pack, coverage, found)


def _weigh_all(
    pack: CriteriaPack, visits: Sequence[SeenVisit], today: date
) -> Iterator[tuple[Rule, Finding]]:
    rules = _rules(pack.pack_id)
    concerned: dict[tuple[str, str], Rule] = {}
    for visit in visits:
        for rule in rules.get(visit.icd10[:_CHAPTER], ()):
            concerned[rule.benefit.value, rule.criteria.disease_code] = rule
    for key in sorted(concerned):
        rule = concerned[key]
        if rule.criteria.screening is not None:
            found = weigh(rule.criteria.screening, visits, today)
            if found is not None:
                yield rule, found


@cache
def _rules(pack_id: str) -> Mapping[str, Sequence[Rule]]:
    """First characters of a diagnosis → the rules of a pack that may count it."""
    pack = pack_by_id(pack_id)
    found: dict[str, list[Rule]] = defaultdict(list)
    for benefit, criteria in (
        *((Benefit.CHRONIC, one) for one in pack.diseases.values()),
        *((Benefit.TWO_DISEASE, one) for one in pack.two_disease.values()),
    ):
        if criteria.screening is not None:
            for chapter in {code[:_CHAPTER] for code in criteria.screening.icd10}:
                found[chapter].append(Rule(benefit, criteria))
    return found


@cache
def _looking_back() -> int:
    """The longest time that any pack's rules look back, in months."""
    months = [
        criteria.screening.within_months
        for pack in packs()
        for criteria in (*pack.diseases.values(), *pack.two_disease.values())
        if criteria.screening is not None
    ]
    return max(months, default=0)


def _since(today: date) -> date:
    """The first day on which a visit that still counts may have begun: a stay counts by its last day."""
    return add_months(today, -_looking_back()) - LONGEST_STAY


def _work_off(session: Session, found: Sequence[Found], today: date) -> Screened:
    """Offers first, then tasks for what is likely only; in one order for all, so that two runs do not block each other
    for good."""
    persons = identity.persons_by_ids(session, {one.person_id for one in found})
    standing = standings(session, persons, today)
    offered: list[Found] = []
    tasks: list[dict[str, Any]] = []
    for one in sorted(found, key=lambda one: (one.person_id, not one.finding.is_proof)):
        mine, person = standing[one.person_id], persons[one.person_id]
        if not mine.may_be_offered(one.pack, one.rule.benefit, one.rule.criteria):
            continue
        if one.finding.is_proof:
            if propose(session, _proposal(one, ward=identity.is_minor(person.birth_date, today)), today):
                offered.append(one)
            # From here on it bars what it excludes or covers.
            mine.held.add((one.rule.benefit.value, one.rule.criteria.disease_code))
        elif _likely_worth_a_visit(one, mine):
            tasks.append(_task(one, person.residence_code, today))
    _settle_tasks(session, offered)
    return Screened(0, len(offered), insert_absent(session, VisitTask, tasks))


def _settle_tasks(session: Session, offered: Sequence[Found]) -> None:
    """What is proven needs no look-in any more."""
    if not offered:
        return
    now = clock.now()
    values = [
        {
            "of_person": one.person_id,
            "of_disease": one.rule.criteria.disease_code,
            # 慢特病 stands above 两病 of the same disease; the other way round a look-in may still lead further.
            "or_benefit": one.rule.benefit.value,
            "now": now,
        }
        for one in offered
    ]
    session.connection().execute(_SETTLE, values)


_SETTLE = (
    update(VisitTask.__table__)  # type: ignore[arg-type] # a mapped class has one table
    .where(
        VisitTask.person_id == bindparam("of_person"),
        VisitTask.disease_code == bindparam("of_disease"),
        VisitTask.benefit.in_([Benefit.TWO_DISEASE.value, bindparam("or_benefit")]),
        VisitTask.state == TaskStatus.OPEN,
    )
    .values(state=TaskStatus.SETTLED, closed_at=bindparam("now"))
)


def _likely_worth_a_visit(one: Found, standing: Standing) -> bool:
    """Not for 两病 of somebody who has 慢特病 of the same disease, or was just offered it."""
    code = one.rule.criteria.disease_code
    return (Benefit.CHRONIC.value, code) not in standing.held


def _proposal(one: Found, *, ward: bool) -> Proposal:
    """The first of the visits that prove it says where and when the disease was diagnosed."""
    first = one.finding.visits[0]
    return Proposal(
        person_id=one.person_id,
        benefit=one.rule.benefit,
        disease_code=one.rule.criteria.disease_code,
        origin=OfferOrigin.SCREENED,
        insutype=one.coverage.insutype,
        pack_id=one.pack.pack_id,
        diagnosed_on=first.day,
        institution_id=first.institution_id,
        evidence=[visit.id for visit in one.finding.visits],
        ward=ward,
    )


def _task(one: Found, residence_code: str | None, today: date) -> dict[str, Any]:
    """A look-in by the village where the person lives; one of this year that is there already stands."""
    return {
        "id": ids.new_id(),
        "person_id": one.person_id,
        "benefit": one.rule.benefit.value,
        "disease_code": one.rule.criteria.disease_code,
        "lack": one.finding.lack,
        "region_code": residence_code or one.coverage.region_code,
        "visit_id": one.finding.visits[-1].id,
        "year": today.year,
        "state": TaskStatus.OPEN,
        "created_at": clock.now(),
        "closed_at": None,
    }


def _mark(session: Session, visit_ids: Sequence[UUID], moment: datetime | None) -> None:
    """Note when these were looked at."""
    for begin in range(0, len(visit_ids), _IDS_AT_ONCE):
        part = _filled_up(visit_ids[begin : begin + _IDS_AT_ONCE])
        statement = update(Visit).where(Visit.id.in_(part)).values(screened_at=moment)
        session.execute(statement.execution_options(synchronize_session=False))


def _filled_up(some_ids: Sequence[UUID]) -> list[UUID]:
    """The same ids, the last repeated until there are _IDS_AT_ONCE.

    A list of another length is another statement, and SQLite's driver keeps 128 of them with all their values: memory
    would grow with the feed after all.
    """
    return [*some_ids, *[some_ids[-1]] * (_IDS_AT_ONCE - len(some_ids))]
