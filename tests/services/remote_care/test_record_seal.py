"""A remote-care record that somebody edits in the database is found, and nothing else complains."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from care_calls import file, records, renewed
from sqlalchemy import Date, DateTime, String, Uuid, delete, select, type_coerce, update

from app.filings import history
from app.filings.declaration import Break
from app.kit import clock
from app.kit.api.application import Application
from app.services.remote_care.models import RemoteCareRecord
from tests.frozen import Frozen
from tests.world import INSTANT, World

TABLE: Any = RemoteCareRecord.__table__
HOUSEKEEPING = {"reminded_at"}
"""What the seal leaves out: it says nothing about the record."""
REFERENCES = {"id", "person_id", "filing_id"}


@pytest.fixture
def database_url(frozen_database: str) -> str:
    return frozen_database


@pytest.fixture
def world(app: Application, frozen: Frozen) -> World:
    """In which three others have records."""

    def tell() -> World:
        world = World(app)
        for _ in range(3):
            file(world.citizen(), dict(INSTANT))
        return world

    return frozen(tell)


def faults(world: World) -> list[Break]:
    with world.parts.database.reading() as session:
        return [step for step in history.verify(session, batch=2) if isinstance(step, Break)]


def edit(world: World, record_id: str, **values: object) -> None:
    """As somebody would with the database's own tools."""
    changed = {TABLE.c[name]: _plain(TABLE.c[name], value) for name, value in values.items()}
    world.write(
        lambda session: session.execute(update(TABLE).where(TABLE.c.id == UUID(record_id)).values(changed))
    )


def _plain(column: Any, value: object) -> object:
    return type_coerce(value, String) if column.key == "category" else value


def another(column: Any, old: object) -> object:
    """Another value that the column can hold."""
    if isinstance(column.type, Uuid):
        return UUID(int=7)
    if isinstance(column.type, Date):
        return (old or date(2026, 1, 1)) + timedelta(days=1)  # type: ignore[operator]
    if isinstance(getattr(column.type, "impl", None), DateTime):
        return (old or clock.now()) + timedelta(seconds=1)  # type: ignore[operator]
    return {"vali_flag": "0", "seal": "0" * 64}.get(column.key, "9")


def test_records_that_were_issued_replaced_and_cancelled_are_sound(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)
    path = f"/remote-care/records/{record['id']}/actions"
    form = {"care_region_code": "3201", "commitment_accepted": True}
    citizen.ok("POST", path, {"action": "change", "form": form})
    with clock.travel(clock.now() + timedelta(days=3)):
        later = renewed(world, citizen)
        newest = records(later)[0]
        later.ok("POST", f"/remote-care/records/{newest['id']}/actions", {"action": "cancel"})
        ended = records(later)[0]

    assert ended["enddate"] == (clock.today() + timedelta(days=2)).isoformat()
    assert faults(world) == []


@pytest.mark.parametrize(
    "column",
    [column for column in TABLE.columns if column.key not in HOUSEKEEPING | REFERENCES],
    ids=lambda column: column.key,
)
def test_one_edited_column_is_found_and_named_and_nothing_else_complains(world: World, column: Any) -> None:
    citizen = world.citizen()
    case = file(citizen, dict(INSTANT))
    [record] = records(citizen)
    with world.parts.database.reading() as session:
        old = session.execute(select(column).where(TABLE.c.id == UUID(record["id"]))).scalar_one()

    edit(world, record["id"], **{column.key: another(column, old)})

    [fault] = faults(world)
    assert (fault.table, fault.row, fault.filing_number) == (
        "remote_care_record",
        record["id"],
        case["number"],
    )
    assert "seal does not fit" in fault.what


def test_a_record_given_to_somebody_else_is_found(world: World) -> None:
    citizen, other = world.citizen(), world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)

    edit(world, record["id"], person_id=other.person_id)

    assert [(fault.table, fault.row) for fault in faults(world)] == [("remote_care_record", record["id"])]


def test_a_record_moved_to_another_case_is_found_at_both(world: World) -> None:
    citizen, other = world.citizen(), world.citizen()
    case = file(citizen, dict(INSTANT))
    draft = world.filing(other, "draft")
    [record] = records(citizen)

    edit(world, record["id"], filing_id=UUID(draft["id"]))

    found = {(fault.table, fault.row) for fault in faults(world)}
    assert found == {("remote_care_record", record["id"]), ("filing", case["id"])}


def test_a_deleted_record_is_missed_at_its_case(world: World) -> None:
    citizen = world.citizen()
    case = file(citizen, dict(INSTANT))
    world.write(lambda session: session.execute(delete(TABLE).where(TABLE.c.person_id == citizen.person_id)))

    [fault] = faults(world)

    assert (fault.table, fault.row, fault.filing_number) == ("filing", case["id"], case["number"])
    assert "record that it gave is missing" in fault.what


def test_the_seal_of_another_record_does_not_fit(world: World) -> None:
    citizen, other = world.citizen(), world.citizen()
    for who in (citizen, other):
        file(who, dict(INSTANT))
    [record], [theirs] = records(citizen), records(other)
    with world.parts.database.reading() as session:
        seal = session.execute(select(TABLE.c.seal).where(TABLE.c.id == UUID(theirs["id"]))).scalar_one()

    edit(world, record["id"], seal=seal)

    assert [fault.row for fault in faults(world)] == [record["id"]]


def test_what_was_edited_before_a_change_is_still_found_after_it(world: World) -> None:
    """A new seal over the edited record would hide the edit for good."""
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)
    edit(world, record["id"], settlement="manual_reimbursement")

    citizen.ok("POST", f"/remote-care/records/{record['id']}/actions", {"action": "cancel"})

    assert [fault.row for fault in faults(world)] == [record["id"]]


def test_the_seal_stays_inside(world: World) -> None:
    citizen = world.citizen()
    file(citizen, dict(INSTANT))
    [record] = records(citizen)
    assert {"seal", "reminded_at"}.isdisjoint(record)


def test_times_are_sealed_as_they_are_read_back(world: World) -> None:
    """Both databases give back the moment that was written, to the microsecond."""
    moment = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=clock.CHINA)
    with clock.travel(moment):
        file(world.citizen(), dict(INSTANT))
    assert faults(world) == []
