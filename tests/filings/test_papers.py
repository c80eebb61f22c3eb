"""Papers of a case: about its subject, who filed it or who adds them; whoever looks at them is on the subject's record."""

import pytest
from sqlalchemy import select

from app.filings.intake import MAX_PAPERS
from app.identity.models import AccessKind, AccessRecord, Relation
from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.mark.parametrize("path", ["", "/content"])
def test_a_look_at_a_paper_that_a_guardian_uploaded_is_on_the_childs_record(world: World, path: str) -> None:
    """The phone may have said nothing of whom the photograph is about."""
    parent, handler = world.citizen(), world.handler()
    child_id = world.child(parent)
    paper = world.paper(parent)["id"]
    case = world.filing(parent, subject_id=child_id, material_ids=[paper])

    handler.ok("GET", f"/materials/{paper}{path}")

    with world.parts.database.reading() as session:
        query = select(AccessRecord).where(AccessRecord.what == AccessKind.MATERIAL_VIEWED)
        [record] = session.execute(query).scalars().all()
    assert (record.person_id, str(record.filing_id)) == (child_id, case["id"])
    assert (record.role, record.ground, record.about_zh) == ("handler", "staff", "异地就医备案")
    assert record.organisation_name


@pytest.mark.parametrize("when", ["start", "edit", "submit"])
def test_a_paper_about_a_third_person_is_refused_by_name(world: World, when: str) -> None:
    citizen = world.citizen()
    stranger_id = world.person()
    foreign, own = world.paper(citizen, person_id=stranger_id)["id"], world.paper(citizen)["id"]
    given = {"material_ids": [own, foreign]}
    if when == "start":
        body = {"service_code": "remote_care", "form": {}, "submit": False, **given}
        answer = citizen.send("POST", "/filings", body)
    else:
        case = world.filing(citizen, "draft")
        address = f"/filings/{case['id']}"
        if when == "edit":
            answer = citizen.send("PATCH", address, {"expected_version": case["version"], **given})
        else:
            step = {"action": "submit", "expected_version": case["version"], **given}
            answer = citizen.send("POST", f"{address}/actions", step)

    assert (answer.status_code, answer.json["code"]) == (422, "papers_about_others")
    assert answer.json["other_material_ids"] == [foreign]
    assert "1 份材料是为别人上传的" in answer.json["detail"]


def test_papers_about_the_child_and_about_the_guardian_both_belong_to_the_childs_case(world: World) -> None:
    parent = world.citizen()
    child_id = world.child(parent)
    papers = [world.paper(parent, person_id=child_id)["id"], world.paper(parent, "id_card_front")["id"]]

    case = world.filing(parent, subject_id=child_id, material_ids=papers)

    assert {paper["material_id"] for paper in case["papers"]} == set(papers)


def test_a_second_guardian_adds_the_own_identity_card_to_what_the_first_filed(world: World) -> None:
    mother, father = world.citizen(), world.citizen()
    child_id = world.child(mother)
    world.relate(world.citizen(person_id=child_id), father, Relation.PARENT, guardian=True)
    draft = world.filing(mother, "draft", subject_id=child_id)
    own_card = world.paper(father, "id_card_front")["id"]

    body = {"expected_version": draft["version"], "material_ids": [own_card]}
    saved = father.ok("PATCH", f"/filings/{draft['id']}", body)

    assert [paper["material_id"] for paper in saved["papers"]] == [own_card]
    of_a_stranger = world.paper(father, person_id=world.person())["id"]
    body = {"expected_version": saved["version"], "material_ids": [of_a_stranger]}
    assert father.refused("PATCH", f"/filings/{draft['id']}", body) == (422, "papers_about_others")


def test_a_full_case_that_is_sent_back_has_room_for_what_the_reviewer_asks_for(world: World) -> None:
    citizen = world.citizen()
    papers = [world.paper(citizen)["id"] for _ in range(MAX_PAPERS)]
    case = world.filing(citizen, "needs_correction", material_ids=papers)

    asked_for = world.paper(citizen, "residence_proof")["id"]
    back = world.act(citizen, case, "resubmit", material_ids=[asked_for])

    assert back["status"] == "submitted"
    assert len(back["papers"]) == MAX_PAPERS + 1
