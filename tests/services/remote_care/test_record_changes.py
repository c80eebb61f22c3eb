"""Remote-care records over HTTP: overlap, lock, change, cancellation."""

from datetime import date, timedelta

import pytest
from care_calls import COMMITTED, file, records, refused, renewed
from sqlalchemy import text

from app.kit import clock
from app.kit.api.application import Application
from tests.world import INSTANT, REVIEWED, World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


def test_the_same_place_again_is_refused_with_the_day_from_which_it_can_be_renewed(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    status, code, detail = refused(citizen, dict(INSTANT))
    assert (status, code) == (409, "remote_care_overlap")
    assert "续办" in detail


def test_the_same_application_twice_while_the_first_is_under_review_is_refused(world: World) -> None:
    citizen = world.citizen()
    first = file(citizen, dict(REVIEWED))
    status, code, detail = refused(citizen, dict(REVIEWED))
    assert (status, code) == (409, "remote_care_pending")
    assert first["number"] in detail


def test_a_temporary_filing_beside_a_long_term_one_is_welcome(world: World) -> None:
    citizen = world.citizen(region="1401")
    file(citizen, {"category": "long_term_resident", "care_region_code": "31", **COMMITTED})
    file(citizen, {"category": "other_temporary", "care_region_code": "11", **COMMITTED})
    assert len(records(citizen)) == 2


def test_a_second_long_term_place_must_be_a_change(world: World) -> None:
    citizen = world.citizen(region="1401")
    file(citizen, {"category": "long_term_resident", "care_region_code": "31", **COMMITTED})
    status, code, detail = refused(
        citizen, {"category": "long_term_resident", "care_region_code": "3201", **COMMITTED}
    )
    assert (status, code) == (409, "remote_care_overlap")
    assert "变更" in detail


def test_a_change_takes_the_place_of_the_record_before(world: World) -> None:
    citizen = world.citizen(region="1401")
    with clock.travel(clock.now() - timedelta(days=30)):
        first = file(
            renewed(world, citizen), {"category": "long_term_resident", "care_region_code": "31", **COMMITTED}
        )
    [record] = records(citizen)

    done = citizen.ok(
        "POST",
        f"/remote-care/records/{record['id']}/actions",
        {"action": "change", "form": {"care_region_code": "3201", "commitment_accepted": True}},
    )

    assert done["filing"]["status"] == "approved"
    new, old = records(citizen)
    assert new["rloc_admdvs"] == "3201"
    assert new["in_force"] is True
    assert old["enddate"] == (clock.today() - timedelta(days=1)).isoformat()
    events = citizen.ok("GET", f"/filings/{first['id']}/events")["items"]
    assert events[-1]["action"] == "replace_record"


def test_inside_the_lock_a_change_is_refused_with_the_day_from_which_it_is_possible(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)
    world.act(handler, world.act(handler, case, "claim"), "approve")
    [record] = records(citizen)
    assert record["lock_until"] is not None
    body = {"action": "change", "form": {"care_region_code": "3201", "commitment_accepted": True}}

    answer = citizen.send("POST", f"/remote-care/records/{record['id']}/actions", body)

    assert (answer.status_code, answer.json["code"]) == (409, "remote_care_record_locked")
    free = date.fromisoformat(record["lock_until"]) + timedelta(days=1)
    assert f"{free.year}年{free.month}月{free.day}日" in answer.json["detail"]
    assert len(records(citizen)) == 1
    cancelled = citizen.send("POST", f"/remote-care/records/{record['id']}/actions", {"action": "cancel"})
    assert cancelled.json["code"] == "remote_care_record_locked"


def test_outside_the_lock_a_record_is_cancelled_at_once_and_only_once(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)

    done = citizen.ok("POST", f"/remote-care/records/{record['id']}/actions", {"action": "cancel"})

    assert done["record"]["vali_flag"] == "0", "it began today and never held"
    assert done["record"]["validity_text"] == "已取消，未生效"
    again = citizen.refused("POST", f"/remote-care/records/{record['id']}/actions", {"action": "cancel"})
    assert again == (409, "remote_care_record_not_changeable")
    file(citizen, dict(INSTANT))


def test_somebody_elses_record_is_not_found(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)
    stranger = world.citizen()
    for action in ("cancel", "change"):
        body = {"action": action}
        assert stranger.refused("POST", f"/remote-care/records/{record['id']}/actions", body) == (
            404,
            "not_found",
        )
    assert records(stranger) == []


def test_a_change_cannot_begin_after_the_record_has_ended_nor_lengthen_it(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)
    with clock.travel(clock.now() + timedelta(days=170)):
        later = renewed(world, citizen)
        start = (clock.today() + timedelta(days=60)).isoformat()
        form = {"care_region_code": "3201", "start_date": start, "commitment_accepted": True}
        path = f"/remote-care/records/{record['id']}/actions"
        assert later.refused("POST", path, {"action": "change", "form": form}) == (
            409,
            "remote_care_record_not_changeable",
        )
        assert records(later)[0]["enddate"] == record["enddate"]


def test_a_record_is_changed_once(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)
    path = f"/remote-care/records/{record['id']}/actions"
    start = (clock.today() + timedelta(days=30)).isoformat()
    form = {"care_region_code": "3201", "start_date": start, "commitment_accepted": True}
    citizen.ok("POST", path, {"action": "change", "form": form})
    again = {"action": "change", "form": {**form, "care_region_code": "3301"}}
    assert citizen.refused("POST", path, again) == (409, "remote_care_record_not_changeable")
    assert len(records(citizen)) == 2


def test_a_coverage_that_was_suspended_meanwhile_gives_no_record(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.act(handler, world.filing(citizen), "claim")
    world.write(lambda session: session.execute(text("UPDATE coverage SET status = 'suspended'")))
    wanted = {"action": "approve", "expected_version": case["version"]}
    assert handler.refused("POST", f"/filings/{case['id']}/actions", wanted) == (422, "not_insured")
    assert records(citizen) == []
