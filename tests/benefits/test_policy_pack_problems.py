"""A policy pack that does not load or contradicts itself is named with its file, its table and what is wrong."""

from pathlib import Path

import pytest

from app import create_app
from app.benefits import packs
from app.benefits.packs import PACKS_DIR, Catalogue, problems
from app.commands import doctor
from app.config import Settings
from app.gateways.parts import Parts
from app.kit.toml_section import PackError
from tests.benefits.trial_policy import TRIAL_FILE, TRIAL_POLICY, folder_with

INPATIENT = "benefit.inpatient"
CHRONIC = "benefit.chronic"
POOLING = "benefit.outpatient"
RELIEF = "low_income_limit.relief"
LEVEL_3 = '  { level = "3", permille = 600, source = "one" },\n'
RETIRED = 'share = [{ person = "retired", permille = 750, source = "one" }]'
WORKING = 'share = [{ permille = 700, source = "one" }]'
SECOND_INPATIENT = """
[benefit.second]
name = { zh = "又一个", en = "another" }
insutypes = ["390", "310"]
med_types = ["21"]
where = "any"
regions = ["99"]
area = { zh = "全省", en = "the province" }
institutions = ["hospital_3"]
deductible = { yuan = 0, source = "one" }
share = [{ permille = 500, source = "one" }]
accumulator = "second"

[[note]]"""
SECOND_LIMIT = """
[low_income_limit.second]
name = { zh = "又一个", en = "another" }
insutypes = ["390"]
med_types = ["21"]
where = "home"
institutions = ["hospital_2"]
of_bill = { permille = 50, source = "one" }
accumulator = "second"

[[note]]"""


