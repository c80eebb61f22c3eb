"""A deadline that passes when somebody says so: for one case, and for no other."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.demo import deadline
from app.demo.errors import NoDeadline
from app.filings.models import Filing
from app.gateways.parts import Parts
from app.kit import clock
from app.kit.api.application import Application
from tests.somebody import Somebody
from tests.world import World

REGION = "610902"
FORM = {
    "category": "long_term_resident",
    "care_region_code": "5101",
    "proof": "commitment",
    "commitment_accepted": True,
}


def submitted(world: World) -> tuple[Somebody, str]:
    """Somebody whose case waits for the agency: who, and its number."""
    citizen = world.citizen(region=REGION)
    body = {"service_code": "remote_care", "form": FORM, "material_ids": [], "submit": True}
    return citizen, str(citizen.ok("POST", "/filings", body)["number"])


def overdue(parts: Parts) -> set[str]:
    query = select(Filing.number).where(Filing.escalated_at.is_not(None))
    with parts.database.reading() as session:
        return set(session.execute(query).scalars())


def test_what_is_due_is_done_with_one_case_and_nothing_with_the_others(
    app: Application, parts: Parts
) -> None:
    # given two cases that wait for the agency
    world = World(app)
    _, one = submitted(world)
    _, other = submitted(world)
    before = clock.now()
    # when the deadline of one passes
    then = deadline.pass_deadline(parts.database, one)
    # then it is with the supervisor, as of a time after the deadline, and the clock stands where it stood
    assert overdue(parts) == {one} != {other}
    assert then > before + timedelta(hours=1)
    assert abs(clock.now() - before) < timedelta(minutes=5)


@pytest.mark.parametrize("number", ["YD20260101XXXXXXXX", ""])
def test_a_case_that_there_is_not_has_no_deadline(parts: Parts, number: str) -> None:
    with pytest.raises(NoDeadline, match="没有期限可过"):
        deadline.pass_deadline(parts.database, number)


def test_a_case_that_waits_for_nobody_has_none(app: Application, parts: Parts) -> None:
    world = World(app)
    citizen, number = submitted(world)
    [case] = citizen.ok("GET", "/filings")["items"]
    world.act(citizen, citizen.ok("GET", f"/filings/{case['id']}"), "withdraw")
    with pytest.raises(NoDeadline):
        deadline.pass_deadline(parts.database, number)
