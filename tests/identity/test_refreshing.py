"""Refresh tokens: good once, forgiving to a lost answer, unforgiving to a copy."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from identity_world import (
    Caller,
    Refusal,
    add_handler,
    at_the_same_moment,
    let_pass,
    private,
    sign_in,
    sign_in_staff,
    statements_of,
)
from sqlalchemy import func, select, update

from app.gateways.parts import Parts
from app.identity import housekeeping, sessions
from app.identity.models import RefreshToken, SignInSession
from app.identity.sessions import GRACE
from app.kit.api.application import Application


@pytest.fixture
def citizen(client: FlaskClient) -> Caller:
    return sign_in(client, "openid-wang")


def refresh(caller: Caller) -> Caller:
    """The same phone with the next pair of tokens."""
    body = {"refresh_token": caller.answer["refresh_token"]}
    return Caller(caller.client, Caller(caller.client).ok("POST", "/auth/refresh", body))


def refused(caller: Caller) -> Refusal:
    return Caller(caller.client).refused(
        "POST", "/auth/refresh", {"refresh_token": caller.answer["refresh_token"]}
    )


def test_a_refresh_gives_the_next_pair_for_the_same_account(citizen: Caller) -> None:
    renewed = refresh(citizen)

    assert renewed.answer["account"] == citizen.answer["account"]
    assert renewed.answer["access_token"] != citizen.answer["access_token"]
    assert renewed.answer["refresh_token"] != citizen.answer["refresh_token"]
    assert renewed.ok("GET", "/me")["account_id"] == citizen.answer["account"]["id"]
    assert refresh(refresh(renewed)).ok("GET", "/me")


def test_a_late_duplicate_of_a_refresh_does_not_spoil_the_answer_of_the_first(citizen: Caller) -> None:
    first = refresh(citizen)
    refresh(citizen)
    refresh(citizen)

    assert refresh(first).ok("GET", "/me")


def test_the_end_of_one_family_leaves_the_persons_other_phone_signed_in(
    client: FlaskClient, citizen: Caller
) -> None:
    other_phone = sign_in(client, "openid-wang")
    refresh(refresh(citizen))

    assert refused(citizen).code == "refresh_token_reused"

    assert other_phone.ok("GET", "/me")
    assert refresh(other_phone).ok("GET", "/me")


def test_a_citizen_who_comes_back_in_time_stays_signed_in(citizen: Caller, parts: Parts) -> None:
    phone = citizen
    for _ in range(3):
        let_pass(timedelta(days=parts.settings.refresh_token_days, minutes=-1))
        phone = refresh(phone)

    assert phone.ok("GET", "/me")


def test_a_citizen_who_comes_back_too_late_signs_in_again(citizen: Caller, parts: Parts) -> None:
    let_pass(timedelta(days=parts.settings.refresh_token_days, seconds=1))

    refusal = refused(citizen)

    assert (refusal.status, refusal.code) == (401, "token_expired")


def test_staff_sign_in_every_working_day_however_often_they_renew(client: FlaskClient, parts: Parts) -> None:
    add_handler(parts, "hanbin.li")
    desk = sign_in_staff(client, "hanbin.li")
    for _ in range(3):
        let_pass(timedelta(hours=3, minutes=50))
        desk = refresh(desk)
    assert desk.answer["expires_in"] <= timedelta(minutes=30).total_seconds()

    let_pass(timedelta(minutes=31))

    assert refused(desk).code == "token_expired"
    assert desk.refused("GET", "/me").code == "token_expired"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"refresh_token"}),
        ({"refresh_token": ""}, {"refresh_token"}),
        ({"refresh_token": None}, {"refresh_token"}),
        ({"refresh_token": 1}, {"refresh_token"}),
        ({"refresh_token": "x" * 2049}, {"refresh_token"}),
        ({"refresh_token": "x", "scope": "all"}, {"scope"}),
    ],
)
def test_a_request_of_the_wrong_form_is_refused_by_field(
    body: dict[str, object], fields: set[str], anybody: Caller
) -> None:
    refusal = anybody.refused("POST", "/auth/refresh", body)

    assert (refusal.status, refusal.code) == (422, "invalid_input")
    assert set(refusal.body["errors"]) == fields


def test_a_token_that_the_register_does_not_know_is_refused(citizen: Caller, parts: Parts) -> None:
    unknown = update(RefreshToken).values(token_hash="0" * 64)
    parts.database.run(lambda session: session.execute(unknown))

    assert refused(citizen).code == "token_invalid"


def test_only_hashes_of_refresh_tokens_are_kept(citizen: Caller, parts: Parts) -> None:
    with parts.database.reading() as session:
        kept = session.execute(select(RefreshToken.token_hash)).scalars().all()

    assert len(kept) == 1
    assert kept[0] not in citizen.answer["refresh_token"]


def test_a_refresh_costs_few_statements(citizen: Caller, parts: Parts) -> None:
    with statements_of(parts) as statements:
        sessions.refresh(parts, private(citizen.answer["refresh_token"]))

    assert len(statements) <= 8


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, both_databases: str) -> str:
        return both_databases

    def test_a_refresh_whose_answer_was_lost_gives_the_same_next_token_again(self, citizen: Caller) -> None:
        lost = refresh(citizen)

        let_pass(GRACE - timedelta(seconds=5))
        again = refresh(citizen)

        assert again.answer["refresh_token"] == lost.answer["refresh_token"]
        assert again.ok("GET", "/me")
        assert refresh(again).ok("GET", "/me")

    def test_a_token_used_again_after_the_grace_ends_the_whole_family(self, citizen: Caller) -> None:
        stolen, renewed = citizen, refresh(citizen)

        let_pass(GRACE + timedelta(seconds=1))
        refusal = refused(stolen)

        assert (refusal.status, refusal.code) == (401, "refresh_token_reused")
        assert refusal.headers["WWW-Authenticate"].startswith("Bearer error=")
        assert renewed.refused("GET", "/me").code == "session_ended"
        assert refused(renewed).code == "session_ended"
        assert refused(stolen).code == "session_ended"

    def test_a_token_whose_successor_was_used_has_no_grace(self, citizen: Caller) -> None:
        newest = refresh(refresh(citizen))

        refusal = refused(citizen)

        assert refusal.code == "refresh_token_reused"
        assert newest.refused("GET", "/me").code == "session_ended"

    def test_many_refreshes_at_the_same_moment_agree_on_one_successor(
        self, app: Application, citizen: Caller
    ) -> None:
        answers = at_the_same_moment(8, lambda _: refresh(Caller(app.test_client(), citizen.answer)))

        assert len({answer.answer["refresh_token"] for answer in answers}) == 1
        assert refresh(answers[0]).ok("GET", "/me")

    def test_signing_out_ends_this_sign_in_only(self, client: FlaskClient, citizen: Caller) -> None:
        other_phone = sign_in(client, "openid-wang")

        assert citizen.ok("POST", "/auth/logout", status=204) is None

        assert citizen.refused("GET", "/me").code == "session_ended"
        assert citizen.refused("POST", "/auth/logout").code == "session_ended"
        assert refused(citizen).code == "session_ended"
        assert other_phone.ok("GET", "/me")

    def test_tokens_that_time_has_ended_are_forgotten_while_the_sign_in_goes_on(
        self, citizen: Caller, parts: Parts
    ) -> None:
        phone = citizen
        for _ in range(5):
            let_pass(timedelta(days=parts.settings.refresh_token_days - 1))
            phone = refresh(phone)

        with parts.database.reading() as session:
            assert session.execute(select(func.count()).select_from(RefreshToken)).scalar_one() == 2

    def test_sign_ins_that_ended_a_while_ago_are_deleted_and_others_stay(
        self, client: FlaskClient, citizen: Caller, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(4):
            sign_in(client, f"openid-{number}")
        phone = citizen
        let_pass(timedelta(days=parts.settings.refresh_token_days - 1))
        phone = refresh(phone)
        let_pass(housekeeping.KEEP_ENDED_SESSIONS + timedelta(days=2))
        monkeypatch.setattr(housekeeping, "BATCH", 3)

        assert housekeeping.forget_ended_sessions(parts.database) == 4
        assert housekeeping.forget_ended_sessions(parts.database) == 0

        assert refresh(phone).ok("GET", "/me")
        with parts.database.reading() as session:
            assert session.execute(select(func.count()).select_from(SignInSession)).scalar_one() == 1
