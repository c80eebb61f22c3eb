"""A year of draws on a made-up county, to see that the draw is fair before anybody relies on it.

The county: as in 略阳 [002] 25 experts, here of five hospitals; 40 cases a working day. Cases ask for specialties
as unequally as diseases come (hypertension and coronary disease far before eye diseases). So that equal load is
**possible**, the pool is made as counties make theirs: each expert judges two to four specialties, each specialty
is judged by at least three experts of at least two hospitals, and those much asked for by many. A specialty that
only one or two experts judge could not be equal whatever the draw did: the column "eligible" tells how often an
expert could have been drawn at all, and load cannot be higher than that.

What makes it uneven, as in life: patients were treated at one or two of the hospitals, experts have relatives,
go on leave for a week or two, some take only so many cases a day, and every twentieth case is a second round of an
earlier one, which the first expert must not judge. Whoever comes back from leave is behind and is drawn more often
until it is made up for; so a short time (below 4,000 cases) can end outside the tolerance with nothing wrong.

Whether a draw kept the rules is judged here anew, not by asking ``drawing``. Everything follows from the seed.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from app.kit import crypto
from app.kit.crypto import Suite
from app.services.chronic_disease import drawing
from app.services.chronic_disease.drawing import GENERAL, Candidate, Case, Draw, Exclusion

TOLERANCE_PERCENT: Final = 10.0
"""How far an expert's load may be from equal load."""
CASES_A_DAY: Final = 40
RECHECK_EVERY: Final = 50

DEMAND: Final = {
    "心血管内科": 24, "内分泌科": 20, "神经内科": 12, "肿瘤科": 9, "肾内科": 6,
    "呼吸内科": 8, "消化内科": 3, "精神科": 5, "风湿免疫科": 4, "血液科": 1,
    "骨科": 2, "感染科": 3, "眼科": 1, "儿科": 1, "康复科": 1,
}  # fmt: skip
"""Of a hundred cases, how many ask for a specialty. Assumed: no source gives the figures of a county."""

_HOSPITALS: Final = ("略阳县人民医院", "略阳县中医医院", "略阳县天津医院", "汉中市中心医院", "三二〇一医院")
_TREATED_AT: Final = (30, 20, 10, 25, 15)
"""Of a hundred patients, how many were treated at which hospital."""
_PRACTICES: Final = (
    ("心血管内科", "内分泌科", "肾内科"), ("内分泌科", "心血管内科", "眼科"), ("神经内科", "骨科", "心血管内科"),
    ("肿瘤科", "血液科", "消化内科"), ("呼吸内科", "感染科", "心血管内科"), ("心血管内科", "神经内科", GENERAL),
    ("肾内科", "内分泌科", "风湿免疫科"), ("精神科", "神经内科", "康复科"), ("风湿免疫科", "骨科", "内分泌科"),
    ("消化内科", "感染科", "肿瘤科"), ("肿瘤科", "呼吸内科", "血液科"), ("心血管内科", "呼吸内科", "儿科"),
    ("内分泌科", "神经内科", GENERAL), ("精神科", "神经内科", "心血管内科"), ("眼科", "内分泌科", "心血管内科"),
    ("感染科", "消化内科", "内分泌科"), ("肾内科", "心血管内科", "血液科"), ("骨科", "康复科", "神经内科"),
    ("肿瘤科", "消化内科", "内分泌科"), ("儿科", "呼吸内科", "内分泌科"), ("心血管内科", "风湿免疫科"),
    ("呼吸内科", "心血管内科", "眼科"), ("精神科", "内分泌科", "儿科"), ("神经内科", "康复科", "心血管内科"),
    ("肿瘤科", "血液科", "肾内科", GENERAL),
)  # fmt: skip


