"""GET /institutions and /service-points: found by region, type, level and name, page by page."""

import uuid

import pytest
from flask.testing import FlaskClient

URL = "/api/v1/institutions"
POINTS = "/api/v1/service-points"


def codes(client: FlaskClient, **query: object) -> list[str]:
    answer = client.get(URL, query_string=query)
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json["items"]]


@pytest.mark.usefixtures("institutions")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({"region_code": "610981"}, ["H61098100001"], id="a district"),
        pytest.param({"region_code": "61", "type": "clinic"}, ["H61090200004"], id="a type"),
        pytest.param({"region_code": "61", "level": 3}, ["H61090200001"], id="a level"),
        pytest.param({"region_code": "610902107"}, ["H61090200003", "H61090200004"], id="a town"),
        pytest.param({"region_code": "6109", "q": "中心 医院"}, ["H61090200001"], id="all words occur"),
        pytest.param({"region_code": "6109", "q": "协和"}, [], id="a name of elsewhere"),
        pytest.param({"q": "协和"}, ["H11010100001"], id="a name anywhere"),
        pytest.param({"q": "h32092200001"}, ["H32092200001"], id="a national code"),
        pytest.param({"q": "100%_店"}, ["P61090200001"], id="percent signs are themselves"),
        pytest.param({"q": "%"}, ["P61090200001"], id="and match nothing else"),
        pytest.param({"region_code": "6107", "can_refer": "true"}, ["H61072700001"], id="may refer"),
        pytest.param(
            {"region_code": "610902107", "can_refer": "false", "type": "hospital"}, ["H61090200003"]
        ),
        pytest.param({"region_code": "3101"}, [], id="nothing there"),
        pytest.param({"region_code": "610981", "q": ""}, ["H61098100001"], id="an empty search asks nothing"),
    ],
)
def test_institutions_are_found_by_what_is_asked(
    client: FlaskClient, query: dict[str, object], expected: list[str]
) -> None:
    assert codes(client, **query) == expected


@pytest.mark.usefixtures("institutions")
def test_a_city_holds_the_institutions_of_its_districts_towns_and_villages(client: FlaskClient) -> None:
    found = codes(client, region_code="6109")
    assert len(found) == 6
    assert set(found) == {code for code in found if code[1:5] == "6109"}


@pytest.mark.usefixtures("institutions")
def test_pages_follow_each_other_without_a_gap_or_a_repetition(client: FlaskClient) -> None:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = client.get(URL, query_string=query)
        found += [item["code"] for item in answer.json["items"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
    assert len(found) == 9
    assert len(set(found)) == 9
    assert found == codes(client, limit=50)


@pytest.mark.usefixtures("institutions")
def test_a_page_that_just_fits_has_no_next_one(client: FlaskClient) -> None:
    answer = client.get(URL, query_string={"region_code": "6109", "limit": 6})
    assert len(answer.json["items"]) == 6
    assert answer.json["next_cursor"] is None


def test_an_institution_says_where_and_what_it_is(client: FlaskClient, institutions: dict[str, str]) -> None:
    answer = client.get(f"{URL}/{institutions['H61090200001']}")
    assert answer.status_code == 200
    assert answer.json == {
        "id": institutions["H61090200001"],
        "code": "H61090200001",
        "name": "安康市中心医院",
        "type": "hospital",
        "level": 3,
        "grade": "A",
        "region_code": "610902",
        "region_name": "陕西省安康市汉滨区",
        "address": "安康市中心医院门口",
        "latitude": 32.6847,
        "longitude": 109.029,
        "can_refer": True,
        "phone": None,
        "active": True,
    }


def test_an_institution_that_does_not_exist_is_404(client: FlaskClient) -> None:
    answer = client.get(f"{URL}/{uuid.uuid4()}")
    assert answer.status_code == 404
    assert answer.json["code"] == "institution_not_found"


def test_a_closed_one_leaves_the_lists_but_can_still_be_looked_at(
    client: FlaskClient, closed_hospital: str
) -> None:
    assert "H61090200002" not in codes(client, region_code="6109")
    answer = client.get(f"{URL}/{closed_hospital}")
    assert answer.status_code == 200
    assert answer.json["active"] is False


@pytest.mark.parametrize("url", [URL, POINTS])
def test_an_unknown_region_is_refused_by_name(client: FlaskClient, url: str) -> None:
    answer = client.get(url, query_string={"region_code": "999999"})
    assert answer.status_code == 422
    assert answer.json["code"] == "region_unknown"
    assert list(answer.json["errors"]) == ["region_code"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("type=temple", "type"),
        ("level=4", "level"),
        ("level=one", "level"),
        ("can_refer=perhaps", "can_refer"),
        ("limit=0", "limit"),
        ("limit=51", "limit"),
        ("cursor=xxx", "cursor"),
        ("cursor=%E4%BD%A0", "cursor"),
        ("cursor=" + "A" * 22, "cursor"),
        ("cursor=" + "A" * 24, "cursor"),
        ("q=" + "x" * 51, "q"),
        ("name=x", "name"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"
    assert list(answer.json["errors"]) == [field]


@pytest.mark.usefixtures("institutions")
def test_lists_may_be_kept_for_five_minutes(client: FlaskClient) -> None:
    first = client.get(URL, query_string={"region_code": "6109"})
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(
        URL, query_string={"region_code": "6109"}, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


@pytest.mark.usefixtures("service_points")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"region_code": "610902"}, ["恒口镇医保服务站", "老街社区医保服务室"]),
        ({"region_code": "6109", "tier": "village"}, ["老街社区医保服务室", "蜀河社区医保服务室"]),
        ({"tier": "hospital"}, ["旬阳市医院医保服务站"]),
        ({"region_code": "6107"}, []),
    ],
)
def test_service_points_are_found_by_region_and_tier(
    client: FlaskClient, query: dict[str, str], names: list[str]
) -> None:
    answer = client.get(POINTS, query_string=query)
    assert answer.status_code == 200
    assert [item["name"] for item in answer.json["items"]] == names


@pytest.mark.usefixtures("service_points")
def test_a_service_point_says_which_services_it_may_do(client: FlaskClient) -> None:
    (item,) = client.get(POINTS, query_string={"region_code": "610902107001"}).json["items"]
    assert item["services"] == ["remote_care", "two_disease"]
    assert item["region_name"] == "陕西省安康市汉滨区恒口镇老街社区居委会"


@pytest.mark.usefixtures("service_points")
def test_service_points_come_in_pages_too(client: FlaskClient) -> None:
    first = client.get(POINTS, query_string={"limit": 3}).json
    rest = client.get(POINTS, query_string={"limit": 3, "cursor": first["next_cursor"]}).json
    assert len(first["items"]) == 3
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None
