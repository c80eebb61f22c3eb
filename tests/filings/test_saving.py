"""Saving a case before it is handed in: wrong papers go out again, and the history does not grow without end."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from app.filings import service
from app.filings.models import FilingMaterial
from app.kit import clock
from app.materials import service as materials
from app.materials.models import Material
from app.materials.purge import KEEP_UNATTACHED, delete_unattached
from tests.world import Somebody, World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def save(somebody: Somebody, case: dict[str, object], **more: object) -> dict[str, object]:
    body = {"expected_version": case["version"], **more}
    saved: dict[str, object] = somebody.ok("PATCH", f"/filings/{case['id']}", body)
    return saved


def refused(somebody: Somebody, case: dict[str, object], **more: object) -> dict[str, object]:
    """The problem document of a save."""
    body = {"expected_version": case["version"], **more}
    answer = somebody.send("PATCH", f"/filings/{case['id']}", body)
    assert answer.status_code >= 400, answer.text
    problem: dict[str, object] = answer.get_json()
    return problem


def papers_in(case: dict[str, object]) -> set[str]:
    papers = case["papers"]
    assert isinstance(papers, list)
    return {paper["material_id"] for paper in papers}


def age(world: World) -> None:
    """Let all papers have been sent long ago."""
    long_ago = update(Material).values(uploaded_at=clock.now() - KEEP_UNATTACHED - timedelta(days=1))
    world.write(lambda session: session.execute(long_ago))


def test_a_wrong_paper_goes_out_of_a_draft_and_is_deleted_in_time(world: World) -> None:
    citizen = world.citizen()
    wrong, right = world.paper(citizen)["id"], world.paper(citizen)["id"]
    draft = world.filing(citizen, "draft", material_ids=[wrong])

    saved = save(citizen, draft, material_ids=[right], remove_material_ids=[wrong])

    assert papers_in(saved) == {right}
    assert citizen.ok("GET", f"/filings/{draft['id']}")["papers"] == saved["papers"]
    age(world)
    assert delete_unattached(world.parts.database, world.parts.papers) == 1
    assert citizen.refused("GET", f"/materials/{wrong}") == (404, "not_found")
    assert citizen.ok("GET", f"/materials/{right}")["id"] == right


def test_a_paper_that_another_case_uses_stays_when_one_lets_it_go(world: World) -> None:
    citizen = world.citizen()
    paper = world.paper(citizen)["id"]
    first = world.filing(citizen, "draft", material_ids=[paper])
    second = world.filing(citizen, "draft", material_ids=[paper])
    age(world)

    save(citizen, first, remove_material_ids=[paper])
    assert delete_unattached(world.parts.database, world.parts.papers) == 0
    assert papers_in(citizen.ok("GET", f"/filings/{second['id']}")) == {paper}

    save(citizen, second, remove_material_ids=[paper])
    assert delete_unattached(world.parts.database, world.parts.papers) == 1


def test_a_paper_that_was_taken_out_can_be_put_back(world: World) -> None:
    citizen = world.citizen()
    paper = world.paper(citizen)["id"]
    draft = world.filing(citizen, "draft", material_ids=[paper])

    again = save(citizen, save(citizen, draft, remove_material_ids=[paper]), material_ids=[paper])

    assert papers_in(again) == {paper}
    age(world)
    assert delete_unattached(world.parts.database, world.parts.papers) == 0


def test_of_a_case_sent_back_only_what_was_added_since_goes_out(world: World) -> None:
    citizen = world.citizen()
    seen, wrong = world.paper(citizen)["id"], world.paper(citizen)["id"]
    case = save(citizen, world.filing(citizen, "needs_correction", material_ids=[seen]), material_ids=[wrong])

    problem = refused(citizen, case, remove_material_ids=[wrong, seen])

    assert (problem["status"], problem["code"]) == (409, "papers_already_seen")
    assert problem["seen_material_ids"] == [seen]
    assert papers_in(citizen.ok("GET", f"/filings/{case['id']}")) == {seen, wrong}, "all or nothing"
    assert papers_in(save(citizen, case, remove_material_ids=[wrong])) == {seen}


def test_a_correction_of_which_the_paper_was_taken_out_is_still_lacking(world: World) -> None:
    citizen = world.citizen()
    paper = world.paper(citizen)["id"]
    case = save(citizen, world.filing(citizen, "needs_correction"), material_ids=[paper])
    case = save(citizen, case, remove_material_ids=[paper])

    wanted = {"action": "resubmit", "expected_version": case["version"]}

    assert citizen.refused("POST", f"/filings/{case['id']}/actions", wanted) == (422, "papers_missing")


def test_a_paper_that_is_not_there_cannot_be_taken_out(world: World) -> None:
    citizen = world.citizen()
    here, elsewhere = world.paper(citizen)["id"], world.paper(citizen)["id"]
    draft = world.filing(citizen, "draft", material_ids=[here])

    problem = refused(citizen, draft, remove_material_ids=[here, elsewhere])

    assert problem["code"] == "invalid_input"
    assert problem["errors"] == {"remove_material_ids.1": ["这件业务里没有这份材料，请刷新后再看。"]}


def test_one_paper_is_not_added_and_taken_out_at_once(world: World) -> None:
    citizen = world.citizen()
    paper = world.paper(citizen)["id"]
    draft = world.filing(citizen, "draft", material_ids=[paper])

    problem = refused(citizen, draft, material_ids=[paper], remove_material_ids=[paper])

    assert problem["errors"] == {"remove_material_ids": ["同一份材料不能既添加又去掉。"]}


def test_of_a_case_under_review_nothing_goes_out(world: World) -> None:
    citizen = world.citizen()
    paper = world.paper(citizen)["id"]
    case = world.filing(citizen, material_ids=[paper])
    assert refused(citizen, case, remove_material_ids=[paper])["code"] == "wrong_state"


def test_a_case_is_saved_so_often_and_no_more_and_can_still_be_handed_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MAX_SAVES", 3)
    citizen = world.citizen()
    case = world.filing(citizen, "draft")
    for _ in range(2):
        case = save(citizen, case)

    problem = refused(citizen, case)

    assert (problem["status"], problem["code"]) == (409, "too_many_saves")
    assert "保存了 3 次" in str(problem["detail"])
    assert "直接提交" in str(problem["detail"])
    assert problem["available_actions"] == ["submit", "withdraw"]
    form = citizen.ok("GET", f"/filings/{case['id']}")["form"]
    last = world.act(citizen, case, "submit", form={**form, "residence_address": "张杨路九百弄一号"})
    assert last["status"] == "submitted"
    assert last["form"]["residence_address"] == "张杨路九百弄一号"


def test_only_saves_count_towards_the_limit_of_saves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_SAVES", 3)
    citizen = world.citizen()
    case = world.filing(citizen, "needs_correction")  # submitted, claimed, sent back: three steps, no save

    for _ in range(3):
        case = save(citizen, case)

    assert refused(citizen, case)["code"] == "too_many_saves"


def test_a_paper_that_another_case_takes_at_the_same_moment_is_kept(world: World) -> None:
    """The cases are about two children, so no lock of a person puts one after the other."""
    parent = world.citizen()
    first, second = world.child(parent), world.child(parent)
    card = world.paper(parent, "id_card_front")["id"]
    leaving = world.filing(parent, "draft", subject_id=first, material_ids=[card])
    taking = world.filing(parent, "draft", subject_id=second)
    link = {"filing_id": UUID(str(taking["id"])), "material_id": UUID(card), "person_id": second}

    with ThreadPoolExecutor(1) as pool:
        with world.parts.database.writing() as session:
            session.add(FilingMaterial(**link, kind="id_card_front", added_at=clock.now()))
            materials.mark_attached(session, [UUID(card)])
            let_go = pool.submit(save, parent, leaving, remove_material_ids=[card])
            done, _ = wait([let_go], timeout=0.5)
            assert not done, "it waits for the case that takes the paper"
        assert papers_in(let_go.result()) == set()

    age(world)
    assert delete_unattached(world.parts.database, world.parts.papers) == 0
    assert papers_in(parent.ok("GET", f"/filings/{taking['id']}")) == {card}
