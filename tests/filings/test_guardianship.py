"""A guardian who is none any more: the case is the subject's alone, in lists, in notices and in acts."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.identity.models import Kinship
from app.kit import clock
from app.notices.models import Notice
from tests.world import Somebody, World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def mine(somebody: Somebody) -> set[str]:
    return {item["id"] for item in somebody.ok("GET", "/filings?scope=mine")["items"]}


def end_kinship(world: World, child_id: UUID) -> None:
    ended = update(Kinship).where((Kinship.person_id == child_id) | (Kinship.relative_id == child_id))
    world.write(lambda session: session.execute(ended.values(ended_at=clock.now())))


def told(world: World, kind: str) -> set[tuple[UUID, UUID]]:
    """(reader, subject) of the notices of a kind."""
    with world.parts.database.reading() as session:
        rows = session.execute(select(Notice).where(Notice.kind == kind)).scalars()
        return {(row.person_id, row.subject_id) for row in rows}


def test_who_is_guardian_no_more_neither_lists_nor_opens_the_childs_case(world: World) -> None:
    parent = world.citizen()
    child_id = world.child(parent)
    own, childs = world.filing(parent, "draft"), world.filing(parent, "draft", subject_id=child_id)
    assert mine(parent) == {own["id"], childs["id"]}

    end_kinship(world, child_id)

    assert mine(parent) == {own["id"]}
    assert parent.refused("GET", f"/filings/{childs['id']}") == (404, "not_found")


def test_the_case_of_a_child_that_came_of_age_is_the_childs_alone(world: World) -> None:
    parent = world.citizen()
    child_id = world.child(parent, age=17)
    case = world.filing(parent, "draft", subject_id=child_id)
    child = world.citizen(person_id=child_id)
    assert mine(parent) == {case["id"]}

    with clock.travel(clock.now() + timedelta(days=366)):
        parent, child = renewed(world, parent), renewed(world, child)
        assert mine(parent) == set()
        assert [item["id"] for item in child.ok("GET", "/filings?scope=subject")["items"]] == [case["id"]]


def test_only_who_still_acts_for_the_subject_is_told_of_the_decision(world: World) -> None:
    parent, handler = world.citizen(), world.handler()
    child_id = world.child(parent)
    world.citizen(person_id=child_id)  # the child reads its notices itself
    first = world.filing(parent, subject_id=child_id)
    world.act(handler, world.act(handler, first, "claim"), "reject", reason="材料不符")
    assert told(world, "filing_rejected") == {(child_id, child_id), (parent.person_id, child_id)}
    second = world.filing(parent, subject_id=child_id)

    end_kinship(world, child_id)
    world.act(handler, world.act(handler, second, "claim"), "approve")

    assert told(world, "filing_approved") == {(child_id, child_id)}


def test_drafts_about_a_former_ward_take_no_place_from_ones_own(world: World) -> None:
    parent = world.citizen()
    child_id = world.child(parent)
    limit = world.parts.settings.open_filings_per_person
    for _ in range(limit - 1):
        world.filing(parent, "draft", subject_id=child_id)
    world.filing(parent, "draft")
    one_more = {"service_code": "remote_care", "form": {}}
    answer = parent.send("POST", "/filings", one_more)
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_open_filings")
    assert f"{limit} 件业务还没办完" in answer.json["detail"], (
        "while they are the parent's to finish, they count"
    )

    end_kinship(world, child_id)

    assert parent.ok("POST", "/filings", one_more)["status"] == "draft"


def renewed(world: World, somebody: Somebody) -> Somebody:
    """The same account with a token of the present."""
    headers = {"Authorization": f"Bearer {world.sign_in(somebody.account_id)}"}
    return Somebody(somebody.app, somebody.account_id, somebody.person_id, headers, name=somebody.name)
