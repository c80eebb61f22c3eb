"""Whom the stories choose from the demo's list, and how newcomers are made up."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from mock_client.days import age_on, months_after
from mock_client.people import Insured, People, Reviewer, Terminal, Wanted, id_number

COVERAGE = {
    "region_code": "610902",
    "status": "active",
    "insutype": "390",
    "retired": False,
    "student": False,
    "low_income": False,
    "balance_fen": 20_000,
}


def person(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "citizen",
        "roles": ["citizen"],
        "person_id": "p1",
        "name": "样本甲",
        "id_no": "61240119700101001X",
        "phone": "19900000000",
        "openid": "demo-p1",
        "real_name": True,
        "region_code": "610902",
        "age": 40,
        "coverages": [COVERAGE],
        "relatives": [],
        **changes,
    }


def handler(person_id: str, relatives: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "kind": "staff",
        "person_id": person_id,
        "name": "样本乙",
        "username": f"desk.{person_id}",
        "password": "secret",
        "roles": ["handler"],
        "organisation": {"name": "汉滨中心", "kind": "agency", "region_code": "6109"},
        "relatives": [{"person_id": one, "guardian": False} for one in relatives],
    }


@pytest.mark.parametrize(
    ("wanted", "changes", "fits"),
    [
        (Wanted("6109"), {}, True),
        (Wanted("610902", "390"), {}, True),
        (Wanted("6104"), {}, False),
        (Wanted("6109", "310"), {}, False),
        (Wanted("6109", student=True), {}, False),
        (Wanted("6109", student=False, retired=False), {}, True),
        (Wanted("6109", least_age=41), {}, False),
        (Wanted("6109"), {"age": 17}, False),
        (Wanted("6109"), {"coverages": []}, False),
        (Wanted("6109"), {"coverages": [COVERAGE, COVERAGE]}, False),
        (Wanted("6109"), {"coverages": [{**COVERAGE, "status": "ended"}]}, False),
        (Wanted("6109", status="ended"), {"coverages": [{**COVERAGE, "status": "ended"}]}, True),
        (Wanted("6109", low_income=False, balance_fen=(20_000, 20_000)), {}, True),
        (Wanted("6109", low_income=True), {}, False),
        (Wanted("6109", balance_fen=(1, 19_999)), {}, False),
        (Wanted("6109", balance_fen=(20_001, 90_000)), {}, False),
        (Wanted("6109"), {"real_name": False}, False),
        (Wanted("6109"), {"roles": ["citizen", "agent"]}, False),
        (Wanted("6109"), {"kind": "none"}, False),
        (Wanted("6109"), {"openid": "demo-added-0001"}, False),
    ],
)
def test_a_story_gets_exactly_whom_it_asks_for(wanted: Wanted, changes: dict[str, Any], fits: bool) -> None:
    assert bool(People([person(**changes)]).fitting(wanted)) is fits


def test_staff_with_a_phone_of_their_own_are_no_ordinary_citizens() -> None:
    people = People([person(), handler("p1")])
    assert people.fitting(Wanted("6109")) == []
    [(patient, reviewer)] = people.patients_on_staff()
    assert (patient.person_id, reviewer.username) == ("p1", "desk.p1")


def test_nobody_decides_the_case_of_a_relative() -> None:
    reviewer = Reviewer.of(handler("p9", relatives=("p1",)))
    assert reviewer.is_close_to("p9")
    assert reviewer.is_close_to("p1")
    assert not reviewer.is_close_to("p2")


def test_a_guardian_with_a_phone_is_found_by_the_child() -> None:
    child = person(person_id="c1", kind="none", age=8, relatives=[{"person_id": "p1", "guardian": True}])
    orphan = person(person_id="c2", kind="none", age=8, relatives=[{"person_id": "gone", "guardian": True}])
    [(guardian, whose)] = People([person(), child, orphan]).families()
    assert (guardian.person_id, whose) == ("p1", "c1")


def test_of_an_expert_it_is_known_what_the_draw_goes_by() -> None:
    known = {"specialties": ["内分泌科", "全科"], "hospital": "样本县中医院", "daily_limit": None}
    expert = Reviewer.of({**handler("p9"), "roles": ["expert"], **known})
    assert (expert.specialties, expert.hospital) == ({"内分泌科", "全科"}, "样本县中医院")
    other = Reviewer.of(handler("p8"))
    assert (other.specialties, other.hospital) == (frozenset(), "")


def test_an_institutions_system_is_found_by_its_name_and_shows_no_secret() -> None:
    entry = {"kind": "terminal", "client_id": "t1", "client_secret": "hush", "name": "样本县人民医院"}
    [found] = People([person(), {**entry, "roles": ["terminal"], "institution_code": "H1"}]).terminals
    assert found == Terminal("t1", "hush", "样本县人民医院", "H1")
    assert "hush" not in repr(found)


def test_whoever_has_only_a_birth_certificate_is_a_newborn() -> None:
    newborn = person(person_id="b1", kind="none", age=0, id_type="99", id_no="S610000001")
    [found] = People([person(id_type="01"), newborn, handler("p9")]).newborns()
    assert (found.person_id, found.id_no) == ("b1", "S610000001")


def test_somebody_made_for_a_story_is_as_wanted() -> None:
    wanted = Wanted("2305", "310", low_income=False, balance_fen=(4_000, 9_000))
    assert wanted.to_add()[-2:] == ["--balance-fen", "4000"]
    assert "--low-income" in Wanted("320922", "390", low_income=True).to_add()


def test_nothing_of_a_person_shows_in_a_traceback() -> None:
    shown = repr(Insured.of(person())) + repr(Reviewer.of(handler("p9")))
    for secret in ("样本", "612401", "199000", "demo-p1", "secret"):
        assert secret not in shown


@given(
    st.dates(date(1949, 10, 1), date(2020, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(["110105", "610902", "330102"]),
)
def test_a_made_up_id_number_has_its_check_digit(born: date, order: int, division: str) -> None:
    number = id_number(division, born, order)
    assert ric.calc_check_digit(number) == number[-1]
    assert number[6:14] == born.strftime("%Y%m%d")


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-11-22", 6, "2027-05-22"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-06-30", 6, "2026-12-30"),
        ("2026-12-31", 1, "2027-01-31"),
    ],
)
def test_months_later_is_the_same_day_or_the_month_s_last(day: str, months: int, later: str) -> None:
    assert months_after(date.fromisoformat(day), months).isoformat() == later


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [("2010-03-01", "2026-02-28", 15), ("2010-03-01", "2026-03-01", 16), ("2026-01-01", "2026-01-02", 0)],
)
def test_age_is_in_full_years(born: str, day: str, age: int) -> None:
    assert age_on(born, date.fromisoformat(day)) == age
