"""A pack that does not load or contradicts itself is named with its file, its table and what is wrong."""

from pathlib import Path

import pytest

from app.commands import doctor
from app.services.chronic_disease.packs import PACKS_DIR, Catalogue, PackError, problems
from tests.services.chronic_disease.trial_pack import TRIAL_FILE, TRIAL_PACK, folder_with

COPD = "disease.M05300"


def test_the_trial_pack_itself_is_sound(tmp_path: Path) -> None:
    assert problems(folder_with(tmp_path, TRIAL_PACK)) == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param("title =", "title", "(file)", id="not TOML"),
        pytest.param('region_code = "9901"', 'region_code = "here"', "region_code", id="region no digits"),
        pytest.param('name = "试验市"', "", "name", id="nameless"),
        pytest.param("= 2023-01-01", "= 2023-02-01", "effective_from", id="file name differs"),
        pytest.param("= 2023-01-01", '= "2023-01-01"', "effective_from", id="date as text"),
        pytest.param('source = "one"\n\n[sources', "[sources", "source", id="pack without source"),
        pytest.param('"default@2022-01-01"', '"default@1999-01-01"', "baseline", id="unknown baseline"),
        pytest.param('"default@2022-01-01"', '"9901@2023-01-01"', "baseline", id="its own baseline"),
        pytest.param(
            'baseline = "default@2022-01-01"', "", "terms.institution_changes_per_year", id="no baseline"
        ),
        pytest.param("[[note]]", "[[notes]]", "notes", id="unknown table"),
        pytest.param('zh = "话"', "", "note[1].zh", id="note without Chinese"),
        pytest.param('"regional"', '"hearsay"', "sources.one.kind", id="unknown kind of source"),
        pytest.param('text = "what it says"', "", "sources.one.text", id="source that says nothing"),
        pytest.param(
            "[terms]",
            '[sources.two]\nkind = "regional"\nref = "x"\ntext = "x"\n[terms]',
            "sources.two",
            id="unused source",
        ),
        pytest.param("max_institutions", "institutions", "terms.institutions", id="unknown number"),
        pytest.param("value = 2,", "value = 0,", "terms.max_institutions.value", id="no institution at all"),
        pytest.param("呼吸内科", "呼吸科", "specialties.呼吸科", id="unknown specialty"),
        pytest.param('= ["M05300"]', '= ["M99999"]', "specialties.呼吸内科", id="specialty of no disease"),
        pytest.param("[disease.M05400]", "[disease.M99999]", "disease.M99999", id="unknown disease"),
        pytest.param(
            "[disease.M05400]", "[two_disease.M05400]", "two_disease.M05400", id="not one of the two diseases"
        ),
        pytest.param("min_hospital_level = {", "min_level = {", f"{COPD}.min_level", id="unknown key"),
        pytest.param("{ value = 3", "{ value = 4", f"{COPD}.min_hospital_level.value", id="hospital level 4"),
        pytest.param(
            '{ value = 3, source = "one" }',
            "{ value = 3 }",
            f"{COPD}.min_hospital_level.source",
            id="no source",
        ),
        pytest.param(
            '{ value = 3, source = "one" }',
            '{ value = 3, source = "two" }',
            f"{COPD}.min_hospital_level.source",
            id="unknown source",
        ),
        pytest.param(
            "at_least = 1", "at_least = 2", f"{COPD}.group.proof.at_least", id="more than there are"
        ),
        pytest.param("at_least = 1", "at_least = 0", f"{COPD}.group.proof.at_least", id="group of nothing"),
        pytest.param('group = "proof"', 'group = "signs"', f"{COPD}.group.signs", id="unknown group"),
        pytest.param('"long_term"', '"lung_function"', f"{COPD}.criterion[2].id", id="criterion given twice"),
        pytest.param('"long_term"', '"长期"', f"{COPD}.criterion[2].id", id="id not snake_case"),
        pytest.param('"long_term"', f'"{"a" * 41}"', f"{COPD}.criterion[2].id", id="id too long to keep"),
        pytest.param(
            'text = { zh = "肺功能", en = "lung function" }',
            'text = { zh = "肺功能" }',
            f"{COPD}.criterion[1].text.en",
            id="criterion without English",
        ),
        pytest.param(
            'evidence = { zh = "报告", en = "report" }', "", f"{COPD}.criterion[1].evidence", id="no evidence"
        ),
        pytest.param('"discharge_summary"]', '"passport"]', f"{COPD}.paper[1].kinds", id="unknown paper"),
        pytest.param(
            '["outpatient_record", "discharge_summary"]', "[]", f"{COPD}.paper[1].kinds", id="no kind"
        ),
        pytest.param("within_months = 24\n", "", f"{COPD}.paper[1].within_months", id="paper of what age"),
        pytest.param(
            "months = 12\nsource", "months = 0\nsource", f"{COPD}.validity.renewal", id="no end, renewed"
        ),
        pytest.param(
            "from_days_before = 30",
            "from_days_before = 366",
            f"{COPD}.validity.renewal.from_days_before",
            id="renewed before it begins",
        ),
        pytest.param("fen = 120000", "fen = 1200.5", f"{COPD}.limit.fen", id="limit not whole fen"),
        pytest.param("fen = 120000", "fen = 0", f"{COPD}.limit.fen", id="limit of nothing"),
        pytest.param('["310"]', '["320"]', f"{COPD}.insutypes.value", id="unknown insurance"),
        pytest.param('["M05400"]', '["M9"]', f"{COPD}.excludes.codes", id="excludes what there is not"),
        pytest.param('["M05400"]', '["M05300"]', f"{COPD}.excludes", id="excludes itself"),
        pytest.param('["M05400"]', '["M04600"]', f"{COPD}.excludes", id="excludes only one way"),
        pytest.param(
            "insutypes =",
            'includes = { codes = ["M05400"], source = "one" }\ninsutypes =',
            f"{COPD}.includes",
            id="includes what it excludes",
        ),
        pytest.param(
            "[[note]]",
            '[disease.M00504]\nincludes = { codes = ["M00503"], source = "one" }\n\n[[note]]',
            "disease.M00504.includes",
            id="each covers the other",
        ),
        pytest.param('["J44"]', '["44J"]', f"{COPD}.screening.icd10", id="no code of ICD-10"),
        pytest.param(
            "inpatient_stay = true",
            "inpatient_stay = false",
            f"{COPD}.screening.inpatient_stay",
            id="screening that nothing satisfies",
        ),
        pytest.param(
            "min_hospital_level = 3, inpatient",
            "min_hospital_level = 2, inpatient",
            f"{COPD}.screening.min_hospital_level",
            id="screening below the level that counts",
        ),
        pytest.param(
            "[[note]]",
            '[two_disease.M03900]\nexcludes = { codes = ["M01600"], source = "one" }\n\n[[note]]',
            "two_disease.M03900.excludes",
            id="两病 beside the entitlement of the same disease",
        ),
    ],
)
def test_a_broken_pack_is_refused_with_its_file_and_table(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    assert old in TRIAL_PACK
    folder = folder_with(tmp_path, TRIAL_PACK.replace(old, new, 1))

    findings = problems(folder)

    assert any(finding.startswith(f"{TRIAL_FILE}: {key}: ") for finding in findings), findings
    with pytest.raises(PackError):
        Catalogue(folder)


def test_all_that_is_wrong_with_a_pack_is_named_at_once(tmp_path: Path) -> None:
    broken = TRIAL_PACK.replace("value = 2,", "value = 99,").replace("at_least = 1", "at_least = 5")
    folder = folder_with(tmp_path, broken)

    assert {finding.split(": ")[1] for finding in problems(folder)} == {
        "terms.max_institutions.value",
        f"{COPD}.group.proof.at_least",
    }
    with pytest.raises(PackError) as caught:
        Catalogue(folder)
    assert len(caught.value.__notes__) == 1


def test_a_contradiction_is_reported_once_where_it_is_stated_and_not_by_those_who_inherit_it(
    tmp_path: Path,
) -> None:
    folder = folder_with(tmp_path, TRIAL_PACK)
    kidney = folder / "default-2022-01-01.kidney.toml"
    text = kidney.read_text(encoding="utf-8")
    kidney.write_text(text.replace('"M07800", "M07804"', '"M07804"', 1), encoding="utf-8")

    assert [finding.split(": ")[:2] for finding in problems(folder)] == [
        [kidney.name, "disease.M07800.excludes"]
    ]


@pytest.mark.parametrize(
    ("baseline", "sound"),
    [
        pytest.param("99@2022-06-01", True, id="its province"),
        pytest.param("98@2022-06-01", False, id="another province"),
    ],
)
def test_a_pack_may_build_on_its_own_province_but_on_no_other(
    tmp_path: Path, baseline: str, sound: bool
) -> None:
    folder = folder_with(tmp_path, TRIAL_PACK.replace('"default@2022-01-01"', f'"{baseline}"'))
    province = TRIAL_PACK.replace("= 2023-01-01", "= 2022-06-01")
    for code in ("99", "98"):
        pack = province.replace('region_code = "9901"', f'region_code = "{code}"')
        (folder / f"{code}-2022-06-01.toml").write_text(pack, encoding="utf-8")

    expected = [] if sound else [[TRIAL_FILE, "baseline"]]
    assert [finding.split(": ")[:2] for finding in problems(folder)] == expected


def test_a_part_needs_its_head_and_states_no_disease_a_second_time(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, TRIAL_PACK)
    heart = (folder / "default-2022-01-01.heart.toml").read_text(encoding="utf-8")
    (folder / "default-2022-01-01.hearts.toml").write_text(heart, encoding="utf-8")
    (folder / "77-2022-01-01.heart.toml").write_text(heart, encoding="utf-8")

    found = [tuple(finding.split(": ")[:2]) for finding in problems(folder)]

    assert ("77-2022-01-01.heart.toml", "(file)") in found
    assert ("default-2022-01-01.hearts.toml", "disease.M03900") in found


def test_a_folder_without_a_default_pack_is_refused(tmp_path: Path) -> None:
    assert any("there is no default pack" in finding for finding in problems(tmp_path))


def test_a_wrong_catalogue_is_the_first_thing_to_mend(tmp_path: Path) -> None:
    wrong = tmp_path / "diseases.csv"
    wrong.write_text("code,name\nM1,x\n", encoding="utf-8")

    assert [finding.split(": ")[:2] for finding in problems(PACKS_DIR, wrong)] == [["diseases.csv", "line 2"]]


def test_the_doctor_names_each_problem_and_says_where_to_mend_it(tmp_path: Path) -> None:
    found = problems(folder_with(tmp_path, TRIAL_PACK.replace("at_least = 1", "at_least = 5")))

    finding = doctor.criteria_packs_finding(found)

    assert finding.state == "bad"
    assert f"{TRIAL_FILE}: {COPD}.group.proof.at_least: " in finding.words
    assert str(PACKS_DIR) in finding.words
    assert doctor.criteria_packs_finding([]).state == "ok"
