"""What leaves as an envelope and what as a problem document; and that a refusal keeps nothing."""

import json
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import create_app
from app.config import Settings
from app.identity.actor import OrganisationKind
from app.identity.models import AccessRecord
from app.kit import clock
from app.kit.api.application import Application
from app.kit.api.context import context
from app.kit.errors import INTERNAL
from app.settlement import inquiries
from app.settlement.routes import TRANSACTIONS
from tests.settlement.bills import bill, drugs
from tests.settlement.counter import Counter, card_of
from tests.somebody import Somebody
from tests.world import World

PATH = "/terminal/transactions/1101"


@pytest.fixture
def patient(world: World) -> Somebody:
    return world.citizen()


def test_every_refusal_of_a_transaction_is_http_200_with_a_number_and_words(
    counter: Counter, patient: Somebody
) -> None:
    answer = counter.transact("1101", **card_of(patient, mdtrt_cert_type="09", psn_nmae="x"))
    assert answer["infcode"] == 101
    assert answer["err_msg"].startswith("报文有 2 处需要改正：")
    assert {(one["field"], one["code"]) for one in answer["output"]["errors"]} == {
        ("input.data.mdtrt_cert_type", "not_a_choice"),
        ("input.data.psn_nmae", "unknown"),
    }
    english = counter.send(
        "1101", counter.message(**card_of(patient, psn_name="Nobody")), headers={"Accept-Language": "en"}
    )
    assert english["infcode"] == 201
    assert english["err_msg"].startswith("Nobody in the register")


def test_a_refusal_is_counted_and_logged_by_its_number_and_no_more(
    counter: Counter, patient: Somebody, caplog: pytest.LogCaptureFixture
) -> None:
    def refusals(infno: str, infcode: str) -> float:
        labels = {"infno": infno, "infcode": infcode}
        return REGISTRY.get_sample_value("zhangban_refusals_total", labels) or 0

    before = refusals("1101", "201"), refusals("unknown", "102")
    refused = counter.transact("1101", **card_of(patient, psn_name="令狐不在"))
    counter.transact("2299")
    counter.output("1101", **card_of(patient))
    assert (refusals("1101", "201"), refusals("unknown", "102")) == (before[0] + 1, before[1] + 1)
    [line] = [one.getMessage() for one in caplog.records if refused["inf_refmsgid"] in one.getMessage()]
    assert "person_not_matched" in line
    assert "令狐" not in line


def test_an_unknown_transaction_is_answered_with_those_that_there_are(counter: Counter) -> None:
    answer = counter.transact("2299", anything=1)
    assert answer["infcode"] == 102
    for infno in TRANSACTIONS:
        assert infno in answer["err_msg"]


def test_every_transaction_has_its_route_and_its_policy(app: Application) -> None:
    routes = {
        rule.rule.rsplit("/", 1)[-1] for rule in app.url_map.iter_rules() if "/transactions/" in rule.rule
    }
    assert routes == {*TRANSACTIONS, "<string(maxlength=10):infno>"}
    for infno in TRANSACTIONS:
        assert app.routes[f"terminal.transact_{infno}"].policy.name == "roles:terminal"


def test_who_is_no_terminal_gets_a_problem_document(
    world: World, counter: Counter, patient: Somebody
) -> None:
    message = counter.message(**card_of(patient))
    assert world.nobody.refused("POST", PATH, message) == (401, "not_signed_in")
    assert patient.refused("POST", PATH, message) == (403, "role_not_allowed")
    assert world.handler().refused("POST", "/terminal/transactions/9999", message) == (
        403,
        "role_not_allowed",
    )


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"msgid": NaN}'])
def test_what_is_no_message_gets_a_problem_document(counter: Counter, body: bytes) -> None:
    options: dict[str, Any] = {"data": body, "content_type": "application/json"}
    assert counter.terminal.refused("POST", PATH, **options) == (400, "malformed_request")
    options["content_type"] = "text/xml"
    assert counter.terminal.refused("POST", PATH, **options) == (415, "wrong_content_type")
    options = {"data": b" " * 70_000, "content_type": "application/json"}
    assert counter.terminal.refused("POST", PATH, **options) == (413, "body_too_large")


def test_a_body_may_say_its_charset(counter: Counter, patient: Somebody) -> None:
    body = json.dumps(counter.message(**card_of(patient)), ensure_ascii=False).encode()
    answer = counter.terminal.ok("POST", PATH, data=body, content_type="application/json; charset=utf-8")
    assert answer["infcode"] == 0


def test_the_institution_must_be_the_terminal_s_and_active(
    world: World, counter: Counter, patient: Somebody
) -> None:
    message = counter.message(**card_of(patient))
    assert counter.send("1101", {**message, "fixmedins_code": counter.code.lower()})["infcode"] == 0
    other = Counter(world)
    assert counter.send("1101", {**message, "fixmedins_code": other.code})["infcode"] == 112
    counter.close()
    assert counter.send("1101", message)["infcode"] == 113


