"""Acting on a case: claims, corrections, decisions, withdrawal, and who may do what."""

import pytest

from app.identity.actor import Role
from tests.world import Somebody, World


def version_of(actor: Somebody, case_id: str) -> int:
    return int(actor.ok("GET", f"/filings/{case_id}")["version"])


def test_sent_back_once_with_everything_named_then_approved(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)
    held = world.act(handler, case, "claim")
    items = [
        {"kind": "residence_proof", "text": "请补居住证"},
        {"kind": "id_card_front", "text": "请补身份证人像面"},
    ]

    world.act(handler, held, "request_correction", reason="材料不全", items=items)

    back = citizen.ok("GET", f"/filings/{case['id']}")
    assert back["status"] == "needs_correction"
    assert [item["kind"] for item in back["missing"]] == ["residence_proof", "id_card_front"]
    assert back["available_actions"] == ["save", "resubmit", "withdraw"]
    one = world.paper(citizen, "residence_proof")["id"]
    refusal = citizen.send(
        "POST",
        f"/filings/{case['id']}/actions",
        {"action": "resubmit", "expected_version": back["version"], "material_ids": [one]},
    )
    assert refusal.json["code"] == "papers_missing"
    assert "身份证" in refusal.json["detail"]
    assert "居住证" not in refusal.json["detail"], "what is there is not asked for again"

    both = [one, world.paper(citizen, "id_card_front")["id"]]
    again = world.act(citizen, back, "resubmit", material_ids=both)
    assert again["status"] == "submitted"
    assert again["missing"] == []
    held = world.act(handler, again, "claim")
    done = world.act(handler, held, "approve")

    assert done["status"] == "approved"
    events = citizen.ok("GET", f"/filings/{case['id']}/events")["items"]
    assert [event["action"] for event in events] == [
        "submit",
        "claim",
        "request_correction",
        "resubmit",
        "claim",
        "approve",
    ]
    assert "请补居住证" in events[2]["reason"]


def test_a_correction_must_list_what_is_wrong(world: World) -> None:
    handler = world.handler()
    case = world.act(handler, world.filing(world.citizen()), "claim")
    wanted = {"action": "request_correction", "expected_version": case["version"], "reason": "不行"}
    assert handler.refused("POST", f"/filings/{case['id']}/actions", wanted) == (
        422,
        "correction_items_missing",
    )


def test_nothing_new_is_asked_for_in_instalments(world: World) -> None:
    """domain.md §1: 一次性告知, everything that is missing is named at once, never in instalments."""
    citizen, handler = world.citizen(), world.handler()
    case = world.act(handler, world.filing(citizen), "claim")
    first = [{"kind": "residence_proof", "text": "请补居住证"}]
    world.act(handler, case, "request_correction", reason="材料不全", items=first)
    blurred = world.paper(citizen, "residence_proof")["id"]
    back = citizen.ok("GET", f"/filings/{case['id']}")
    again = world.act(handler, world.act(citizen, back, "resubmit", material_ids=[blurred]), "claim")
    path = f"/filings/{case['id']}/actions"
    new = {"action": "request_correction", "expected_version": again["version"], "reason": "还缺"}

    refusal = handler.refused(
        "POST", path, {**new, "items": [{"kind": "id_card_front", "text": "请补身份证"}]}
    )
    assert refusal == (409, "correction_in_instalments")

    same = world.act(handler, again, "request_correction", reason="看不清", items=first)
    assert same["status"] == "needs_correction", (
        "what was asked for and is still not right may be asked for again"
    )


