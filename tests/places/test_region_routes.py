"""GET /regions: the tree as the phone's picker walks it, without signing in, and cached."""

import pytest
from flask.testing import FlaskClient

URL = "/api/v1/regions"


def test_without_a_parent_one_gets_the_provinces(client: FlaskClient) -> None:
    answer = client.get(URL)
    assert answer.status_code == 200
    items = answer.json["items"]
    assert len(items) == 31
    assert items[0] == {
        "code": "11",
        "name": "北京市",
        "full_name": "北京市",
        "level": "province",
        "parent_code": None,
        "has_children": True,
        "city_code": "11",
    }


@pytest.mark.parametrize(
    ("parent", "count", "first"),
    [("61", 10, "西安市"), ("6109", 10, "汉滨区"), ("610902", 28, "老城街道"), ("610902001", 9, None)],
)
def test_one_walks_down_from_level_to_level(
    client: FlaskClient, parent: str, count: int, first: str | None
) -> None:
    items = client.get(URL, query_string={"parent_code": parent}).json["items"]
    assert len(items) == count
    assert all(item["parent_code"] == parent for item in items)
    assert first is None or items[0]["name"] == first


def test_what_has_nothing_below_it_gives_an_empty_list(client: FlaskClient) -> None:
    assert client.get(f"{URL}?parent_code=610104").json == {"items": []}


def test_an_empty_parent_is_no_parent(client: FlaskClient) -> None:
    assert len(client.get(f"{URL}?parent_code=").json["items"]) == 31


@pytest.mark.parametrize("code", ["999999", "6109a", "x" * 12, "61 09", "--"])
def test_an_unknown_parent_is_refused_by_name(client: FlaskClient, code: str) -> None:
    answer = client.get(URL, query_string={"parent_code": code})
    assert answer.status_code == 422
    assert answer.json["code"] == "region_unknown"
    assert list(answer.json["errors"]) == ["parent_code"]
    assert "重新选择" in answer.json["detail"]


def test_the_refusal_speaks_english_to_who_asks_for_it(client: FlaskClient) -> None:
    answer = client.get(f"{URL}?parent_code=999999", headers={"Accept-Language": "en"})
    assert answer.json["detail"].startswith("There is no such region")


@pytest.mark.parametrize("query", ["parent_code=" + "6" * 13, "parent=61", "parent_code=61%00"])
def test_an_entry_that_cannot_be_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"


def test_one_region_says_its_full_name_and_its_city(client: FlaskClient) -> None:
    answer = client.get(f"{URL}/610902")
    assert answer.status_code == 200
    assert answer.json["full_name"] == "陕西省安康市汉滨区"
    assert answer.json["city_code"] == "6109"


def test_a_whole_province_has_no_city_to_file_to(client: FlaskClient) -> None:
    assert client.get(f"{URL}/61").json["city_code"] is None


@pytest.mark.parametrize("code", ["999999", "汉滨区", "61090200000000000000000"])
def test_a_region_that_does_not_exist_is_404(client: FlaskClient, code: str) -> None:
    answer = client.get(f"{URL}/{code}")
    assert answer.status_code == 404
    assert answer.json["code"] == "region_not_found"


@pytest.mark.parametrize("path", [URL, f"{URL}?parent_code=61", f"{URL}/6109"])
def test_an_answer_may_be_kept_for_a_day_and_is_not_sent_twice(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=86400"
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]


def test_other_answers_have_other_etags(client: FlaskClient) -> None:
    etags = {client.get(f"{URL}?parent_code={code}").headers["ETag"] for code in ("61", "6109", "11")}
    assert len(etags) == 3


def test_a_refusal_is_never_cached(client: FlaskClient) -> None:
    answer = client.get(f"{URL}?parent_code=999999")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
