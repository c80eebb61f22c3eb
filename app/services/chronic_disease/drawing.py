"""Which expert judges a case: a draw with equal load, which anybody can repeat once its seed is revealed.

The rule is ours; that the platform draws at random from a pool of 25 doctors is 略阳's [002], that nobody acts
twice on one case is 娄底's [002].

1. Before the draw the caller makes a seed of 32 random bytes, keeps it sealed and writes ``commitment(seed)``
   into the case's history, so that nobody can look for a seed that draws a friend.
2. ``draw`` leaves out who must not or cannot judge, and chooses among the rest with about the least load (at most
   MARGIN above it), each with the same chance. If nobody of the specialty is left, experts of 全科 (general practice) stand in, but never one
   with a conflict. If nobody is left at all, nobody is chosen, and the case needs a person's decision.
3. Later the seed is revealed, and ``recheck`` repeats the draw from what was recorded.

The number drawn is HMAC-SHA-256 with the seed as key over ``frame(RULE, text, attempt)`` (each part after its
length in 4 bytes, big endian). ``text`` is JSON without spaces and with sorted keys: the case's id, round and
specialty, whether 全科 stands in, the eligible experts with their loads in the order of their ids, and a digest
of the facts. So somebody who may not see the facts (hospitals, relatives) can repeat the choice too.
The position among these is the number modulo their count; a number of the last, incomplete
run below 2**256 is thrown away and the next attempt counts, for otherwise the first ones would be favoured.

Pure: no database, no clock, no randomness of its own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any, Final
from uuid import UUID

from app.kit import crypto
from app.kit.crypto import Suite

GENERAL: Final = "全科"
"""The specialty that stands in for every other one."""
RULE: Final = "chronic-draw/1"
"""Names the rule in every record; another way of drawing needs another name."""
MARGIN: Final = 2
"""Ours. With the very least load alone one expert would stand first in half of all draws, and whoever knew the loads
would know the result."""
_COMMITMENT: Final = "chronic-draw-commitment/1"
# Not the configured suite: a draw must repeat the same way wherever, and whenever, it is checked.
_SUITE: Final = Suite.INTL
_CEILING: Final = 1 << 256


class Exclusion(StrEnum):
    """Why an expert was left out. Of several reasons the first in this order is recorded: conflicts first."""

    RELATIVE = "relative"
    ACTED = "acted"
    TREATING_HOSPITAL = "treating_hospital"
    ON_LEAVE = "on_leave"
    DAILY_LIMIT = "daily_limit"
    NO_SPECIALTY = "no_specialty"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert of the pool at the moment of the draw."""

    account_id: UUID
    person_id: UUID
    specialties: frozenset[str]
    institution: str | None
    """The hospital, written as in ``Case.hospitals``."""
    on_leave: bool
    load: int
    """Cases drawn in the period, all days together."""
    today: int
    """Cases drawn today."""
    daily_limit: int | None
    """The most cases a day; None for no limit."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be judged, as far as the draw has to know it."""

    filing_id: UUID
    round: int
    """1 for the first draw of the case; each further one has its own number, and so its own result."""
    group: str
    """The specialty that the disease belongs to."""
    hospitals: frozenset[str]
    """The hospitals that treated the patient."""
    barred: frozenset[UUID]
    """Accounts that acted on the case or were drawn for it before."""
    relatives: frozenset[UUID]
    """Persons: the patient, the applicant, and the relatives of both."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The result, with all that an auditor needs."""

    commitment: str
    case: Case
    candidates: tuple[Candidate, ...]
    """The whole pool in the order of account ids."""
    eligible: tuple[tuple[UUID, int], ...]
    """Account id and load of those who could be drawn, in the order of account ids."""
    excluded: Mapping[UUID, Exclusion]
    is_fallback: bool
    """Whether 全科 stood in for the specialty."""
    number: int | None
    """The number drawn, below 2**256; None if nobody was eligible."""
    chosen: UUID | None

    @property
    def among(self) -> tuple[UUID, ...]:
        """The eligible with about the least load: those between whom the number decided."""
        return _least_loaded(self.eligible)

    def to_record(self) -> dict[str, Any]:
        """All of it as JSON can hold it, without the seed.

        ``facts`` tells hospitals and relatives of the patient: keep the record sealed. The other fields name
        only the case and the experts.
        """
        facts = _facts(self.case, self.candidates)
        return {
            "rule": RULE,
            "commitment": self.commitment,
            **_public(self.case, self.eligible, self.is_fallback, facts),
            "excluded": {str(account): reason.value for account, reason in self.excluded.items()},
            "among": [str(account) for account in self.among],
            "number": None if self.number is None else f"{self.number:064x}",
            "chosen": None if self.chosen is None else str(self.chosen),
            "facts": facts,
        }


