"""The draw of an expert: who may be drawn, that load stays equal, that chance is fair, that it can be repeated."""

import copy
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.chronic_disease import drawing
from app.services.chronic_disease.drawing import (
    GENERAL,
    MARGIN,
    Candidate,
    Case,
    Draw,
    Exclusion,
    draw,
    recheck,
)

SEED = bytes(range(32))
HEART, KIDNEY = "心血管内科", "肾内科"
COUNTY, CITY = "略阳县人民医院", "汉中市中心医院"
FILING = UUID("0190a000-0000-7000-8000-000000000000")
PATIENT = UUID("0190b000-0000-7000-8000-000000000000")


def account(n: int) -> UUID:
    return UUID(f"0190c000-0000-7000-8000-{n:012d}")


def person(n: int) -> UUID:
    return UUID(f"0190d000-0000-7000-8000-{n:012d}")


def expert(n: int, *specialties: str, **other: Any) -> Candidate:
    """An expert for hearts at the city's hospital who is free today, unless said otherwise."""
    free = {"institution": CITY, "on_leave": False, "load": 0, "today": 0, "daily_limit": None}
    return Candidate(account(n), person(n), frozenset(specialties or (HEART,)), **{**free, **other})


def a_case(**other: Any) -> Case:
    plain = Case(FILING, 1, HEART, frozenset({COUNTY}), frozenset(), frozenset({PATIENT}))
    return replace(plain, **other)


def seed(n: int) -> bytes:
    return hashlib.sha256(str(n).encode()).digest()


# Few experts, hospitals and specialties, so that conflicts and equal loads are frequent.
specialties = st.sampled_from((HEART, KIDNEY, GENERAL))
hospitals = st.sampled_from((COUNTY, CITY))
seeds = st.binary(min_size=32, max_size=32)
numbers = st.integers(1, 8)
candidates = st.builds(
    lambda n, own, **other: expert(n, *own, **other),
    numbers,
    st.sets(specialties, min_size=1),
    institution=st.none() | hospitals,
    on_leave=st.booleans(),
    load=st.integers(0, 2),
    today=st.integers(0, 3),
    daily_limit=st.none() | st.integers(0, 3),
)
pools = st.lists(candidates, max_size=8, unique_by=lambda one: one.account_id)
cases = st.builds(
    a_case,
    filing_id=st.uuids(),
    round=st.integers(1, 3),
    group=specialties,
    hospitals=st.frozensets(hospitals, max_size=1),
    barred=st.frozensets(numbers.map(account), max_size=2),
    relatives=st.frozensets(numbers.map(person), max_size=2),
)


# --- who may be drawn


@pytest.mark.parametrize(
    ("candidate", "case", "reason"),
    [
        (expert(1), a_case(), None),
        (expert(1, HEART, KIDNEY), a_case(group=KIDNEY), None),
        (expert(1, institution=None), a_case(), None),
        (expert(1, today=4, daily_limit=5), a_case(), None),
        (expert(1, today=99, daily_limit=None), a_case(), None),
        (expert(1), a_case(barred=frozenset({account(2)})), None),
        (expert(1, KIDNEY), a_case(), Exclusion.NO_SPECIALTY),
        (expert(1, GENERAL), a_case(), Exclusion.NO_SPECIALTY),
        (expert(1, on_leave=True), a_case(), Exclusion.ON_LEAVE),
        (expert(1, today=5, daily_limit=5), a_case(), Exclusion.DAILY_LIMIT),
        (expert(1, daily_limit=0), a_case(), Exclusion.DAILY_LIMIT),
        (expert(1, institution=COUNTY), a_case(), Exclusion.TREATING_HOSPITAL),
        (expert(1), a_case(relatives=frozenset({PATIENT, person(1)})), Exclusion.RELATIVE),
        (expert(1), a_case(barred=frozenset({account(1)})), Exclusion.ACTED),
        (expert(1, KIDNEY, institution=COUNTY), a_case(), Exclusion.TREATING_HOSPITAL),
        (expert(1, on_leave=True), a_case(relatives=frozenset({person(1)})), Exclusion.RELATIVE),
    ],
)
def test_an_expert_is_left_out_for_one_reason_and_a_conflict_comes_first(
    candidate: Candidate, case: Case, reason: Exclusion | None
) -> None:
    drawn = draw(SEED, case, [candidate])
    if reason is None:
        assert drawn.chosen == candidate.account_id
        assert drawn.excluded == {}
    elif reason is Exclusion.NO_SPECIALTY and GENERAL in candidate.specialties:
        assert drawing.exclusion(case, candidate) is reason
    else:
        assert (drawn.chosen, drawn.number, drawn.eligible) == (None, None, ())
        assert drawn.excluded == {candidate.account_id: reason}


