"""Limits on how often one caller may call, and what is said to whom about them."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.config import Settings

SIGN_IN = "/api/v1/auth/staff"
NOBODY = {"username": "nobody", "password": "wrong"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_limits=True, rate_sign_in="2/minute", rate_general="5/minute")


def test_who_calls_too_often_is_told_when_to_come_back(client: FlaskClient) -> None:
    statuses = [client.post(SIGN_IN, json=NOBODY).status_code for _ in range(2)]
    refused = client.post(SIGN_IN, json=NOBODY)
    assert statuses == [401, 401]
    assert refused.status_code == 429
    assert refused.json is not None
    assert refused.json["code"] == "too_many_requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_only_who_has_to_wait_is_told_to_wait(client: FlaskClient) -> None:
    """A client that reads Retry-After beside a 409 would wait and send the same once more."""
    for answer in (client.get("/api/v1/services"), client.post(SIGN_IN, json=NOBODY)):
        assert "Retry-After" not in answer.headers
        assert int(answer.headers["X-RateLimit-Remaining"]) >= 0


def test_health_is_never_limited(client: FlaskClient) -> None:
    assert {client.get("/healthz").status_code for _ in range(8)} == {200}
