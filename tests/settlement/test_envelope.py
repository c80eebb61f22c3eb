"""The national envelope: three habits of input, one reading; and what goes back."""

import json
from typing import Any

import pytest

from app.gateways.parts import Parts
from app.kit.errors import Problem
from app.kit.text import Text
from app.settlement.envelope import (
    Transaction,
    answered,
    read_message,
    refused,
    request_schema,
    take_in,
)
from app.settlement.errors import PERSON_NOT_MATCHED, message_invalid
from app.settlement.fields import Day, Field, FieldProblem, Fields, Rows, Words, Yuan, missing
from app.settlement.parsing import parse

BILL = Transaction(
    "2299",
    Text("试用交易", "a trial"),
    Fields(
        Field("psn_no", Words(30), required=True),
        Field("medfee_sumamt", Yuan(), required=True),
        Field("day", Day()),
        Field("feedetail", Rows(Fields(Field("amt", Yuan(), required=True)), most=5)),
    ),
    checks=(
        lambda given: (
            [FieldProblem("feedetail.0.amt", "sum", Text("明细之和应为总额。", "The lines must add up."))]
            if given["feedetail"] and given["feedetail"][0]["amt"] != given["medfee_sumamt"]
            else []
        ),
        lambda given: [] if given["psn_no"] else [missing("psn_no")],
    ),
)
ROW = {"amt": "12.30"}
DATA = {"psn_no": "61", "medfee_sumamt": 12.3}


def message(sent_input: object, **more: object) -> bytes:
    return json.dumps({"msgid": "M1", "input": sent_input, **more}).encode()


