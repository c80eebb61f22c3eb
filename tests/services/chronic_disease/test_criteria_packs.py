"""The packs of criteria: all load, each value names its source, the day's pack is found, and it holds what it should."""

from datetime import date
from pathlib import Path

import pytest

from app.kit.packs import SourceKind
from app.services.chronic_disease.catalogue import diseases
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria
from app.services.chronic_disease.packs import (
    PACKS_DIR,
    Catalogue,
    pack_by_id,
    pack_for,
    packs,
    problems,
)
from tests.services.chronic_disease.trial_pack import TRIAL_ID, TRIAL_PACK, folder_with

EVERY_PACK = pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.pack_id)
CODES = [disease.code for disease in diseases()]
WITH_OWN_CRITERIA = (
    *("M00201", "M00202", "M00503", "M00504", "M01600", "M03900", "M04600", "M04803"),
    *("M05300", "M06900", "M07200", "M07803", "M07804", "M08300"),
)


def every_criteria(pack: CriteriaPack) -> list[DiseaseCriteria]:
    return [*pack.diseases.values(), *pack.two_disease.values()]


def test_all_packs_of_the_product_are_sound() -> None:
    heads = [path for path in PACKS_DIR.glob("*.toml") if "." not in path.stem]

    assert problems() == []
    assert len(packs()) == len(heads)


@EVERY_PACK
def test_every_disease_of_the_catalogue_can_be_applied_for(pack: CriteriaPack) -> None:
    assert list(pack.diseases) == CODES
    assert list(pack.two_disease) == ["M01600", "M03900"]


@EVERY_PACK
def test_the_common_diseases_have_criteria_of_their_own_with_a_guideline_or_a_rule_behind_them(
    pack: CriteriaPack,
) -> None:
    for code in WITH_OWN_CRITERIA:
        assert code not in pack.general
        assert pack.diseases[code].source.kind is not SourceKind.OURS


@EVERY_PACK
def test_every_value_of_a_pack_names_its_source_and_ours_says_ours(pack: CriteriaPack) -> None:
    for criteria in every_criteria(pack):
        assert {"specialty", "criteria", "papers", "min_hospital_level", "validity_months"} < set(
            criteria.sources
        )
    for source in pack.sources():
        assert source.ref.strip()
        assert source.text.strip()
        assert (source.kind is SourceKind.OURS) == ("ours" in source.ref)


@EVERY_PACK
def test_every_sentence_of_a_pack_is_there_in_both_languages(pack: CriteriaPack) -> None:
    for criteria in every_criteria(pack):
        texts = [text for one in criteria.criteria for text in (one.text, one.evidence)]
        texts += [rule.why for rule in criteria.papers] + [group.text for group in criteria.groups.values()]
        texts += [criteria.yearly_limit_text]
        for text in texts:
            assert any("一" <= letter <= "鿿" or letter in "≥<" for letter in text.zh), text.zh
            assert not any("一" <= letter <= "鿿" for letter in text.en), text.en


@EVERY_PACK
def test_every_disease_can_be_met_and_can_be_missed(pack: CriteriaPack) -> None:
    for criteria in every_criteria(pack):
        everything = {one.id: True for one in criteria.criteria}

        assert criteria.satisfied(everything)
        assert not criteria.satisfied({})


@EVERY_PACK
def test_what_ends_can_be_renewed_and_what_does_not_end_needs_no_renewal(pack: CriteriaPack) -> None:
    for criteria in every_criteria(pack):
        assert (criteria.validity_months is None) == (criteria.renewal is None)


@pytest.mark.parametrize(
    ("region_code", "on", "pack_id"),
    [
        pytest.param("610727", "2022-05-31", "default@2022-01-01", id="before the county's first pack"),
        pytest.param("610727", "2022-06-01", "610727@2022-06-01", id="first day of 略阳's pilot"),
        pytest.param("610727", "2023-07-31", "610727@2022-06-01", id="last day of the pilot"),
        pytest.param(
            "610727", "2023-08-01", "610727@2023-08-01", id="first day of all diseases on the phone"
        ),
        pytest.param("610727", "2030-01-01", "610727@2023-08-01", id="it goes on"),
        pytest.param("610727104203", "2024-01-01", "610727@2023-08-01", id="a village of 略阳"),
        pytest.param("6107", "2024-01-01", "61@2023-08-01", id="its city has its province's"),
        pytest.param("610902", "2024-01-01", "6109@2023-08-01", id="a district has its city's"),
        pytest.param("6109", "2023-07-31", "6109@2022-04-01", id="安康 before the province's criteria"),
        pytest.param("320922", "2024-01-01", "320922@2022-01-01", id="滨海"),
        pytest.param("3209", "2024-01-01", "default@2022-01-01", id="the city of 滨海 has none"),
    ],
)
def test_a_case_is_judged_by_the_pack_of_its_region_and_its_day(
    region_code: str, on: str, pack_id: str
) -> None:
    assert pack_for(region_code, date.fromisoformat(on)).pack_id == pack_id


