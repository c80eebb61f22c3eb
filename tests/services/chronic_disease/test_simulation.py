"""A year of draws is fair, and the report would say so if it were not."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from app.demo import experts
from app.services.chronic_disease import drawing, simulation
from app.services.chronic_disease.drawing import Candidate, Case, Draw
from app.services.chronic_disease.simulation import Report, simulate


@pytest.fixture(scope="module")
def year() -> Report:
    return simulate(cases=10_000, experts=25, seed="a year")


@pytest.mark.slow
def test_a_year_of_draws_is_equal_without_conflict_and_repeatable(year: Report) -> None:
    assert year.outside == ()
    assert 90 <= year.lowest_percent <= 100 <= year.highest_percent <= 110
    assert year.conflicts == ()
    assert (year.rechecked, year.differences) == (200, ())
    assert year.is_sound


@pytest.mark.slow
def test_the_year_tried_every_rule_and_the_table_adds_up(year: Report) -> None:
    reasons = {reason for row in year.rows for reason in row.excluded}
    assert reasons == {reason.value for reason in drawing.Exclusion}
    assert year.stood_in > 0
    assert sum(row.drawn for row in year.rows) == year.cases - year.nobody
    for row in year.rows:
        assert row.drawn <= row.eligible
        assert row.eligible + sum(row.excluded.values()) == year.cases
    assert year.lowest_percent == min(row.share_percent for row in year.rows)


def test_the_pool_makes_equal_load_possible() -> None:
    """Each expert two to four specialties; each specialty three experts of two hospitals."""
    pool = simulate(cases=1, experts=25, seed="").rows
    assert all(2 <= len(row.specialties) <= 4 for row in pool)
    for specialty in simulation.DEMAND:
        judges = [row for row in pool if specialty in row.specialties]
        assert len(judges) >= 3, specialty
        assert len({row.hospital for row in judges}) >= 2, specialty


def test_the_specialties_are_ones_that_demo_experts_have() -> None:
    assert set(simulation.DEMAND) <= {known for one in experts.experts() for known in one.specialties}
    assert sum(simulation.DEMAND.values()) == 100


def test_one_seed_is_one_year_and_another_is_another() -> None:
    first, again, other = (simulate(cases=200, experts=25, seed=seed) for seed in ("one", "one", "two"))
    assert first == again
    assert first.rows != other.rows


def test_progress_is_told_case_by_case() -> None:
    heard: list[int] = []
    simulate(cases=5, experts=25, seed="", progress=heard.append)
    assert heard == [1, 2, 3, 4, 5]


def test_a_draw_that_favours_one_and_ignores_conflicts_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a draw that always takes the first, the report names what was broken and who was drawn too often."""
    honest = drawing.draw

    def favouring(seed: bytes, case: Case, candidates: Sequence[Candidate]) -> Draw:
        return replace(honest(seed, case, candidates), chosen=candidates[0].account_id)

    monkeypatch.setattr(drawing, "draw", favouring)
    report = simulate(cases=400, experts=25, seed="crooked")

    broken = {what.partition(": ")[2] for what in report.conflicts}
    assert {
        "an expert of the hospital that treated the patient",
        "an expert who judged the case before",
        "an expert of another specialty",
        "an expert on leave",
    } <= broken
    assert report.rows[0].share_percent == 2500
    assert report.rows[0] in report.outside
    assert not report.is_sound


def test_a_record_that_was_edited_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Draw.to_record
    monkeypatch.setattr(Draw, "to_record", lambda self: {**honest(self), "chosen": str(UUID(int=0))})
    report = simulate(cases=1, experts=25, seed="edited")
    assert report.rechecked == 1
    assert not report.is_sound


def test_a_pool_that_cannot_be_equal_is_called_so_although_every_draw_is_right() -> None:
    """Four experts for fifteen specialties: most cases find nobody, and who judges more fields has more."""
    report = simulate(cases=1_000, experts=4, seed="small")
    assert report.nobody > 0
    assert report.conflicts == report.differences == ()
    assert report.outside
    assert not report.is_sound
