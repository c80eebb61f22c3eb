"""2206 and 2207: a bill previewed and settled, what each side pays, and that it is paid once."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from app.kit import clock
from app.ledger import checking
from app.ledger.checking import Finding
from app.places.models import InstitutionType
from app.registry import LEDGER_CHECKS
from app.settlement import settling
from app.settlement.identify import identify
from tests.settlement.bills import bill, drugs, line
from tests.settlement.counter import Counter, card_of
from tests.somebody import Somebody, id_number
from tests.world import World

TOO_OLD = 406
AMOUNTS = (
    "medfee_sumamt",
    "fulamt_ownpay_amt",
    "preselfpay_amt",
    "inscp_scp_amt",
    "act_pay_dedc",
    "fund_pay_sumamt",
    "acct_pay",
    "psn_cash_pay",
    "balc",
)


def amounts(output: Any) -> dict[str, float]:
    return {name: output["setlinfo"][name] for name in AMOUNTS}


def findings(world: World) -> list[Finding]:
    steps = checking.check(world.parts.database, also=LEDGER_CHECKS)
    return [step for step in steps if isinstance(step, Finding)]


@pytest.fixture
def pharmacy(world: World) -> Counter:
    """In 双鸭山, whose employees' outpatient pooling has figures."""
    return Counter(world, InstitutionType.PHARMACY, "230502")


def employee(world: World, opening_fen: int = 100_00, **traits: Any) -> Somebody:
    return world.citizen(region="2305", insutype="310", opening_balance_fen=opening_fen, **traits)


