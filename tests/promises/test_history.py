"""The history cannot be edited unseen: edit, delete, swap or cut one row, and the row is named."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.filings import history
from app.filings.history import Break
from app.filings.models import Filing, FilingEvent
from app.kit.api.application import Application
from tests.frozen import Frozen
from tests.world import World

Story = tuple[World, dict[str, Any]]


@pytest.fixture
def database_url(frozen_database: str) -> str:
    return frozen_database


@pytest.fixture
def story(app: Application, frozen: Frozen) -> Story:
    def tell() -> Story:
        world = World(app)
        return world, of_six_steps(world)

    return frozen(tell)


@pytest.fixture
def world(story: Story) -> World:
    return story[0]


@pytest.fixture
def case(story: Story) -> dict[str, Any]:
    return story[1]


def of_six_steps(world: World) -> dict[str, Any]:
    """A case of six steps, beside another that must stay sound."""
    world.filing(world.citizen(), "approved")
    citizen, handler = world.citizen(), world.handler()
    sent_back = world.filing(citizen)
    held = world.act(handler, sent_back, "claim")
    items = [{"text": "请补充住址"}]
    world.act(handler, held, "request_correction", items=items, reason="住址不全")
    back = citizen.ok("GET", f"/filings/{sent_back['id']}")
    again = world.act(citizen, back, "resubmit")
    return world.act(handler, world.act(handler, again, "claim"), "approve")


def faults(world: World) -> list[Break]:
    with world.parts.database.reading() as session:
        return [step for step in history.verify(session, batch=1) if isinstance(step, Break)]


def step(session: Session, case: dict[str, Any], seq: int) -> FilingEvent:
    query = select(FilingEvent).join(Filing, Filing.id == FilingEvent.filing_id)
    return session.execute(query.where(Filing.number == case["number"], FilingEvent.seq == seq)).scalar_one()


def tamper(world: World, change: Callable[[Session], None]) -> None:
    world.write(change)


def test_an_untouched_history_is_sound(world: World, case: dict[str, Any]) -> None:
    assert faults(world) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("action", "reject"),
        ("after", "rejected"),
        ("actor_role", "supervisor"),
        ("actor_account_id", None),
        ("reason_sealed", b"\x00"),
        ("facts", {"items": 9}),
        ("duty", "other"),
        ("ground", "kin"),
    ],
)
def test_an_edited_row_is_named(world: World, case: dict[str, Any], column: str, value: object) -> None:
    def edit(session: Session) -> None:
        row = step(session, case, 3)
        session.execute(update(FilingEvent).where(FilingEvent.id == row.id).values({column: value}))

    tamper(world, edit)

    with world.parts.database.reading() as session:
        edited = str(step(session, case, 3).id)
    found = faults(world)
    assert [(fault.table, fault.row) for fault in found] == [("filing_event", edited)]
    assert found[0].filing_number == case["number"]


def test_a_deleted_row_is_noticed_at_the_one_after_it(world: World, case: dict[str, Any]) -> None:
    tamper(world, lambda session: session.delete(step(session, case, 3)))

    [fault] = faults(world)

    with world.parts.database.reading() as session:
        assert fault.row == str(step(session, case, 4).id)
    assert "step 3 is missing" in fault.what


def test_two_swapped_rows_are_named(world: World, case: dict[str, Any]) -> None:
    def swap(session: Session) -> None:
        third, fourth = step(session, case, 3), step(session, case, 4)
        for row, seq in ((third, 99), (fourth, 3), (third, 4)):
            session.execute(update(FilingEvent).where(FilingEvent.id == row.id).values(seq=seq))

    tamper(world, swap)

    with world.parts.database.reading() as session:
        rows = {str(step(session, case, seq).id) for seq in (3, 4)}
    assert rows <= {fault.row for fault in faults(world)}


def test_a_cut_off_end_is_noticed_at_the_case(world: World, case: dict[str, Any]) -> None:
    tamper(world, lambda session: session.delete(step(session, case, 6)))

    [fault] = faults(world)

    assert (fault.table, fault.row) == ("filing", case["id"])
    assert "ends at step 5, the case says 6" in fault.what


def test_a_state_changed_by_hand_is_noticed(world: World, case: dict[str, Any]) -> None:
    def change(session: Session) -> None:
        session.execute(update(Filing).where(Filing.number == case["number"]).values(status="rejected"))

    tamper(world, change)

    [fault] = faults(world)

    assert (fault.table, fault.row) == ("filing", case["id"])


def test_who_knows_the_algorithm_but_not_the_key_cannot_rewrite_the_chain(
    world: World, case: dict[str, Any]
) -> None:
    """Each hash is keyed: copying a whole, valid step of another case does not make it valid here."""

    def copy(session: Session) -> None:
        row, other = (
            step(session, case, 6),
            session.execute(
                select(FilingEvent)
                .join(Filing, Filing.id == FilingEvent.filing_id)
                .where(Filing.number != case["number"])
            )
            .scalars()
            .first(),
        )
        assert other is not None
        values = {"hash": other.hash, "previous_hash": other.previous_hash}
        session.execute(update(FilingEvent).where(FilingEvent.id == row.id).values(values))
        filing = update(Filing).where(Filing.number == case["number"]).values(last_hash=other.hash)
        session.execute(filing)

    tamper(world, copy)

    assert faults(world)


def test_a_cut_off_end_is_noticed_although_the_case_was_made_to_agree(
    world: World, case: dict[str, Any]
) -> None:
    def cut(session: Session) -> None:
        last, before = step(session, case, 6), step(session, case, 5)
        session.execute(delete(FilingEvent).where(FilingEvent.id == last.id))
        agreeing = {"last_seq": before.seq, "last_hash": before.hash, "status": before.after}
        session.execute(update(Filing).where(Filing.number == case["number"]).values(agreeing))

    tamper(world, cut)

    [fault] = faults(world)

    assert (fault.table, fault.row) == ("filing", case["id"])
    assert "seal does not fit" in fault.what


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("form_sealed", b"\x00", "the form was changed without a step"),
        ("number", "YD20200101AAAAAAAA", "seal does not fit"),
        ("seal", "0" * 64, "seal does not fit"),
    ],
)
def test_a_case_changed_by_hand_is_noticed(
    world: World, case: dict[str, Any], column: str, value: object, what: str
) -> None:
    def change(session: Session) -> None:
        session.execute(update(Filing).where(Filing.number == case["number"]).values({column: value}))

    tamper(world, change)

    [fault] = faults(world)

    assert (fault.table, fault.row) == ("filing", case["id"])
    assert what in fault.what


def test_the_form_of_another_step_is_noticed_although_its_digest_was_rewritten_too(
    world: World, case: dict[str, Any]
) -> None:
    def change(session: Session) -> None:
        row = step(session, case, 6)
        digest = sha256(b"\x00").hexdigest()
        session.execute(update(Filing).where(Filing.number == case["number"]).values(form_sealed=b"\x00"))
        session.execute(update(FilingEvent).where(FilingEvent.id == row.id).values(form_digest=digest))

    tamper(world, change)

    assert {fault.table for fault in faults(world)} == {"filing_event", "filing"}


def test_a_corrected_form_is_sealed_with_the_step_that_changed_it(world: World) -> None:
    citizen = world.citizen()
    draft = world.filing(citizen, "draft")
    edit = {"expected_version": draft["version"], "form": {"care_region_code": "31"}, "material_ids": []}
    citizen.ok("PATCH", f"/filings/{draft['id']}", edit)

    assert faults(world) == []


def test_a_case_that_goes_on_during_the_walk_is_no_fault(world: World, case: dict[str, Any]) -> None:
    citizen = world.citizen()
    waiting = world.filing(citizen)

    with world.parts.database.snapshot() as session:
        walk = history.verify(session, batch=1)
        found = [next(walk)]
        world.act(citizen, waiting, "withdraw")
        found += list(walk)

    assert [step for step in found if isinstance(step, Break)] == []


def test_a_value_that_nobody_can_read_is_named_and_holds_up_no_other(
    world: World, case: dict[str, Any]
) -> None:
    other = world.filing(world.citizen(), "approved")
    tamper(
        world,
        lambda session: session.execute(
            text("UPDATE filing SET status='approvd' WHERE number=:n"), {"n": case["number"]}
        ),
    )
    tamper(
        world,
        lambda session: session.execute(
            update(Filing).where(Filing.number == other["number"]).values(region_code="1401")
        ),
    )

    with world.parts.database.reading() as session:
        found = [step for step in history.verify(session) if isinstance(step, Break)]

    assert {one.row for one in found} == {case["id"], other["id"]}


@pytest.mark.parametrize("column", ["region_code", "pack_id", "queue_region", "stage"])
def test_what_decides_who_may_read_a_case_is_under_its_seal(
    world: World, case: dict[str, Any], column: str
) -> None:
    change = update(Filing).where(Filing.number == case["number"]).values({column: "x"})
    tamper(world, lambda session: session.execute(change))

    [fault] = faults(world)
    assert (fault.table, fault.row) == ("filing", case["id"])