def test_a_rejection_needs_a_reason_that_the_citizen_then_reads(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.act(handler, world.filing(citizen), "claim")
    wanted = {"action": "reject", "expected_version": case["version"]}
    assert handler.refused("POST", f"/filings/{case['id']}/actions", wanted) == (422, "reason_missing")

    done = world.act(handler, case, "reject", reason="居住证明已经过期")

    assert done["status"] == "rejected"
    texts = [notice["text"] for notice in citizen.ok("GET", "/me/notices")["items"]]
    assert any("居住证明已经过期" in text for text in texts)


def test_the_applicant_may_withdraw_until_it_is_decided(world: World) -> None:
    citizen = world.citizen()
    case = world.act(citizen, world.filing(citizen), "withdraw")
    assert case["status"] == "withdrawn"
    assert case["available_actions"] == []
    wanted = {"action": "withdraw", "expected_version": case["version"]}
    answer = citizen.send("POST", f"/filings/{case['id']}/actions", wanted)
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_state")
    assert answer.json["available_actions"] == []


def test_a_conflict_names_what_is_possible_instead(world: World) -> None:
    handler = world.handler()
    case = world.filing(world.citizen())
    wanted = {"action": "approve", "expected_version": case["version"]}

    answer = handler.send("POST", f"/filings/{case['id']}/actions", wanted)

    assert (answer.status_code, answer.json["code"]) == (409, "not_claimed")
    assert answer.json["available_actions"] == ["claim"]


def test_an_old_version_is_refused_with_the_new_one(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)
    world.act(handler, case, "claim")

    answer = citizen.send(
        "POST", f"/filings/{case['id']}/actions", {"action": "withdraw", "expected_version": case["version"]}
    )

    assert (answer.status_code, answer.json["code"]) == (409, "stale_version")
    assert answer.json["version"] == version_of(citizen, case["id"])
    assert citizen.ok("GET", f"/filings/{case['id']}")["status"] == "submitted"


def test_a_claim_keeps_others_away_until_it_is_released(world: World) -> None:
    first, second = world.handler(), world.handler()
    case = world.act(first, world.filing(world.citizen()), "claim")
    wanted = {"action": "approve", "expected_version": case["version"]}
    assert second.refused("POST", f"/filings/{case['id']}/actions", wanted) == (409, "held_by_another")

    released = world.act(first, case, "release")
    taken = world.act(second, released, "claim")

    assert world.act(second, taken, "approve")["status"] == "approved"


def test_a_handler_may_not_decide_on_a_relative(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    world.relate(citizen, handler)
    case = world.filing(citizen)
    wanted = {"action": "claim", "expected_version": case["version"]}
    assert handler.refused("POST", f"/filings/{case['id']}/actions", wanted) == (409, "conflict_of_interest")


def test_a_handler_who_is_the_patient_sees_the_case_as_the_patient(world: World) -> None:
    handler = world.handler()
    assert handler.person_id is not None
    me = world.citizen(person_id=handler.person_id)
    assert (
        me.refused("POST", "/filings", {"service_code": "remote_care", "form": {}, "submit": True})[0] == 422
    )


def test_staff_of_another_region_do_not_learn_that_a_case_exists(world: World) -> None:
    case = world.filing(world.citizen(region="6109"))
    for outsider in (world.handler("6104"), world.staff(Role.SUPERVISOR, "1401"), world.citizen()):
        for method, path, payload in (
            ("GET", "", None),
            ("GET", "/events", None),
            ("GET", "/form.pdf", None),
            ("POST", "/actions", {"action": "claim", "expected_version": 1}),
        ):
            assert outsider.refused(method, f"/filings/{case['id']}{path}", payload) == (404, "not_found")


@pytest.mark.parametrize(
    "superfluous", [{"form": {}}, {"material_ids": ["01a1ffb1-b752-7504-bb18-236cc038dde7"]}]
)
def test_what_an_action_does_not_take_is_refused_rather_than_ignored(
    world: World, superfluous: dict[str, object]
) -> None:
    handler = world.handler()
    case = world.filing(world.citizen())
    wanted = {"action": "claim", "expected_version": case["version"], **superfluous}
    assert handler.refused("POST", f"/filings/{case['id']}/actions", wanted) == (422, "invalid_input")


@pytest.mark.parametrize(("state", "action"), [("draft", "submit"), ("needs_correction", "resubmit")])
def test_who_hands_a_case_in_lists_no_corrections(world: World, state: str, action: str) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, state)
    items = [{"kind": "residence_proof", "text": "请补居住证"}]
    wanted = {"action": action, "expected_version": case["version"], "items": items}

    answer = citizen.send("POST", f"/filings/{case['id']}/actions", wanted)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert set(answer.json["errors"]) == {"items"}
    assert citizen.ok("GET", f"/filings/{case['id']}")["version"] == case["version"], "nothing was done"


def test_every_look_and_act_of_staff_stands_in_the_persons_own_list(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)
    handler.ok("GET", f"/filings/{case['id']}")
    handler.ok("GET", f"/filings/{case['id']}")
    world.act(handler, case, "claim")

    accesses = citizen.ok("GET", "/me/accesses")["items"]

    assert [access["what"] for access in accesses] == ["filing_claimed", "filing_viewed"]
    assert "经办员" in accesses[0]["text"]
    assert handler.name not in accesses[0]["text"], "masked"
