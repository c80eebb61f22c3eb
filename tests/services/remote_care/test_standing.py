"""With which filing somebody comes to an institution elsewhere, as settlement asks it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.benefits.model import Insured, MedType, RemoteStanding, Standing
from app.kit import clock
from app.kit.api.application import Application
from app.services.remote_care.backfiling import BackfileOutcome
from app.services.remote_care.models import RemoteCareRecord
from app.services.remote_care.standing import standing
from tests.somebody import Somebody
from tests.world import World

TAIYUAN, TAIYUAN_DISTRICT, SHANGHAI, AT_HOME = "1401", "140105", "310115", "610902"
TODAY = clock.today()


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.fixture
def ask(world: World) -> Callable[..., Standing | None]:
    def question(
        patient: Somebody,
        care: str,
        *,
        insured: Insured | None = None,
        days: int = 0,
        med_type: MedType = MedType.INPATIENT,
        urgent: bool = False,
        chronic_entitled: bool = False,
    ) -> Standing | None:
        whose = insured or Insured("390", "6109")
        assert patient.person_id is not None
        found: RemoteStanding = world.write(
            lambda session: standing(
                session,
                patient.person_id,  # type: ignore[arg-type] # asserted above
                whose,
                care,
                TODAY + timedelta(days=days),
                med_type,
                urgent=urgent,
                chronic_entitled=chronic_entitled,
            )
        )
        return found.category

    return question


@pytest.fixture
def filed(world: World) -> Somebody:
    """Other temporary care in 太原, at once."""
    patient = world.citizen()
    assert world.filing(patient, "approved")["status"] == "approved"
    return patient


def test_care_in_the_pooling_region_is_at_home(ask: Callable[..., Any], filed: Somebody) -> None:
    assert ask(filed, AT_HOME) is None


def test_a_filing_counts_in_the_whole_city_and_nowhere_else(ask: Callable[..., Any], filed: Somebody) -> None:
    assert ask(filed, TAIYUAN) is Standing.OTHER_TEMPORARY
    assert ask(filed, TAIYUAN_DISTRICT) is Standing.OTHER_TEMPORARY
    assert ask(filed, SHANGHAI) is Standing.NOT_FILED


def test_a_filing_counts_on_its_days(ask: Callable[..., Any], filed: Somebody, world: World) -> None:
    record = world.write(
        lambda session: session.execute(select(RemoteCareRecord.begndate, RemoteCareRecord.enddate)).one()
    )
    first, last = (record.begndate - TODAY).days, (record.enddate - TODAY).days
    assert ask(filed, TAIYUAN, days=first - 1) is Standing.NOT_FILED
    assert ask(filed, TAIYUAN, days=first) is Standing.OTHER_TEMPORARY
    assert ask(filed, TAIYUAN, days=last) is Standing.OTHER_TEMPORARY
    assert ask(filed, TAIYUAN, days=last + 1) is Standing.NOT_FILED


def test_a_cancelled_filing_counts_no_more(ask: Callable[..., Any], filed: Somebody) -> None:
    [record] = filed.ok("GET", "/remote-care/records")["items"]
    filed.ok("POST", f"/remote-care/records/{record['id']}/actions", {"action": "cancel"})
    # It ends with the day before, or never began.
    assert ask(filed, TAIYUAN, days=1) is Standing.NOT_FILED


def test_a_filing_is_of_one_insurance(ask: Callable[..., Any], filed: Somebody) -> None:
    employee = Insured("310", "6109")
    moved = Insured("390", "6104")
    assert ask(filed, TAIYUAN, insured=employee) is Standing.NOT_FILED
    assert ask(filed, TAIYUAN, insured=moved) is Standing.NOT_FILED


def test_somebody_else_s_filing_is_nobody_s(ask: Callable[..., Any], filed: Somebody, world: World) -> None:
    assert ask(world.citizen(), TAIYUAN) is Standing.NOT_FILED


def test_what_is_reimbursed_by_hand_does_not_settle_directly(
    ask: Callable[..., Any], filed: Somebody, world: World
) -> None:
    by_hand = update(RemoteCareRecord).values(settlement=BackfileOutcome.MANUAL_REIMBURSEMENT)
    world.write(lambda session: session.connection().execute(by_hand).rowcount)
    assert ask(filed, TAIYUAN) is Standing.NOT_FILED


def test_a_long_term_filing_is_taken_before_a_temporary_one(
    ask: Callable[..., Any], filed: Somebody, world: World
) -> None:
    """The record that a later law makes of it stands for one that a reviewer approved."""
    long_term = update(RemoteCareRecord).values(category="resettled_retiree")
    world.write(lambda session: session.connection().execute(long_term).rowcount)
    assert ask(filed, TAIYUAN) is Standing.LONG_TERM


def test_what_needs_no_filing_is_paid_as_the_rules_say(ask: Callable[..., Any], world: World) -> None:
    """太原: inside the province as at home; an emergency counts as filed; others by a share of their own."""
    patient = world.citizen(region="1401")
    here = Insured("390", "1401")
    assert ask(patient, "140202", insured=here) is Standing.AS_AT_HOME
    assert ask(patient, SHANGHAI, insured=here) is Standing.NOT_FILED_NOT_URGENT
    student = Insured("390", "1401", student=True)
    assert ask(patient, SHANGHAI, insured=student) is Standing.AS_AT_HOME


def test_two_disease_medicines_are_judged_as_outpatient_care(
    ask: Callable[..., Any], filed: Somebody
) -> None:
    assert ask(filed, TAIYUAN, med_type=MedType.TWO_DISEASE) is Standing.OTHER_TEMPORARY
    for kind in MedType:
        assert ask(filed, SHANGHAI, med_type=kind) in set(Standing)


def test_before_the_oldest_rules_only_the_region_and_filings_count(
    ask: Callable[..., Any], filed: Somebody
) -> None:
    long_ago = -365 * 60
    assert ask(filed, AT_HOME, days=long_ago) is None
    assert ask(filed, TAIYUAN, days=long_ago) is Standing.NOT_FILED
