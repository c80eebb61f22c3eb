"""A request's way: a policy for every route, one transaction, one answer, and nothing told that should not be."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit.api.application import SECURITY_HEADERS
from app.kit.permissions import PUBLIC, Route, allow
from tests.kit.small_app import ROUTES, Behaviour, Small, make, nothing, signed_in


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def small(parts: Parts) -> Small:
    made = make(parts.database)
    made.app.check_routes()
    return made


@pytest.fixture
def phone(small: Small) -> FlaskClient:
    return small.app.test_client()


@pytest.fixture(autouse=True)
def _good_behaviour() -> Iterator[None]:
    yield
    Behaviour.act = staticmethod(nothing)


def notes(phone: FlaskClient) -> int:
    return int(phone.get("/notes").get_json()["count"])


class TestPolicies:
    def test_a_route_without_a_policy_keeps_the_application_from_starting(self, parts: Parts) -> None:
        forgotten = tuple(route for route in ROUTES if route.endpoint != "notes.secret")

        with pytest.raises(RuntimeError, match=r"without a policy: \['notes.secret'\]"):
            make(parts.database, routes=forgotten).app.check_routes()

    def test_a_policy_without_a_route_does_too(self, parts: Parts) -> None:
        with pytest.raises(RuntimeError, match=r"without a route: \['notes.gone'\]"):
            make(parts.database, routes=(*ROUTES, Route("notes.gone", PUBLIC))).app.check_routes()

    def test_a_route_with_two_policies_is_a_mistake(self, parts: Parts) -> None:
        with pytest.raises(ValueError, match="twice"):
            make(parts.database, routes=(*ROUTES, ROUTES[0]))

    def test_a_policy_names_a_role(self) -> None:
        with pytest.raises(ValueError, match="at least one role"):
            allow()

    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            ({}, 401, "not_signed_in"),
            ({"Authorization": "Basic abc"}, 401, "not_signed_in"),
            ({"Authorization": "Bearer "}, 401, "not_signed_in"),
            ({"Authorization": "Bearer forged"}, 401, "not_signed_in"),
            (signed_in("guest"), 403, "role_not_allowed"),
            (signed_in(), 403, "role_not_allowed"),
            (signed_in("guest", "owner"), 200, None),
            (signed_in("keeper"), 200, None),
        ],
    )
    def test_who_may_is_decided_before_the_view(
        self, phone: FlaskClient, headers: dict[str, str], status: int, code: str | None
    ) -> None:
        answer = phone.get("/secret", headers=headers)

        assert (answer.status_code, answer.get_json().get("code")) == (status, code)

    def test_who_is_refused_is_not_told_what_was_wrong_with_the_body(self, phone: FlaskClient) -> None:
        answer = phone.post("/notes", json={"nonsense": 1})

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


class TestTheTransaction:
    def test_what_a_view_wrote_is_committed_and_the_worker_is_told(
        self, small: Small, phone: FlaskClient
    ) -> None:
        answer = phone.post("/notes", json={"topic": "one"}, headers=signed_in("writer"))

        assert (answer.status_code, answer.get_json()) == (201, {"count": 1})
        assert notes(phone) == 1
        assert small.kicks == ["kick"]

    @pytest.mark.parametrize("path", ["/refuse", "/misbehave"])
    def test_a_view_that_raises_leaves_nothing_and_tells_nobody(
        self, small: Small, phone: FlaskClient, path: str
    ) -> None:
        def stumble(session: Session) -> None:
            raise LookupError("王小明 610902198503121234")

        Behaviour.act = staticmethod(stumble)

        answer = phone.post(path, headers=signed_in("writer"))

        assert answer.status_code in {422, 500}
        assert notes(phone) == 0
        assert small.kicks == []

    def test_what_must_stay_stays_although_the_call_is_refused(self, phone: FlaskClient) -> None:
        assert phone.post("/attempt", headers=signed_in("writer")).status_code == 404
        assert notes(phone) == 1

    def test_a_get_that_is_not_declared_as_writing_writes_nothing(self, phone: FlaskClient) -> None:
        phone.get("/peek")
        assert notes(phone) == 0

    def test_a_commit_that_the_database_refuses_is_answered_as_an_error(
        self, phone: FlaskClient, parts: Parts
    ) -> None:
        """Deferred foreign keys are checked at the commit, after the view has answered."""
        row = text(
            "INSERT INTO refresh_token (token_hash, session_id, created_at) "
            "VALUES ('x', :nobody, '2026-01-01 00:00:00')"
        )
        nobody = "00000000-0000-0000-0000-000000000001"

        def refer_to_nothing(session: Session) -> None:
            session.execute(
                row, {"nobody": nobody if not parts.database.is_sqlite else nobody.replace("-", "")}
            )

        Behaviour.act = staticmethod(refer_to_nothing)

        answer = phone.post("/misbehave", headers=signed_in("writer"))

        assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
        assert notes(phone) == 0

    def test_it_is_run_again_where_the_database_asks_for_it(self, phone: FlaskClient, parts: Parts) -> None:
        if parts.database.is_sqlite:
            return  # SQLite has one writer at a time: there is nothing to serialize
        tries: list[int] = []

        def refuse_twice(session: Session) -> None:
            tries.append(1)
            if len(tries) < 3:
                session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

        Behaviour.act = staticmethod(refuse_twice)

        answer = phone.post("/misbehave", headers=signed_in("writer"))

        assert (answer.status_code, len(tries), notes(phone)) == (200, 3, 1)

    def test_after_three_tries_it_is_an_error(self, phone: FlaskClient, parts: Parts) -> None:
        if parts.database.is_sqlite:
            return  # as above
        tries: list[int] = []

        def refuse(session: Session) -> None:
            tries.append(1)
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$"))

        Behaviour.act = staticmethod(refuse)

        assert phone.post("/misbehave", headers=signed_in("writer")).status_code == 500
        assert (len(tries), notes(phone)) == (3, 0)


class TestAnswers:
    def test_every_answer_carries_the_security_headers_and_a_request_id(self, phone: FlaskClient) -> None:
        for answer in (phone.get("/notes"), phone.get("/nowhere"), phone.get("/secret"), phone.put("/notes")):
            for name in SECURITY_HEADERS:
                assert answer.headers[name]
            assert answer.headers["X-Request-ID"]
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Accept-Language" in answer.headers["Vary"]

    def test_an_error_s_request_id_is_the_one_in_the_header(self, phone: FlaskClient) -> None:
        answer = phone.get("/nowhere")
        assert answer.get_json()["request_id"] == answer.headers["X-Request-ID"]

    @pytest.mark.parametrize(
        ("call", "status", "code"),
        [
            ({"path": "/nowhere"}, 404, "not_found"),
            ({"path": "/notes", "method": "DELETE"}, 405, "method_not_allowed"),
            ({"path": "/notes", "method": "POST", "data": b"{"}, 400, "malformed_request"),
            ({"path": "/notes", "method": "POST", "data": b"\xff\xfe"}, 400, "malformed_request"),
            ({"path": "/notes", "method": "POST", "data": b"[]"}, 422, "invalid_input"),
            ({"path": "/notes", "method": "POST", "data": b"{}"}, 422, "invalid_input"),
            ({"path": "/notes", "method": "POST", "data": b"x" * 3000}, 413, "body_too_large"),
            (
                {"path": "/notes", "method": "POST", "data": b"topic=a", "content_type": "text/plain"},
                415,
                "wrong_content_type",
            ),
        ],
    )
    def test_each_mistake_of_the_protocol_is_a_problem_document(
        self, phone: FlaskClient, call: dict[str, Any], status: int, code: str
    ) -> None:
        answer = phone.open(**{"content_type": "application/json", **call}, headers=signed_in("writer"))

        assert answer.content_type == "application/problem+json"
        problem = answer.get_json()
        assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert problem["type"] == f"/docs/errors#{code}"
        assert problem["title"]

    def test_all_wrong_entries_are_named_at_once_in_the_reader_s_language(self, phone: FlaskClient) -> None:
        body = {"topic": "x", "times": "3", "more": 1}
        headers = signed_in("writer")

        chinese = phone.post("/notes", json=body, headers=headers)
        english = phone.post("/notes", json=body, headers={**headers, "Accept-Language": "en"})

        assert chinese.get_json()["errors"] == {
            "topic": ["应为 2 到 20 个字。"],
            "times": ["这一项应为整数。"],
            "more": ["没有这一项，请去掉。"],
        }
        assert "3 处" in chinese.get_json()["detail"]
        assert english.get_json()["errors"]["topic"] == ["Between 2 and 20 characters."]
        assert english.headers["Content-Language"] == "en"

    def test_a_405_says_what_is_allowed(self, phone: FlaskClient) -> None:
        allowed = phone.delete("/notes").headers["Allow"]
        assert {"GET", "POST"} <= {method.strip() for method in allowed.split(",")}


class TestWhatIsLogged:
    def test_a_request_is_logged_by_its_rule_and_never_by_its_address(
        self, phone: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)

        phone.get("/notes?name=王小明")
        phone.get("/nowhere/王小明")

        events = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
        assert [event["rule"] for event in events if event["event"] == "request"] == ["/notes", None]
        assert "王小明" not in caplog.text

    def test_a_database_error_is_logged_without_its_parameters(
        self, phone: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        def misspell(session: Session) -> None:
            session.execute(text("SELECT * FROM nothing_here WHERE name = :name"), {"name": "王小明"})

        Behaviour.act = staticmethod(misspell)

        answer = phone.post("/misbehave", headers=signed_in("writer"))

        assert answer.status_code == 500
        assert "nothing_here" not in answer.text
        assert "database_error" in caplog.text
        assert "王小明" not in caplog.text
        assert "nothing_here" not in caplog.text

    def test_an_unexpected_error_is_answered_without_a_detail(
        self, phone: FlaskClient, caplog: pytest.LogCaptureFixture
    ) -> None:
        def stumble(session: Session) -> None:
            raise LookupError("the shelf")

        Behaviour.act = staticmethod(stumble)

        answer = phone.post("/misbehave", headers=signed_in("writer"))

        assert json.loads(answer.text)["code"] == "internal_error"
        assert "shelf" not in answer.text
        assert "LookupError" in caplog.text
