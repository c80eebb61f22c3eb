"""One more person for whoever checks something: insured as asked, signed in at once, or refused in clear words."""

from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from stdnum.cn import ric

from app.demo import add, roster
from app.demo.errors import DemoError, ImpossiblePerson
from app.gateways.parts import Parts
from app.identity.models import Person
from app.kit import clock


@pytest.mark.parametrize(
    ("asked", "age", "insured_as"),
    [
        pytest.param({"region_code": "610902", "insutype": "390"}, 40, "城乡居民", id="a resident"),
        pytest.param({"region_code": "1401", "insutype": "310"}, 40, "在职职工", id="an employee of a city"),
        pytest.param(
            {"region_code": "2305", "insutype": "310", "retired": True}, 65, "退休职工", id="retired"
        ),
        pytest.param(
            {"region_code": "140106", "insutype": "390", "student": True},
            20,
            "在校学生（城乡居民医保）",
            id="a student",
        ),
        pytest.param(
            {"region_code": "320922", "insutype": "390", "low_income": True, "age": 70},
            70,
            "城乡居民（低收入）",
            id="low income",
        ),
        pytest.param({"region_code": "610727", "insutype": "390", "age": 0}, 0, "城乡居民", id="a baby"),
        pytest.param(
            {"region_code": "6104", "insutype": "310", "age": 16}, 16, "在职职工", id="the youngest"
        ),
        pytest.param({"region_code": "11", "insutype": "390", "age": 120}, 120, "城乡居民", id="the oldest"),
    ],
)
def test_somebody_is_made_as_asked(
    parts: Parts, client: FlaskClient, asked: dict[str, object], age: int, insured_as: str
) -> None:
    entry = add.add_person(parts.database, **asked)
    assert entry["age"] == age
    assert entry["insured_as"] == insured_as
    assert ric.is_valid(str(entry["id_no"]))
    (coverage,) = entry["coverages"]
    assert coverage["region_code"] == asked["region_code"]
    assert coverage["status"] == "active"
    assert coverage["begin_date"] <= clock.today().isoformat()
    answer = client.post("/api/v1/auth/wechat", json={"js_code": entry["js_code"]})
    assert answer.status_code == 200
    assert answer.json["account"]["real_name"] is True


def test_the_balance_is_the_personal_accounts(parts: Parts) -> None:
    entry = add.add_person(parts.database, region_code="6109", insutype="310", balance_fen=123_456)
    assert entry["coverages"][0]["balance_fen"] == 123_456


def test_who_was_added_is_in_the_roster_with_a_code_of_its_own(parts: Parts) -> None:
    added = add.add_person(parts.database, region_code="6109", insutype="310")
    (listed,) = roster.people(parts.database)
    assert listed["person_id"] == added["person_id"]
    assert listed["openid"] == added["openid"]
    assert listed["js_code"] != added["js_code"]


def test_people_added_one_after_the_other_are_different_people(parts: Parts) -> None:
    added = [add.add_person(parts.database, region_code="610902", insutype="390", age=30) for _ in range(5)]
    for field in ("person_id", "id_no", "openid", "psn_no"):
        assert len({entry[field] for entry in added}) == 5


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2027, 3, 1), date(2026, 12, 31)])
def test_the_age_is_right_on_any_day(parts: Parts, day: date) -> None:
    with clock.travel(datetime(day.year, day.month, day.day, 4, tzinfo=UTC)):
        for age in (0, 1, 18, 28):
            assert add.add_person(parts.database, region_code="610902", insutype="390", age=age)["age"] == age


REFUSED = (
    ({"region_code": "999999", "insutype": "390"}, "没有这个地区", "no region 999999"),
    ({"region_code": "61", "insutype": "390"}, "陕西省不能参保", "a city or a district"),
    ({"region_code": "1101", "insutype": "390"}, "不能参保", "a city or a district"),
    ({"region_code": "4690", "insutype": "390"}, "不能参保", "a city or a district"),
    ({"region_code": "610902107", "insutype": "390"}, "恒口镇不能参保", "a city or a district"),
    ({"region_code": "610902", "insutype": "320"}, "险种", "310 (employee)"),
    ({"region_code": "610902", "insutype": "390", "age": 200}, "年龄", "between 0 and 120"),
    ({"region_code": "610902", "insutype": "390", "age": -1}, "年龄", "between 0 and 120"),
    ({"region_code": "610902", "insutype": "390", "retired": True}, "退休", "do not retire"),
    ({"region_code": "610902", "insutype": "310", "student": True}, "学生", "insured as residents"),
    ({"region_code": "610902", "insutype": "390", "student": True, "age": 60}, "学生", "6 to 40"),
    ({"region_code": "610902", "insutype": "310", "age": 15}, "职工至少", "at least 16"),
    ({"region_code": "610902", "insutype": "310", "retired": True, "age": 30}, "退休人员", "at least 45"),
    ({"region_code": "610902", "insutype": "390", "balance_fen": 1}, "个人账户", "no personal account"),
    ({"region_code": "610902", "insutype": "310", "balance_fen": -1}, "余额", "between 0"),
)


@pytest.mark.parametrize(("asked", "chinese", "english"), REFUSED)
def test_who_cannot_be_is_refused_in_both_languages_and_nothing_is_written(
    parts: Parts, asked: dict[str, object], chinese: str, english: str
) -> None:
    with pytest.raises(DemoError) as refused:
        add.add_person(parts.database, **asked)
    assert chinese in str(refused.value)
    assert english in str(refused.value)
    with parts.database.reading() as session:
        assert session.execute(select(func.count()).select_from(Person)).scalar_one() == 0


def test_everything_that_is_wrong_is_named_at_once(parts: Parts) -> None:
    with pytest.raises(ImpossiblePerson) as refused:
        add.add_person(
            parts.database, region_code="999999", insutype="390", age=200, retired=True, balance_fen=5
        )
    assert len(refused.value.problems) == 4


def test_nothing_loaded_and_nobody_added_gives_an_empty_roster(parts: Parts) -> None:
    assert roster.people(parts.database) == []