def test_below_the_deductible_the_account_pays_and_then_cash(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    output = pharmacy.output("2207", **bill(patient, drugs("150.00"), med_type="41"))
    assert amounts(output) == {
        "medfee_sumamt": 150,
        "fulamt_ownpay_amt": 0,
        "preselfpay_amt": 0,
        "inscp_scp_amt": 150,
        "act_pay_dedc": 150,
        "fund_pay_sumamt": 0,
        "acct_pay": 100,
        "psn_cash_pay": 50,
        "balc": 0,
    }
    assert findings(world) == []


def test_the_year_is_remembered_the_deductible_ends_in_the_middle_of_a_bill(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 0)
    pharmacy.output("2207", **bill(patient, drugs("550.00"), med_type="41"))
    output = pharmacy.output("2207", **bill(patient, drugs("150.00"), med_type="41"))
    # 50 are left of the deductible of 600; of the other 100 the fund pays 70 %.
    assert amounts(output)["act_pay_dedc"] == 50
    assert amounts(output)["fund_pay_sumamt"] == 70
    assert amounts(output)["psn_cash_pay"] == 80
    assert findings(world) == []


def test_class_c_is_never_paid_by_the_account(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 1_000_00)
    lines = [*drugs("30.00"), line("20.00", lv="03")]
    output = pharmacy.output("2207", **bill(patient, lines, med_type="41"))
    assert output["setlinfo"]["fulamt_ownpay_amt"] == 20
    assert (output["setlinfo"]["acct_pay"], output["setlinfo"]["psn_cash_pay"]) == (30, 20)


def test_without_the_account_all_is_cash_when_the_patient_wants_it_so(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 1_000_00)
    wish = bill(patient, drugs("30.00"), med_type="41", acct_used_flag="0")
    info = pharmacy.output("2207", **wish)["setlinfo"]
    assert (info["acct_pay"], info["psn_cash_pay"], info["balc"]) == (0, 30, 1000)


def test_a_preview_says_what_settling_does_and_changes_nothing(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    wish = bill(patient, drugs("650.00"), med_type="41")
    first = pharmacy.output("2206", **wish)
    assert amounts(pharmacy.output("2206", **wish)) == amounts(first)
    assert first["setlinfo"]["setl_id"] is None
    settled = pharmacy.output("2207", **wish)
    assert amounts(first) == amounts(settled)
    assert first["setldetail"] == settled["setldetail"]


def test_the_same_bill_again_gets_the_first_answer_and_pays_once(world: World, pharmacy: Counter) -> None:
    patient = employee(world, 100_00)
    message = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    first = pharmacy.send("2207", message)
    assert first["infcode"] == 0
    assert pharmacy.send("2207", message)["output"] == first["output"]
    again = {**message, "msgid": "ANOTHER-NUMBER"}
    assert pharmacy.send("2207", again)["output"] == first["output"]
    assert pharmacy.send("2207", again)["output"] == first["output"]
    assert amounts(first["output"])["balc"] == 40
    assert findings(world) == []


@pytest.mark.parametrize("change", [{"acct_used_flag": "0"}, {"med_type": "11"}, {"dise_codg": "M03900"}])
def test_a_bill_number_is_not_used_for_other_content(
    world: World, pharmacy: Counter, change: dict[str, str]
) -> None:
    patient = employee(world)
    wish = bill(patient, drugs("60.00"), med_type="41")
    pharmacy.output("2207", **wish)
    answer = pharmacy.transact("2207", **{**wish, **change})
    assert answer["infcode"] == 402
    assert "收费批次号" in answer["err_msg"]


def test_the_bill_number_of_one_patient_is_not_answered_for_another(world: World, pharmacy: Counter) -> None:
    """A system whose numbers begin anew must not tell the next patient that all is paid."""
    first, second = employee(world), employee(world)
    wish = bill(first, drugs("60.00"), med_type="41")
    pharmacy.output("2207", **wish)
    assert pharmacy.transact("2207", **{**wish, **card_of(second)})["infcode"] == 402
    shown = {"mdtrt_cert_type": "01", "mdtrt_cert_no": pharmacy.scan(second, "02121"), "psn_name": None}
    assert pharmacy.transact("2207", **{**wish, **shown})["infcode"] == 402
    nobody = {**wish, "mdtrt_cert_no": id_number("2305", date(1990, 1, 1))}
    assert pharmacy.transact("2207", **nobody)["infcode"] == 402
    assert pharmacy.transact("2207", **{**wish, "mdtrt_cert_no": "1234"})["infcode"] == 201
    assert findings(world) == []


def test_a_retry_may_show_something_else_of_the_same_person(world: World, pharmacy: Counter) -> None:
    """The voucher first, then the same token after it has expired, the card, the social card; the time written anew."""
    patient = employee(world)
    token = {"mdtrt_cert_type": "01", "mdtrt_cert_no": pharmacy.scan(patient, "02121"), "psn_name": None}
    today = clock.today()
    wish = bill(patient, drugs("60.00"), med_type="41", setl_time=f"{today} 00:00:01")
    first = pharmacy.output("2207", **{**wish, **token})
    with clock.travel(clock.now() + timedelta(minutes=11)):
        assert pharmacy.transact("2206", **{**wish, **token})["infcode"] == 306
        assert pharmacy.output("2207", **{**wish, **token}) == first
    assert pharmacy.output("2207", **wish) == first
    social = {"mdtrt_cert_type": "03", "card_sn": "S1", "psn_no": first["setlinfo"]["psn_no"]}
    assert pharmacy.output("2207", **{**wish, **social, "setl_time": f"{today}T00:00:02+08:00"}) == first
    other_day = f"{today - timedelta(days=1)} 00:00:01"
    assert pharmacy.transact("2207", **{**wish, "setl_time": other_day})["infcode"] == 402
    assert findings(world) == []


def test_a_message_number_is_not_used_for_another_bill(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    message = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    pharmacy.send("2207", message)
    other = pharmacy.message(**bill(patient, drugs("60.00"), med_type="41"))
    assert pharmacy.send("2207", {**other, "msgid": message["msgid"]})["infcode"] == 403


def test_a_voucher_code_pays_once(world: World, pharmacy: Counter) -> None:
    patient = employee(world)
    token = pharmacy.scan(patient, "02121")
    shown = {"mdtrt_cert_type": "01", "mdtrt_cert_no": token, "psn_name": None}
    wish = {**bill(patient, drugs("10.00"), med_type="41"), **shown}
    first = pharmacy.output("2207", **wish)
    assert pharmacy.output("2207", **wish) == first
    other = {**bill(patient, drugs("10.00"), med_type="41"), **shown}
    assert pharmacy.transact("2207", **other)["infcode"] == 301
    assert pharmacy.transact("2206", **other)["infcode"] == 301


@pytest.fixture
def in_january(world: World) -> Iterator[date]:
    """The 20th of a January to come."""
    day = date(clock.today().year + 1, 1, 20)
    with clock.travel(datetime.combine(day, time(12), clock.CHINA)):
        yield day


@pytest.mark.usefixtures("in_january")
def test_a_bill_of_last_year_uses_last_year_s_accumulators(world: World) -> None:
    pharmacy, patient = Counter(world, InstitutionType.PHARMACY, "230502"), employee(world, 0)
    pharmacy.output("2207", **bill(patient, drugs("600.00"), med_type="41"))
    last_year = f"{clock.today().year - 1}-12-31 10:00:00"
    late = bill(patient, drugs("600.00"), med_type="41", setl_time=last_year)
    assert amounts(pharmacy.output("2207", **late))["act_pay_dedc"] == 600
    later = bill(patient, drugs("100.00"), med_type="41")
    assert amounts(pharmacy.output("2207", **later))["fund_pay_sumamt"] == 70
    assert findings(world) == []


def test_a_bill_is_dated_back_so_far_and_its_retry_any_time(world: World, in_january: date) -> None:
    """31 days, a stay into last year; what was paid is answered though its day has become too old meanwhile."""
    hospital, patient = Counter(world, region="230502", level=2), employee(world, 0)

    def of(days: int, med_type: str) -> dict[str, Any]:
        day = in_january - timedelta(days=days)
        return hospital.message(
            **bill(patient, drugs("9.00"), med_type=med_type, setl_time=f"{day} 08:00:00")
        )

    paid = [of(31, kind) for kind in ("11", "14", "41", "9901", "21")] + [of(19 + 365, "21")]
    answers = [hospital.send("2207", one) for one in paid]
    assert {one["infcode"] for one in answers} == {0}
    old = [of(32, kind) for kind in ("11", "14", "41", "9901")] + [of(20 + 366, "21")]
    for message in old:
        refused = hospital.send("2207", message)
        assert refused["infcode"] == TOO_OLD
        assert "手工报销" in refused["err_msg"]
    assert str(in_january - timedelta(days=31)) in hospital.send("2206", old[0])["err_msg"]
    with clock.travel(clock.now() + timedelta(days=400)):
        hospital.terminal = world.terminal(hospital.place)
        assert [hospital.send("2207", one)["output"] for one in paid] == [one["output"] for one in answers]
        assert hospital.send("2206", paid[0])["infcode"] == TOO_OLD


def test_an_undated_bill_that_waits_over_midnight_is_judged_by_one_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the last second of a year, when the bill waits for a lock into the new one, its rules and its year are one's."""
    new_year = datetime(clock.today().year + 1, 1, 1, tzinfo=clock.CHINA)
    with clock.travel(new_year - timedelta(seconds=30)):
        pharmacy, patient = Counter(world, InstitutionType.PHARMACY, "230502"), employee(world, 0)
        pharmacy.output("2207", **bill(patient, drugs("600.00"), med_type="41"))

        def wait(*given: Any, **more: Any) -> Any:
            clock.shift(new_year + timedelta(seconds=30) - clock.real_now())
            return identify(*given, **more)

        monkeypatch.setattr(settling, "identify", wait)
        info = pharmacy.output("2207", **bill(patient, drugs("100.00"), med_type="41"))["setlinfo"]
        assert clock.today().year == new_year.year
    assert (info["act_pay_dedc"], info["fund_pay_sumamt"]) == (0, 70)
    assert findings(world) == []


def test_a_long_stay_is_settled_line_by_line_and_a_longer_one_in_sums(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 0)
    wish = bill(patient, [line("0.10") for _ in range(2_000)], med_type="21")
    assert pharmacy.output("2207", **wish)["setlinfo"]["medfee_sumamt"] == 200
    longer = bill(patient, [line("0.10") for _ in range(2_001)], med_type="21")
    [problem] = pharmacy.transact("2207", **longer)["output"]["errors"]
    assert problem["code"] == "too_many"
    assert "不送明细（feedetail）" in problem["message"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"medfee_sumamt": "10.01"}, "medfee_sumamt"),
        ({"setl_time": "2999-01-01 00:00:00"}, "setl_time"),
        ({"med_type": "99"}, "med_type"),
        ({"chrg_bchno": ""}, "chrg_bchno"),
        ({"surprise": "1"}, "surprise"),
        ({"feedetail": [line("10.00", item="77")]}, "feedetail.0.med_chrgitm_type"),
        ({"feedetail": [{**line("10.00"), "cnt": 2}]}, "feedetail.0.det_item_fee_sumamt"),
        ({"feedetail": [{**line("10.00"), "overlmt_amt": "10.01"}]}, "feedetail.0.overlmt_amt"),
    ],
)
def test_what_is_wrong_with_a_bill_is_named_and_nothing_is_paid(
    world: World, pharmacy: Counter, change: dict[str, Any], field: str
) -> None:
    patient = employee(world)
    answer = pharmacy.transact("2207", **{**bill(patient, drugs("10.00"), med_type="41"), **change})
    assert answer["infcode"] == 101
    assert [one["field"] for one in answer["output"]["errors"]] == [f"input.data.{field}"]
    assert findings(world) == []


