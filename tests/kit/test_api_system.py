"""What the service says about itself: alive, ready, its metrics, and pages that load nothing from anybody else."""

import re

import pytest
from flask.testing import FlaskClient

from app.gateways.parts import Parts
from app.kit.errors import CATALOGUE
from tests.kit.small_app import make, signed_in


@pytest.fixture
def phone(parts: Parts) -> FlaskClient:
    return make(parts.database).app.test_client()


def test_it_lives(phone: FlaskClient) -> None:
    assert phone.get("/healthz").get_json() == {"status": "ok"}


def test_it_is_ready_when_every_part_answers(phone: FlaskClient) -> None:
    answer = phone.get("/readyz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "parts": {"database": "ok"}})


def test_it_is_not_ready_when_a_part_does_not_and_says_which_but_not_why(parts: Parts) -> None:
    def broken() -> None:
        raise ConnectionRefusedError("no route to db7.internal")

    phone = make(
        parts.database, readiness={"database": parts.database.check, "papers": broken}
    ).app.test_client()

    answer = phone.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["parts"] == {"database": "ok", "papers": "ConnectionRefusedError"}
    assert "db7" not in answer.text
    assert phone.get("/healthz").status_code == 200


def test_metrics_count_by_rule_and_never_by_address(phone: FlaskClient) -> None:
    phone.get("/notes?name=wang")
    phone.get("/nowhere/wang")
    phone.post("/notes", json={"topic": "xy"}, headers=signed_in("writer"))

    text = phone.get("/metrics").get_data(as_text=True)

    assert 'zhangban_requests_total{method="GET",rule="/notes",status="200"}' in text
    assert 'rule="unmatched",status="404"' in text
    assert "zhangban_request_seconds_bucket" in text
    assert "wang" not in text


def test_metrics_are_for_this_machine_or_for_who_has_the_token(parts: Parts) -> None:
    here = make(parts.database).app.test_client()
    guarded = make(parts.database, metrics_token="long-and-secret").app.test_client()
    right = {"Authorization": "Bearer long-and-secret"}

    assert here.get("/metrics").status_code == 200
    assert here.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 404
    assert guarded.get("/metrics").status_code == 404
    assert guarded.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert guarded.get("/metrics", headers=right, environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/docs/errors", "/docs/start.js"])
def test_a_page_loads_nothing_from_anybody_else(phone: FlaskClient, path: str) -> None:
    answer = phone.get(path)

    assert answer.status_code == 200
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", answer.text) == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy


def test_every_asset_that_the_page_names_is_served_from_here(phone: FlaskClient) -> None:
    page = phone.get("/docs").text
    named = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(named) == 3
    for path in named:
        answer = phone.get(path, buffered=True)
        assert answer.status_code == 200, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../__init__.py", "..%2f__init__.py", "%2e%2e/__init__.py", "/etc/passwd", "nothing.js"]
)
def test_no_other_file_is_served(phone: FlaskClient, name: str) -> None:
    answer = phone.get(f"/docs/assets/{name}", buffered=True, follow_redirects=True)
    assert answer.status_code == 404


def test_the_page_of_errors_lists_every_code_where_problem_documents_point_to(phone: FlaskClient) -> None:
    page = phone.get("/docs/errors").text
    kind = phone.get("/nowhere").get_json()["type"].partition("#")[2]

    assert f'id="{kind}"' in page
    for code in CATALOGUE:
        assert f'id="{code}"' in page


def test_the_document_is_served(phone: FlaskClient) -> None:
    assert phone.get("/openapi.json").get_json()["openapi"].startswith("3.1")
