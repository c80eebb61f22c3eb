"""What visits prove: the rule, case by case, and what holds for any visits at all."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.chronic_disease.pack_model import Screening
from app.services.chronic_disease.proof import Lack, SeenVisit, VisitKind, proves, weigh

TODAY = date(2026, 11, 21)
RULE = Screening(
    icd10=("B18.0", "B18.1"), min_hospital_level=2, inpatient_stay=True, outpatient_days=3, within_months=24
)
STAYS_ONLY = replace(RULE, outpatient_days=None)
VISITS_ONLY = replace(RULE, inpatient_stay=False)
IN, OUT = VisitKind.INPATIENT, VisitKind.OUTPATIENT


def visit(kind: VisitKind, day: str, *, icd10: str = "B18.100", level: int = 2, number: int = 0) -> SeenVisit:
    on = date.fromisoformat(day)
    left = on if kind is IN else None
    began = on - timedelta(days=6) if kind is IN else on
    return SeenVisit(UUID(int=number), UUID(int=1), kind, icd10, began, left, level)


def three(**more: object) -> list[SeenVisit]:
    """Outpatient visits on three days."""
    return [visit(OUT, f"2026-0{month}-03", number=month, **more) for month in (3, 5, 7)]  # type: ignore[arg-type]


PROVEN, NOTHING = "proven", "nothing"
TABLE = [
    ("one stay", RULE, [visit(IN, "2026-05-01")], PROVEN),
    ("three visits on three days", RULE, three(), PROVEN),
    ("two days are too few", RULE, three()[:2], Lack.TOO_FEW_VISITS),
    ("three visits on two days are two days", RULE, [*three()[:2], visit(OUT, "2026-05-03", number=9)],
     Lack.TOO_FEW_VISITS),
    ("visits alone prove nothing here", STAYS_ONLY, three(), Lack.TOO_FEW_VISITS),
    ("a stay proves nothing here", VISITS_ONLY, [visit(IN, "2026-05-01")], Lack.TOO_FEW_VISITS),
    ("a stay is no outpatient day", VISITS_ONLY, [*three()[:2], visit(IN, "2026-05-01")], Lack.TOO_FEW_VISITS),
    ("a hospital of level 1", RULE, [visit(IN, "2026-05-01", level=1)], Lack.LEVEL_TOO_LOW),
    ("a clinic", RULE, three(level=0), Lack.LEVEL_TOO_LOW),
    ("two at the hospital, one at a clinic", RULE, [*three()[:2], *three(level=0)[2:]], Lack.LEVEL_TOO_LOW),
    ("one at a clinic", RULE, three(level=0)[:1], Lack.TOO_FEW_VISITS),
    ("another diagnosis", RULE, [visit(IN, "2026-05-01", icd10="B18.200")], NOTHING),
    ("the diagnosis to the digit", RULE, [visit(IN, "2026-05-01", icd10="B18.1")], PROVEN),
    ("the first day that counts", RULE, [visit(IN, "2024-11-21")], PROVEN),
    ("the day before it", RULE, [visit(IN, "2024-11-20")], NOTHING),
    ("discharged today", RULE, [visit(IN, "2026-11-21")], PROVEN),
    ("in the future", RULE, [visit(IN, "2026-11-22")], NOTHING),
    ("no visit", RULE, [], NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "visits", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_visits_prove(rule: Screening, visits: list[SeenVisit], expected: object) -> None:
    found = weigh(rule, visits, TODAY)

    said = NOTHING if found is None else (found.lack or PROVEN)
    assert said == expected
    assert bool(proves(rule, visits, TODAY)) is (expected == PROVEN)


def test_a_stay_counts_by_its_last_day() -> None:
    long_stay = SeenVisit(
        UUID(int=1), UUID(int=1), IN, "B18.1", date(2024, 6, 1), TODAY - timedelta(days=720), 3
    )
    assert proves(RULE, [long_stay], TODAY) == (long_stay,)


def test_the_proof_is_no_more_than_it_takes_and_the_latest_there_is() -> None:
    visits = [visit(OUT, f"2026-0{month}-03", number=month) for month in range(1, 8)]
    assert [one.visited_on.month for one in proves(RULE, visits, TODAY)] == [5, 6, 7]

    stays = [visit(IN, "2025-01-05", number=1), visit(IN, "2026-02-05", number=2)]
    assert proves(RULE, [*visits, *stays], TODAY) == (stays[1],)


seen_visits = st.lists(
    st.builds(
        SeenVisit,
        id=st.uuids(version=4),
        institution_id=st.just(UUID(int=1)),
        kind=st.sampled_from(VisitKind),
        icd10=st.sampled_from(["B18.0", "B18.100", "B18.2", "I10.X00", "B18"]),
        visited_on=st.dates(TODAY - timedelta(days=800), TODAY + timedelta(days=5)),
        discharged_on=st.none(),
        hospital_level=st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)
rules = st.builds(
    Screening,
    icd10=st.just(("B18.0", "B18.1")),
    min_hospital_level=st.integers(1, 3),
    inpatient_stay=st.booleans(),
    outpatient_days=st.none() | st.integers(1, 4),
    within_months=st.integers(1, 24),
)


@given(rules, seen_visits, st.randoms(use_true_random=False))
def test_the_order_of_the_visits_says_nothing(
    rule: Screening, visits: list[SeenVisit], chance: object
) -> None:
    shuffled = list(visits)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert weigh(rule, shuffled, TODAY) == weigh(rule, visits, TODAY)


@given(rules, seen_visits, seen_visits)
def test_more_visits_never_take_a_proof_away(
    rule: Screening, visits: list[SeenVisit], more: list[SeenVisit]
) -> None:
    if proves(rule, visits, TODAY):
        assert proves(rule, [*visits, *more], TODAY)


@given(rules, seen_visits)
def test_a_proof_proves_by_itself_and_holds_only_what_counts(
    rule: Screening, visits: list[SeenVisit]
) -> None:
    proof = proves(rule, visits, TODAY)

    assert set(proof) <= set(visits)
    if proof:
        assert proves(rule, proof, TODAY) == proof
        assert all(one.hospital_level >= rule.min_hospital_level for one in proof)
        assert all(one.icd10.startswith(rule.icd10) for one in proof)
        assert list(proof) == sorted(proof, key=lambda one: (one.day, one.id))


@given(rules, seen_visits)
def test_what_a_lower_level_would_prove_is_called_so(rule: Screening, visits: list[SeenVisit]) -> None:
    found = weigh(rule, visits, TODAY)
    lower = weigh(replace(rule, min_hospital_level=0), visits, TODAY)

    assert (found is None) is (lower is None)
    if found is not None and lower is not None and not found.is_proof:
        assert (found.lack is Lack.LEVEL_TOO_LOW) is lower.is_proof
