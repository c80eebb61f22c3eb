"""The lock against guessing passwords: it stops guesses, spares the person, and tells nobody which names there are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from identity_world import (
    PASSWORD,
    USER,
    Caller,
    add_handler,
    at_the_same_moment,
    attempt,
    let_pass,
    sign_in_staff,
    statements_of,
)
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.gateways.parts import Parts
from app.identity import guessing, housekeeping
from app.identity.actor import AccountKind
from app.identity.models import SignInFailure
from app.kit import clock
from app.kit.api.application import Application

NOBODY = "nobody.at.all"
STRANGER = "203.0.113.9"
MORNING = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)

somebody_and_nobody = pytest.mark.parametrize("username", [USER, NOBODY])


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture(autouse=True)
def _handler(parts: Parts) -> None:
    add_handler(parts, USER)


def client_at(app: Application, address: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def caller_at(app: Application, address: str) -> Caller:
    return Caller(client_at(app, address))


def app_with(parts: Parts, **changes: int) -> Application:
    """The application under other settings."""
    settings = replace(parts.settings, **changes)
    return create_app(settings, replace(parts, settings=settings))


def lock(caller: Caller, parts: Parts, username: str = USER) -> None:
    for _ in range(parts.settings.staff_max_failures):
        assert attempt(caller, username=username).code == "sign_in_failed"


def rows(parts: Parts) -> list[SignInFailure]:
    with parts.database.reading() as session:
        return list(session.execute(select(SignInFailure)).scalars())


def failures(parts: Parts) -> list[int]:
    return sorted(row.failures for row in rows(parts))


class TestOneGuesser:
    def test_too_many_wrong_passwords_lock_even_the_right_one_out(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        with clock.travel(MORNING):
            lock(anybody, parts)
            refusal = attempt(anybody, PASSWORD)

            assert (refusal.status, refusal.code) == (429, "staff_locked")
            assert "09:15" in refusal.body["detail"]
            assert refusal.body["locked_until"].startswith("2026-03-09T09:15:0")
            assert 0 < int(refusal.headers["Retry-After"]) <= 15 * 60
            assert attempt(anybody).code == "staff_locked"

            let_pass(timedelta(minutes=parts.settings.staff_lock_minutes))
            assert sign_in_staff(client, USER)

    def test_wrong_passwords_while_locked_do_not_make_the_lock_longer_and_are_not_counted(
        self, anybody: Caller, parts: Parts
    ) -> None:
        lock(anybody, parts)
        before = [(row.locked_until, row.failures) for row in rows(parts)]

        let_pass(timedelta(minutes=5))
        attempt(anybody)

        assert [(row.locked_until, row.failures) for row in rows(parts)] == before

    def test_after_the_lock_one_has_all_attempts_again(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        lock(anybody, parts)
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

        assert rows(parts) == [], "neither here nor anywhere"

    def test_failures_of_another_hour_do_not_add_up(self, anybody: Caller, parts: Parts) -> None:
        for _ in range(3):
            for _ in range(parts.settings.staff_max_failures - 1):
                assert attempt(anybody).code == "sign_in_failed"
            let_pass(guessing.WINDOW)

        assert failures(parts) == [parts.settings.staff_max_failures - 1] * 2

    def test_the_counts_stay_though_each_request_fails(self, anybody: Caller, parts: Parts) -> None:
        attempt(anybody)
        attempt(anybody)

        assert failures(parts) == [2, 2]

    def test_one_locked_name_does_not_lock_another(
        self, anybody: Caller, client: FlaskClient, parts: Parts
    ) -> None:
        add_handler(parts, "hanbin.wang", "王科长")
        lock(anybody, parts)

        assert sign_in_staff(client, "hanbin.wang")

    @somebody_and_nobody
    def test_guesses_sent_at_the_same_moment_all_count(
        self, username: str, app: Application, parts: Parts
    ) -> None:
        allowed = parts.settings.staff_max_failures

        codes = at_the_same_moment(
            3 * allowed,
            lambda number: attempt(Caller(app.test_client()), f"guess-{number}", username).code,
        )

        assert codes.count("sign_in_failed") == allowed
        assert codes.count("staff_locked") == 2 * allowed
        assert attempt(Caller(app.test_client()), PASSWORD, username).code == "staff_locked"


class TestWhatAStrangerLearns:
    def test_somebodys_name_and_nobodys_get_the_same_answers(self, app: Application, parts: Parts) -> None:
        def answers(username: str) -> list[tuple[int, str, set[str]]]:
            caller, heard = caller_at(app, STRANGER), []
            with clock.travel(MORNING):
                for _ in range(parts.settings.staff_max_failures + 2):
                    refusal = attempt(caller, username=username)
                    heard.append((refusal.status, refusal.body["detail"], set(refusal.body)))
            return heard

        somebodys, nobodys = answers(USER), answers(NOBODY)

        assert [status for status, _, _ in nobodys][-3:] == [401, 429, 429]
        assert somebodys == nobodys

    def test_the_database_does_the_same_for_both(self, app: Application, parts: Parts) -> None:
        def work(username: str) -> list[list[str]]:
            done = []
            for _ in range(parts.settings.staff_max_failures + 1):
                with statements_of(parts) as statements:
                    attempt(caller_at(app, STRANGER), username=username)
                done.append(sorted(statements))  # the two counts are written in the order of their keys
            return done

        assert work(USER) == work(NOBODY)

    def test_that_somebody_signs_in_elsewhere_does_not_give_the_guesser_more_tries(
        self, parts: Parts
    ) -> None:
        """Else a lock that fails to come would say that the name is somebody's."""
        app = app_with(parts, staff_max_failures_anywhere=8)
        codes = []

        for number in range(10):
            codes.append(attempt(caller_at(app, f"203.0.113.{number}")).code)
            if number == 4:
                assert sign_in_staff(client_at(app, "198.51.100.7"), USER)

        assert codes == ["sign_in_failed"] * 8 + ["staff_locked"] * 2

    def test_neither_name_nor_address_is_kept(self, app: Application, parts: Parts) -> None:
        attempt(caller_at(app, STRANGER))

        kept = [str(vars(row)) for row in rows(parts)]

        assert len(kept) == 2
        assert not [row for row in kept if USER in row or STRANGER in row]