def test_the_trial_pack_itself_is_sound(tmp_path: Path) -> None:
    assert problems(folder_with(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param("title =", "title", "(file)", id="not TOML"),
        pytest.param('"9901"', '"here"', "region_code", id="region no digits"),
        pytest.param("= 2023-01-01", "= 2023-02-01", "effective_from", id="file name differs"),
        pytest.param("[sources.one]", 'baseline = "x"\n[sources.one]', "baseline", id="builds on another"),
        pytest.param(
            "[[first_share]]", '[sources.two]\nkind = "ours"\nref = "x"\ntext = "x"\n[[first_share]]', "sources.two",
            id="unused source",
        ),
        pytest.param('yuan = 500, source = "one"', 'yuan = 500, source = "two"', f"{INPATIENT}.deductible.source",
                     id="unknown source"),
        pytest.param('yuan = 500, source = "one"', "yuan = 500", f"{INPATIENT}.deductible.source", id="no source"),
        pytest.param("yuan = 500,", "yuan = -1,", f"{INPATIENT}.deductible.yuan", id="negative deductible"),
        pytest.param("yuan = 500,", "yuan = 500.5,", f"{INPATIENT}.deductible.yuan", id="deductible not whole"),
        pytest.param('deductible = { yuan = 500, source = "one" }\n', "", f"{INPATIENT}.deductible",
                     id="no deductible stated"),
        pytest.param("permille = 900", "permille = 1001", f"{INPATIENT}.share[1].permille", id="above 100%"),
        pytest.param("permille = 900", "permille = -1", f"{INPATIENT}.share[1].permille", id="below 0%"),
        pytest.param('level = "1"', 'level = "4"', f"{INPATIENT}.share[1].level", id="unknown level"),
        pytest.param('level = "1"', 'level = "2"', f"{INPATIENT}.share[2].permille", id="two shares for one case"),
        pytest.param('"student"', '"rich"', f"{INPATIENT}.share[4].person", id="unknown person"),
        pytest.param('"not_filed"', '"somehow"', f"{CHRONIC}.share[2].standing", id="unknown standing"),
        pytest.param('"not_filed"', '"as_at_home"', f"{CHRONIC}.share", id="a row of its own for as at home"),
        pytest.param('["390"]', '["999"]', f"{INPATIENT}.insutypes", id="unknown insurance"),
        pytest.param('["21"]', '["22"]', f"{INPATIENT}.med_types", id="unknown kind of care"),
        pytest.param('["21"]', "[]", f"{INPATIENT}.med_types", id="for no care"),
        pytest.param('"hospital_1", "hospital_2"', '"hospital_4", "hospital_2"', f"{INPATIENT}.institutions",
                     id="unknown institution"),
        pytest.param('where = "home"', 'where = "here"', f"{INPATIENT}.where", id="unknown where"),
        pytest.param('where = "home"', 'where = "home"\nregions = ["near"]', f"{INPATIENT}.regions",
                     id="region of no digits"),
        pytest.param('where = "home"', 'where = "home"\nregions = ["99"]', f"{INPATIENT}.area", id="nameless area"),
        pytest.param("fund_cap", "fund_limit", f"{CHRONIC}.fund_limit", id="unknown key"),
        pytest.param("[benefit.chronic]", "[benefit.Chronic]", "benefit.Chronic", id="name no identifier"),
        pytest.param('accumulator = "chronic"', 'accumulator = "慢"', f"{CHRONIC}.accumulator", id="accumulator"),
        pytest.param("yuan = [5000]", "yuan = [0]", f"{CHRONIC}.counted_cap.yuan", id="cap of nothing"),
        pytest.param("yuan = [5000]", "yuan = 5000", f"{CHRONIC}.counted_cap.yuan", id="cap no list"),
        pytest.param('name = { zh = "居民住院", en = "inpatient care" }', 'name = { zh = "居民住院" }',
                     f"{INPATIENT}.name.en", id="no English"),
        pytest.param("permille = 50\n", "permille = 1001\n", "first_share[1].permille", id="first share above 100%"),
        pytest.param("permille = 100, source", "permille = 1000, source", f"{RELIEF}.of_bill.permille",
                     id="a limit that limits nothing"),
        pytest.param("unit_price_up_to_yuan = 500", "unit_price_up_to_yuan = 100", "first_share[2].kinds",
                     id="two first shares for one price"),
        pytest.param("unit_price_up_to_yuan = 500\n", "", "first_share[3].kinds", id="two first shares for dear lines"),
        pytest.param('kinds = ["treatment", "drug"]\n', 'kinds = ["drug"]\n', "first_share", id="gap for dear lines"),
        pytest.param('zh = "话"', "", "note[1].zh", id="note without Chinese"),
        pytest.param("[[note]]", "[[notes]]", "notes", id="unknown table"),
    ],
)  # fmt: skip
def test_a_pack_that_does_not_load_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in TRIAL_POLICY
    assert_named(tmp_path, TRIAL_POLICY.replace(old, new, 1), key)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param(LEVEL_3, "", f"{INPATIENT}.share", id="gap: a level without a share"),
        pytest.param('"hospital_3"]', '"clinic"]', f"{INPATIENT}.share", id="gap: a clinic without a share"),
        pytest.param(', "hospital_3"]\ndeductible = { yuan = 500', ']\ndeductible = { yuan = 500', f"{INPATIENT}.share",
                     id="a share for a level that is not admitted"),
        pytest.param(WORKING, RETIRED, f"{POOLING}.share", id="gap: retired people only"),
        pytest.param("permille = 50,", "permille = 301,", f"{POOLING}.retired_plus", id="above 100% for the retired"),
        pytest.param('insutypes = ["310"]', 'insutypes = ["310", "390"]', f"{POOLING}.retired_plus",
                     id="retired residents"),
        pytest.param("yuan = [5000]", "yuan = [300]", f"{CHRONIC}.counted_cap", id="counted cap at the deductible"),
        pytest.param("yuan = [800, 1200]", "yuan = [1200, 800]", "benefit.two_disease.counted_cap",
                     id="less for more diseases"),
        pytest.param('fund_cap = { yuan = 2000', 'fund_cap = { yuan = 599', f"{POOLING}.fund_cap",
                     id="fund cap below the deductible"),
        pytest.param('accumulator = "inpatient"', 'counted_cap = { yuan = [900, 950], source = "one" }\n'
                     'accumulator = "inpatient"', f"{INPATIENT}.counted_cap", id="caps by diseases without a disease"),
        pytest.param('{ level = "3", permille', '{ standing = "referral", permille', f"{INPATIENT}.share",
                     id="remote row for care at home"),
        pytest.param('where = "home"', 'where = "away"', f"{INPATIENT}.share", id="home row for remote care"),
        pytest.param('med_types = ["14"]', 'med_types = ["14", "11"]', f"{CHRONIC}.med_types",
                     id="one benefit with and without entitlement"),
        pytest.param('kinds = ["drug"]\ndeductible', "deductible", "benefit.two_disease.kinds", id="两病 beyond drugs"),
        pytest.param("\n[[note]]", SECOND_INPATIENT, "benefit.second", id="two benefits for one bill"),
        pytest.param("\n[[note]]", SECOND_LIMIT, "low_income_limit.second", id="two limits for one bill"),
        pytest.param('accumulator = "two_disease"', 'accumulator = "chronic"', "benefit.two_disease.accumulator",
                     id="one accumulator, two caps"),
        pytest.param('accumulator = "outpatient"', 'accumulator = "inpatient"', f"{POOLING}.accumulator",
                     id="one accumulator, two insurances"),
        pytest.param('accumulator = "relief"', 'accumulator = "inpatient"', f"{RELIEF}.accumulator",
                     id="relief counted as a benefit"),
    ],
)  # fmt: skip
def test_a_pack_that_contradicts_itself_is_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in TRIAL_POLICY
    assert_named(tmp_path, TRIAL_POLICY.replace(old, new, 1), key)


