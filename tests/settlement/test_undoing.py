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
TAMPERED, STANDS_PAID, LATER_DEPEND = 503, 504, 505


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
    # What it settled before, it hears again.
    assert pharmacy.send("2207", message)["output"]["setlinfo"] == first
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


def standing(answer: Any, message: dict[str, Any]) -> str:
    """The answer says that this message's bill stands paid, by its numbers and in words: by which message."""
    assert answer["infcode"] == STANDS_PAID
    found, wish = answer["output"]["standing"], message["input"]["data"]
    assert (found["mdtrt_id"], found["chrg_bchno"]) == (wish["mdtrt_id"], wish["chrg_bchno"])
    assert f"冲正（2601）报文 {found['msgid']}" in answer["err_msg"]
    assert f"撤销（2208）结算 {found['setl_id']}" in answer["err_msg"]
    return str(found["msgid"])


def test_it_is_never_said_that_nothing_was_paid_while_the_bill_stands_by_another_message(
    world: World, pharmacy: Counter
) -> None:
    """Given a system that writes a new number at each try, when it reverses one of them, then it is told which one paid."""
    patient = employee(world, 300_00)
    first, second, third = (
        {**message, "msgid": f"{message['msgid']}-{name}"}
        for message in [pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))]
        for name in ("ONE", "TWO", "THREE")
    )
    wish: dict[str, Any] = first["input"]["data"]  # type: ignore[index]
    named = {"oinfno": "2207", "mdtrt_id": wish["mdtrt_id"], "chrg_bchno": wish["chrg_bchno"]}

    # The first was paid and its answer lost, the second never came: its reversal names the first.
    paid = pharmacy.send("2207", first)["output"]
    assert standing(pharmacy.transact("2601", omsgid=second["msgid"], **named), first) == first["msgid"]
    assert (
        pharmacy.transact("2601", omsgid=second["msgid"], **named, psn_no="somebody-else")["infcode"] == 202
    )
    # Nothing was kept of the refused reversal: if the second comes at last, it gets the first answer.
    assert pharmacy.send("2207", second)["output"] == paid
    # Now both came and neither was heard: the reversal of the first names the second, with the bill named or not.
    for said in (named, {"oinfno": "2207"}):
        assert standing(pharmacy.transact("2601", omsgid=first["msgid"], **said), first) == second["msgid"]
    assert pharmacy.send("2207", first)["output"] == paid, "the first is still a number of this settlement"

    # A message whose own number was reversed before it came is not sent off to pay the bill anew.
    assert pharmacy.output("2601", omsgid=third["msgid"], oinfno="2207") == {"setlinfo": None}
    assert standing(pharmacy.send("2207", third), first) == second["msgid"]
    other_content = {**third, "input": {"data": {**wish, "acct_used_flag": "0"}}}
    assert pharmacy.send("2207", other_content)["infcode"] == 402

    # Reversed as it said, the bill is gone whatever number comes, and each says the same.
    taken = pharmacy.output("2601", omsgid=second["msgid"], **named)
    assert taken["setlinfo"]["setl_id"] == paid["setlinfo"]["setl_id"]
    assert pharmacy.output("2601", omsgid=first["msgid"], **named) == taken
    assert pharmacy.output("2601", omsgid=third["msgid"], **named) == {"setlinfo": None}
    assert {pharmacy.send("2207", one)["infcode"] for one in (first, second, third)} == {REVERSED}
    assert findings(world) == []


def taken_back(counter: Counter, info: dict[str, Any]) -> dict[str, Any]:
    """2208: the envelope."""
    return counter.transact("2208", setl_id=info["setl_id"], psn_no=info["psn_no"])


def test_a_bill_on_which_later_ones_rest_is_undone_after_them(world: World, pharmacy: Counter) -> None:
    """Given 600 yuan that were all deductible and then 1,000 of which the fund paid 70 %, when the first is undone alone,
    then the fund would have paid 700 where it owes 280: it is refused until the later ones are undone."""
    patient, clinic = employee(world, 0), Counter(world, InstitutionType.CLINIC, "230502")

    def settle(counter: Counter, amount: str) -> dict[str, Any]:
        info: dict[str, Any] = counter.output("2207", **bill(patient, drugs(amount), med_type="41"))[
            "setlinfo"
        ]
        return info

    first, second = settle(pharmacy, "600.00"), settle(pharmacy, "1000.00")
    capped, elsewhere = settle(pharmacy, "5000.00"), settle(clinic, "10.00")
    assert [one["fund_pay_sumamt"] for one in (second, capped, elsewhere)] == [700, 1300, 0]

    refused = taken_back(pharmacy, first)
    assert refused["infcode"] == LATER_DEPEND
    assert [one["setl_id"] for one in refused["output"]["later"]] == [capped["setl_id"], second["setl_id"]]
    assert refused["output"]["later_elsewhere"] == 1
    assert (
        f"本机构的单据 {capped['chrg_bchno']}（{clock.today()}）、{second['chrg_bchno']}"
        in refused["err_msg"]
    )
    assert "在其他机构的结算 1 笔" in refused["err_msg"]
    # The second took no deductible, but left less of the cap to those that reached it.
    refused = taken_back(pharmacy, second)
    assert [one["setl_id"] for one in refused["output"]["later"]] == [capped["setl_id"]]
    # The last one first; what has become alone is undone, and once more gets the same answer.
    assert taken_back(clinic, elsewhere)["infcode"] == 0
    assert taken_back(pharmacy, capped)["infcode"] == 0
    assert taken_back(pharmacy, first)["output"]["later_elsewhere"] == 0
    assert taken_back(pharmacy, second)["infcode"] == 0
    done = taken_back(pharmacy, first)
    assert done["infcode"] == 0
    settle(pharmacy, "700.00")
    assert taken_back(pharmacy, first)["output"] == done["output"]
    assert findings(world) == []


def test_a_bill_on_which_nothing_rests_is_undone_whatever_was_settled_later(
    world: World, pharmacy: Counter
) -> None:
    """All within the deductible; of another year; without a benefit; and a reversal asks nobody."""
    patient = employee(world, 0)
    wish = bill(patient, drugs("100.00"), med_type="41")
    first = pharmacy.output("2207", **wish)["setlinfo"]
    pharmacy.output("2207", **bill(patient, drugs("450.00"), med_type="41"))
    pharmacy.output("2207", **bill(patient, drugs("900.00"), med_type="21"))
    last_year = f"{clock.today().year - 1}-12-31 10:00:00"
    pharmacy.output("2207", **bill(patient, drugs("900.00"), med_type="21", setl_time=last_year))
    assert taken_back(pharmacy, first)["infcode"] == 0
    message = pharmacy.message(**bill(patient, drugs("600.00"), med_type="41"))
    pharmacy.send("2207", message)
    later = pharmacy.output("2207", **bill(patient, drugs("100.00"), med_type="41"))["setlinfo"]
    assert later["fund_pay_sumamt"] == 70
    assert pharmacy.output("2601", omsgid=message["msgid"], oinfno="2207")["setlinfo"] is not None
    assert taken_back(pharmacy, later)["infcode"] == 0
    assert findings(world) == []