class TestGuessersElsewhere:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, staff_max_failures_anywhere=12)

    def test_a_stranger_does_not_lock_the_person_out(self, app: Application, parts: Parts) -> None:
        lock(caller_at(app, STRANGER), parts)

        assert attempt(caller_at(app, STRANGER), PASSWORD).code == "staff_locked"
        assert sign_in_staff(client_at(app, "198.51.100.7"), USER)

    def test_not_even_one_who_goes_on_for_hours(self, parts: Parts) -> None:
        default = Settings().staff_max_failures_anywhere
        app = app_with(parts, staff_max_failures_anywhere=default)

        for _ in range(default // parts.settings.staff_max_failures + 2):
            lock(caller_at(app, STRANGER), parts)
            let_pass(timedelta(minutes=parts.settings.staff_lock_minutes))

        assert sign_in_staff(client_at(app, "198.51.100.7"), USER)

    def test_of_ipv6_a_whole_network_counts_as_one_guesser(self, app: Application, parts: Parts) -> None:
        for number in range(parts.settings.staff_max_failures):
            attempt(caller_at(app, f"2001:db8:1:{number}::1"))

        assert attempt(caller_at(app, "2001:db8:1:ffff::1"), PASSWORD).code == "staff_locked"
        assert sign_in_staff(client_at(app, "2001:db8:2::1"), USER)

    def test_who_signs_in_takes_back_no_failures_of_strangers_in_a_later_hour(
        self, app: Application, parts: Parts
    ) -> None:
        for _ in range(parts.settings.staff_max_failures - 1):
            attempt(caller_at(app, "198.51.100.7"))
        let_pass(guessing.WINDOW + timedelta(minutes=5))
        for number in range(6):
            attempt(caller_at(app, f"203.0.113.{number}"))

        assert sign_in_staff(client_at(app, "198.51.100.7"), USER)

        anywhere = guessing.guard(parts.settings, AccountKind.STAFF, USER, "198.51.100.7").from_anywhere
        with parts.database.reading() as session:
            assert session.get_one(SignInFailure, anywhere).failures == 6

    @somebody_and_nobody
    def test_guesses_from_everywhere_at_the_same_moment_lock_the_name_for_all(
        self, username: str, app: Application, settings: Settings
    ) -> None:
        allowed = settings.staff_max_failures_anywhere

        codes = at_the_same_moment(
            allowed + 8,
            lambda number: attempt(caller_at(app, f"203.0.113.{number}"), f"guess-{number}", username).code,
        )

        assert codes.count("sign_in_failed") == allowed
        assert codes.count("staff_locked") == 8
        assert attempt(caller_at(app, "198.51.100.7"), PASSWORD, username).code == "staff_locked"
        let_pass(timedelta(minutes=settings.staff_lock_minutes))
        assert attempt(caller_at(app, STRANGER), username=username).code == "sign_in_failed"

    def test_a_right_password_forgives_only_what_came_from_the_same_network(
        self, app: Application, parts: Parts
    ) -> None:
        home = client_at(app, "198.51.100.7")
        for caller in (caller_at(app, STRANGER), caller_at(app, STRANGER), Caller(home)):
            attempt(caller)

        assert sign_in_staff(home, USER)

        assert failures(parts) == [2, 2], "the stranger's own, and those from anywhere"


class TestForgetting:
    def test_counts_that_are_over_are_deleted_in_small_transactions_and_others_stay(
        self, app: Application, parts: Parts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(3):
            attempt(caller_at(app, STRANGER), username=f"nobody-{number}")
        let_pass(guessing.WINDOW)
        attempt(caller_at(app, STRANGER))
        monkeypatch.setattr(housekeeping, "BATCH", 4)

        assert housekeeping.forget_sign_in_failures(parts.database) == 6
        assert housekeeping.forget_sign_in_failures(parts.database) == 0

        assert failures(parts) == [1, 1]

    def test_a_lock_that_goes_on_is_not_forgotten(self, parts: Parts) -> None:
        caller = Caller(app_with(parts, staff_lock_minutes=180).test_client())
        lock(caller, parts)
        let_pass(2 * guessing.WINDOW)

        assert housekeeping.forget_sign_in_failures(parts.database) == 1, "the count that locked nothing"

        assert attempt(caller, PASSWORD).code == "staff_locked"
