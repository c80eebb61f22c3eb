"""A scan: who shows the code, for what it was scanned, and a reason of its own for each refusal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from app.gateways.parts import Parts
from app.identity.models import RoleGrant
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


def test_a_terminal_that_may_not_scan_is_told_so_whatever_lay_under_the_scanner(
    world: World, counter: Counter, patient: Somebody
) -> None:
    code = show(patient)
    forged = code[:-1] + str((int(code[-1]) + 1) % 10)
    counter.close()
    moved_away = Counter(world)
    end = update(RoleGrant).where(RoleGrant.account_id == moved_away.terminal.account_id)
    world.write(lambda session: session.execute(end.values(ended_at=clock.now())))
    for one in (code, forged, "6" * 28):
        assert refused(counter, one) == (403, "institution_inactive")
        assert refused(moved_away, one) == (403, "terminal_without_institution")


def test_a_scan_is_one_statement_to_read_and_one_to_keep_the_look(
    counter: Counter, patient: Somebody, parts: Parts
) -> None:
    """Beside the sign-in. A forged code is known without either: what is read is only whether the terminal may scan."""
    code = show(patient)
    forged = code[:-1] + str((int(code[-1]) + 1) % 10)
    seen: list[str] = []

    def note(*call: Any) -> None:
        if call[2].partition(" ")[0] in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
            seen.append(call[2])

    event.listen(parts.database.engine, "before_cursor_execute", note)
    refused(counter, forged)
    assert ["voucher" in one for one in seen] == [False, False]
    seen.clear()
    decode(counter, code)
    event.remove(parts.database.engine, "before_cursor_execute", note)
    assert [one.partition(" ")[0] for one in seen] == ["SELECT", "SELECT", "INSERT"]


def test_a_guardian_shows_a_child_s_code_and_the_child_is_who_is_seen(world: World, counter: Counter) -> None:
    parent = world.citizen()
    child = world.child(parent)
    found = decode(counter, show(parent, person_id=str(child)))
    assert found["baseinfo"]["age"] == 7
    assert [one["psn_type"] for one in found["insuinfo"]] == ["14"]
