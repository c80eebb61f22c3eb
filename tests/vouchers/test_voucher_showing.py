"""Showing a code: how long it says it lasts, what it costs, and the same from the phone without signal."""

from datetime import datetime, timedelta

import pytest
from phone import OfflinePhone
from scanning import PHONE, Scanner, activate, show
from sqlalchemy import event

from app.kit import clock
from tests.world import Somebody, World


def test_a_code_lasts_60_seconds_from_the_start_of_its_step(citizen: Somebody) -> None:
    activate(citizen)
    start = datetime(2026, 3, 2, 9, 30, tzinfo=clock.CHINA)
    for seconds in (0, 1, 15, 29):
        with clock.travel(start + timedelta(seconds=seconds)):
            citizen_now = _signed_in_again(citizen)
            shown = show(citizen_now)
        assert datetime.fromisoformat(shown["expires_at"]) == start + timedelta(seconds=60)
        assert shown["refresh_after"] == 60 - seconds


def test_a_code_shown_until_the_last_second_is_taken_a_step_longer(
    citizen: Somebody, scanner: Scanner
) -> None:
    activate(citizen)
    shown = show(citizen)
    expires = datetime.fromisoformat(shown["expires_at"])

    assert scanner.scan(shown["code"], now=expires + timedelta(seconds=29)).person_id == citizen.person_id


def test_two_payments_go_at_once_and_for_a_third_the_phone_waits_for_the_next_step(
    citizen: Somebody, scanner: Scanner
) -> None:
    activate(citizen)
    start = datetime(2026, 3, 2, 9, 30, 10, tzinfo=clock.CHINA)
    with clock.travel(start):
        citizen = _signed_in_again(citizen)
        first = show(citizen)
        scanner.pay(scanner.scan(first["code"]))

        second = show(citizen)

        assert second["code"] != first["code"]
        assert second["refresh_after"] > first["refresh_after"]
        scanner.pay(scanner.scan(second["code"]))
        assert citizen.send("GET", f"/voucher/codes/{second['id']}/image").status_code == 200

        waiting = show(citizen)

        assert datetime.fromisoformat(waiting["expires_at"]) == start + timedelta(seconds=20)
        assert 0 < waiting["refresh_after"] <= 20
    with clock.travel(start + timedelta(seconds=20)):
        third = show(citizen)
        assert third["code"] not in {first["code"], second["code"]}
        scanner.pay(scanner.scan(third["code"]))


def test_a_phone_without_signal_shows_what_the_server_would(citizen: Somebody, scanner: Scanner) -> None:
    phone = OfflinePhone(activate(citizen)["offline"])
    moment = clock.now() + timedelta(days=1, hours=3)

    code = phone.code(moment)

    assert scanner.scan(code, now=moment).person_id == citizen.person_id
    assert OfflinePhone(_keys(citizen)).code(moment) == code


def test_the_keys_of_a_phone_are_not_those_of_another(world: World, citizen: Somebody) -> None:
    activate(citizen)
    activate(citizen, phone="phone-number-two", face=True)
    one, two = _keys(citizen), _keys(citizen, "phone-number-two")
    assert one["handle"] == two["handle"]
    assert {entry["key"] for entry in one["keys"]}.isdisjoint(entry["key"] for entry in two["keys"])
    assert len({entry["key"] for entry in one["keys"]}) == 3
    assert abs(datetime.fromisoformat(one["server_time"]) - clock.now()) < timedelta(seconds=10)


@pytest.mark.parametrize("path", ["/voucher/codes", "/voucher/keys"])
def test_a_phone_that_was_not_activated_shows_nothing(citizen: Somebody, path: str) -> None:
    assert citizen.refused("POST", path, {"device_no": PHONE}) == (409, "voucher_not_activated")
    activate(citizen, phone="another-phone-0001")
    assert citizen.refused("POST", path, {"device_no": PHONE}) == (409, "voucher_not_activated")


def test_showing_one_s_own_code_is_one_statement_and_its_picture_none(
    world: World, citizen: Somebody
) -> None:
    """Beside the one that knows the token."""
    activate(citizen)
    said: list[str] = []

    def listen(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    event.listen(world.parts.database.engine, "before_cursor_execute", listen)
    shown = show(citizen)
    of_code = [statement for statement in said if not statement.startswith(("BEGIN", "COMMIT"))]
    said.clear()
    citizen.ok("GET", f"/voucher/codes/{shown['id']}/image")
    of_picture = [statement for statement in said if not statement.startswith(("BEGIN", "COMMIT"))]
    event.remove(world.parts.database.engine, "before_cursor_execute", listen)

    assert len(of_code) == 2, of_code
    assert len(of_picture) == 1, of_picture


def _keys(somebody: Somebody, phone: str = PHONE) -> dict[str, object]:
    answer: dict[str, object] = somebody.ok("POST", "/voucher/keys", {"device_no": phone})
    return answer


def _signed_in_again(somebody: Somebody) -> Somebody:
    """With a token of the moment to which the clock has travelled."""
    world = World(somebody.app)
    return world.bearer(world.sign_in(somebody.account_id), somebody.person_id)
