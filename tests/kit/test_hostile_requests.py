"""What somebody sends who means harm: it is refused, cheaply, and never with a 500."""

import io
import json
import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from app.filings.schemas import StartFilingRequest
from app.gateways.parts import Parts
from app.kit import logs
from app.kit.api import system
from app.kit.api.application import Application
from app.kit.api.problems import MAX_FIELD_ERRORS
from app.kit.api.schemas import BoundedList, RequestSchema
from app.kit.api.system import Readiness
from tests.world import World

SIGN_IN = "/api/v1/auth/wechat"
EXPENSIVE_SECONDS = 1.0


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


def test_a_body_beyond_the_limit_is_refused_in_kilobytes_before_it_is_read(client: FlaskClient) -> None:
    body = json.dumps({f"unknown_{number}": 1 for number in range(800_000)})

    began = time.process_time()
    answer = client.post(SIGN_IN, data=body, content_type="application/json")

    assert answer.status_code == 413
    assert answer.get_json()["code"] == "body_too_large"
    assert "64 KB" in answer.get_json()["detail"]
    assert time.process_time() - began < EXPENSIVE_SECONDS


def test_no_content_type_makes_a_body_larger_than_the_route_takes(world: World, client: FlaskClient) -> None:
    """The idempotency key's hash reads the body before anybody looks at its type."""
    citizen = world.citizen()
    answer = client.post(
        "/api/v1/filings",
        data=b"-" * 500_000,
        content_type="multipart/form-data; boundary=-",
        headers={**citizen.headers, "Idempotency-Key": "one-key-of-many"},
    )

    assert answer.get_json()["code"] == "body_too_large"


def test_an_upload_may_be_larger_than_json(world: World, client: FlaskClient) -> None:
    citizen = world.citizen()

    answer = client.post(
        "/api/v1/materials",
        data={"kind": "id_card", "file": (io.BytesIO(b"no photograph" * 20_000), "a.jpg")},
        headers=citizen.headers,
    )

    assert answer.status_code == 422, "looked at, and found to be no photograph"


def test_an_answer_names_so_many_fields_and_counts_all_of_them(client: FlaskClient) -> None:
    body = {f"unknown_{number}": 1 for number in range(3_000)}

    began = time.process_time()
    answer = client.post(SIGN_IN, json=body)

    assert answer.status_code == 422
    assert len(answer.get_json()["errors"]) == MAX_FIELD_ERRORS
    assert "3001" in answer.get_json()["detail"], "and js_code is missing"
    assert time.process_time() - began < EXPENSIVE_SECONDS


def test_a_list_that_is_too_long_is_refused_without_reading_its_entries() -> None:
    problems = StartFilingRequest().validate(
        {"service_code": "remote_care", "form": {}, "material_ids": ["wrong"] * 100_000}
    )

    assert list(problems) == ["material_ids"]
    assert isinstance(problems["material_ids"], list), "about the list, not about each entry"
    assert len(problems["material_ids"]) == 1


def test_every_list_that_comes_in_is_bounded() -> None:
    def below(kind: type[RequestSchema]) -> list[type[RequestSchema]]:
        return [kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))]

    lists = [
        (schema.__name__, name, field)
        for schema in below(RequestSchema)
        for name, field in schema._declared_fields.items()
        # Other tests declare forms of their own in the same process.
        if hasattr(field, "inner") and schema.__module__.startswith("app.")
    ]

    assert len(lists) >= 4
    assert [(schema, name) for schema, name, field in lists if not isinstance(field, BoundedList)] == []


@pytest.mark.parametrize(
    "body",
    [
        "[" * 60_000,
        '{"a":' * 10_000,
        "[" * 900 + "]" * 900,
        '{"js_code": ' + "[" * 30 + "]" * 30 + "}",
        '{"js_code": ' + "9" * 5_000 + "}",
        '{"js_code": "\\ud800',
        "\ufeff{}",
    ],
    ids=["brackets", "objects", "closed brackets", "deep value", "long number", "torn", "byte order mark"],
)
def test_json_that_cannot_be_read_is_a_bad_request(body: str, client: FlaskClient) -> None:
    answer = client.post(SIGN_IN, data=body.encode(), content_type="application/json")

    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_request")


