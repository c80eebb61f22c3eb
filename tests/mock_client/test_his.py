"""A hospital's or pharmacy's system: how it writes messages, and what it does when no answer comes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from small_office import Reply, SmallOffice

from mock_client.bills import OUTPATIENT, Bill, Item, drug, fen, in_yuan, treatment
from mock_client.device import Phone
from mock_client.his import LAN, MAKERS, QING, SHU, Declined, Habits, His, Reversed, habits_of
from mock_client.network import Fate, Signal
from mock_client.people import Terminal

TILL = Terminal("t1", "hush", "样本县人民医院", "H61090200001")
PROOF = {"mdtrt_cert_type": "02", "mdtrt_cert_no": "61240119700101001X", "psn_name": "样本甲"}
BILL = Bill("V1", "B1", OUTPATIENT, (drug("样本药片", "12.30").times(2), treatment("样本治疗", "5.05", "B")))


@pytest.fixture
def office() -> Iterator[SmallOffice]:
    with SmallOffice() as running:
        yield running


def his(office: SmallOffice, habits: Habits = SHU) -> His:
    phone = Phone("till", 7, office.url, signal=Signal("still"), pace=0)
    phone.remember(office.session())
    return His(TILL, phone, habits, "test")


def answer(infcode: int = 0, output: object = None, words: str = "") -> Reply:
    head = {"inf_refmsgid": "1", "refmsg_time": "1", "respond_time": "1"}
    return Reply(200, {"infcode": infcode, "err_msg": words, "output": output, **head})


def paid(number: str) -> Reply:
    info = {"setl_id": number, "psn_no": "P1", "mdtrt_id": "V1", "chrg_bchno": f"B-{number}"}
    time = {"setl_time": f"2026-03-01 10:00:0{number[1:]}"}
    parts = {"fund_pay_sumamt": 10.1, "acct_pay": 0.0, "acct_mulaid_pay": 0.0, "psn_cash_pay": 19.55}
    return answer(output={"setlinfo": {**info, **time, "medfee_sumamt": 29.65, **parts}, "setldetail": []})


def sent(office: SmallOffice) -> list[tuple[str, dict[str, Any]]]:
    """(transaction, message) in the order of arrival."""
    return [(one.path.rsplit("/", 1)[-1], json.loads(one.body)) for one in office.arrivals]


def fields(message: Mapping[str, Any]) -> dict[str, Any]:
    """The transaction's fields, wherever they stand."""
    given = message["input"]
    return {**{name: value for name, value in given.items() if name != "data"}, **given.get("data", {})}