def test_a_terminal_of_no_institution_can_do_nothing(world: World, patient: Somebody) -> None:
    counter = Counter(world)
    desk = world._organisation(OrganisationKind.INSTITUTION, "没有登记机构的收费处", "610902")
    lost = replace(counter.place, organisation_id=desk)
    counter.terminal = world.terminal(lost)
    assert counter.transact("1101", **card_of(patient))["infcode"] == 111


def test_the_number_of_an_answer_names_region_and_time(counter: Counter, patient: Somebody) -> None:
    done, refused = counter.transact("1101", **card_of(patient)), counter.transact("1101")
    for answer in (done, refused):
        assert answer["inf_refmsgid"].startswith("610902")
        assert answer["inf_refmsgid"][6:20] == answer["refmsg_time"][:14]
        assert answer["respond_time"] >= answer["refmsg_time"]
    assert done["inf_refmsgid"] != refused["inf_refmsgid"]


def looks(world: World) -> int:
    return world.write(lambda session: session.execute(select(func.count(AccessRecord.id))).scalar_one())


def test_a_refusal_after_something_was_written_keeps_nothing(
    world: World, counter: Counter, patient: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        assert context().session.execute(select(func.count(AccessRecord.id))).scalar_one() == 1
        raise inquiries.COVERAGE_NOT_IN_FORCE(day="2026-01-01")

    monkeypatch.setattr(inquiries, "described", refuse)
    assert counter.transact("1101", **card_of(patient))["infcode"] == 211
    assert looks(world) == 0


def test_when_we_fail_ourselves_there_is_no_envelope(
    counter: Counter, patient: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the terminal reverses."""

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(inquiries, "_base", fail)
    message = counter.message(**card_of(patient))
    assert counter.terminal.refused("POST", PATH, message) == (500, INTERNAL.code)


def test_a_lock_that_is_not_to_be_had_is_answered_as_busy(
    counter: Counter, patient: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_in_vain(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(inquiries, "_base", wait_in_vain)
    assert counter.transact("1101", **card_of(patient))["infcode"] == 901


def test_a_till_that_guessed_too_often_still_takes_back_compares_and_serves_who_shows_a_code(
    world: World, patient: Somebody, settings: Settings
) -> None:
    limited = World(create_app(replace(settings, rate_limits=True, rate_failures="2/hour"), world.parts))
    guesser = Counter(limited)
    paid = [guesser.message(**bill(patient, drugs("1.00"))) for _ in range(2)]
    first, _ = (guesser.send("2207", one)["output"]["setlinfo"] for one in paid)
    # What is said wrongly of a settlement of one's own is no guess at a person.
    undo = {"setl_id": first["setl_id"], "psn_no": first["psn_no"]}
    for _ in range(3):
        assert guesser.transact("2208", **{**undo, "psn_no": "somebody-else"})["infcode"] == 202
    wrong = card_of(patient, psn_name="令狐不在")
    assert [guesser.transact("1101", **wrong)["infcode"] for _ in range(3)] == [201, 201, 903]
    assert guesser.send("2207", guesser.message(**bill(patient, drugs("1.00"))))["infcode"] == 903

    guesser.output("2208", **undo)
    guesser.output("2601", omsgid=paid[1]["msgid"], oinfno="2207")
    nothing = dict.fromkeys(("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "fixmedins_setl_cnt"), 0)
    today = str(clock.today())
    day = guesser.output("3201", stmt_begndate=today, stmt_enddate=today, **nothing)
    assert day["stmtinfo"]["stmt_rslt"] == "0"
    token = {"mdtrt_cert_type": "01", "mdtrt_cert_no": guesser.scan(patient), "psn_name": None}
    guesser.output("2207", **{**bill(patient, drugs("1.00")), **token})


def test_a_terminal_s_limit_is_its_own_and_ends_in_a_problem_document(
    world: World, settings: Settings
) -> None:
    limited = World(create_app(replace(settings, rate_limits=True, rate_terminal="2/hour"), world.parts))
    busy, other, patient = Counter(limited), Counter(limited), limited.citizen()
    for _ in range(2):
        busy.output("1101", **card_of(patient))
    assert busy.terminal.refused("POST", PATH, busy.message())[0] == 429
    assert other.output("1101", **card_of(patient))
    assert busy.output("5301", **card_of(patient)) == {"feedetail": []}, "each route has its own"


def test_no_message_leaves_personal_data_in_the_log(
    counter: Counter, patient: Somebody, caplog: pytest.LogCaptureFixture
) -> None:
    counter.output("1101", **card_of(patient))
    counter.transact("1101", **card_of(patient, psn_name="令狐不在", mdtrt_cert_type="08"))
    assert patient.id_no not in caplog.text
    assert patient.name not in caplog.text
    assert caplog.text


def test_the_document_describes_each_transaction_by_its_fields(app: Application) -> None:
    document = app.test_client().get("/openapi.json").get_json()
    operation = document["paths"]["/api/v1" + PATH]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["msgid", "input"]
    direct = schema["properties"]["input"]["anyOf"][0]
    assert "mdtrt_cert_no" in direct["required"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    assert answer.endswith("/PersonEnvelopeAnswer")
    assert {"400", "413", "415"} <= set(operation["responses"])