def test_general_practice_stands_in_only_when_nobody_of_the_specialty_is_left() -> None:
    general = expert(1, GENERAL, load=0)
    specialist = expert(2, load=50)

    with_specialist = draw(SEED, a_case(), [general, specialist])
    assert with_specialist.chosen == specialist.account_id
    assert not with_specialist.is_fallback
    assert with_specialist.excluded == {general.account_id: Exclusion.NO_SPECIALTY}

    without = draw(SEED, a_case(), [general, replace(specialist, on_leave=True)])
    assert without.chosen == general.account_id
    assert without.is_fallback
    assert without.excluded == {specialist.account_id: Exclusion.ON_LEAVE}


@pytest.mark.parametrize(
    "conflict",
    [{"institution": COUNTY}, {"person_id": PATIENT}, {"account_id": account(9)}, {"on_leave": True}],
)
def test_general_practice_never_stands_in_against_a_conflict(conflict: dict[str, Any]) -> None:
    general = replace(expert(1, GENERAL), **conflict)
    drawn = draw(SEED, a_case(barred=frozenset({account(9)})), [general, expert(2, KIDNEY)])
    assert drawn.chosen is None
    assert not drawn.is_fallback


@given(seeds, cases, pools)
def test_whoever_is_drawn_has_no_conflict_and_the_least_load(
    seed: bytes, case: Case, pool: list[Candidate]
) -> None:
    def may(one: Candidate, specialty: str) -> bool:
        return (
            specialty in one.specialties
            and one.institution not in case.hospitals
            and one.account_id not in case.barred
            and one.person_id not in case.relatives
            and not one.on_leave
            and (one.daily_limit is None or one.today < one.daily_limit)
        )

    drawn = draw(seed, case, pool)
    able = [one for one in pool if may(one, case.group)]
    able = able or [one for one in pool if may(one, GENERAL)]
    least = min((one.load for one in able), default=None)

    assert {account for account, _ in drawn.eligible} == {one.account_id for one in able}
    assert set(drawn.excluded) == {one.account_id for one in pool} - {one.account_id for one in able}
    if drawn.chosen is None:
        assert not able
    else:
        assert drawn.chosen in {one.account_id for one in able if one.load <= least + MARGIN}


# --- equal load, and chance


def test_a_hundred_cases_among_ten_free_experts_are_about_ten_each() -> None:
    pool = [expert(n) for n in range(10)]
    for n in range(100):
        chosen = draw(seed(n), a_case(filing_id=UUID(int=n)), pool).chosen
        pool = [replace(one, load=one.load + (one.account_id == chosen)) for one in pool]
    assert sum(one.load for one in pool) == 100
    assert max(one.load for one in pool) - min(one.load for one in pool) <= MARGIN + 1


def test_among_equals_each_is_drawn_as_often_over_many_seeds() -> None:
    """Chi-squared with 6 degrees of freedom stays below 22.5 in 999 of 1,000 fair trials."""
    pool = [expert(n) for n in range(7)]
    times = Counter(draw(seed(n), a_case(), pool).chosen for n in range(3_500))
    assert sum((times[one.account_id] - 500) ** 2 / 500 for one in pool) < 22.5


def test_one_seed_does_not_fix_the_draws_of_other_cases_and_rounds() -> None:
    pool = [expert(n) for n in range(7)]
    rounds = {draw(SEED, a_case(round=n), pool).chosen for n in range(60)}
    filings = {draw(SEED, a_case(filing_id=UUID(int=n)), pool).chosen for n in range(60)}
    assert len(rounds) == len(filings) == 7


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [((0,), 0), ((8,), 8), ((9, 4), 4), ((9, 9, 0), 0)],
)
def test_a_number_of_the_incomplete_last_run_is_passed_over(numbers: tuple[int, ...], expected: int) -> None:
    """Of ten numbers 9 would be a fourth chance for the first of three."""
    assert drawing.unbiased(numbers, 10, 3) == expected


@given(st.integers(1, 300), st.integers(1, 40))
def test_every_remainder_is_left_equally_many_numbers(ceiling: int, choices: int) -> None:
    if choices > ceiling:
        ceiling, choices = choices, ceiling
    kept = [n for n in range(ceiling) if drawing.unbiased((n, 0), ceiling, choices) == n]
    times = Counter(n % choices for n in kept)
    assert len(times) == choices
    assert len(set(times.values())) == 1


# --- repeating it


@given(seeds, cases, pools, st.randoms(use_true_random=False))
def test_the_order_of_the_pool_does_not_matter(
    seed: bytes, case: Case, pool: list[Candidate], any_: Any
) -> None:
    shuffled = pool[:]
    any_.shuffle(shuffled)
    assert draw(seed, case, shuffled) == draw(seed, case, pool)


