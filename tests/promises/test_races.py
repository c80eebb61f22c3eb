"""At the same moment: a key, a claim and a place are each given once, on both databases."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.kit.api.application import Application
from tests.world import INSTANT, Somebody, World

AT_ONCE = 12


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


def together(calls: list[tuple[Somebody, str, str, dict[str, Any], str | None]]) -> list[TestResponse]:
    def call(one: tuple[Somebody, str, str, dict[str, Any], str | None]) -> TestResponse:
        who, method, path, body, key = one
        return who.send(method, path, body, key=key)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


BODY: dict[str, Any] = {"service_code": "remote_care", "form": dict(INSTANT), "submit": True}


def test_the_same_key_makes_one_case_and_gives_everybody_the_same_answer(world: World) -> None:
    citizen = world.citizen()

    answers = together([(citizen, "POST", "/filings", BODY, "one-and-the-same-key")] * AT_ONCE)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == AT_ONCE - 1
    assert len(citizen.ok("GET", "/filings")["items"]) == 1


def test_sent_three_times_in_a_row_it_is_done_once(world: World) -> None:
    citizen = world.citizen()
    answers = [citizen.send("POST", "/filings", BODY, key="three-in-a-row") for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert len(citizen.ok("GET", "/remote-care/records")["items"]) == 1


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    citizen = world.citizen()
    citizen.ok("POST", "/filings", BODY, key="a-key-used-twice")
    other = {**BODY, "form": {**INSTANT, "care_region_code": "31"}}
    assert citizen.refused("POST", "/filings", other, key="a-key-used-twice") == (
        422,
        "idempotency_key_reused",
    )
    assert len(citizen.ok("GET", "/filings")["items"]) == 1


def test_another_accounts_key_is_refused_and_its_answer_not_shown(world: World) -> None:
    first, second = world.citizen(), world.citizen()
    first.ok("POST", "/filings", BODY, key="a-key-of-somebody")
    answer = second.send("POST", "/filings", BODY, key="a-key-of-somebody")
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_foreign")
    assert first.name not in answer.text
    assert second.ok("GET", "/filings")["items"] == []


@pytest.mark.parametrize("key", ["short", "with space in it", "x" * 129])
def test_a_key_that_is_none_is_refused(world: World, key: str) -> None:
    assert world.citizen().refused("POST", "/filings", BODY, key=key) == (422, "idempotency_key_malformed")


def test_a_refused_call_leaves_its_key_free(world: World) -> None:
    citizen = world.citizen()
    wrong = {**BODY, "form": {**INSTANT, "care_region_code": "99"}}
    assert citizen.refused("POST", "/filings", wrong, key="tried-and-mended") == (422, "invalid_input")
    assert citizen.ok("POST", "/filings", BODY, key="tried-and-mended")["status"] == "approved"


def test_one_person_files_to_one_place_once_though_every_tap_has_its_own_key(world: World) -> None:
    citizen = world.citizen()

    answers = together([(citizen, "POST", "/filings", BODY, f"tap-number-{tap}") for tap in range(AT_ONCE)])

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {201: 1, 409: AT_ONCE - 1}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {"remote_care_overlap"}
    assert len(citizen.ok("GET", "/remote-care/records")["items"]) == 1


def test_of_many_handlers_one_gets_the_case(world: World) -> None:
    case = world.filing(world.citizen())
    handlers = [world.handler() for _ in range(AT_ONCE)]
    body = {"action": "claim", "expected_version": case["version"]}

    answers = together(
        [(handler, "POST", f"/filings/{case['id']}/actions", body, None) for handler in handlers]
    )

    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {200: 1, 409: AT_ONCE - 1}
    refusals = {answer.json["code"] for answer in answers if answer.status_code == 409}
    assert refusals <= {"stale_version", "held_by_another"}


def test_approving_and_withdrawing_at_once_ends_in_one_of_the_two(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    held = world.act(handler, world.filing(citizen), "claim")
    path = f"/filings/{held['id']}/actions"
    version = held["version"]

    answers = together(
        [
            (handler, "POST", path, {"action": "approve", "expected_version": version}, None),
            (citizen, "POST", path, {"action": "withdraw", "expected_version": version}, None),
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    after = citizen.ok("GET", f"/filings/{held['id']}")["status"]
    records = citizen.ok("GET", "/remote-care/records")["items"]
    assert (after, len(records)) in {("approved", 1), ("withdrawn", 0)}


def test_drafts_submitted_at_once_give_one_record(world: World) -> None:
    citizen = world.citizen()
    drafts = [world.filing(citizen, "draft", **INSTANT) for _ in range(4)]
    calls = [
        (
            citizen,
            "POST",
            f"/filings/{draft['id']}/actions",
            {"action": "submit", "expected_version": 1},
            None,
        )
        for draft in drafts
    ]

    answers = together(calls)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}
    assert len(citizen.ok("GET", "/remote-care/records")["items"]) == 1


def test_long_term_cases_approved_at_once_give_one_long_term_record(world: World) -> None:
    citizen = world.citizen()
    calls = []
    for city in ("31", "3201", "3301"):
        handler = world.handler()
        held = world.act(handler, world.filing(citizen, care_region_code=city), "claim")
        body = {"action": "approve", "expected_version": held["version"]}
        calls.append((handler, "POST", f"/filings/{held['id']}/actions", body, None))

    answers = together(calls)

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 2}
    [record] = citizen.ok("GET", "/remote-care/records")["items"]
    assert record["enddate"] is None


def test_cancelling_and_changing_a_record_at_once_ends_in_one_of_the_two(world: World) -> None:
    citizen = world.citizen()
    world.filing(citizen, "approved")
    [record] = citizen.ok("GET", "/remote-care/records")["items"]
    path = f"/remote-care/records/{record['id']}/actions"
    change = {"action": "change", "form": {"care_region_code": "3201", "commitment_accepted": True}}

    together([(citizen, "POST", path, {"action": "cancel"}, None), (citizen, "POST", path, change, None)])

    after = citizen.ok("GET", "/remote-care/records")["items"]
    old = next(one for one in after if one["id"] == record["id"])
    assert old["in_force"] is False, "cancelled or changed, it never comes alive again"
    assert sum(one["in_force"] for one in after) <= 1
