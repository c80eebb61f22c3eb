"""The one statement of a scan finds what 1101 finds, on both databases."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from app.identity import register
from app.identity.models import InsuType, Person
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter, card_of, show
from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def test_a_scan_tells_what_1101_tells_and_is_on_record_for_the_person_once(
    world: World, counter: Counter
) -> None:
    """With two insurances, an account in use, and for somebody who was never insured."""
    patient = world.citizen(insutype="310", opening_balance_fen=100_00, begin_date=date(2022, 1, 1))

    def also_resident(session: Session) -> None:
        person = session.get_one(Person, patient.person_id)
        register.add_coverage(
            session, person, insutype=InsuType.RESIDENT, region_code="6109", begin_date=date(2021, 1, 1)
        )

    world.write(also_resident)
    code, other = show(patient), show(world.citizen(insutype=None))
    scanned = [
        counter.terminal.ok("POST", "/terminal/decode", {"code": one, "business_type": "01301"})
        for one in (code, code, other)
    ]
    assert [one["what"] for one in patient.ok("GET", "/me/accesses")["items"]] == ["coverage_viewed"]

    of_1101 = counter.output("1101", **card_of(patient))
    for name in ("baseinfo", "insuinfo"):
        assert scanned[0][name] == scanned[1][name] == of_1101[name]
    assert [(one["insutype"], one["balc"]) for one in scanned[0]["insuinfo"]] == [
        ("310", 100.0),
        ("390", 0.0),
    ]
    assert scanned[2]["insuinfo"] == []

    counter.output("2207", **bill(patient, drugs("30.00")))
    after = counter.terminal.ok("POST", "/terminal/decode", {"code": code, "business_type": "01301"})
    assert [one["balc"] for one in after["insuinfo"]] == [70.0, 0.0]
