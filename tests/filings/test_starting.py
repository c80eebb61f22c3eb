"""Starting a case: drafts, submissions, and everything that is wrong named at once."""

from datetime import date

import pytest

from app.identity.models import CoverageStatus
from tests.world import INSTANT, REVIEWED, World


def body(form: object = INSTANT, **more: object) -> dict[str, object]:
    return {"service_code": "remote_care", "form": form, "submit": True, **more}


def test_an_instant_case_is_decided_in_the_same_answer(world: World) -> None:
    citizen = world.citizen()

    case = citizen.ok("POST", "/filings", body())

    assert case["status"] == "approved"
    assert case["instant"] is True
    assert case["where"] == "已结束"
    assert {"label": "就医地", "value": "山西省太原市"} in case["outcome"]
    events = citizen.ok("GET", f"/filings/{case['id']}/events")["items"]
    assert [event["action"] for event in events] == ["submit", "approve"]
    assert events[1]["text"] == "系统 办结"
    assert events[1]["previous_hash"] == events[0]["hash"]
    told = [notice["kind"] for notice in citizen.ok("GET", "/me/notices")["items"]]
    assert told == ["filing_approved"], "one message, not two"


def test_a_reviewed_case_lies_in_the_agencys_queue_with_a_deadline(world: World) -> None:
    case = world.citizen().ok("POST", "/filings", body(REVIEWED))

    assert case["status"] == "submitted"
    assert case["stage"] == "agency_review"
    assert case["where"] == "在经办机构排队等待"
    assert case["due_at"] is not None
    assert case["available_actions"] == ["withdraw"]


def test_a_draft_may_be_incomplete_and_is_finished_later(world: World) -> None:
    citizen = world.citizen()
    draft = citizen.ok("POST", "/filings", body({"category": "other_temporary"}, submit=False))
    assert draft["status"] == "draft"
    assert draft["available_actions"] == ["save", "submit", "withdraw"]

    whole = citizen.ok(
        "PATCH", f"/filings/{draft['id']}", {"expected_version": draft["version"], "form": dict(INSTANT)}
    )
    done = world.act(citizen, whole, "submit")

    assert done["status"] == "approved"
    assert done["number"] == draft["number"]


def test_a_draft_that_is_submitted_incomplete_names_every_missing_entry_and_stays_a_draft(
    world: World,
) -> None:
    citizen = world.citizen()
    draft = citizen.ok("POST", "/filings", body({}, submit=False))

    answer = citizen.send(
        "POST", f"/filings/{draft['id']}/actions", {"action": "submit", "expected_version": draft["version"]}
    )

    assert answer.status_code == 422
    assert answer.json["errors"] == {
        "form.category": ["请填写“备案类型”，这一项必须填。"],
        "form.care_region_code": ["请填写“去哪里看病（到城市）”，这一项必须填。"],
    }
    assert citizen.ok("GET", f"/filings/{draft['id']}")["status"] == "draft"


def test_all_missing_papers_are_named_at_once(world: World) -> None:
    answer = world.citizen().send("POST", "/filings", body({**REVIEWED, "proof": "documents"}))

    assert answer.status_code == 422
    assert answer.json["code"] == "papers_missing"
    assert len(answer.json["errors"]["material_ids"]) == 2
    assert "身份证" in answer.json["detail"]
    assert "居住证明" in answer.json["detail"]


def test_with_the_papers_there_the_case_is_taken(world: World) -> None:
    citizen = world.citizen()
    papers = [world.paper(citizen, kind)["id"] for kind in ("id_card_front", "residence_proof")]

    case = citizen.ok("POST", "/filings", body({**REVIEWED, "proof": "documents"}, material_ids=papers))

    assert case["status"] == "submitted"
    assert [paper["kind"] for paper in case["papers"]] == ["id_card_front", "residence_proof"]


@pytest.mark.parametrize(
    ("request_body", "field", "words"),
    [
        pytest.param(body(extra=1), "extra", "没有这一项", id="superfluous entry"),
        pytest.param(
            body({**INSTANT, "colour": "red"}), "form.colour", "没有这一项", id="superfluous form entry"
        ),
        pytest.param(
            body({**INSTANT, "start_date": "2026-02-30"}), "form.start_date", "日期不存在", id="no such date"
        ),
        pytest.param(
            body({**INSTANT, "category": "holiday"}), "form.category", "只能选择", id="no such category"
        ),
        pytest.param(
            body({**INSTANT, "care_region_code": "99"}),
            "form.care_region_code",
            "没有这个地区",
            id="no region",
        ),
        pytest.param(
            body({**INSTANT, "care_region_code": 31}), "form.care_region_code", "文字", id="wrong type"
        ),
        pytest.param(
            body({**INSTANT, "care_region_code": "61"}), "form.care_region_code", "范围太大", id="province"
        ),
        pytest.param(
            body({**INSTANT, "care_region_code": "610902"}), "form.care_region_code", "参保地", id="at home"
        ),
        pytest.param(
            body({**INSTANT, "commitment_accepted": False}),
            "form.commitment_accepted",
            "承诺",
            id="not committed",
        ),
        pytest.param(body(submit="yes"), "submit", "是", id="not a boolean"),
        pytest.param(body(material_ids=["x"]), "material_ids.0", "编号", id="not an identifier"),
        pytest.param(
            body({**INSTANT, "category": "resettled_retiree"}), "form.category", "退休", id="not retired"
        ),
    ],
)
def test_a_wrong_entry_is_named_with_what_to_do(
    world: World, request_body: dict[str, object], field: str, words: str
) -> None:
    citizen = world.citizen()

    answer = citizen.send("POST", "/filings", request_body)

    assert answer.status_code == 422, answer.text
    assert answer.json["code"] == "invalid_input"
    assert words in "".join(answer.json["errors"][field])
    assert citizen.ok("GET", "/filings")["items"] == [], "nothing is half done"


