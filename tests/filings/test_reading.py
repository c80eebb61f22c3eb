"""What is said of a case depends on who reads it; the reason of a refusal stands in the case; history comes in pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.filings.deadlines import work_off_overdue
from app.filings.wording import NEXT_STEP, Reader
from app.identity.actor import Role
from app.kit import clock
from tests.world import Somebody, World


def referral(world: World, citizen: Somebody, region: str) -> tuple[Somebody, dict[str, Any]]:
    """A case that waits at a hospital: who works at its desk, and the case."""
    hospital = world.hospital(region)
    desk = world.desk(hospital)
    papers = [world.paper(citizen, kind)["id"] for kind in ("medical_record", "social_card")]
    case = world.filing(
        citizen,
        category="referral",
        care_region_code="31",
        proof="documents",
        referring_institution_id=str(hospital.id),
        material_ids=papers,
    )
    return desk, case


def queued(staff: Somebody, case: dict[str, Any]) -> dict[str, Any]:
    """The case as it stands in the queue of staff."""
    items = staff.ok("GET", "/filings?scope=queue")["items"]
    found: dict[str, Any] = next(item for item in items if item["id"] == case["id"])
    return found


@contextmanager
def statements(world: World, of: str = "") -> Iterator[list[str]]:
    """The statements inside the block, those alone that hold ``of``."""
    seen: list[str] = []

    def note(*call: Any) -> None:
        if of in call[2]:
            seen.append(call[2])

    engine = world.parts.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def words(somebody: Somebody, case: dict[str, Any], language: str = "zh-CN") -> tuple[str, str]:
    seen = somebody.ok("GET", f"/filings/{case['id']}", headers={"Accept-Language": language})
    return seen["next_step"], seen["where"]


def test_a_waiting_case_is_the_handlers_task_and_not_the_applicants(world: World) -> None:
    citizen, handler, auditor = world.citizen(), world.handler(), world.staff(Role.AUDITOR)

    case = world.filing(citizen)

    assert words(citizen, case) == ("已在经办机构排队，无需您做什么。", "在经办机构排队等待")
    assert words(handler, case) == ("请领取后审核。", "在您的待办里，等待领取")
    assert words(auditor, case) == ("在经办机构排队，等待领取。", "在经办机构排队等待")
    assert queued(handler, case)["next_step"] == "请领取后审核。"
    [mine] = citizen.ok("GET", "/filings?scope=mine")["items"]
    assert mine["next_step"] == "已在经办机构排队，无需您做什么。"


def test_a_claimed_case_is_the_task_of_who_claimed_it_alone(world: World) -> None:
    citizen, handler, colleague = world.citizen(), world.handler(), world.handler()

    case = world.act(handler, world.filing(citizen), "claim")

    assert (case["next_step"], case["where"]) == (
        "您已领取，请审核后作出决定；办不了的请退回队列。",
        "由您办理",
    )
    assert words(colleague, case) == ("正在经办机构办理。", "正在经办机构办理")
    assert words(citizen, case) == ("正在经办机构办理，无需您做什么。", "正在经办机构办理")
    assert queued(handler, case)["next_step"] == case["next_step"]
    assert queued(colleague, case)["next_step"] == "正在经办机构办理。"


def test_who_may_not_decide_on_a_relative_is_not_told_to(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    world.relate(citizen, handler)
    case = world.filing(citizen)

    assert words(handler, case)[0] == "在经办机构排队，等待领取。"


def test_a_referral_waits_at_the_hospitals_desk_by_name(world: World) -> None:
    citizen = world.citizen(region="320922")
    desk, case = referral(world, citizen, "320922")

    assert words(citizen, case) == ("已在医院医保办排队，无需您做什么。", "在医院医保办排队等待")
    assert words(citizen, case, "en")[1] == "Waiting at the hospital's desk"
    assert words(world.handler("320922"), case)[1] == "在医院医保办排队等待", "the agency looks on"
    assert words(desk, case)[0] == "请领取后审核。"


def test_a_late_case_waits_at_the_supervisors_and_no_more_at_the_desk(world: World) -> None:
    citizen = world.citizen(region="320922")
    _, case = referral(world, citizen, "320922")

    with clock.travel(clock.now() + timedelta(days=20)):
        work_off_overdue(world.parts.database)

    assert words(citizen, case)[1] == "在经办机构负责人处排队等待"


def test_a_case_sent_back_is_the_applicants_task_and_the_agency_waits(world: World) -> None:
    citizen, supervisor = world.citizen(), world.staff(Role.SUPERVISOR)
    case = world.filing(citizen, "needs_correction")
    day = clock.china_day(datetime.fromisoformat(case["due_at"])).isoformat()

    assert words(citizen, case) == (
        "请按列出的内容一次补齐后重新提交。",
        f"在您手里，请在 {day} 前办理",
    )
    assert words(supervisor, case) == ("等申请人补正后重新提交。", f"在申请人手里，期限到 {day}")


def test_every_state_has_words_for_every_reader_in_both_languages() -> None:
    for said in NEXT_STEP.values():
        for reader in Reader:
            assert said.to(reader)
            assert said.to(reader).en
        assert "您" not in said.onlooker, "who looks on has nothing to do"


def test_a_rejected_case_says_why_to_the_applicant_and_to_the_agency(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.act(handler, world.filing(citizen), "claim")
    assert case["reason"] is None

    world.act(handler, case, "reject", reason="居住证明已经过期")

    seen = citizen.ok("GET", f"/filings/{case['id']}")
    assert seen["reason"] == "居住证明已经过期"
    assert seen["next_step"] == "没有办成，理由已写明。情况变化后可重新申请。"
    assert world.staff(Role.AUDITOR).ok("GET", f"/filings/{case['id']}")["reason"] == "居住证明已经过期"


def test_a_case_sent_back_says_why_until_it_is_handed_in_again(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "needs_correction")
    assert case["reason"] == "材料不全；请补一份居住证明"
    saved = citizen.ok("PATCH", f"/filings/{case['id']}", {"expected_version": case["version"]})
    assert saved["reason"] == case["reason"], "a later step of the applicant does not hide it"

    again = world.act(citizen, saved, "resubmit", material_ids=[world.paper(citizen)["id"]])

    assert again["reason"] is None


def test_a_case_that_lapsed_says_so_and_one_that_was_taken_back_gives_no_reason(world: World) -> None:
    citizen = world.citizen()
    lapsed, taken_back = world.filing(citizen, "needs_correction"), world.filing(citizen, "draft")
    taken_back = world.act(citizen, taken_back, "withdraw", reason="不去了")
    assert taken_back["reason"] is None

    with clock.travel(clock.now() + timedelta(days=40)):
        work_off_overdue(world.parts.database)

    assert "超过补正期限" in citizen.ok("GET", f"/filings/{lapsed['id']}")["reason"]


@pytest.mark.parametrize(
    ("state", "reads"), [("draft", 0), ("queued", 0), ("approved", 0), ("needs_correction", 1)]
)
def test_a_reason_costs_one_read_and_none_where_there_is_none(world: World, state: str, reads: int) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, state)

    with statements(world, of="FROM filing_event") as seen:
        citizen.ok("GET", f"/filings/{case['id']}")

    assert len(seen) == reads


def test_a_queue_of_many_costs_as_many_statements_as_a_queue_of_few(world: World) -> None:
    handler = world.handler()
    counts = []
    for _ in range(2):
        world.filing(world.citizen())
        world.filing(world.citizen())
        with statements(world) as seen:
            handler.ok("GET", "/filings?scope=queue")
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_the_history_comes_page_by_page_oldest_first(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)
    for _ in range(3):
        case = world.act(handler, world.act(handler, case, "claim"), "release")
    path = f"/filings/{case['id']}/events"

    pages, cursor = [], ""
    while True:
        page = citizen.ok("GET", f"{path}?limit=3{cursor}")
        pages.append([event["seq"] for event in page["items"]])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert pages == [[1, 2, 3], [4, 5, 6], [7]]
    assert [event["seq"] for event in citizen.ok("GET", path)["items"]] == list(range(1, 8))


@pytest.mark.parametrize("query", ["cursor=AAAA", "cursor=7", "cursor=-1", "limit=0", "limit=51"])
def test_a_page_of_the_history_that_there_cannot_be_is_refused(world: World, query: str) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "draft")
    assert citizen.refused("GET", f"/filings/{case['id']}/events?{query}") == (422, "invalid_input")
