"""The demo's people by themselves: real-looking, consistent, and the same every day."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from stdnum.cn import ric

from app.demo import experts, institutions, staff
from app.demo.cast import Cover, SignIn
from app.demo.numbers import birth_certificate_number, division_in, id_number
from app.demo.people import DemoPerson
from app.demo.population import CITIZENS, KIN, everybody
from app.identity.actor import OrganisationKind, Role
from app.identity.id_numbers import parse_birth_certificate_number, parse_id_number
from app.identity.kinship import is_minor
from app.identity.models import CoverageStatus, InsuType, Relation, Sex
from app.places import service as places
from app.places.service import Level
from app.services.chronic_disease.drawing import GENERAL
from app.services.chronic_disease.pack_model import SPECIALTIES

TODAY = date(2026, 7, 1)
PEOPLE = {person.key: person for person in everybody(TODAY)}
CITIZEN_KEYS = [member.key for member in CITIZENS]


def age_on(person: DemoPerson, day: date = TODAY) -> int:
    return (
        day.year
        - person.birth_date.year
        - ((day.month, day.day) < (person.birth_date.month, person.birth_date.day))
    )


def test_there_are_at_least_sixty_citizens_out_of_six_places() -> None:
    places_of = Counter(key.rsplit("-", 1)[0] for key in CITIZEN_KEYS)
    assert len(CITIZEN_KEYS) >= 60
    assert set(places_of) == {"ankang", "lueyang", "xianyang", "taiyuan", "shuangyashan", "binhai"}
    assert min(places_of.values()) >= 10


def test_every_id_number_is_valid_and_tells_the_birth_date_sex_and_province() -> None:
    for person in PEOPLE.values():
        if person.id_no is None:
            continue
        assert ric.is_valid(person.id_no)
        assert person.id_no[:2] == person.home[:2]
        parsed = parse_id_number(person.id_no)
        assert (parsed.birth_date, parsed.sex) == (person.birth_date, person.sex)


def test_no_two_share_a_number_a_name_or_a_phone() -> None:
    for shared in (
        [person.number for person in PEOPLE.values()],
        [person.name for person in PEOPLE.values()],
        [person.phone for person in PEOPLE.values() if person.phone is not None],
        [person.openid for person in PEOPLE.values() if person.openid is not None],
    ):
        assert len(shared) == len(set(shared))


def test_the_people_are_the_same_every_day_but_for_the_newborn() -> None:
    later = {person.key: person for person in everybody(TODAY + timedelta(days=200))}
    changed = {key for key, person in PEOPLE.items() if later[key] != person}
    assert changed == {"ankang-09"}
    assert later["ankang-09"].number == PEOPLE["ankang-09"].number


def test_the_newborn_has_a_birth_certificate_only_and_a_mother_as_guardian() -> None:
    newborn = PEOPLE["ankang-09"]
    assert newborn.id_no is None
    assert newborn.birth_certificate_no is not None
    assert parse_birth_certificate_number(newborn.birth_certificate_no) == newborn.number
    assert 0 < (TODAY - newborn.birth_date).days < 180
    guardians = [PEOPLE[kin.relative] for kin in KIN if kin.person == newborn.key and kin.guardian]
    assert Sex.FEMALE in {guardian.sex for guardian in guardians}


def of_kind(test: Callable[[Cover], bool]) -> list[str]:
    return [key for key in CITIZEN_KEYS if any(test(cover) for cover in PEOPLE[key].covers)]


@pytest.mark.parametrize(
    ("test", "least"),
    [
        pytest.param(lambda cover: cover.insutype is InsuType.EMPLOYEE, 20, id="employees"),
        pytest.param(lambda cover: cover.insutype is InsuType.RESIDENT, 20, id="residents"),
        pytest.param(lambda cover: cover.retired, 6, id="retired"),
        pytest.param(lambda cover: cover.student, 6, id="students"),
        pytest.param(lambda cover: cover.low_income, 6, id="low income"),
        pytest.param(lambda cover: cover.status is CoverageStatus.SUSPENDED, 3, id="suspended"),
        pytest.param(lambda cover: cover.status is CoverageStatus.ENDED, 3, id="ended"),
    ],
)
def test_there_are_insured_people_of_every_kind(test: Callable[[Cover], bool], least: int) -> None:
    assert len(of_kind(test)) >= least


def test_somebody_has_two_coverages_and_somebody_has_not_proven_the_real_name() -> None:
    assert any(len(PEOPLE[key].covers) == 2 for key in CITIZEN_KEYS)
    assert sum(PEOPLE[key].sign_in is SignIn.UNPROVEN for key in CITIZEN_KEYS) >= 6
    assert sum(PEOPLE[key].sign_in is SignIn.NONE for key in CITIZEN_KEYS) >= 6


def test_coverages_fit_the_ages_of_those_who_have_them() -> None:
    for key in CITIZEN_KEYS:
        person = PEOPLE[key]
        for cover in person.covers:
            assert cover.since is not None
            assert person.birth_date <= cover.since <= TODAY
            if cover.insutype is InsuType.EMPLOYEE:
                assert age_on(person) >= 22
                assert cover.employer
            else:
                assert not cover.retired
                assert cover.balance_fen == 0
            assert not cover.retired or age_on(person) >= 50
            assert not cover.student or 17 <= age_on(person) <= 24


def test_everybody_lives_and_is_insured_in_a_region_that_exists() -> None:
    for person in PEOPLE.values():
        assert places.exists(person.home)
        for cover in person.covers:
            region = places.find(cover.region_code)
            assert region is not None
            assert region.level in {Level.CITY, Level.DISTRICT}


def test_families_have_possible_ages() -> None:
    least = {Relation.PARENT: 17, Relation.GRANDPARENT: 34, Relation.GUARDIAN: 18}
    for kin in KIN:
        person, relative = PEOPLE[kin.person], PEOPLE[kin.relative]
        gap = (person.birth_date - relative.birth_date).days / 365.25
        if kin.relation in least:
            assert gap >= least[kin.relation], kin
        elif kin.relation is Relation.SPOUSE:
            assert person.sex is not relative.sex
            assert abs(gap) < 15
        assert not kin.guardian or age_on(relative) >= 18


def test_three_generations_are_linked_through_the_middle_one() -> None:
    parents = {(kin.person, kin.relative) for kin in KIN if kin.relation is Relation.PARENT}
    grandparents = {(kin.person, kin.relative) for kin in KIN if kin.relation is Relation.GRANDPARENT}
    assert len(grandparents) >= 12
    for child, grandparent in grandparents:
        middle = {parent for one, parent in parents if one == child}
        spouses = {kin.person for kin in KIN if kin.relation is Relation.SPOUSE and kin.relative in middle}
        assert any((one, grandparent) in parents for one in middle | spouses)


def test_every_minor_has_a_guardian_with_a_phone() -> None:
    minors = [key for key in CITIZEN_KEYS if is_minor(PEOPLE[key].birth_date, TODAY)]
    assert len(minors) >= 6
    for key in minors:
        guardians = [PEOPLE[kin.relative] for kin in KIN if kin.person == key and kin.guardian]
        assert any(guardian.openid for guardian in guardians)


def test_a_family_under_one_roof_has_one_address() -> None:
    household = [PEOPLE[f"ankang-{i:02d}"] for i in range(1, 7)]
    assert len({(person.home, person.house) for person in household}) == 1


# Staff, agents, terminals and places


def test_every_agency_has_two_handlers_a_supervisor_an_auditor_and_an_administrator() -> None:
    agencies = [one for one in staff.organisations() if one.kind is OrganisationKind.AGENCY]
    assert {one.region_code for one in agencies} == {
        "6109", "610902", "610981", "610727", "6104", "1401", "2305", "320922",
    }  # fmt: skip
    for agency in agencies:
        roles = Counter(one.role for one in staff.staff() if one.organisation == agency.key)
        assert roles[Role.HANDLER] >= 2
        assert roles[Role.SUPERVISOR] == roles[Role.AUDITOR] == roles[Role.ADMINISTRATOR] == 1


def test_every_hospital_that_may_refer_has_a_desk_and_no_other() -> None:
    desks = {one.organisation for one in staff.staff() if one.username.startswith("desk.")}
    referring = {one["code"] for one in institutions.institutions() if one["can_refer"]}
    assert desks == referring
    names = {one["name"] for one in institutions.institutions() if one["can_refer"]}
    assert names >= {"滨海县人民医院", "滨海县中医院", "滨海县第三人民医院"}


def test_lueyangs_pool_has_25_experts() -> None:
    pools = Counter(one.organisation for one in staff.staff() if one.role is Role.EXPERT)
    assert pools["lueyang-experts"] == 25
    assert sum(pools.values()) > 25


@pytest.mark.parametrize("pool", experts.POOLS, ids=lambda pool: pool.slug)
def test_every_pool_has_experts_for_every_disease(pool: experts.DemoPool) -> None:
    own = [one for one in experts.experts() if one.pool is pool]
    known = {specialty for one in own for specialty in one.specialties}
    assert known == SPECIALTIES | {GENERAL}
    assert {len(one.specialties) for one in own} <= {2, 3, 4}
    assert {one.hospital for one in own} == set(pool.hospitals)
    hospitals = {one["name"] for one in institutions.institutions()}
    assert set(pool.hospitals) <= hospitals, "conflicts are found by the hospital's name"
    assert {one.daily_limit is None for one in own} == {True, False}


@pytest.mark.parametrize("pool", experts.POOLS, ids=lambda pool: pool.slug)
@pytest.mark.parametrize("specialty", ["心血管内科", "内分泌科", "呼吸内科"])
def test_whatever_hospital_treated_three_rounds_of_the_common_specialties_have_an_expert(
    pool: experts.DemoPool, specialty: str
) -> None:
    able = [
        one for one in experts.experts() if one.pool is pool and {specialty, GENERAL} & {*one.specialties}
    ]
    for hospital in pool.hospitals:
        assert sum(one.hospital != hospital for one in able) >= 3


def test_who_joined_a_pool_later_comes_last_and_moves_nobody() -> None:
    usernames = [one.username for one in staff.staff()]
    assert usernames.index("ankang.expert06") < usernames.index("binhai.expert04")
    assert usernames.index("binhai.expert04") < usernames.index("ankang.expert07")


def test_agents_work_at_service_points_of_real_villages() -> None:
    points = {(one["region_code"], one["name"]): one for one in institutions.service_points()}
    organisations = {one.key: one for one in staff.organisations()}
    tiers: Counter[str] = Counter()
    for agent in staff.agents():
        organisation = organisations[agent.organisation]
        assert organisation.point in points
        assert PEOPLE[agent.person].openid
        region = places.find(organisation.region_code)
        assert region is not None
        assert region.level in {Level.TOWN, Level.VILLAGE}
        tiers[region.code[:4] + region.level] += 1
    assert tiers["6109village"] >= 5


def test_one_member_of_staff_is_a_patient_and_anothers_parents_are() -> None:
    persons = {one.person: one for one in staff.staff()}
    patients = persons.keys() & set(CITIZEN_KEYS)
    assert patients
    assert all(PEOPLE[key].sign_in is SignIn.REAL_NAME for key in patients)
    relatives = {kin.relative for kin in KIN if kin.person in persons and kin.person not in CITIZEN_KEYS}
    assert relatives & set(CITIZEN_KEYS)


def test_institutions_are_of_every_type_and_level_and_lie_in_real_regions() -> None:
    rows = list(institutions.institutions())
    assert {row["level"] for row in rows} == {1, 2, 3, None}
    assert {row["kind"] for row in rows} == set(places.InstitutionType)
    assert {row["region_code"][:4] for row in rows} >= {
        "6109", "6107", "6104", "1401", "2305", "3209", "6101", "1101", "3101", "3201", "5101",
    }  # fmt: skip
    for row in rows:
        assert places.exists(row["region_code"])
        assert row["code"][1:7] == row["region_code"][:6]
        assert 18 < row["latitude_e6"] / 1e6 < 54
        assert 73 < row["longitude_e6"] / 1e6 < 135


# Numbers


@pytest.mark.parametrize(
    ("region", "year", "division"),
    [
        pytest.param("610902", 2005, "610902", id="today's district"),
        pytest.param("610902", 1995, "612401", id="its former city"),
        pytest.param("610902", 1960, "612421", id="and the county before"),
        pytest.param("610981", 2015, "610928", id="a county that became a city"),
        pytest.param("6109", 2010, "610902", id="a city gives its first district"),
        pytest.param("610902107", 2010, "610902", id="a town its district"),
        pytest.param("230502", 1950, "230500", id="a younger district its city"),
        pytest.param("500101", 1960, "510200", id="a municipality where it lay before"),
        pytest.param("11", 1990, "110101", id="Beijing"),
    ],
)
def test_a_number_begins_with_the_division_of_the_year_of_birth(
    region: str, year: int, division: str
) -> None:
    assert division_in(region, year) == division


@pytest.mark.parametrize("order", [0, 1, 8, 499, 998, 999, 1000])
@pytest.mark.parametrize("sex", [Sex.MALE, Sex.FEMALE])
def test_the_order_digits_tell_the_sex(sex: Sex, order: int) -> None:
    number = id_number("320922", date(1990, 2, 28), sex, order)
    assert ric.is_valid(number)
    assert parse_id_number(number).sex is sex


def test_a_number_of_a_region_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LookupError):
        id_number("999999", date(1990, 1, 1), Sex.MALE, 1)


def test_a_birth_certificate_has_a_letter_and_nine_digits() -> None:
    assert parse_birth_certificate_number(birth_certificate_number(999_999))
