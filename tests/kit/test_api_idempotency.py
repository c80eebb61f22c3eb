"""Idempotency keys at rest: kept sealed, forgotten after a week, and free again when the call failed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.gateways.parts import Parts
from app.kit import clock
from app.kit.api.idempotency import KEEP, IdempotentAnswer, forget_old_answers
from tests.kit.small_app import make, signed_in

KEY = {"Idempotency-Key": "a-key-for-one-note"}


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def phone(parts: Parts) -> FlaskClient:
    return make(parts.database).app.test_client()


def rows(parts: Parts) -> list[IdempotentAnswer]:
    with parts.database.reading() as session:
        return list(session.execute(select(IdempotentAnswer)).scalars())


def test_the_first_answer_comes_again_with_a_mark(phone: FlaskClient) -> None:
    headers = {**signed_in("writer"), **KEY}

    first = phone.post("/notes", json={"topic": "once"}, headers=headers)
    again = phone.post("/notes", json={"topic": "once"}, headers=headers)

    assert (first.status_code, first.text) == (again.status_code, again.text)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content_type == first.content_type
    assert phone.get("/notes").get_json() == {"count": 1}


def test_without_a_key_each_call_counts(phone: FlaskClient) -> None:
    for _ in range(2):
        phone.post("/notes", json={"topic": "once"}, headers=signed_in("writer"))
    assert phone.get("/notes").get_json() == {"count": 2}


def test_neither_key_nor_answer_lies_open(phone: FlaskClient, parts: Parts) -> None:
    phone.post("/notes", json={"topic": "once"}, headers={**signed_in("writer"), **KEY})

    [row] = rows(parts)
    assert KEY["Idempotency-Key"] not in row.key_hash
    assert row.body is not None
    assert b"count" not in row.body


@pytest.mark.parametrize("status", ["refused", "failed"])
def test_a_call_that_did_nothing_leaves_the_key_free(phone: FlaskClient, parts: Parts, status: str) -> None:
    wrong = {"topic": "x"} if status == "refused" else {"topic": "once", "times": 10**9, "more": 1}
    headers = {**signed_in("writer"), **KEY}

    assert phone.post("/notes", json=wrong, headers=headers).status_code == 422
    assert rows(parts) == []
    assert phone.post("/notes", json={"topic": "once"}, headers=headers).status_code == 201


def test_the_same_key_on_another_path_or_by_another_account_is_refused(phone: FlaskClient) -> None:
    phone.post("/notes", json={"topic": "once"}, headers={**signed_in("writer"), **KEY})

    other = phone.post("/notes", json={"topic": "two"}, headers={**signed_in("writer"), **KEY})
    foreign = phone.post(
        "/notes", json={"topic": "once"}, headers={**signed_in("writer", account_id=uuid4()), **KEY}
    )

    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    assert (foreign.status_code, foreign.get_json()["code"]) == (422, "idempotency_key_foreign")


@pytest.mark.parametrize("key", ["short", "with a blank", "ümlaut-and-more", "x" * 129])
def test_a_key_that_is_none_is_refused(phone: FlaskClient, key: str) -> None:
    headers = {**signed_in("writer"), "Idempotency-Key": key.encode().decode("latin-1")}

    answer = phone.post("/notes", json={"topic": "once"}, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency_key_malformed")


def test_after_a_week_they_are_forgotten(phone: FlaskClient, parts: Parts) -> None:
    headers = signed_in("writer")
    with clock.travel(clock.now() - KEEP - timedelta(hours=1)):
        phone.post("/notes", json={"topic": "old"}, headers={**headers, "Idempotency-Key": "an-old-key"})
    phone.post("/notes", json={"topic": "new"}, headers={**headers, "Idempotency-Key": "a-new-key"})

    assert parts.database.run(forget_old_answers) == 1
    assert len(rows(parts)) == 1
