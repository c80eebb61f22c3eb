"""Queues: by role, region and organisation; what happens when a deadline passes."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.filings.deadlines import remind_of_correction, work_off_overdue
from app.filings.models import Filing
from app.identity.actor import Role
from app.kit import clock, outbox
from tests.world import Somebody, World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def queue(actor: Somebody) -> list[str]:
    return [item["id"] for item in actor.ok("GET", "/filings?scope=queue")["items"]]


def test_a_queue_holds_the_cases_of_its_region_and_no_others(world: World) -> None:
    case = world.filing(world.citizen(region="610902"))
    assert queue(world.handler("610902")) == [case["id"]]
    assert queue(world.handler("6109")) == [case["id"]], "the city covers its districts"
    assert queue(world.handler("610921")) == []
    assert queue(world.handler("6104")) == []
    assert queue(world.staff(Role.AUDITOR, "6109")) == []
    assert queue(world.citizen()) == []


def test_a_hospitals_desk_sees_its_own_referrals_only(world: World) -> None:
    hospital, other = world.hospital("320922"), world.hospital("320922")
    desk = world.desk(hospital)
    citizen = world.citizen(region="320922")
    papers = [world.paper(citizen, kind)["id"] for kind in ("medical_record", "social_card")]
    case = world.filing(
        citizen,
        category="referral",
        care_region_code="31",
        proof="documents",
        referring_institution_id=str(hospital.id),
        residence_address=None,
        commitment_accepted=None,
        material_ids=papers,
    )
    assert queue(desk) == [case["id"]]
    assert queue(world.desk(other)) == []
    assert queue(world.handler("320922")) == [], "it waits at the hospital, not at the agency"
    assert world.desk(other).refused("GET", f"/filings/{case['id']}") == (404, "not_found")

    done = world.act(desk, world.act(desk, case, "claim"), "approve")
    assert done["status"] == "approved"


def test_a_referral_does_not_wait_at_a_desk_where_nobody_sits(world: World) -> None:
    hospital = world.hospital("320922")
    world.terminal(hospital)
    citizen = world.citizen(region="320922")
    papers = [world.paper(citizen, kind)["id"] for kind in ("medical_record", "social_card")]
    case = world.filing(
        citizen,
        category="referral",
        care_region_code="31",
        proof="documents",
        referring_institution_id=str(hospital.id),
        material_ids=papers,
    )
    assert queue(world.handler("320922")) == [case["id"]]


def test_pages_go_on_where_the_last_ended_and_miss_nothing(world: World) -> None:
    cases = {world.filing(world.citizen())["id"] for _ in range(5)}
    handler = world.handler()
    seen: list[str] = []
    cursor = ""
    while True:
        page = handler.ok("GET", f"/filings?scope=queue&limit=2{cursor}")
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert set(seen) == cases
    assert len(seen) == len(cases)
    assert handler.refused("GET", "/filings?scope=queue&cursor=AAAA") == (422, "invalid_input")


def test_an_overdue_case_goes_to_the_supervisor(world: World) -> None:
    citizen, handler, supervisor = world.citizen(), world.handler(), world.staff(Role.SUPERVISOR)
    case = world.act(handler, world.filing(citizen), "claim")

    with clock.travel(clock.now() + timedelta(days=10)):
        assert work_off_overdue(world.parts.database) == 1
        assert work_off_overdue(world.parts.database) == 0, "once"
        supervisor = renewed(world, supervisor)
        handler = renewed(world, handler)
        assert queue(handler) == []
        assert queue(supervisor) == [case["id"]]
        seen = supervisor.ok("GET", f"/filings/{case['id']}")
        assert seen["overdue"] is True
        assert world.act(supervisor, world.act(supervisor, seen, "claim"), "approve")["status"] == "approved"


def test_a_correction_that_does_not_come_lapses_with_a_reason(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "needs_correction")

    with clock.travel(clock.now() + timedelta(days=40)):
        assert work_off_overdue(world.parts.database) == 1
        citizen = renewed(world, citizen)
        after = citizen.ok("GET", f"/filings/{case['id']}")
        assert after["status"] == "withdrawn"
        events = citizen.ok("GET", f"/filings/{case['id']}/events")["items"]
        assert "可随时重新申请" in events[-1]["reason"]


def test_a_correction_is_reminded_of_once_before_it_lapses(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "needs_correction")

    def kinds() -> list[str]:
        return [notice["kind"] for notice in citizen.ok("GET", "/me/notices")["items"]]

    assert kinds().count("correction_reminder") == 0
    with clock.travel(clock.now() + timedelta(days=20)):
        outbox.drain(
            world.parts.database,
            {"filing.remind_correction": remind_of_correction, "notice.send": lambda *_: None},
        )
    citizen = renewed(world, citizen)
    assert kinds().count("correction_reminder") == 1
    assert citizen.ok("GET", f"/filings/{case['id']}")["status"] == "needs_correction"


def renewed(world: World, somebody: Somebody) -> Somebody:
    """The same account with a token of the present."""
    headers = {"Authorization": f"Bearer {world.sign_in(somebody.account_id)}"}
    return Somebody(somebody.app, somebody.account_id, somebody.person_id, headers, name=somebody.name)


def test_a_supervisor_who_is_late_keeps_the_case_and_the_citizen_is_told_once(world: World) -> None:
    citizen, supervisor = world.citizen(), world.staff(Role.SUPERVISOR)
    case = world.filing(citizen)
    with clock.travel(clock.now() + timedelta(days=10)):
        work_off_overdue(world.parts.database)
        supervisor = renewed(world, supervisor)
        first = world.act(supervisor, supervisor.ok("GET", f"/filings/{case['id']}"), "claim")

    with clock.travel(clock.now() + timedelta(days=30)):
        assert work_off_overdue(world.parts.database) == 1
        assert work_off_overdue(world.parts.database) == 0, "there is a new deadline"
        supervisor, citizen = renewed(world, supervisor), renewed(world, citizen)
        seen = supervisor.ok("GET", f"/filings/{case['id']}")
        events = citizen.ok("GET", f"/filings/{case['id']}/events")["items"]
        notices = [notice["kind"] for notice in citizen.ok("GET", "/me/notices")["items"]]
        assert seen["due_at"] > first["due_at"]
        assert world.act(supervisor, seen, "approve")["status"] == "approved", "it was not taken away"
    assert [event["action"] for event in events].count("escalate") == 1
    assert events[-1]["action"] == "note_overdue"
    assert notices.count("overdue_escalated") == 1


def test_a_late_case_is_late_no_more_once_it_is_the_citizens_turn(world: World) -> None:
    citizen, supervisor = world.citizen(), world.staff(Role.SUPERVISOR)
    case = world.filing(citizen)
    with clock.travel(clock.now() + timedelta(days=10)):
        work_off_overdue(world.parts.database)
        supervisor, citizen = renewed(world, supervisor), renewed(world, citizen)
        held = world.act(supervisor, supervisor.ok("GET", f"/filings/{case['id']}"), "claim")
        assert held["overdue"] is True

        world.act(supervisor, held, "request_correction", items=[{"text": "请补充住址"}], reason="住址不全")

        back = citizen.ok("GET", f"/filings/{case['id']}")
        assert back["overdue"] is False
        assert world.act(citizen, back, "resubmit")["overdue"] is False, "the agency has its days again"


def test_a_case_that_cannot_be_worked_off_holds_up_no_other_and_is_named_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = world.filing(world.citizen()), world.filing(world.citizen())
    lost = update(Filing).where(Filing.number == broken["number"]).values(queue_region=None)
    world.write(lambda session: session.execute(lost))
    supervisor = world.staff(Role.SUPERVISOR)

    with clock.travel(clock.now() + timedelta(days=10)):
        assert work_off_overdue(world.parts.database) == 1

        assert queue(renewed(world, supervisor)) == [sound["id"]]
    assert broken["number"] in caplog.text
