"""The rule of recognition: every required criterion, and of each group at least as many as it asks for."""

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.text import Text
from app.services.chronic_disease.pack_model import Criterion, CriterionGroup, DiseaseCriteria
from app.services.chronic_disease.packs import pack_by_id, pack_for

BASELINE = pack_by_id("default@2022-01-01")
WORDS = Text("话", "words")


def ticked(*ids: str) -> dict[str, bool]:
    return dict.fromkeys(ids, True)


@pytest.mark.parametrize(
    ("code", "ids", "recognised"),
    [
        pytest.param("M03900", ("on_medicines", "retina_damage"), True, id="hypertension, damaged retina"),
        pytest.param("M03900", ("on_medicines",), False, id="hypertension without damage is for 两病"),
        pytest.param("M03900", ("heart_damage", "brain_damage"), False, id="damage, but no hypertension"),
        pytest.param("M01600", ("glycated_haemoglobin", "kidney_damage"), True, id="diabetes of the kidney"),
        pytest.param("M01600", ("fasting_glucose", "type_1"), True, id="type 1 needs no complication"),
        pytest.param(
            "M01600", ("fasting_glucose", "two_hour_glucose"), False, id="diabetes, no complication"
        ),
        pytest.param("M00503", ("pathology", "chemotherapy"), True, id="tumour under chemotherapy"),
        pytest.param("M00503", ("pathology",), False, id="tumour without therapy is M00504"),
        pytest.param("M00504", ("pathology", "outpatient_treatment"), True, id="tumour without therapy"),
        pytest.param("M04600", ("revascularisation", "long_term_treatment"), True, id="a stent"),
        pytest.param("M04600", ("long_term_treatment",), False, id="chest pain without proof"),
        pytest.param("M05300", ("airflow_limited", "moderate_airflow"), True, id="moderate COPD"),
        pytest.param("M05300", ("moderate_airflow", "exacerbations"), False, id="never below 0.70"),
        pytest.param("M06900", ("synovitis", "long_term_treatment"), False, id="score below 6"),
        pytest.param("M06900", ("synovitis", "score_six", "long_term_treatment"), True, id="score 6"),
        pytest.param("M04803", ("lesion", "muscle_strength"), False, id="the stroke was last month"),
        pytest.param("M04803", ("lesion", "three_months", "muscle_strength"), True, id="paresis that stayed"),
        pytest.param("M07803", ("kidney_failure", "regular_haemodialysis"), True, id="on dialysis"),
        pytest.param("M07803", ("kidney_failure",), False, id="stage 5, not on dialysis yet"),
        pytest.param("M08300", ("transplanted", "anti_rejection"), True, id="a new kidney"),
        pytest.param("M00201", ("hbsag_six_months", "dna_and_alt"), True, id="hepatitis B to be treated"),
        pytest.param("M00201", ("hbsag_six_months",), False, id="a carrier"),
        pytest.param("M00202", ("hcv_rna", "antiviral_plan"), True, id="hepatitis C"),
        pytest.param("M06700", ("diagnosis_clear", "papers_recent"), False, id="general: no long treatment"),
        pytest.param(
            "M06700", ("diagnosis_clear", "papers_recent", "long_term_treatment"), True, id="general: all"
        ),
    ],
)
def test_an_experts_ticks_make_the_opinion(code: str, ids: Sequence[str], recognised: bool) -> None:
    criteria = BASELINE.diseases[code]
    assert set(ids) <= {one.id for one in criteria.criteria}

    assert criteria.satisfied(ticked(*ids)) is recognised
    assert (criteria.unmet(ticked(*ids)) == []) is recognised


def test_what_is_unmet_names_every_way_out_of_a_group_that_falls_short() -> None:
    unmet = BASELINE.diseases["M03900"].unmet(ticked("pressure_on_three_days"))

    assert [one.id for one in unmet] == ["heart_damage", "brain_damage", "kidney_damage", "retina_damage"]


def test_the_same_patient_is_judged_by_the_criteria_of_the_day() -> None:
    """Type 2 diabetes with kidney damage for less than three years: enough until 陕西's standard, not since."""
    before, since = (
        pack_for("6109", day).diseases["M01600"] for day in (date(2023, 7, 31), date(2023, 8, 1))
    )

    assert before.satisfied(ticked("fasting_glucose", "kidney_damage"))
    assert not since.satisfied(ticked("diagnosed"))
    assert since.satisfied(ticked("diagnosed", "type_2_kidney"))


@st.composite
def _rules_and_ticks(draw: st.DrawFn) -> tuple[DiseaseCriteria, dict[str, bool]]:
    """Any rule of up to nine criteria in up to two groups, and any ticks, some of them for ids that there are not."""
    sizes = draw(st.tuples(*[st.integers(0, 3)] * 3).filter(lambda found: sum(found) > 0))
    criteria = [
        Criterion(f"c{group}_{number}", WORDS, WORDS, None if group == 0 else f"g{group}")
        for group, size in enumerate(sizes)
        for number in range(size)
    ]
    groups = {
        f"g{group}": CriterionGroup(draw(st.integers(1, size)), WORDS)
        for group, size in enumerate(sizes)
        if group > 0 and size > 0
    }
    ids = [one.id for one in criteria] + ["unknown"]
    ticks = draw(st.dictionaries(st.sampled_from(ids), st.booleans()))
    return made(criteria, groups), ticks


def made(criteria: Sequence[Criterion], groups: Mapping[str, CriterionGroup]) -> DiseaseCriteria:
    return DiseaseCriteria(
        disease_code="M03900",
        specialty="心血管内科",
        criteria=tuple(criteria),
        groups=groups,
        papers=(),
        min_hospital_level=2,
        validity_months=None,
        renewal=None,
        yearly_limit_fen=None,
        yearly_limit_text=WORDS,
        excludes=frozenset(),
        includes=frozenset(),
        insutypes=frozenset({"390"}),
        screening=None,
        sources={},
    )


@given(_rules_and_ticks())
def test_nothing_is_unmet_exactly_if_it_is_satisfied(case: tuple[DiseaseCriteria, dict[str, bool]]) -> None:
    criteria, ticks = case

    assert (criteria.unmet(ticks) == []) == criteria.satisfied(ticks)


@given(_rules_and_ticks())
def test_ticking_all_that_is_unmet_satisfies_and_no_further_tick_ever_undoes_it(
    case: tuple[DiseaseCriteria, dict[str, bool]],
) -> None:
    criteria, ticks = case
    helped = ticks | ticked(*(one.id for one in criteria.unmet(ticks)))

    assert criteria.satisfied(helped)
    for one in criteria.criteria:
        assert criteria.satisfied(helped | {one.id: True})


@given(_rules_and_ticks())
def test_the_rule_is_all_required_and_at_least_n_of_each_group(
    case: tuple[DiseaseCriteria, dict[str, bool]],
) -> None:
    criteria, ticks = case
    met = [one for one in criteria.criteria if ticks.get(one.id)]

    expected = all(one in met for one in criteria.criteria if one.group is None) and all(
        len([one for one in met if one.group == name]) >= group.at_least
        for name, group in criteria.groups.items()
    )

    assert criteria.satisfied(ticks) == expected