def test_a_bill_of_nothing_is_refused(world: World, pharmacy: Counter) -> None:
    wish = {**bill(employee(world), [], med_type="41"), "medfee_sumamt": 0}
    answer = pharmacy.transact("2207", **wish)
    assert [one["code"] for one in answer["output"]["errors"]] == ["nothing_to_settle"]


def test_a_bill_without_detail_is_taken_apart_by_the_institution_s_totals(
    world: World, pharmacy: Counter
) -> None:
    patient = employee(world, 0)
    wish = bill(patient, drugs("100.00"), med_type="41", fulamt_ownpay_amt=10, preselfpay_amt="5.50")
    del wish["feedetail"]
    info = pharmacy.output("2207", **wish)["setlinfo"]
    assert (info["fulamt_ownpay_amt"], info["preselfpay_amt"], info["inscp_scp_amt"]) == (10, 5.5, 84.5)
    plain = bill(patient, drugs("100.00"), med_type="41")
    del plain["feedetail"]
    output = pharmacy.output("2207", **plain)
    assert output["setlinfo"]["inscp_scp_amt"] == 100
    assert "没有送来明细" in "".join(one["setl_proc_info"] for one in output["setldetail"])
    too_much = {**plain, "chrg_bchno": "B-TOO-MUCH", "overlmt_selfpay": "100.01"}
    assert pharmacy.transact("2207", **too_much)["output"]["errors"][0]["code"] == "totals_differ"