@dataclass(slots=True)
class Expert:
    """An expert of the county, and what the year brought."""

    account_id: UUID
    person_id: UUID
    specialties: tuple[str, ...]
    hospital: str
    daily_limit: int | None
    leave: frozenset[int]
    """Working days of absence, counted from 0."""
    drawn: int = 0
    today: int = 0
    eligible: int = 0
    """How often the expert could have been drawn."""
    excluded: Counter[Exclusion] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    expert: str
    hospital: str
    specialties: tuple[str, ...]
    eligible: int
    drawn: int
    share_percent: float
    """Of equal load."""
    excluded: dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What came out. ``is_sound`` is the verdict."""

    cases: int
    days: int
    equal_load: float
    lowest_percent: float
    highest_percent: float
    stood_in: int
    """Draws in which 全科 stood in for the specialty."""
    nobody: int
    """Cases for which nobody was eligible."""
    foreseeable: int
    """Draws in which one expert alone had the least load, so that who knew all loads knew the result."""
    conflicts: tuple[str, ...]
    """Draws that broke a rule, each in a sentence."""
    rechecked: int
    differences: tuple[str, ...]
    """What did not fit when a draw was repeated from its record."""
    rows: tuple[Row, ...]

    @property
    def outside(self) -> tuple[Row, ...]:
        """The experts whose load is not within the tolerance."""
        return tuple(row for row in self.rows if abs(row.share_percent - 100) > TOLERANCE_PERCENT)

    @property
    def is_sound(self) -> bool:
        """Whether load is equal, no rule was broken, and every draw repeated from its record was the same."""
        return not (self.outside or self.conflicts or self.differences)


def simulate(*, cases: int, experts: int, seed: str, progress: Callable[[int], None] | None = None) -> Report:
    """Draw for so many cases (at least 1) with so many experts (at least 1); ``progress`` hears of each case."""
    key = crypto.digest(seed.encode(), suite=Suite.INTL).encode()
    chance = random.Random(seed)  # noqa: S311 - makes up a county; the draws themselves take no number from it
    days = -(-cases // CASES_A_DAY)
    county = _County(tuple(_experts(chance, experts, days)), chance)
    conflicts: list[str] = []
    differences: list[str] = []
    totals: Counter[str] = Counter()
    for number in range(cases):
        day = number // CASES_A_DAY
        if number % CASES_A_DAY == 0:
            county.begin_day()
        case = county.next_case()
        draw_seed = crypto.mac(key, str(number), suite=Suite.INTL)
        drawn = drawing.draw(draw_seed, case, county.candidates(day))
        conflicts += [f"draw {number}: {what}" for what in county.broken_rules(case, drawn, day)]
        if number % RECHECK_EVERY == 0:
            totals["rechecked"] += 1
            found = drawing.recheck(json.loads(json.dumps(drawn.to_record())), draw_seed)
            differences += [f"draw {number}: {what}" for what in found]
        totals["stood_in"] += drawn.is_fallback
        totals["nobody"] += drawn.chosen is None
        totals["foreseeable"] += len(drawn.among) == 1
        county.book(case, drawn)
        if progress is not None:
            progress(number + 1)
    equal = (cases - totals["nobody"]) / experts
    rows = tuple(_row(position, one, equal) for position, one in enumerate(county.experts, start=1))
    return Report(
        cases=cases,
        days=days,
        equal_load=equal,
        lowest_percent=min(row.share_percent for row in rows),
        highest_percent=max(row.share_percent for row in rows),
        stood_in=totals["stood_in"],
        nobody=totals["nobody"],
        foreseeable=totals["foreseeable"],
        conflicts=tuple(conflicts),
        rechecked=totals["rechecked"],
        differences=tuple(differences),
        rows=rows,
    )


class _County:
    """The pool on its way through the year, and the cases that come in."""

    def __init__(self, experts: tuple[Expert, ...], chance: random.Random) -> None:
        self.experts = experts
        self._chance = chance
        self._by_account = {one.account_id: one for one in experts}
        self._judged: list[Case] = []

    def begin_day(self) -> None:
        for one in self.experts:
            one.today = 0

    def candidates(self, day: int) -> list[Candidate]:
        return [
            Candidate(
                account_id=one.account_id,
                person_id=one.person_id,
                specialties=frozenset(one.specialties),
                institution=one.hospital,
                on_leave=day in one.leave,
                load=one.drawn,
                today=one.today,
                daily_limit=one.daily_limit,
            )
            for one in self.experts
        ]

    def next_case(self) -> Case:
        """A new case, or every twentieth time a second round of one that was judged before."""
        chance = self._chance
        if self._judged and chance.random() < 0.05:
            return replace(self._judged.pop(chance.randrange(len(self._judged))), round=2)
        relatives = {_uuid(chance), _uuid(chance)}
        if chance.random() < 0.05:
            relatives.add(chance.choice(self.experts).person_id)
        return Case(
            filing_id=_uuid(chance),
            round=1,
            group=chance.choices(tuple(DEMAND), tuple(DEMAND.values()))[0],
            hospitals=frozenset(chance.choices(_HOSPITALS, _TREATED_AT, k=chance.choice((1, 1, 2)))),
            barred=frozenset(),
            relatives=frozenset(relatives),
        )

    def broken_rules(self, case: Case, drawn: Draw, day: int) -> Iterator[str]:
        """What is wrong with who was chosen, told from the people themselves."""
        if drawn.chosen is None:
            return
        one = self._by_account[drawn.chosen]
        if one.hospital in case.hospitals:
            yield "an expert of the hospital that treated the patient"
        if one.person_id in case.relatives:
            yield "a relative"
        if one.account_id in case.barred:
            yield "an expert who judged the case before"
        if day in one.leave:
            yield "an expert on leave"
        if one.daily_limit is not None and one.today >= one.daily_limit:
            yield "an expert who had enough cases that day"
        if case.group not in one.specialties and not (drawn.is_fallback and GENERAL in one.specialties):
            yield "an expert of another specialty"

    def book(self, case: Case, drawn: Draw) -> None:
        """Count the draw; a first round may come back later without the expert who judged it."""
        for account, _ in drawn.eligible:
            self._by_account[account].eligible += 1
        for account, reason in drawn.excluded.items():
            self._by_account[account].excluded[reason] += 1
        if drawn.chosen is not None:
            one = self._by_account[drawn.chosen]
            one.drawn += 1
            one.today += 1
            if case.round == 1:
                self._judged.append(replace(case, barred=frozenset({drawn.chosen})))


def _experts(chance: random.Random, how_many: int, days: int) -> Iterator[Expert]:
    for i in range(how_many):
        # Beyond 25 the same practices come again, at the next hospital.
        hospital = _HOSPITALS[(i + i // len(_PRACTICES)) % len(_HOSPITALS)]
        yield Expert(
            account_id=_uuid(chance),
            person_id=_uuid(chance),
            specialties=_PRACTICES[i % len(_PRACTICES)],
            hospital=hospital,
            daily_limit=chance.choice((None, None, 5, 8)),
            leave=frozenset(_leave(chance, days)),
        )


def _leave(chance: random.Random, days: int) -> Iterator[int]:
    """In three of four stretches of 50 working days an absence of 5 to 10 days begins."""
    for begin in range(0, days, 50):
        if chance.random() < 0.75:
            first = begin + chance.randrange(50)
            yield from range(first, min(days, first + chance.randint(5, 10)))


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _row(position: int, one: Expert, equal: float) -> Row:
    return Row(
        expert=f"expert{position:02d}",
        hospital=one.hospital,
        specialties=one.specialties,
        eligible=one.eligible,
        drawn=one.drawn,
        share_percent=round(100 * one.drawn / equal, 1) if equal else 0.0,
        excluded={reason.value: one.excluded[reason] for reason in Exclusion if one.excluded[reason]},
    )