def test_anybody_repeats_the_choice_without_the_facts_and_without_this_program() -> None:
    record = json.loads(json.dumps(draw(SEED, a_case(), [expert(n) for n in range(7)]).to_record()))

    signed = {name: record[name] for name in ("rule", "case", "eligible", "fallback", "facts_digest")}
    parts = [
        signed.pop("rule").encode(),
        json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(),
        b"0",
    ]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    number = hmac.new(SEED, message, hashlib.sha256).hexdigest()

    assert record["number"] == number
    assert record["chosen"] == record["among"][int(number, 16) % 7]


@given(seeds, cases, pools)
def test_a_true_record_is_confirmed(seed: bytes, case: Case, pool: list[Candidate]) -> None:
    drawn = draw(seed, case, pool)
    assert drawn.commitment == drawing.commitment(seed)
    assert recheck(json.loads(json.dumps(drawn.to_record())), seed) == []


def record_of_a_full_case() -> dict[str, Any]:
    """A draw in which everything that can be recorded is."""
    pool = [
        expert(1, load=3, daily_limit=5, today=1),
        expert(2, HEART, KIDNEY, load=3),
        expert(3, load=4),
        expert(4, institution=COUNTY),
        expert(5, KIDNEY, institution=None),
        expert(6),
        expert(7),
    ]
    case = a_case(barred=frozenset({account(6)}), relatives=frozenset({PATIENT, person(7)}))
    return draw(SEED, case, pool).to_record()


def changes(value: Any) -> Iterator[Any]:
    """Every copy of a JSON value with one thing changed, added or taken away."""
    match value:
        case dict():
            yield {**value, "more": 1}
            for key in value:
                yield {k: v for k, v in value.items() if k != key}
                for changed in changes(value[key]):
                    yield {**value, key: changed}
        case list():
            yield [*value, *(value[-1:] or ["more"])]
            for i, one in enumerate(value):
                yield value[:i] + value[i + 1 :]
                for changed in changes(one):
                    yield [*value[:i], changed, *value[i + 1 :]]
            if len(value) > 1:
                yield value[::-1]
        case bool():
            yield not value
            yield int(value)
        case int():
            yield value + 1
            yield float(value)
            yield str(value)
        case str():
            yield value + "0"
            yield value.upper() if value != value.upper() else None
            yield str(uuid4())
            yield None
        case None:
            yield 0
            yield COUNTY


def test_whatever_is_changed_in_the_record_is_found() -> None:
    whole = record_of_a_full_case()
    assert recheck(copy.deepcopy(whole), SEED) == []
    changed = list(changes(whole))
    assert len(changed) > 300
    missed = [one for one in changed if recheck(one, SEED) == []]
    assert missed == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chosen": str(account(3))}, "chosen: the record has "),
        (
            {"commitment": "00" * 32},
            "commitment: the seed is not the one that was committed to before the draw",
        ),
        ({"facts": {}}, "the draw cannot be repeated from the record: KeyError"),
        ({"facts": None}, "the draw cannot be repeated from the record: TypeError"),
    ],
)
def test_the_finding_names_what_does_not_fit(change: dict[str, Any], words: str) -> None:
    [finding] = recheck({**record_of_a_full_case(), **change}, SEED)
    assert finding.startswith(words)


def test_another_seed_than_the_committed_one_is_found() -> None:
    found = recheck(record_of_a_full_case(), seed(1))
    assert "commitment: the seed is not the one that was committed to before the draw" in found


def test_the_record_does_not_tell_the_seed() -> None:
    assert SEED.hex() not in json.dumps(record_of_a_full_case())


# --- mistakes of the caller


@given(seeds, seeds)
def test_a_commitment_fixes_the_seed(one: bytes, other: bytes) -> None:
    assert (drawing.commitment(one) == drawing.commitment(other)) == (one == other)
    assert drawing.commitment(one) != hashlib.sha256(one).hexdigest(), "separated from other uses of the hash"


@pytest.mark.parametrize("short", [b"", b"guessable", bytes(31), bytes(33)])
def test_a_seed_has_32_bytes(short: bytes) -> None:
    with pytest.raises(ValueError, match="instead of 32"):
        drawing.commitment(short)
    with pytest.raises(ValueError, match="instead of 32"):
        draw(short, a_case(), [expert(1)])


def test_an_expert_cannot_have_two_lots() -> None:
    with pytest.raises(ValueError, match="twice"):
        draw(SEED, a_case(), [expert(1), expert(2), expert(1, load=5)])


def test_nobody_is_drawn_from_an_empty_pool() -> None:
    drawn: Draw = draw(SEED, a_case(), [])
    assert (drawn.chosen, drawn.number, drawn.among) == (None, None, ())
    assert recheck(drawn.to_record(), SEED) == []
