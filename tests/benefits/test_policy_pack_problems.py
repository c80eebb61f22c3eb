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
BY_DISEASE = "benefit.chronic_by_disease"
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

[low_income_limit.relief]"""
LAST_LINE = 'accumulator = "relief"\n'
SECOND_LIMIT = """accumulator = "relief"

[low_income_limit.second]
name = { zh = "又一个", en = "another" }
insutypes = ["390"]
med_types = ["21"]
where = "home"
institutions = ["hospital_2"]
of_bill = { permille = 50, source = "one" }
accumulator = "second"
"""
STUDENTS_ONLY = 'share = [{ person = "student", permille = 700, source = "one" }]'
OURS = """[sources.ours]
kind = "ours"
ref = "ours"
text = "what we think"

[[first_share]]"""


def test_the_trial_pack_itself_is_sound(tmp_path: Path) -> None:
    assert problems(folder_with(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        pytest.param("title =", "title", "(file)", id="not TOML"),
        pytest.param('"9901"', '"here"', "region_code", id="region no digits"),
        pytest.param('"9901"', '"９９０１"', "region_code", id="region full-width"),
        pytest.param('"9901"', '"99010"', "region_code", id="region of five digits"),
        pytest.param('"9901"', '"9901001"', "region_code", id="region of seven digits"),
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
        pytest.param('where = "home"', 'where = "home"\nregions = ["99", "９９"]', f"{INPATIENT}.regions",
                     id="region of full-width digits"),
        pytest.param('where = "home"', 'where = "home"\nregions = ["999"]', f"{INPATIENT}.regions",
                     id="region of three digits"),
        pytest.param('where = "home"', 'where = "home"\nregions = [9901]', f"{INPATIENT}.regions",
                     id="region no text"),
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
        pytest.param('[low_income_limit', '[limit', "limit", id="unknown table"),
        pytest.param('"M03900"', '"hypertension"', f"{BY_DISEASE}.disease_limit[1].disease", id="no disease's code"),
        pytest.param('"M01600"', '"M03900"', f"{BY_DISEASE}.disease_limit[2].disease", id="two limits of a disease"),
        pytest.param('disease = "M07803", ', "", f"{BY_DISEASE}.disease_limit[4].disease", id="two limits of all others"),
        pytest.param("fund_yuan = 800", "fund_yuan = 0", f"{BY_DISEASE}.disease_limit[2].fund_yuan",
                     id="a disease's cap of nothing"),
        pytest.param("counted_yuan = 2000", "cap_yuan = 2000", f"{BY_DISEASE}.disease_limit[1].cap_yuan",
                     id="unknown key of a disease"),
        pytest.param('accumulator = "chronic"', 'accumulator = "98:chronic"', f"{CHRONIC}.accumulator",
                     id="another region's accumulator"),
        pytest.param('accumulator = "chronic"', 'accumulator = "990101:chronic"', f"{CHRONIC}.accumulator",
                     id="a part's accumulator"),
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
        pytest.param(WORKING, STUDENTS_ONLY, f"{POOLING}.share", id="gap: students only"),
        pytest.param('{ level = "1", permille = 900, source = "one" },\n  { level = "2", permille = 700, source = "one" },\n'
                     f'{LEVEL_3}', "", f"{INPATIENT}.share", id="gap: residents who are students only"),
        pytest.param('standing = "not_filed", permille = 325', 'standing = "not_filed", permille = 651',
                     f"{CHRONIC}.share", id="less with a filing than without"),
        pytest.param('standing = "not_filed", permille = 325', 'standing = "not_filed", permille = 324',
                     f"{CHRONIC}.share", id="less in an emergency that was not filed"),
        pytest.param('where = "any"\ninstitutions = ["hospital_1", "hospital_2", "hospital_3", "pharmacy"]\n'
                     'deductible = { yuan = 300, source = "one" }\nshare = [\n  { permille = 650, source = "one" },',
                     'where = "away"\ninstitutions = ["hospital_1", "hospital_2", "hospital_3", "pharmacy"]\n'
                     'deductible = { yuan = 300, source = "one" }\nshare = [\n'
                     '  { standing = "long_term", permille = 650, source = "one" },',
                     f"{CHRONIC}.share", id="nothing as at home and with other filings"),
        pytest.param('med_types = ["14"]\nwhere = "home"', 'med_types = ["11"]\nwhere = "home"',
                     f"{BY_DISEASE}.disease_limit", id="limits of diseases where no disease is named"),
        pytest.param("counted_yuan = 1000, fund_yuan = 400, ", "", f"{BY_DISEASE}.disease_limit",
                     id="a limit of all others that limits nothing"),
        pytest.param('accumulator = "inpatient"', 'counted_cap = { yuan = [900, 950], source = "one" }\n'
                     'accumulator = "inpatient"', f"{INPATIENT}.counted_cap", id="caps by diseases without a disease"),
        pytest.param('{ level = "3", permille', '{ standing = "referral", permille', f"{INPATIENT}.share",
                     id="remote row for care at home"),
        pytest.param('where = "home"', 'where = "away"', f"{INPATIENT}.share", id="home row for remote care"),
        pytest.param('med_types = ["14"]', 'med_types = ["14", "11"]', f"{CHRONIC}.med_types",
                     id="one benefit with and without entitlement"),
        pytest.param('kinds = ["drug"]\ndeductible', "deductible", "benefit.two_disease.kinds", id="两病 beyond drugs"),
        pytest.param("\n[low_income_limit.relief]", SECOND_INPATIENT, "benefit.second", id="two benefits for one bill"),
        pytest.param(LAST_LINE, SECOND_LIMIT, "low_income_limit.second", id="two limits for one bill"),
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


@pytest.mark.parametrize(
    ("old", "key"),
    [
        pytest.param("deductible = { yuan = 500, ", f"{INPATIENT}.deductible", id="a deductible"),
        pytest.param('{ level = "1", permille = 900, ', f"{INPATIENT}.share", id="a share that is no floor"),
        pytest.param(
            "retired_plus = { permille = 50, ", f"{POOLING}.retired_plus", id="points for the retired"
        ),
        pytest.param("fund_cap = { yuan = 2000, ", f"{POOLING}.fund_cap", id="a cap"),
        pytest.param("counted_cap = { yuan = [5000], ", f"{CHRONIC}.counted_cap", id="a cap on expense"),
        pytest.param("fund_yuan = 800, ", f"{BY_DISEASE}.disease_limit", id="a disease's cap"),
    ],
)
def test_no_number_is_made_up(tmp_path: Path, old: str, key: str) -> None:
    """What rests on our word alone may only be a floor, or that nothing is taken."""
    text = TRIAL_POLICY.replace("[[first_share]]", OURS, 1)
    assert f'{old}source = "one"' in text
    assert_named(tmp_path, text.replace(f'{old}source = "one"', f'{old}source = "ours"', 1), key)


def test_a_floor_of_ours_and_a_deductible_of_nothing_are_sound(tmp_path: Path) -> None:
    text = TRIAL_POLICY.replace("[[first_share]]", OURS, 1)
    text = text.replace('yuan = 500, source = "one"', 'yuan = 0, source = "ours"')
    text = text.replace('permille = 900, source = "one"', 'permille = 900, at_least = true, source = "ours"')

    assert problems(folder_with(tmp_path, text)) == []


def test_a_fund_cap_below_the_deductible_is_lawful(tmp_path: Path) -> None:
    text = TRIAL_POLICY.replace("fund_cap = { yuan = 2000", "fund_cap = { yuan = 599")

    assert problems(folder_with(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("region", "begins", "accumulator", "sound"),
    [
        pytest.param("9901", "2024-07-01", "outpatient", True, id="goes on within the year"),
        pytest.param("9901", "2024-07-01", "pooling", False, id="renamed within the year"),
        pytest.param("9901", "2024-01-01", "pooling", True, id="renamed at new year"),
        pytest.param(
            "990101", "2024-07-01", "outpatient", False, id="a county leaves its city within the year"
        ),
        pytest.param(
            "990101", "2024-07-01", "9901:outpatient", True, id="a county goes on with its city's year"
        ),
        pytest.param("990101", "2024-01-01", "outpatient", True, id="a county begins at new year"),
        pytest.param("990101", "2022-07-01", "outpatient", True, id="a county began before its city"),
        pytest.param("9902", "2024-07-01", "pooling", True, id="another region"),
    ],
)
def test_a_year_that_was_begun_goes_on_under_the_next_pack(
    tmp_path: Path, region: str, begins: str, accumulator: str, *, sound: bool
) -> None:
    """Else the deductible would be taken twice, and caps would be paid twice."""
    later = TRIAL_POLICY.replace('"9901"', f'"{region}"', 1).replace("= 2023-01-01", f"= {begins}")
    for name in ("inpatient", "chronic", "employee_chronic", "two_disease"):
        later = later.replace(
            f'accumulator = "{name}"',
            f'accumulator = "9901:{name}"' if region != "9902" else f'accumulator = "{name}"',
        )
    later = later.replace('accumulator = "outpatient"', f'accumulator = "{accumulator}"')
    folder_with(folder_with(tmp_path), later, name=f"{region}-{begins}.toml")

    keys = [finding.split(": ")[:2] for finding in problems(tmp_path)]

    assert keys == ([] if sound else [[f"{region}-{begins}.toml", f"{POOLING}.accumulator"]])


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

    findings = problems(folder_with(tmp_path, TRIAL_POLICY.replace("\n[low_income_limit.relief]", second)))

    assert (findings == []) is sound, findings


def test_a_default_pack_is_refused_for_no_number_holds_everywhere(tmp_path: Path) -> None:
    everywhere = TRIAL_POLICY.replace('region_code = "9901"', 'region_code = "default"')
    folder = folder_with(tmp_path, everywhere, name="default-2023-01-01.toml")

    assert [finding.split(": ")[:2] for finding in problems(folder)] == [
        ["default-2023-01-01.toml", "region_code"]
    ]


def test_all_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    broken = TRIAL_POLICY.replace("permille = 900", "permille = 1900").replace('"14"', '"15"', 1)
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