def test_a_case_finds_the_pack_it_was_submitted_under_after_the_rules_have_changed() -> None:
    submitted_under = pack_for("610727", date(2023, 7, 31)).pack_id

    pilot, now = pack_by_id(submitted_under), pack_for("610727", date(2023, 8, 1))

    assert (pilot.expert_days + pilot.agency_days, now.expert_days, now.agency_days) == (20, 1, 1)
    assert [one.id for one in pilot.diseases["M03900"].criteria] != [
        one.id for one in now.diseases["M03900"].criteria
    ]


def test_unknown_packs_and_days_before_all_rules_are_lookup_errors() -> None:
    with pytest.raises(LookupError, match="610727@1999-01-01"):
        pack_by_id("610727@1999-01-01")
    with pytest.raises(LookupError, match="2021-12-31"):
        pack_for("610727", date(2021, 12, 31))


@EVERY_PACK
def test_dialysis_and_treatment_without_it_exclude_each_other(pack: CriteriaPack) -> None:
    kidney = {"M07800", "M07803", "M07804"}

    assert {code: pack.diseases[code].excludes for code in kidney} == {
        code: kidney - {code} for code in kidney
    }


@EVERY_PACK
def test_a_tumour_under_therapy_covers_what_a_tumour_without_it_would_give(pack: CriteriaPack) -> None:
    assert pack.diseases["M00503"].includes == {"M00504"}
    assert pack.diseases["M00504"].includes == frozenset()


@EVERY_PACK
def test_the_two_disease_benefit_is_for_residents_without_the_chronic_entitlement_of_the_same_disease(
    pack: CriteriaPack,
) -> None:
    """医保发〔2019〕54号."""
    for code, criteria in pack.two_disease.items():
        assert criteria.excludes == {code}
        assert criteria.insutypes == {"390"}
        assert criteria.min_hospital_level == 1
        assert len(criteria.papers) == 1
        assert "on_medicines" in {one.id for one in criteria.criteria if one.required}


def test_binhai_counts_1600_yuan_a_year_for_one_of_the_two_diseases_and_asks_for_regular_management() -> None:
    """domain.md §3, seeds 003."""
    binhai = pack_for("320922", date(2024, 1, 1))

    for criteria in binhai.two_disease.values():
        assert criteria.yearly_limit_fen == 1600_00
        assert "2000元" in criteria.yearly_limit_text
        assert "managed" in {one.id for one in criteria.criteria if one.required}
    assert (binhai.max_institutions, binhai.institution_changes_per_year) == (3, 1)
    assert binhai.term_sources["max_institutions"].ref.startswith("[003]")


def test_where_no_yearly_limit_is_published_no_number_is_made_up() -> None:
    default = pack_for("4401", date(2024, 1, 1))

    assert {criteria.yearly_limit_fen for criteria in every_criteria(default)} == {None}


def test_a_region_states_little_and_takes_the_rest_from_its_baseline_with_its_source(tmp_path: Path) -> None:
    pack = Catalogue(folder_with(tmp_path, TRIAL_PACK)).pack_by_id(TRIAL_ID)
    asthma, copd = pack.diseases["M05400"], pack.diseases["M05300"]

    assert (pack.max_institutions, pack.term_sources["max_institutions"].ref) == (2, "[002] a document")
    assert pack.appeal_days == 15
    assert [one.id for one in copd.criteria] == ["lung_function", "long_term"]
    assert (copd.yearly_limit_fen, copd.validity_months, copd.insutypes) == (120000, 12, {"310"})
    assert asthma.excludes == {"M05300"}
    assert asthma.source.kind is SourceKind.GUIDELINE
    assert asthma.insutypes == {"310", "390"}


def test_what_a_region_says_in_general_holds_for_diseases_without_criteria_of_their_own(
    tmp_path: Path,
) -> None:
    stricter = TRIAL_PACK.replace(
        "[specialties]", '[general]\nmin_hospital_level = { value = 3, source = "one" }\n\n[specialties]'
    )
    pack = Catalogue(folder_with(tmp_path, stricter)).pack_by_id(TRIAL_ID)

    assert "M06700" in pack.general
    assert pack.diseases["M06700"].min_hospital_level == 3
    assert pack.diseases["M06700"].sources["min_hospital_level"].ref == "[002] a document"
    assert pack.two_disease["M03900"].min_hospital_level == 1
