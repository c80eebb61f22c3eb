"""What makes two messages the same bill. Pure: no database, and a key that stays the same."""

import json
from typing import Any

import pytest

from app.kit import sealing
from app.kit.crypto import Suite
from app.settlement.bills import BILL_FIELDS, LINE_FIELDS
from app.settlement.envelope import Transaction, read_message
from app.settlement.fields import Field, Fields, Rows, Words
from app.settlement.settling import SETTLE, request_hash

SETTLED_ONCE = "57a75e495be5468d5b619005363ba205f5b1b03c6a25291a9ae3c976c9fb870e"
"""Of BILL, when bills were first settled. It stands in databases: another means that retries of all bills are refused."""
LINE: dict[str, Any] = {
    "med_list_codg": "X1",
    "chrgitm_lv": "01",
    "med_chrgitm_type": "09",
    "cnt": 1,
    "pric": "10.00",
    "det_item_fee_sumamt": "10.00",
}
TWICE = {**LINE, "cnt": "2", "det_item_fee_sumamt": 20, "fee_ocur_time": "2026-11-20 08:00:00"}
BILL: dict[str, Any] = {
    "mdtrt_cert_type": "02",
    "mdtrt_cert_no": "610900197001010000",
    "psn_name": "欧阳样本",
    "mdtrt_id": "V1",
    "chrg_bchno": "B1",
    "med_type": "41",
    "medfee_sumamt": "30.00",
    "acct_used_flag": "0",
    "setl_time": "2026-11-20 08:30:00",
    "feedetail": [LINE, TWICE],
}


@pytest.fixture(autouse=True)
def _one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "chain_key", lambda: b"k" * 32)
    monkeypatch.setattr(sealing, "suite", lambda: Suite.INTL)


def hash_of(transaction: Transaction = SETTLE, msgid: str = "M1", **changes: object) -> str:
    given = {name: value for name, value in {**BILL, **changes}.items() if value != "left out"}
    body = json.dumps({"msgid": msgid, "input": {"data": given}})
    return request_hash(read_message(body.encode(), transaction))


def test_a_bill_that_was_settled_before_an_upgrade_is_the_same_bill_after_it() -> None:
    assert hash_of() == SETTLED_ONCE
    # An upgrade that reads one more field, of the bill and of its lines.
    added = Field("one_more", Words(9))
    lines = Fields(*LINE_FIELDS.by_name.values(), added)
    fields = [one for one in BILL_FIELDS if one.name != "feedetail"]
    newer = Transaction("2207", SETTLE.name, Fields(*fields, added, Field("feedetail", Rows(lines, 9))))
    assert hash_of(newer) == SETTLED_ONCE
    assert hash_of(newer, one_more="1") != SETTLED_ONCE


@pytest.mark.parametrize(
    "change",
    [
        {"msgid": "M2"},
        {"mdtrt_cert_type": "01", "mdtrt_cert_no": "token", "psn_name": "left out"},
        {"psn_no": "P1", "certno": "610900197001010000", "card_sn": "S1"},
        {"invono": "printed meanwhile", "psn_setlway": "1", "inscp_scp_amt": "1.00"},
        {"setl_time": "2026-11-20T23:59:59+08:00"},
        {"medfee_sumamt": 30, "dise_codg": None, "er_flag": ""},
    ],
)
def test_what_says_nothing_else_of_the_bill_changes_nothing(change: dict[str, Any]) -> None:
    assert hash_of(**change) == SETTLED_ONCE


@pytest.mark.parametrize(
    "change",
    [
        {"chrg_bchno": "B2"},
        {"mdtrt_id": "left out"},
        {"acct_used_flag": "1"},
        {"acct_used_flag": "left out"},
        {"setl_time": "2026-11-21 08:30:00"},
        {"dise_codg": "M03900"},
        {"feedetail": "left out"},
        {"feedetail": [TWICE, LINE]},
    ],
)
def test_another_bill_is_another(change: dict[str, Any]) -> None:
    assert hash_of(**change) != SETTLED_ONCE
