"""Staff passwords; client credentials of institutions' systems. The lock against guessing: test_guessing.py."""

import time
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from flask.testing import FlaskClient
from identity_world import (
    PASSWORD,
    USER,
    Caller,
    add_agency,
    add_handler,
    attempt,
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
from app.identity.models import Account, RoleGrant, StaffLogin, TerminalLogin
from app.kit import clock
from app.kit.api.application import Application
from app.kit.passwords import Passwords

SECRET = "terminal-secret-of-the-county-hospital"


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
        change = update(StaffLogin).values(secret_hash=weak)
        parts.database.run(lambda session: session.execute(change))

        assert sign_in_staff(client, USER)

        assert not parts.passwords.needs_rehash(login_row(parts).secret_hash)
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


class TestTiming:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(
            settings, password_memory_kib=16_384, staff_max_failures=1000, staff_max_failures_anywhere=1000
        )

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

    def test_guesses_are_stopped_there_but_the_right_secret_passes_and_no_staff_name_is_locked(
        self, app: Application, parts: Parts
    ) -> None:
        def answer(address: str, path: str, body: dict[str, str]) -> tuple[int, str]:
            client = app.test_client()
            client.environ_base["REMOTE_ADDR"] = address
            said = Caller(client).send("POST", path, body)
            return said.status_code, said.get_json().get("code", "")

        def sign_in(secret: str, address: str = "203.0.113.9") -> tuple[int, str]:
            body = {"client_id": "lueyang-his", "client_secret": secret}
            return answer(address, "/auth/terminal", body)

        add_handler(parts, "lueyang-his")
        tries = [sign_in("wrong") for _ in range(parts.settings.staff_max_failures)]
        assert set(tries) == {(401, "terminal_rejected")}
        assert sign_in("wrong") == (429, "terminal_locked")
        assert sign_in(SECRET)[0] == 200
        staff = {"username": "lueyang-his", "password": PASSWORD}
        assert answer("203.0.113.9", "/auth/staff", staff)[0] == 200
        assert sign_in(SECRET, "198.51.100.7")[0] == 200

    def test_a_secret_that_is_changed_while_it_is_being_checked_signs_nobody_in(
        self, client: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        verify = parts.passwords.verify

        def change_meanwhile(known_hash: str | None, secret: str) -> bool:
            right = verify(known_hash, secret)
            change = update(TerminalLogin).values(secret_hash=parts.passwords.hash("another"))
            parts.database.run(lambda session: session.execute(change))
            return right

        monkeypatch.setattr(parts.passwords, "verify", change_meanwhile)
        body = {"client_id": "lueyang-his", "client_secret": SECRET}
        assert Caller(client).refused("POST", "/auth/terminal", body).code == "terminal_rejected"

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


def test_a_short_password_or_secret_is_not_given_out_and_a_terminal_stands_at_an_institution(
    parts: Parts,
) -> None:
    def write(session: Session) -> None:
        agency = add_agency(session)
        hospital = register.add_organisation(
            session, kind=OrganisationKind.INSTITUTION, name="略阳县人民医院", region_code="610727"
        )
        with pytest.raises(register.RegisterError):
            register.add_staff(session, parts.passwords, None, "x", "1234567", [(Role.AUDITOR, agency)])
        with pytest.raises(register.RegisterError):
            register.add_terminal(session, parts.passwords, hospital, "x", SECRET[:31])
        with pytest.raises(register.RegisterError):
            register.add_terminal(session, parts.passwords, agency, "x", SECRET)

    parts.database.run(write)