def wrong(body: bytes) -> set[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        read_message(body, BILL)
    assert caught.value.kind.code == "message_invalid"
    fields: Any = caught.value.extra["fields"]
    return {(one["field"], one["code"]) for one in fields}


@pytest.mark.parametrize(
    "sent",
    [
        {**DATA, "feedetail": [ROW]},
        {"data": DATA, "feedetail": [ROW]},
        {"data": {**DATA, "feedetail": [ROW]}},
    ],
)
def test_fields_may_stand_in_input_or_under_data_and_lists_beside_or_inside(sent: object) -> None:
    found = read_message(message(sent), BILL)
    assert found.given == {
        "psn_no": "61",
        "medfee_sumamt": 1230,
        "day": None,
        "feedetail": ({"amt": 1230},),
    }
    assert (found.infno, found.msgid) == ("2299", "M1")


def test_what_is_wrong_in_header_input_and_between_fields_is_said_at_once() -> None:
    body = message(
        {"data": {"psn_no": "61", "medfee_sumamt": 5, "dai": 1}, "feedetail": [ROW], "psn_no": "62"},
        fixmedins_code="H" * 13,
        signtyp="SM2",
    )
    assert wrong(body) == {
        ("signtyp", "unknown"),
        ("fixmedins_code", "too_long"),
        ("input.psn_no", "twice"),
        ("input.data.dai", "unknown"),
        ("input.feedetail.0.amt", "sum"),
    }


def test_what_is_not_used_of_the_head_refuses_no_bill() -> None:
    """Makers write these as they like: 1.0 as a number, times without signs between."""
    head = {"infver": 1.0, "inf_time": "20260101120000", "opter_name": ["张", "三"], "cainfo": "x" * 5000}
    assert read_message(message(DATA, **head), BILL).given["medfee_sumamt"] == 1230


def test_a_name_that_stands_twice_is_refused_wherever_it_stands() -> None:
    """Which of two amounts was meant is not for us to guess."""
    body = (
        b'{"msgid": "M1", "msgid": "M2", "input": {"data": {"psn_no": "61", "medfee_sumamt": 1, '
        b'"medfee_sumamt": 2}, "feedetail": [{"amt": 1}, {"amt": 1, "amt": 1}], "feedetail": '
        b'[{"amt": 2}, {"amt": 2, "amt": 2}]}}'
    )
    assert wrong(body) == {
        ("msgid", "twice"),
        ("input.data.medfee_sumamt", "twice"),
        ("input.feedetail", "twice"),
        ("input.feedetail.1.amt", "twice"),
    }


def test_a_name_that_nobody_can_print_is_refused_in_words_that_can_be_sent() -> None:
    twice = {"\ud800" + "长" * 500: 1, "data": {"\ud800" + "长" * 500: 1}}
    with pytest.raises(Problem) as caught:
        read_message(message(twice), BILL)
    for language in ("zh-CN", "en"):
        refusal = refused(take_in(), caught.value, language)
        assert len(json.dumps(refusal, ensure_ascii=False).encode()) < 3000


def test_a_field_that_is_missing_is_said_once_where_it_belongs() -> None:
    assert wrong(message({"data": {"medfee_sumamt": 1}})) == {("input.data.psn_no", "required")}
    assert wrong(message({"medfee_sumamt": 1})) == {("input.psn_no", "required")}


def test_only_msgid_and_input_are_required() -> None:
    assert wrong(b"{}") == {
        ("msgid", "required"),
        ("input", "required"),
        ("input.psn_no", "required"),
        ("input.medfee_sumamt", "required"),
    }
    assert read_message(message(DATA), BILL).header["opter_name"] is None


@pytest.mark.parametrize("sent", [[], "text", 5, True])
def test_an_input_that_is_no_object(sent: object) -> None:
    assert ("input", "not_an_object") in wrong(message(sent))
    assert ("input.data", "not_an_object") in wrong(message({"data": sent}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"a"',
        b"null",
        b"\xff\xfe",
        b'{"msgid": NaN}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_json_object_is_no_message(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        parse(body)
    assert caught.value.kind.code == "malformed_request"


def test_the_envelope_s_number_must_be_the_address_s() -> None:
    assert read_message(message(DATA, infno="2299"), BILL).infno == "2299"
    assert read_message(message(DATA, infno=2299), BILL).infno == "2299"
    with pytest.raises(Problem) as caught:
        read_message(message(DATA, infno="2207"), BILL)
    assert caught.value.kind.code == "transaction_differs"


def test_a_float_never_touches_an_amount() -> None:
    """0.1 + 0.2 and the like: the digits are what counts."""
    body = b'{"msgid": "1", "input": {"psn_no": "6", "medfee_sumamt": 4503599627.37}}'
    assert wrong(body) == {("input.medfee_sumamt", "not_an_amount")}
    body = b'{"msgid": "1", "input": {"psn_no": "6", "medfee_sumamt": 1.10}}'
    assert read_message(body, BILL).given["medfee_sumamt"] == 110


def test_the_fingerprint_is_of_what_was_meant(parts: Parts) -> None:
    """Needs the process's keys, for it is a keyed one."""
    first = read_message(message(DATA), BILL).fingerprint()
    same = read_message(message({"data": {"psn_no": 61, "medfee_sumamt": "12.30"}}, msgid="M2"), BILL)
    other = read_message(message({**DATA, "medfee_sumamt": "12.31"}), BILL)
    dated = read_message(message({**DATA, "day": "2026-01-31"}), BILL)
    assert same.fingerprint() == first
    assert len({first, other.fingerprint(), dated.fingerprint()}) == 3
    assert len(first) == 64


def test_an_answer_and_a_refusal_have_the_same_six_fields() -> None:
    receipt = take_in("610902")
    done = answered(receipt, {"setlinfo": {}})
    refusal = refused(receipt, PERSON_NOT_MATCHED(), "zh-CN")
    assert list(done) == ["infcode", "inf_refmsgid", "refmsg_time", "respond_time", "err_msg", "output"]
    assert list(refusal) == list(done)
    assert (done["infcode"], done["err_msg"]) == (0, "")
    assert (refusal["infcode"], refusal["output"]) == (201, None)
    assert refusal["err_msg"] == str(PERSON_NOT_MATCHED.detail)
    assert refused(receipt, PERSON_NOT_MATCHED(), "en")["err_msg"] == PERSON_NOT_MATCHED.detail.en
    assert done["inf_refmsgid"].startswith("610902")
    assert len(done["inf_refmsgid"]) == 30
    assert len(done["refmsg_time"]) == len(done["respond_time"]) == 17


def test_nonsense_does_not_get_many_times_as_much_back() -> None:
    problems = [
        FieldProblem(f"f{number}", "unknown", Text("没有这个字段。", "Unknown.")) for number in range(900)
    ]
    refusal = refused(take_in(), message_invalid(problems), "zh-CN")
    assert "900 处" in refusal["err_msg"]
    assert "f19：" in refusal["err_msg"]
    assert "f20：" not in refusal["err_msg"]
    assert len(refusal["output"]["errors"]) == 50
    assert refusal["output"]["errors"][0] == {"field": "f0", "code": "unknown", "message": "没有这个字段。"}


def test_the_document_names_every_field_and_both_places() -> None:
    schema = request_schema(BILL)
    assert schema["required"] == ["msgid", "input"]
    assert schema["additionalProperties"] is False
    direct, wrapped = schema["properties"]["input"]["anyOf"]
    assert set(direct["properties"]) == {"psn_no", "medfee_sumamt", "day", "feedetail"}
    assert direct["required"] == ["psn_no", "medfee_sumamt"]
    assert set(wrapped["properties"]) == {"data", "feedetail"}
