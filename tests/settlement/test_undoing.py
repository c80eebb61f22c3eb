"""2208 and 2601: a bill taken back whole; what was reversed is never paid, whether it comes before or after."""

from typing import Any

import pytest

from app.kit import clock
from app.places.models import InstitutionType
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter
from tests.settlement.test_settling import amounts, employee, findings
from tests.world import World

REVERSED, UNDONE, UNKNOWN, NO_CONTRACT = 501, 502, 401, 113


@pytest.fixture
def pharmacy(world: World) -> Counter:
    return Counter(world, InstitutionType.PHARMACY, "230502")


def test_undoing_gives_every_fen_back_and_the_year_too(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 1_000_00)
    first = bill(patient, drugs("700.00"), med_type="41")
    settled = pharmacy.output("2207", **first)["setlinfo"]
    undone = pharmacy.output("2208", setl_id=settled["setl_id"], psn_no=settled["psn_no"])["setlinfo"]
    assert (undone["refd_setl_flag"], undone["refd_way"]) == ("1", "2208")
    again = bill(patient, drugs("700.00"), med_type="41")
    assert amounts(pharmacy.output("2207", **again)) == {
        **{name: settled[name] for name in amounts({"setlinfo": settled})}
    }
    assert findings(world) == []


def test_undoing_twice_undoes_once(world: World, pharmacy: Counter) -> None:
    settled = pharmacy.output("2207", **bill(employee(world), drugs("60.00"), med_type="41"))["setlinfo"]
    wish = {"setl_id": settled["setl_id"], "psn_no": settled["psn_no"]}
    assert pharmacy.output("2208", **wish) == pharmacy.output("2208", **wish)
    assert findings(world) == []


def test_an_undone_bill_number_is_not_paid_again(world: World, pharmacy: Counter) -> None:
    wish = bill(employee(world), drugs("60.00"), med_type="41")
    settled = pharmacy.output("2207", **wish)["setlinfo"]
    pharmacy.output("2208", setl_id=settled["setl_id"], psn_no=settled["psn_no"])
    assert pharmacy.transact("2207", **wish)["infcode"] == UNDONE


def test_another_institution_s_settlement_is_unknown(world: World, pharmacy: Counter) -> None:
    settled = pharmacy.output("2207", **bill(employee(world), drugs("60.00"), med_type="41"))["setlinfo"]
    other = Counter(world, InstitutionType.PHARMACY, "230502")
    wish = {"setl_id": settled["setl_id"], "psn_no": settled["psn_no"]}
    assert other.transact("2208", **wish)["infcode"] == 401
    assert other.transact("2208", **{**wish, "setl_id": "no-such-id"})["infcode"] == 401


def test_undoing_needs_the_right_person(world: World, pharmacy: Counter) -> None:
    settled = pharmacy.output("2207", **bill(employee(world), drugs("60.00"), med_type="41"))["setlinfo"]
    assert pharmacy.transact("2208", setl_id=settled["setl_id"], psn_no="somebody-else")["infcode"] == 202