def same_but_for_the_time(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether it is the same message, sent again."""
    return {**one, "inf_time": None} == {**other, "inf_time": None}


@pytest.mark.parametrize(
    ("habits", "total", "inside"), [(SHU, 29.65, True), (LAN, "29.65", False), (QING, "29.65", True)]
)
def test_each_maker_writes_the_same_bill_in_its_own_way(
    office: SmallOffice, habits: Habits, total: object, *, inside: bool
) -> None:
    office.replies.append(paid("S1"))
    till = his(office, habits)
    till.settle(till.settling(BILL, PROOF))

    [(infno, message)] = sent(office)
    given = fields(message)
    assert (infno, message["infno"]) == ("2207", "2207")
    assert given["medfee_sumamt"] == total
    assert ("data" in message["input"]) is inside
    assert {name: fen(given["feedetail"][0][name]) for name in ("pric", "det_item_fee_sumamt")} == {
        "pric": 1230,
        "det_item_fee_sumamt": 2460,
    }
    assert [row["chrgitm_lv"] for row in given["feedetail"]] == ["01", "02"]
    assert ("fixmedins_code" in message) is habits.header


def test_makers_differ_and_an_institution_stays_with_its_own() -> None:
    assert habits_of(TILL) is habits_of(TILL)
    codes = [f"H6109020000{number}" for number in range(9)]
    assert {habits_of(Terminal("t", "s", "n", code)) for code in codes} == set(MAKERS)


def test_what_gets_no_answer_is_sent_again_under_the_same_number(office: SmallOffice) -> None:
    office.replies.extend([paid("S1"), paid("S1")])
    till = his(office)
    till.phone.network.foresee(Fate.LOST_AFTER, Fate.LOST_BEFORE, Fate.DELIVERED)
    till.settle(till.settling(BILL, PROOF))

    (_, first), (_, second) = sent(office)
    assert second == first
    assert list(till.book) == ["S1"]


def test_what_never_gets_an_answer_is_reversed_and_not_booked(office: SmallOffice) -> None:
    office.replies.extend([paid("S1")] * 3 + [answer(output={"setlinfo": {"setl_id": "S1"}})])
    till = his(office)
    till.phone.network.foresee(*[Fate.LOST_AFTER] * 4, Fate.DELIVERED)
    office.replies.append(answer(output={"setlinfo": {"setl_id": "S1"}}))
    letter = till.settling(BILL, PROOF)

    with pytest.raises(Reversed) as caught:
        till.settle(letter)

    assert caught.value.undone == {"setl_id": "S1"}
    assert till.book == {}
    numbers, messages = zip(*sent(office), strict=True)
    # the reversal's own answer was lost once: it insists too
    assert numbers == ("2207", "2207", "2207", "2601", "2601")
    assert same_but_for_the_time(messages[3], messages[4])
    reversal = fields(messages[3])
    assert (reversal["omsgid"], reversal["oinfno"]) == (letter.msgid, "2207")
    assert (reversal["mdtrt_id"], reversal["chrg_bchno"]) == ("V1", "B1")


def test_a_reversal_goes_on_to_the_message_by_which_the_bill_stands(office: SmallOffice) -> None:
    standing = {"msgid": "EARLIER", "setl_id": "S1", "mdtrt_id": "V1", "chrg_bchno": "B1"}
    office.replies.append(answer(504, {"standing": standing}, "已由另一个报文支付"))
    office.replies.append(answer(output={"setlinfo": {"setl_id": "S1"}}))
    till = his(office)
    letter = till.settling(BILL, PROOF)
    assert till.reverse(letter) == {"setl_id": "S1"}
    first, second = (fields(message) for _, message in sent(office))
    assert (first["omsgid"], second["omsgid"]) == (letter.msgid, "EARLIER")
    assert second["chrg_bchno"] == first["chrg_bchno"] == "B1"

    # A bill that stands by ever new messages is somebody else's doing.
    office.replies.extend([answer(504, {"standing": standing})] * 3)
    with pytest.raises(Declined):
        till.reverse(letter)


def test_a_refusal_says_its_number_its_words_and_its_fields(office: SmallOffice) -> None:
    bad = {"field": "input.med_type", "code": "not_a_choice", "message": "请选一个"}
    office.replies.append(answer(101, {"errors": [bad]}, "报文有 1 处需要改正"))
    with pytest.raises(Declined) as caught:
        his(office).ask("2206", PROOF)
    assert (caught.value.infcode, caught.value.words) == (101, "报文有 1 处需要改正")
    assert caught.value.fields == [bad]


def test_a_busy_centre_is_asked_again_and_any_other_refusal_is_final(office: SmallOffice) -> None:
    office.replies.extend([answer(901), answer(output={"setlinfo": None}), answer(301), answer()])
    till = his(office)
    assert till.ask("2601", {}) == {"setlinfo": None}
    with pytest.raises(Declined):
        till.ask("2206", {})
    assert len(office.arrivals) == 3


@pytest.mark.parametrize(
    ("habits", "numbers"), [(SHU, ["S1", "S3"]), (LAN, [f"{TILL.code}-B-S1", f"{TILL.code}-B-S3"])]
)
def test_the_day_is_reconciled_by_what_stands_in_the_book(
    office: SmallOffice, habits: Habits, numbers: list[str]
) -> None:
    office.replies.extend(
        [paid("S1"), paid("S2"), paid("S3"), answer(output={}), answer(output={}), answer(output={})]
    )
    till = his(office, habits)
    for _ in range(3):
        till.settle(till.settling(BILL, PROOF))
    till.undo(till.book["S2"])
    till.reconcile()

    day = fields(sent(office)[-1][1])
    assert day["fixmedins_setl_cnt"] == "2"
    assert (float(day["medfee_sumamt"]), float(day["psn_cash_pay"])) == (59.3, 39.1)
    assert [row["setl_id"] for row in day["detail"]] == numbers
    assert [row["chrg_bchno"] for row in day["detail"]] == ["B-S1", "B-S3"]
    assert day["stmt_begndate"] == day["stmt_enddate"]

    part = ("2026-03-01 10:00:02", "2026-03-01 10:00:03")
    till.reconcile(part)
    some = fields(sent(office)[-1][1])
    assert (some["begntime"], some["endtime"], some["fixmedins_setl_cnt"]) == (*part, "1")


def test_no_two_messages_or_bills_have_one_number(office: SmallOffice) -> None:
    till = his(office)
    letters = {till.letter("2206", {}).msgid for _ in range(200)}
    bills = {till.new_numbers() for _ in range(200)}
    assert len(letters) == len(bills) == 200
    assert {len(one) for one in letters} == {30}


def test_a_till_signs_in_once_for_many_patients(office: SmallOffice) -> None:
    office.replies.append(Reply(200, {**office.session(), "account": {}}))
    till = his(office)
    assert till.sign_in()
    assert not till.sign_in()
    assert len(office.arrivals) == 1


@pytest.mark.parametrize(
    ("written", "amount"), [("12.30", 1230), (12.3, 1230), ("0.1", 10), (29, 2900), (0.29, 29)]
)
def test_yuan_become_fen_exactly(written: object, amount: int) -> None:
    assert fen(written) == amount
    assert fen(in_yuan(amount)) == amount


def test_an_amount_finer_than_a_fen_is_no_amount() -> None:
    assert drug("药", "0.01") == Item("药", "09", "01", 1)
    with pytest.raises(ValueError, match="fen"):
        fen("0.001")