def commitment(seed: bytes) -> str:
    """What is published before the draw: 64 hex digits that fix the seed and do not tell it.

    Raises ValueError if the seed has not 32 bytes: a short one could be found by trying.
    """
    _need_whole(seed)
    return crypto.digest(crypto.frame(_COMMITMENT, seed), suite=_SUITE)


def draw(seed: bytes, case: Case, candidates: Sequence[Candidate]) -> Draw:
    """Choose an expert; the same seed, case and pool always choose the same, in whatever order the pool comes.

    Raises ValueError if an account comes twice or the seed has not 32 bytes.
    """
    pool = tuple(sorted(candidates, key=lambda one: one.account_id))
    if len({one.account_id for one in pool}) != len(pool):
        raise ValueError("an account comes twice in the pool")
    reasons = {one.account_id: exclusion(case, one) for one in pool}
    eligible = tuple((one.account_id, one.load) for one in pool if reasons[one.account_id] is None)
    is_fallback = False
    if not eligible:
        eligible = tuple((one.account_id, one.load) for one in pool if _stands_in(one, reasons))
        is_fallback = bool(eligible)
    drawable = {account for account, _ in eligible}
    number = chosen = None
    if among := _least_loaded(eligible):
        text = _canonical(_public(case, eligible, is_fallback, _facts(case, pool)))
        number = unbiased(_numbers(seed, text), _CEILING, len(among))
        chosen = among[number % len(among)]
    return Draw(
        commitment=commitment(seed),
        case=case,
        candidates=pool,
        eligible=eligible,
        excluded={a: why for a, why in reasons.items() if why is not None and a not in drawable},
        is_fallback=is_fallback,
        number=number,
        chosen=chosen,
    )


def exclusion(case: Case, one: Candidate) -> Exclusion | None:
    """Why this expert may not be drawn as one of the case's specialty, or None."""
    found = (
        (Exclusion.RELATIVE, one.person_id in case.relatives),
        (Exclusion.ACTED, one.account_id in case.barred),
        (Exclusion.TREATING_HOSPITAL, one.institution in case.hospitals),
        (Exclusion.ON_LEAVE, one.on_leave),
        (Exclusion.DAILY_LIMIT, one.daily_limit is not None and one.today >= one.daily_limit),
        (Exclusion.NO_SPECIALTY, case.group not in one.specialties),
    )
    return next((reason for reason, holds in found if holds), None)


def unbiased(numbers: Iterable[int], ceiling: int, choices: int) -> int:
    """The first number whose remainder by ``choices`` is as likely as any other.

    ``numbers`` are uniform below ``ceiling``; those of the incomplete last run are passed over.
    """
    complete = ceiling - ceiling % choices
    return next(number for number in numbers if number < complete)