def test_a_field_whose_name_cannot_be_printed_is_refused_in_words_that_can_be_sent(
    client: FlaskClient,
) -> None:
    answer = client.post(SIGN_IN, json={"\ud800\0" + "长" * 5000: 1, "js_code": {"\ud800": 1}})

    assert answer.status_code == 422
    [unknown] = [name for name in answer.get_json()["errors"] if name != "js_code"]
    assert unknown.startswith("??长")
    assert len(unknown) <= 80


@pytest.mark.parametrize(
    "path", ["verify/%00abc", "verify/ABCDEFGHJK%00M", "verify/%F0%9F%98%80", "regions/%00", "services/%00"]
)
def test_a_path_with_characters_that_no_code_has_is_not_found(path: str, client: FlaskClient) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 404


def test_a_method_that_a_client_made_up_is_no_label_of_its_own(client: FlaskClient) -> None:
    for method in ("XYZZY", "get", "A" * 500):
        client.open("/api/v1/services", method=method)
        client.open("/nowhere", method=method)

    metrics = client.get("/metrics").get_data(as_text=True)

    assert 'method="other"' in metrics
    assert "XYZZY" not in metrics.upper()
    assert "AAAA" not in metrics
    assert "/nowhere" not in metrics


def test_a_method_that_a_client_made_up_does_not_reach_the_log(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info")
    client.open("/healthz", method="MY-ID-IS-610902")
    client.get("/healthz")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    assert [line["method"] for line in lines if line["event"] == "request"] == ["other", "GET"]
    assert "610902" not in str(lines)


class TestByAddress:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True, rate_address="5/minute")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [("GET", "/nowhere", 404), ("DELETE", "/api/v1/services", 405), ("GET", "/api/v1/me", 401)],
    )
    def test_who_knocks_at_closed_doors_is_counted_too(
        self, method: str, path: str, status: int, client: FlaskClient
    ) -> None:
        far = {"REMOTE_ADDR": "192.0.2.7"}
        statuses = [client.open(path, method=method, environ_base=far).status_code for _ in range(6)]
        refused = client.open(path, method=method, environ_base=far)

        assert statuses == [status] * 5 + [429]
        assert refused.get_json()["code"] == "too_many_requests"
        assert 0 < int(refused.headers["Retry-After"]) <= 60

    def test_one_address_does_not_use_up_anothers(self, client: FlaskClient) -> None:
        for _ in range(8):
            client.get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.7"})

        assert client.get("/healthz", environ_base={"REMOTE_ADDR": "192.0.2.8"}).status_code == 200

    def test_the_addresses_of_one_ipv6_network_count_together(self, client: FlaskClient) -> None:
        addresses = [f"2001:db8:0:1::{number:x}" for number in range(1, 7)]
        statuses = [
            client.get("/healthz", environ_base={"REMOTE_ADDR": one}).status_code for one in addresses
        ]

        assert statuses == [200] * 5 + [429]

    def test_a_demo_spares_the_machine_it_runs_on_and_production_does_not(
        self, settings: Settings, parts: Parts
    ) -> None:
        behind_proxy = create_app(replace(settings, trusted_proxies=1), parts).test_client()
        alone = create_app(settings, parts).test_client()

        assert [alone.get("/healthz").status_code for _ in range(6)] == [200] * 6
        assert [behind_proxy.get("/healthz").status_code for _ in range(6)] == [200] * 5 + [429]


def test_readiness_is_looked_at_once_in_a_while_however_often_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[float] = []

    def look() -> None:
        looks.append(time.monotonic())
        if len(looks) > 1:
            raise ConnectionError("gone since")

    readiness = Readiness({"database": look})

    assert [readiness.states() for _ in range(20)] == [{"database": "ok"}] * 20
    assert len(looks) == 1
    monkeypatch.setattr(system, "READY_FOR_SECONDS", 0.0)
    assert readiness.states() == {"database": "ConnectionError"}
