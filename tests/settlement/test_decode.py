"""A scan: who shows the code, for what it was scanned, and a reason of its own for each refusal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from app.gateways.parts import Parts
from app.kit import clock
from app.places.models import InstitutionType
from app.settlement import schemas
from app.vouchers.business import BusinessType
from tests.settlement.counter import Counter, show
from tests.somebody import Somebody
from tests.world import World

PATH = "/terminal/decode"


@pytest.fixture
def patient(world: World) -> Somebody:
    return world.citizen(insutype="310", opening_balance_fen=10_050)


def decode(counter: Counter, code: str, business_type: str = "01301") -> dict[str, Any]:
    answer: dict[str, Any] = counter.terminal.ok("POST", PATH, {"code": code, "business_type": business_type})
    return answer


def refused(counter: Counter, code: str, business_type: str = "01301") -> tuple[int, str]:
    return counter.terminal.refused("POST", PATH, {"code": code, "business_type": business_type})


def test_a_scan_gives_the_masked_person_the_account_and_a_token(counter: Counter, patient: Somebody) -> None:
    found = decode(counter, show(patient))
    assert set(found) == set(schemas.DecodedAnswer().fields)
    assert found["baseinfo"]["certno"].count("*") == 11
    assert [one["balc"] for one in found["insuinfo"]] == [100.5]
    assert (
        counter.output("1101", mdtrt_cert_type="01", mdtrt_cert_no=found["ec_token"])["baseinfo"]
        == found["baseinfo"]
    )
    assert patient.id_no not in str(found)


def test_scanning_twice_is_no_harm(counter: Counter, patient: Somebody) -> None:
    code = show(patient)
    assert decode(counter, code)["baseinfo"] == decode(counter, code)["baseinfo"]


@pytest.mark.parametrize("kind", list(InstitutionType))
def test_a_pharmacy_scans_for_purchases_others_for_treatment_anybody_for_identification(
    world: World, patient: Somebody, kind: InstitutionType
) -> None:
    counter, pharmacy = Counter(world, kind), kind is InstitutionType.PHARMACY
    code = show(patient)
    for business in BusinessType:
        answer = counter.terminal.send("POST", PATH, {"code": code, "business_type": business.value})
        if business is BusinessType.IDENTIFICATION or (business.value[:2] == "02") is pharmacy:
            assert answer.status_code == 200, business
        else:
            assert (answer.status_code, answer.get_json()["code"]) == (409, "business_not_here"), business


def test_each_refusal_has_its_own_reason(world: World, counter: Counter, patient: Somebody) -> None:
    code = show(patient)
    forged = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert refused(counter, forged) == (422, "code_unknown")
    assert refused(counter, code[:-1])[0] == 422
    assert refused(counter, code, "99999") == (422, "invalid_input")
    now = clock.now()
    with clock.travel(now + timedelta(minutes=2)):
        assert refused(counter, code) == (410, "code_expired")
    with clock.travel(now + timedelta(minutes=3)):
        from_a_fast_clock = show(patient)
    assert refused(counter, from_a_fast_clock) == (422, "clock_off")
    patient.ok("DELETE", "/voucher")
    assert refused(counter, code) == (410, "voucher_revoked")
    assert patient.refused("POST", PATH, {"code": code, "business_type": "01301"}) == (
        403,
        "role_not_allowed",
    )


def test_a_closed_institution_scans_for_nobody(counter: Counter, patient: Somebody) -> None:
    counter.close()
    assert refused(counter, show(patient)) == (403, "institution_inactive")


def test_a_forged_code_costs_no_statement_beyond_the_sign_in(
    counter: Counter, patient: Somebody, parts: Parts
) -> None:
    code = show(patient)
    forged = code[:-1] + str((int(code[-1]) + 1) % 10)
    seen: list[str] = []

    def note(*call: Any) -> None:
        if call[2].partition(" ")[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
            seen.append(call[2])

    event.listen(parts.database.engine, "before_cursor_execute", note)
    refused(counter, forged)
    assert len(seen) == 1
    seen.clear()
    decode(counter, code)
    event.remove(parts.database.engine, "before_cursor_execute", note)
    # Sign-in, voucher, institution, person, the look, the account.
    assert len(seen) == 6


def test_a_guardian_shows_a_child_s_code_and_the_child_is_who_is_seen(world: World, counter: Counter) -> None:
    parent = world.citizen()
    child = world.child(parent)
    found = decode(counter, show(parent, person_id=str(child)))
    assert found["baseinfo"]["age"] == 7
    assert [one["psn_type"] for one in found["insuinfo"]] == ["14"]