def test_an_institution_s_terminals_take_back_and_compare_its_own_bills_only(
    world: World, pharmacy: Counter
) -> None:
    """Two pharmacies that number messages, visits and bills alike; the first has a second till."""
    other = Counter(world, InstitutionType.PHARMACY, "230502")
    second_till = world.terminal(pharmacy.place)
    patient = employee(world, 100_00)
    wish = bill(patient, drugs("60.00"), med_type="41")
    message = pharmacy.message(**wish)
    ours = pharmacy.send("2207", message)["output"]["setlinfo"]
    named = {"omsgid": message["msgid"], "oinfno": "2207", "mdtrt_id": "V1", "chrg_bchno": wish["chrg_bchno"]}
    today = str(clock.today())
    sums = {name: ours[name] for name in ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")}
    day = {"stmt_begndate": today, "stmt_enddate": today, "fixmedins_setl_cnt": 1, **sums}

    # The other's numbers are its own: its reversal finds nothing, keeps its own bill from being paid, and not ours.
    assert other.output("2601", **named) == {"setlinfo": None}
    assert other.transact("2208", setl_id=ours["setl_id"], psn_no=ours["psn_no"])["infcode"] == UNKNOWN
    assert other.send("2207", message)["infcode"] == REVERSED
    stated = other.output("3201", **day)["stmtinfo"]
    assert (stated["stmt_rslt"], stated["fixmedins_setl_cnt"], stated["medfee_sumamt"]) == ("1", 0, 0)
    assert pharmacy.send("2207", message)["output"]["setlinfo"] == ours
    assert pharmacy.output("3201", **day)["stmtinfo"]["stmt_rslt"] == "0"

    # At its own institution any till may, and none at a place that has no institution.
    def at_second_till(infno: str, **given: object) -> Any:
        return second_till.ok("POST", f"/terminal/transactions/{infno}", pharmacy.message(**given))

    assert at_second_till("3201", **day)["output"]["stmtinfo"]["stmt_rslt"] == "0"
    assert at_second_till("2601", **named)["output"]["setlinfo"]["setl_id"] == ours["setl_id"]
    assert at_second_till("3201", **day)["output"]["stmtinfo"]["stmt_rslt"] == "1"
    assert findings(world) == []


def test_without_a_contract_an_institution_settles_no_more_but_takes_back_and_compares(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 100_00)
    message = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    first = pharmacy.send("2207", message)["output"]["setlinfo"]
    second = pharmacy.output("2207", **bill(patient, drugs("10.00"), med_type="41"))["setlinfo"]
    pharmacy.close()
    assert pharmacy.transact("2207", **bill(patient, drugs("1.00"), med_type="41"))["infcode"] == NO_CONTRACT
    assert pharmacy.transact("2206", **bill(patient, drugs("1.00"), med_type="41"))["infcode"] == NO_CONTRACT
    reversed_ = pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207")["setlinfo"]
    assert reversed_["setl_id"] == first["setl_id"]
    assert (
        pharmacy.output("2208", setl_id=second["setl_id"], psn_no=second["psn_no"])["setlinfo"]["balc"]
        is None
    )
    today = str(clock.today())
    nothing = dict.fromkeys(("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "fixmedins_setl_cnt"), 0)
    stated = pharmacy.output("3201", stmt_begndate=today, stmt_enddate=today, **nothing)["stmtinfo"]
    assert stated["stmt_rslt"] == "0"
    assert findings(world) == []


def test_a_reversal_must_mean_the_bill_that_its_message_settled(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    wish = bill(patient, drugs("60.00"), med_type="41")
    message = pharmacy.message(**wish)
    first = pharmacy.send("2207", message)["output"]
    means = {"omsgid": message["msgid"], "oinfno": "2207"}
    for said, infcode in (
        ({"chrg_bchno": "ANOTHER"}, 405),
        ({"chrg_bchno": wish["chrg_bchno"], "mdtrt_id": "ANOTHER"}, 405),
        ({"psn_no": "somebody-else"}, 202),
        ({"oinfno": "2208"}, 101),
    ):
        assert pharmacy.transact("2601", **{**means, **said})["infcode"] == infcode
        assert pharmacy.send("2207", message)["output"] == first, "nothing was reversed"
    # What was refused left nothing behind: the other bill can still be paid.
    assert pharmacy.transact("2207", **{**wish, "chrg_bchno": "ANOTHER"})["infcode"] == 0
    # A reversal that leaves mdtrt_id out means the same bill.
    taken = pharmacy.output("2601", **means, chrg_bchno=wish["chrg_bchno"])["setlinfo"]
    assert taken["setl_id"] == first["setlinfo"]["setl_id"]
    assert pharmacy.transact("2207", **wish)["infcode"] == REVERSED
    assert findings(world) == []


def test_what_was_undone_and_is_then_reversed_is_taken_back_once(world: World, pharmacy: Counter) -> None:
    message = pharmacy.message(**bill(employee(world), drugs("60.00"), med_type="41"))
    settled = pharmacy.send("2207", message)["output"]["setlinfo"]
    undo = {"setl_id": settled["setl_id"], "psn_no": settled["psn_no"], "mdtrt_id": "V1"}
    assert pharmacy.transact("2208", **{**undo, "mdtrt_id": "V2"})["infcode"] == UNKNOWN
    undone = pharmacy.output("2208", **undo)
    assert pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207") == undone
    assert pharmacy.output("2208", **undo) == undone
    assert findings(world) == []


def test_visit_and_bill_number_do_not_run_into_each_other(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    one = {**bill(patient, drugs("1.00"), med_type="41"), "mdtrt_id": "A/B", "chrg_bchno": "C"}
    other = {**bill(patient, drugs("2.00"), med_type="41"), "mdtrt_id": "A", "chrg_bchno": "B/C"}
    assert pharmacy.output("2207", **one)["setlinfo"]["balc"] == 99
    assert pharmacy.output("2207", **other)["setlinfo"]["balc"] == 97


def test_what_got_no_answer_is_reversed(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    message = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    pharmacy.send("2207", message)
    taken = pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207")["setlinfo"]
    assert taken["refd_way"] == "2601"
    assert pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207")["setlinfo"] == taken
    assert pharmacy.send("2207", message)["infcode"] == REVERSED
    assert pharmacy.send("2207", {**message, "msgid": "NEW-NUMBER"})["infcode"] == REVERSED
    info = pharmacy.output("2206", **bill(patient, drugs("60.00"), med_type="41"))["setlinfo"]
    assert info["acct_pay"] == 60
    assert findings(world) == []


def test_a_reversal_that_comes_before_its_bill_keeps_it_from_being_paid(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world)
    message = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    assert pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207") == {"setlinfo": None}
    assert pharmacy.send("2207", message)["infcode"] == REVERSED
    assert pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207") == {"setlinfo": None}


def test_a_reversal_that_names_the_bill_stops_it_under_every_number(world: World, pharmacy: Counter) -> None:
    wish = bill(employee(world), drugs("60.00"), med_type="41")
    named = {"mdtrt_id": wish["mdtrt_id"], "chrg_bchno": wish["chrg_bchno"]}
    pharmacy.output("2601", omsgid="LOST", oinfno="2207", **named)
    assert pharmacy.transact("2207", **wish)["infcode"] == REVERSED


def test_a_bill_confirmed_under_a_second_number_survives_the_reversal_of_the_first(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 100_00)
    message = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    first = pharmacy.send("2207", message)["output"]
    again = {**message, "msgid": "SECOND-NUMBER"}
    pharmacy.send("2207", again)
    assert pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207") == {"setlinfo": None}
    assert pharmacy.send("2207", again)["output"] == first
    assert pharmacy.output("2601", omsgid="SECOND-NUMBER", oinfno="2207")["setlinfo"] is not None
    assert findings(world) == []
