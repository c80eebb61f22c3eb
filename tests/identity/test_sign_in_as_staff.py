"""Staff passwords and the lock against guessing; client credentials of institutions' systems."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from flask.testing import FlaskClient
from identity_world import (
    PASSWORD,
    Caller,
    Refusal,
    add_agency,
    add_handler,
    at_the_same_moment,
    let_pass,
    private,
    sign_in_staff,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import create_app
from app.config import Settings
from app.gateways.parts import Parts
from app.identity import register
from app.identity.actor import OrganisationKind, Role
from app.identity.models import Account, RoleGrant, StaffLogin
from app.kit import clock
from app.kit.api.application import Application
from app.kit.passwords import Passwords

USER = "hanbin.li"
WRONG = "wrong-password"
SECRET = "terminal-secret-of-the-county-hospital"


def attempt(caller: Caller, password: str = WRONG, username: str = USER) -> Refusal:
    return caller.refused("POST", "/auth/staff", {"username": username, "password": private(password)})


def login_row(parts: Parts) -> StaffLogin:
    with parts.database.reading() as session:
        return session.execute(select(StaffLogin)).scalar_one()


@pytest.fixture
def handler(parts: Parts) -> Any:
    return add_handler(parts, USER)


@pytest.mark.usefixtures("handler")
class TestPasswords:
    def test_user_name_and_password_sign_in_with_roles(self, client: FlaskClient) -> None:
        desk = sign_in_staff(client, USER)

        assert desk.answer["account"]["kind"] == "staff"
        assert desk.answer["account"]["roles"] == ["handler"]
        assert desk.answer["account"]["real_name"] is True
        assert desk.answer["refresh_token"]

    @pytest.mark.parametrize("typed", ["HANBIN.LI", " hanbin.li ", "ｈａｎｂｉｎ.li"])
    def test_a_user_name_is_one_in_any_case_and_width(self, typed: str, client: FlaskClient) -> None:
        assert sign_in_staff(client, typed)

    def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(self, anybody: Caller) -> None:
        wrong, unknown = attempt(anybody), attempt(anybody, username="nobody")

        for refusal in (wrong, unknown):
            refusal.body.pop("request_id")
            assert (refusal.status, refusal.code) == (401, "sign_in_failed")
            assert refusal.headers["WWW-Authenticate"] == "Bearer"
        assert wrong.body == unknown.body

    def test_a_role_that_was_ended_is_gone_at_the_next_request(
        self, client: FlaskClient, parts: Parts
    ) -> None:
        desk = sign_in_staff(client, USER)

        def end_roles(session: Session) -> None:
            for grant in session.execute(select(RoleGrant)).scalars():
                register.end_role(session, grant)

        parts.database.run(end_roles)

        assert desk.ok("GET", "/me")["roles"] == []
        assert sign_in_staff(client, USER).answer["account"]["roles"] == []

    def test_a_disabled_account_is_told_so_only_with_the_right_password(
        self, anybody: Caller, parts: Parts
    ) -> None:
        disable = update(Account).values(disabled_at=clock.now())
        parts.database.run(lambda session: session.execute(disable))

        assert attempt(anybody).code == "sign_in_failed"
        assert attempt(anybody, PASSWORD).code == "account_disabled"

    def test_a_password_hashed_at_another_cost_is_hashed_anew(
        self, client: FlaskClient, parts: Parts
    ) -> None:
        weak = Passwords(memory_kib=32, rounds=1).hash(PASSWORD)
        change = update(StaffLogin).values(password_hash=weak)
        parts.database.run(lambda session: session.execute(change))

        assert sign_in_staff(client, USER)

        assert not parts.passwords.needs_rehash(login_row(parts).password_hash)
        assert sign_in_staff(client, USER)

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, {"username", "password"}),
            ({"username": USER}, {"password"}),
            ({"username": USER, "password": 12345678}, {"password"}),
            ({"username": "", "password": "x"}, {"username"}),
            ({"username": "x" * 65, "password": "x" * 201}, {"username", "password"}),
            ({"username": USER, "password": "x", "role": "administrator"}, {"role"}),
        ],
    )
    def test_a_request_of_the_wrong_form_is_refused_by_field(
        self, body: dict[str, object], fields: set[str], anybody: Caller
    ) -> None:
        refusal = anybody.refused("POST", "/auth/staff", body)

        assert (refusal.status, refusal.code) == (422, "invalid_input")
        assert set(refusal.body["errors"]) == fields


@pytest.mark.usefixtures("handler")
class TestLock:
    @pytest.fixture
    def database_url(self, both_databases: str) -> str:
        return both_databases

    def lock(self, caller: Caller, parts: Parts) -> None:
        for _ in range(parts.settings.staff_max_failures):
            assert attempt(caller).code == "sign_in_failed"

    def test_too_many_wrong_passwords_lock_even_the_right_one_out(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        with clock.travel(datetime(2026, 3, 9, 1, 0, tzinfo=UTC)):
            self.lock(anybody, parts)
            refusal = attempt(anybody, PASSWORD)

            assert (refusal.status, refusal.code) == (429, "staff_locked")
            assert "09:15" in refusal.body["detail"]
            assert refusal.body["locked_until"].startswith("2026-03-09T09:15:0")
            assert 0 < int(refusal.headers["Retry-After"]) <= 15 * 60
            assert attempt(anybody).code == "staff_locked"

            let_pass(timedelta(minutes=parts.settings.staff_lock_minutes))
            assert sign_in_staff(client, USER)

    def test_wrong_passwords_while_locked_do_not_make_the_lock_longer(
        self, anybody: Caller, parts: Parts
    ) -> None:
        self.lock(anybody, parts)
        until = login_row(parts).locked_until

        let_pass(timedelta(minutes=5))
        attempt(anybody)

        assert login_row(parts).locked_until == until

    def test_after_the_lock_one_has_all_attempts_again(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        self.lock(anybody, parts)
        let_pass(timedelta(minutes=parts.settings.staff_lock_minutes))

        for _ in range(parts.settings.staff_max_failures - 1):
            assert attempt(anybody).code == "sign_in_failed"

        assert sign_in_staff(client, USER)

    def test_a_right_password_forgives_the_wrong_ones_before(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        for _ in range(3):
            for _ in range(parts.settings.staff_max_failures - 1):
                attempt(anybody)
            assert sign_in_staff(client, USER)

        assert login_row(parts).failed_attempts == 0

    def test_the_counter_stays_though_each_request_fails(self, anybody: Caller, parts: Parts) -> None:
        attempt(anybody)
        attempt(anybody)

        assert login_row(parts).failed_attempts == 2

    def test_one_locked_account_does_not_lock_another(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        add_handler(parts, "hanbin.wang", "王科长")
        self.lock(anybody, parts)

        assert sign_in_staff(client, "hanbin.wang")

    def test_guesses_sent_at_the_same_moment_all_count(self, app: Application, parts: Parts) -> None:
        allowed = parts.settings.staff_max_failures

        codes = at_the_same_moment(
            3 * allowed, lambda number: attempt(Caller(app.test_client()), f"guess-{number}").code
        )

        assert codes.count("sign_in_failed") == allowed
        assert codes.count("staff_locked") == 2 * allowed
        assert attempt(Caller(app.test_client()), PASSWORD).code == "staff_locked"


class TestTiming:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, password_memory_kib=16_384, staff_max_failures=1000)

    def test_an_unknown_user_takes_as_long_as_a_wrong_password(
        self, settings: Settings, parts: Parts
    ) -> None:
        add_handler(parts, USER)
        caller = Caller(create_app(settings, parts).test_client())

        def seconds(username: str) -> float:
            begun = time.perf_counter()
            attempt(caller, username=username)
            return time.perf_counter() - begun

        pairs = [(seconds(USER), seconds("nobody")) for _ in range(9)]

        known, unknown = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
        assert 0.4 < unknown / known < 2.5


class TestTerminals:
    @pytest.fixture(autouse=True)
    def _terminal(self, parts: Parts) -> None:
        def write(session: Session) -> None:
            hospital = register.add_organisation(
                session,
                kind=OrganisationKind.INSTITUTION,
                name="略阳县人民医院",
                region_code="610727",
            )
            register.add_terminal(session, parts.passwords, hospital, "lueyang-his", private(SECRET))

        parts.database.run(write)

    def sign_in(self, client: FlaskClient) -> Caller:
        body = {"client_id": "lueyang-his", "client_secret": SECRET}
        return Caller(client, Caller(client).ok("POST", "/auth/terminal", body))

    def test_client_credentials_give_an_access_token_and_no_refresh_token(self, client: FlaskClient) -> None:
        terminal = self.sign_in(client)

        assert "refresh_token" not in terminal.answer
        assert terminal.answer["account"]["kind"] == "terminal"
        assert terminal.answer["account"]["roles"] == ["terminal"]
        assert terminal.answer["account"]["real_name"] is False
        me = terminal.ok("GET", "/me")
        assert me["person"] is None
        assert [place["name"] for place in me["organisations"]] == ["略阳县人民医院"]

    def test_when_its_token_ends_a_terminal_signs_in_anew(self, client: FlaskClient, parts: Parts) -> None:
        terminal = self.sign_in(client)

        let_pass(timedelta(minutes=parts.settings.access_token_minutes))

        assert terminal.refused("GET", "/me").code == "token_expired"
        assert self.sign_in(client).ok("GET", "/me")

    @pytest.mark.parametrize(
        ("client_id", "client_secret"),
        [("lueyang-his", "wrong"), ("unknown", SECRET), ("LUEYANG-HIS", SECRET)],
    )
    def test_wrong_credentials_are_refused_alike(
        self, client_id: str, client_secret: str, anybody: Caller
    ) -> None:
        body = {"client_id": client_id, "client_secret": client_secret}

        refusal = anybody.refused("POST", "/auth/terminal", body)

        assert (refusal.status, refusal.code) == (401, "terminal_rejected")
        assert refusal.headers["WWW-Authenticate"] == "Bearer"

    def test_a_disabled_terminal_is_told_so(self, anybody: Caller, parts: Parts) -> None:
        parts.database.run(lambda session: session.execute(update(Account).values(disabled_at=clock.now())))

        refusal = anybody.refused(
            "POST", "/auth/terminal", {"client_id": "lueyang-his", "client_secret": SECRET}
        )

        assert (refusal.status, refusal.code) == (403, "account_disabled")

    def test_a_terminal_opens_nothing_of_a_citizen(self, client: FlaskClient) -> None:
        terminal = self.sign_in(client)

        assert terminal.refused("POST", "/real-name", {}).code == "role_not_allowed"
        assert terminal.ok("GET", "/me/accesses") == {"items": [], "next_cursor": None}


def test_a_short_password_or_secret_is_not_given_out(parts: Parts) -> None:
    def write(session: Session) -> None:
        agency = add_agency(session)
        with pytest.raises(register.RegisterError):
            register.add_staff(session, parts.passwords, None, "x", "1234567", [(Role.AUDITOR, agency)])
        with pytest.raises(register.RegisterError):
            register.add_terminal(session, parts.passwords, agency, "x", "1234567")

    parts.database.run(write)
