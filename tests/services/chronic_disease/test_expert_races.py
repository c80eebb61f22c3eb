"""Two supervisors at the same moment, on both databases: one profile for an expert, and no leave beside other leave."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from clinic import ELSEWHERE, REGION, Clinic
from sqlalchemy import select

from app.identity.actor import Role
from app.kit import clock
from app.kit.api.application import Application
from app.kit.errors import Problem
from app.services.chronic_disease import expert_pool, leave, pool_audit
from app.services.chronic_disease.expert_pool import Said
from app.services.chronic_disease.models import ExpertLeave
from tests.world import World

ROUNDS = 5
AT_ONCE = 4


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def clinic(app: Application) -> Clinic:
    return Clinic(World(app), count=0)


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(call) for call in calls]]


def test_of_those_who_enter_an_expert_at_once_one_does_and_the_others_are_told(clinic: Clinic) -> None:
    said = Said(specialties=["全科"], hospital=ELSEWHERE, title="主任医师")
    for _ in range(ROUNDS):
        account = clinic.world.staff(Role.EXPERT, REGION, organisation_id=clinic.pool)

        def enter(username: str = account.login) -> str:
            try:
                clinic.world.parts.database.run(
                    lambda session: expert_pool.enter(session, username, said, by="li.wei").id
                )
            except Problem as problem:
                return problem.kind.code
            return "entered"

        assert sorted(at_once([enter] * AT_ONCE)) == ["entered", *["invalid_input"] * (AT_ONCE - 1)]


def test_leave_that_is_entered_at_once_is_one(clinic: Clinic) -> None:
    today = clock.today()
    for _ in range(ROUNDS):
        expert = clinic.expert()

        def begin(last: int, username: str = expert.login) -> None:
            ends_on = today + timedelta(days=last)
            clinic.world.parts.database.run(
                lambda session: leave.begin(session, username, today, ends_on, today, by="li.wei").id
            )

        at_once([lambda last=last, begin=begin: begin(last) for last in range(AT_ONCE)])
        query = select(ExpertLeave).where(ExpertLeave.account_id == expert.account_id)
        [kept] = clinic.world.write(lambda session, query=query: session.execute(query).scalars().all())
        assert (kept.begins_on, kept.ends_on) == (today, today + timedelta(days=AT_ONCE - 1))
    with clinic.world.parts.database.reading() as session:
        assert list(pool_audit.audit(session)) == [], "the log tells of each in its turn"