def test_errors_are_in_english_for_those_who_ask(world: World) -> None:
    answer = world.citizen().send(
        "POST", "/filings", body({**INSTANT, "category": "holiday"}), headers={"Accept-Language": "en"}
    )
    assert answer.json["errors"]["form.category"][0].startswith("Must be one of: resettled_retiree")
    assert answer.json["detail"].startswith("1 entries need a correction")
    assert answer.headers["Content-Language"] == "en"


def test_a_missing_entry_is_named_as_the_form_names_it(world: World) -> None:
    citizen = world.citizen()
    english = {"Accept-Language": "en"}
    form = citizen.ok("GET", "/services/remote_care", headers=english)["form_schema"]

    answer = citizen.send("POST", "/filings", body({}), headers=english)

    named = {
        f"form.{name}": [f"“{form['properties'][name]['title']}” is required."] for name in form["required"]
    }
    assert named
    assert answer.json["errors"] == named


@pytest.mark.parametrize(
    ("traits", "code"),
    [
        pytest.param({"insutype": None}, "not_insured", id="insured nowhere"),
        pytest.param({"status": CoverageStatus.SUSPENDED}, "coverage_suspended", id="contribution not paid"),
        pytest.param(
            {"status": CoverageStatus.ENDED, "end_date": date(2025, 12, 31)},
            "coverage_ended",
            id="insurance ended",
        ),
    ],
)
def test_without_an_insurance_in_force_nothing_can_be_filed(
    world: World, traits: dict[str, object], code: str
) -> None:
    assert world.citizen(**traits).refused("POST", "/filings", body()) == (422, code)


def test_an_unknown_service_is_refused_by_its_own_code(world: World) -> None:
    assert world.citizen().refused("POST", "/filings", {**body(), "service_code": "x"}) == (
        422,
        "service_unknown",
    )


def test_without_a_proven_name_nothing_can_be_filed(world: World) -> None:
    assert world.stranger().refused("POST", "/filings", body()) == (403, "real_name_required")


def test_without_a_proven_name_one_is_told_to_prove_it_whomever_the_case_is_about(world: World) -> None:
    child = world.child(world.citizen())

    answer = world.stranger().refused("POST", "/filings", body(subject_id=str(child)))

    assert answer == (403, "real_name_required")


def test_a_guardian_files_for_a_child_and_a_stranger_does_not(world: World) -> None:
    mother = world.citizen()
    child = world.child(mother)

    case = mother.ok("POST", "/filings", body(subject_id=str(child)))

    assert case["ground"] == "guardian"
    assert case["subject_id"] == str(child)
    assert world.citizen().refused("POST", "/filings", body(subject_id=str(child))) == (
        404,
        "subject_not_allowed",
    )
    listed = mother.ok("GET", "/filings?scope=subject")["items"]
    assert [item["id"] for item in listed] == [case["id"]]


def test_somebody_elses_paper_cannot_be_used(world: World) -> None:
    foreign = world.paper(world.citizen())["id"]

    answer = world.citizen().send("POST", "/filings", body(material_ids=[foreign]))

    assert answer.status_code == 422
    assert "material_ids" in " ".join(answer.json["errors"])


def test_nobody_hoards_unfinished_cases(world: World) -> None:
    citizen = world.citizen()
    limit = world.parts.settings.open_filings_per_person
    for _ in range(limit):
        citizen.ok("POST", "/filings", body({}, submit=False))

    assert citizen.refused("POST", "/filings", body({}, submit=False)) == (409, "too_many_open_filings")


def test_a_form_that_is_no_json_is_refused_by_its_type(world: World) -> None:
    citizen = world.citizen()
    assert citizen.refused("POST", "/filings", data="a=1", content_type="text/plain") == (
        415,
        "wrong_content_type",
    )
    assert citizen.refused("POST", "/filings", data="{", content_type="application/json") == (
        400,
        "malformed_request",
    )