def recheck(record: Mapping[str, Any], seed: bytes) -> list[str]:
    """Repeat a recorded draw; say in a sentence each what does not fit, nothing if all does.

    A record that cannot be read is a finding too, not an error. Somebody who knows the seed could write another
    draw's whole record; that is not found here, but by the case's history, where the record belongs.
    """
    try:
        case, candidates = _read(record)
        again = draw(seed, case, candidates).to_record()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return [f"the draw cannot be repeated from the record: {type(error).__name__}: {error}"]
    return [
        _difference(field, record.get(field), again.get(field))
        for field in sorted({*record, *again})
        # As text, for in Python 1 == 1.0 == True, and a missing field is not one with null.
        if (field in record) != (field in again) or _canonical(record[field]) != _canonical(again[field])
    ]


def _difference(field: str, recorded: object, repeated: object) -> str:
    if field == "commitment":
        return "commitment: the seed is not the one that was committed to before the draw"
    if field == "facts":
        return "facts: not written as the draw writes them"
    return f"{field}: the record has {_canonical(recorded)}, repeating the draw gives {_canonical(repeated)}"


def _stands_in(one: Candidate, reasons: Mapping[UUID, Exclusion | None]) -> bool:
    """Whether a general practitioner lacks nothing but the specialty; a conflict always comes before that."""
    return GENERAL in one.specialties and reasons[one.account_id] is Exclusion.NO_SPECIALTY


def _least_loaded(eligible: Sequence[tuple[UUID, int]]) -> tuple[UUID, ...]:
    least = min((load for _, load in eligible), default=0)
    return tuple(account for account, load in eligible if load <= least + MARGIN)


def _numbers(seed: bytes, text: str) -> Iterator[int]:
    for attempt in count():
        yield int.from_bytes(crypto.mac(seed, RULE, text, str(attempt), suite=_SUITE), "big")


def _need_whole(seed: bytes) -> None:
    if len(seed) != crypto.KEY_BYTES:
        raise ValueError(f"the seed of a draw has {len(seed)} bytes instead of {crypto.KEY_BYTES}")


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _public(
    case: Case, eligible: Sequence[tuple[UUID, int]], is_fallback: bool, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """What the number is drawn over."""
    return {
        "case": {"filing_id": str(case.filing_id), "round": case.round, "group": case.group},
        "eligible": [[str(account), load] for account, load in eligible],
        "fallback": is_fallback,
        "facts_digest": crypto.digest(_canonical(facts).encode(), suite=_SUITE),
    }


def _facts(case: Case, candidates: Iterable[Candidate]) -> dict[str, Any]:
    """What decided who was eligible. Sets are written sorted, so that one set has one text."""
    return {
        "hospitals": sorted(case.hospitals),
        "barred": sorted(map(str, case.barred)),
        "relatives": sorted(map(str, case.relatives)),
        "candidates": [
            {
                "account_id": str(one.account_id),
                "person_id": str(one.person_id),
                "specialties": sorted(one.specialties),
                "institution": one.institution,
                "on_leave": one.on_leave,
                "load": one.load,
                "today": one.today,
                "daily_limit": one.daily_limit,
            }
            for one in candidates
        ],
    }


def _read(record: Mapping[str, Any]) -> tuple[Case, tuple[Candidate, ...]]:
    """The case and the pool again, as ``_public`` and ``_facts`` wrote them."""
    known, facts = record["case"], record["facts"]
    case = Case(
        filing_id=UUID(known["filing_id"]),
        round=known["round"],
        group=known["group"],
        hospitals=frozenset(facts["hospitals"]),
        barred=frozenset(map(UUID, facts["barred"])),
        relatives=frozenset(map(UUID, facts["relatives"])),
    )
    candidates = tuple(
        Candidate(
            account_id=UUID(one["account_id"]),
            person_id=UUID(one["person_id"]),
            specialties=frozenset(one["specialties"]),
            institution=one["institution"],
            on_leave=one["on_leave"],
            load=one["load"],
            today=one["today"],
            daily_limit=one["daily_limit"],
        )
        for one in facts["candidates"]
    )
    return case, candidates
