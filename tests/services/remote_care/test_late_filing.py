"""Filing late over HTTP: before and after the bill is settled, and what cannot be filed for."""

from datetime import date, timedelta
from typing import Any

import pytest
from care_calls import COMMITTED, file, records, refused

from app.kit import clock
from app.kit.api.application import Application
from tests.world import World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.mark.parametrize(
    ("stay", "settlement"),
    [
        pytest.param({"settled": "not_yet"}, "direct_settlement", id="still in hospital"),
        pytest.param(
            {"discharged": True, "settled": "self_paid"}, "manual_reimbursement", id="paid by oneself"
        ),
    ],
)
def test_filed_late_it_counts_from_the_day_of_admission(
    world: World, stay: dict[str, Any], settlement: str
) -> None:
    citizen = world.citizen(region="1401")
    admitted = clock.today() - timedelta(days=5)
    form: dict[str, object] = {
        "category": "other_temporary",
        "care_region_code": "31",
        "admitted_on": admitted.isoformat(),
        "settled": stay["settled"],
        **COMMITTED,
    }
    if stay.get("discharged"):
        form["discharged_on"] = (clock.today() - timedelta(days=1)).isoformat()

    case = file(citizen, form)

    [record] = records(citizen)
    assert record["begndate"] == admitted.isoformat()
    assert record["settlement"] == settlement
    assert case["form"]["start_date"] == admitted.isoformat()


@pytest.mark.parametrize("admitted", ["1999-03-01", "0001-01-01"])
def test_a_stay_of_long_ago_cannot_be_filed_for(world: World, admitted: str) -> None:
    citizen = world.citizen(region="1401", begin_date=date(1990, 1, 1))
    form = {"category": "other_temporary", "care_region_code": "31", "admitted_on": admitted, **COMMITTED}
    answer = citizen.send("POST", "/filings", {"service_code": "remote_care", "form": form, "submit": True})
    assert answer.status_code == 422
    assert records(citizen) == []


def test_a_stay_before_the_insurance_began_cannot_be_filed_for(world: World) -> None:
    citizen = world.citizen(region="1401", begin_date=clock.today() - timedelta(days=10))
    admitted = (clock.today() - timedelta(days=20)).isoformat()
    form = {"category": "other_temporary", "care_region_code": "31", "admitted_on": admitted, **COMMITTED}
    assert refused(citizen, form)[:2] == (422, "not_insured")


def test_filing_late_does_not_dodge_the_lock(world: World) -> None:
    citizen = world.citizen(region="1301")
    admitted = (clock.today() - timedelta(days=240)).isoformat()
    form = {
        "category": "long_term_resident",
        "care_region_code": "31",
        "admitted_on": admitted,
        "proof": "none",
    }
    file(citizen, form)
    [record] = records(citizen)
    assert record["lock_until"] > clock.today().isoformat()


def test_what_was_settled_directly_cannot_be_filed_for_again(world: World) -> None:
    citizen = world.citizen(region="1401")
    form = {
        "category": "other_temporary",
        "care_region_code": "31",
        "admitted_on": (clock.today() - timedelta(days=5)).isoformat(),
        "discharged_on": clock.today().isoformat(),
        "settled": "direct",
        **COMMITTED,
    }
    assert refused(citizen, form)[:2] == (422, "invalid_input")