def assert_named(folder: Path, text: str, key: str) -> None:
    findings = problems(folder_with(folder, text))

    assert any(finding.startswith(f"{TRIAL_FILE}: {key}: ") for finding in findings), findings
    with pytest.raises(PackError):
        Catalogue(folder)


@pytest.mark.parametrize(
    ("change", "sound"),
    [
        pytest.param(('institutions = ["hospital_3"]', 'institutions = ["hospital_unrated"]'), True, id="elsewhere"),
        pytest.param(('where = "any"', 'where = "away"'), False, id="for remote care, its rows for none"),
        pytest.param(('insutypes = ["390", "310"]', 'insutypes = ["310"]'), True, id="for others"),
        pytest.param(('med_types = ["21"]', 'med_types = ["11"]'), True, id="for other care"),
        pytest.param(('regions = ["99"]', 'regions = ["990101"]'), False, id="for a part of the region"),
    ],
)  # fmt: skip
def test_two_benefits_may_not_meet_in_any_bill(
    tmp_path: Path, change: tuple[str, str], *, sound: bool
) -> None:
    assert change[0] in SECOND_INPATIENT
    second = SECOND_INPATIENT.replace(*change)

    findings = problems(folder_with(tmp_path, TRIAL_POLICY.replace("\n[[note]]", second)))

    assert (findings == []) is sound, findings


def test_a_default_pack_is_refused_for_no_number_holds_everywhere(tmp_path: Path) -> None:
    everywhere = TRIAL_POLICY.replace('region_code = "9901"', 'region_code = "default"')
    folder = folder_with(tmp_path, everywhere, name="default-2023-01-01.toml")

    assert [finding.split(": ")[:2] for finding in problems(folder)] == [
        ["default-2023-01-01.toml", "region_code"]
    ]


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    broken = TRIAL_POLICY.replace("permille = 900", "permille = 1900").replace('"14"', '"15"')
    folder = folder_with(tmp_path, broken)

    keys = {finding.split(": ")[1] for finding in problems(folder)}

    assert keys == {f"{INPATIENT}.share[1].permille", f"{CHRONIC}.med_types"}
    with pytest.raises(PackError) as caught:
        Catalogue(folder)
    assert len(caught.value.__notes__) == 1


def test_a_folder_without_packs_is_not_sound(tmp_path: Path) -> None:
    assert problems(tmp_path) == [f"{tmp_path.name}: (folder): holds no policy pack"]


def test_the_doctor_names_each_problem_and_says_where_to_mend_it(tmp_path: Path) -> None:
    found = problems(folder_with(tmp_path, TRIAL_POLICY.replace("permille = 900", "permille = 1900")))

    finding = doctor.benefit_packs_finding(found)

    assert finding.state == "bad"
    assert f"{TRIAL_FILE}: {INPATIENT}.share[1].permille: " in finding.words
    assert str(PACKS_DIR) in finding.words
    assert doctor.benefit_packs_finding([]).state == "ok"


def test_no_process_starts_with_a_pack_that_contradicts_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, parts: Parts
) -> None:
    """A deployment stops, not a patient at the counter."""
    broken = folder_with(tmp_path, TRIAL_POLICY.replace("permille = 900", "permille = 1900"))
    monkeypatch.setattr(packs, "PACKS_DIR", broken)
    packs.catalogue.cache_clear()
    try:
        with pytest.raises(PackError, match=r"benefit\.inpatient\.share\[1\]\.permille"):
            create_app(settings, parts)
    finally:
        packs.catalogue.cache_clear()
