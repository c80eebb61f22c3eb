"""Everyone sees only theirs: role × route × ownership, each cell tried over the real API.

The owner is a girl of 16 insured in 安康 (6109); the guardian is her father, and the relative her sister, a handler
of her own agency. Handler, supervisor, expert, auditor and administrator are of her city, ``outside`` is a handler of
another; desk and terminal are a hospital's there; the agent is of a village there, and has no routes yet. ``drawn`` is
the expert who was drawn for all of the owner's chronic cases, ``expert`` one of the same pool who was not. The stranger
has not proven a real name. All things in the paths are the owner's, but the real-name check, which is the stranger's.
"""

import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.config import Settings
from app.gateways.parts import build_parts
from app.kit.api.document import openapi_document
from app.workflow.table import Action
from mock_client.standins import StandIns
from tests.promises.matrix_bodies import sent
from tests.promises.stage import COLUMNS, PHONE, Stage, set_up
from tests.world import Somebody

TABLE = """
# cells: ok, or the status of the refusal. 409: knows the case, but the step is not for this caller or this state.
#                                              nobo stra ownr guar othr hand outs rela desk supv expr drwn audi agnt admn term
GET   /healthz                                  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /readyz                                   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /metrics                                  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /openapi.json                             ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /docs                                     ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /docs/start.js                            ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /docs/assets/swagger-ui.css               ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /docs/errors                              ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /auth/wechat                              ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /auth/staff                               ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /auth/terminal                            ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /auth/refresh                             ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /auth/logout                             401   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /real-name                               401   ok  409  409  409  403  403  403  403  403  403  403  403  403  403  403
POST  /real-name/{check}/complete              401   ok  404  404  404  403  403  403  403  403  403  403  403  403  403  403
GET   /me                                      401   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /me/phone                                401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /me/accesses                             401   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /me/notices                              401   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /me/notices/{notice}/read                401  404   ok  404  404  404  404  404  404  404  404  404  404  404  404  404
GET   /regions                                  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /regions/6109                             ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /institutions                             ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /institutions/{hospital}                  ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /service-points                           ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /services                                 ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /services/remote_care                     ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
POST  /materials                               401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /materials/{paper}                       401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /materials/{paper}/content               401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /materials/{loose_paper}                 401  404   ok  404  404  404  404  404  404  404  404  404  404  403  404  403
GET   /materials/{loose_paper}/content         401  404   ok  404  404  404  404  404  404  404  404  404  404  403  404  403
POST  /filings                                 401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
POST  /filings#for-owner                       401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /filings                                 401   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok  403   ok  403
GET   /filings/{draft}                         401  404   ok   ok  404  404  404  404  404  404  404  404  404  403  404  403
GET   /filings/{queued}                        401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{claimed}                       401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{sent_back}                     401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{escalated}                     401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{approved}                      401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{draft}/events                  401  404   ok   ok  404  404  404  404  404  404  404  404  404  403  404  403
GET   /filings/{queued}/events                 401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{queued}/form.pdf               401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{approved}/form.pdf             401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
PATCH /filings/{draft}                         401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /filings/{draft}/actions                 401  404   ok   ok  404  404  404  404  404  404  404  404  404  403  404  403
POST  /filings/{queued}/actions                401  404  409  409  404   ok  404  409  404  409  404  404  409  403  409  403
POST  /filings/{approved}/rating               401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /verify/{code}                            ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /remote-care/advice?{care}               401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /remote-care/advice?{care}&{for_owner}   401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /remote-care/records                     401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /remote-care/records?{for_owner}         401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /remote-care/records/{record}/actions    401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /materials/{chronic_paper}               401  404   ok   ok  404   ok  404   ok  404   ok  404   ok   ok  403   ok  403
GET   /materials/{chronic_paper}/content       401  404   ok   ok  404   ok  404   ok  404   ok  404   ok   ok  403   ok  403
GET   /filings/{with_expert}                   401  404   ok   ok  404   ok  404   ok  404   ok  404   ok   ok  403   ok  403
GET   /filings/{with_expert}/events            401  404   ok   ok  404   ok  404   ok  404   ok  404   ok   ok  403   ok  403
GET   /filings/{with_expert}/form.pdf          401  404   ok   ok  404   ok  404   ok  404   ok  404   ok   ok  403   ok  403
POST  /filings/{with_expert}/actions           401  404  409  409  404  409  404  409  404  409  404   ok  409  403  409  403
GET   /filings/{certified}                     401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{refused}                       401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{recognised}                    401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /filings/{recognised}/form.pdf           401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
POST  /verify/{code}/file                       ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /verify/{form_code}                       ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /chronic/diseases?{in_region}             ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /chronic/draws?{in_region}                ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok   ok
GET   /chronic/cases/{with_expert}             401  404   ok   ok  404   ok  404   ok  404   ok  404   ok   ok  403   ok  403
GET   /chronic/cases/{certified}               401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /chronic/cases/{recognised}              401  404   ok   ok  404   ok  404   ok  404   ok  404  404   ok  403   ok  403
GET   /chronic/cases/{queued}                  401  404  404  404  404  404  404  404  404  404  404  404  404  403  404  403
GET   /chronic/entitlements                    401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /chronic/entitlements?{for_owner}        401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
PUT   /chronic/entitlements/{entitlement}/institutions 401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /chronic/entitlements/{entitlement}/actions 401  403  403  403  403   ok  404  403  404   ok  403  403  403  403  403  403
POST  /visits                                  401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
GET   /chronic/offers                          401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
POST  /chronic/offers/{offer}/actions          401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /voucher/activation                      401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
POST  /voucher/activation#for-owner            401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /voucher                                 401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /voucher?{for_owner}                     401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
DELETE /voucher                                401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
DELETE /voucher?{for_owner}                    401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
DELETE /voucher/devices/{device}               401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /voucher/keys                            401  403   ok  409  409  403  403  403  403  403  403  403  403  403  403  403
POST  /voucher/keys#for-owner                  401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /voucher/codes                           401  403   ok  409  409  403  403  403  403  403  403  403  403  403  403  403
POST  /voucher/codes#for-owner                 401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /voucher/codes/{shown}/image             401  404   ok  404  404  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements                             401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements?{for_owner}                 401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements/{settlement}                401  404   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements/summary                     401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements/summary?{for_owner}         401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements/statement?format=csv        401  403   ok   ok   ok  403  403  403  403  403  403  403  403  403  403  403
GET   /settlements/statement?{for_owner}       401  403   ok   ok  404  403  403  403  403  403  403  403  403  403  403  403
POST  /terminal/decode                         401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/1101              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/2206              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/2207              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/2208              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/2601              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/3201              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/5301              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
POST  /terminal/transactions/9999              401  403  403  403  403  403  403  403  403  403  403  403  403  403  403   ok
"""
"""One row a route and thing; #… is only a name for another body."""

DECIDE = "release request_correction approve reject"
STEPS: dict[str, dict[str, str]] = {
    "draft": {"owner": "save submit withdraw", "guardian": "save submit withdraw"},
    "queued": {"owner": "withdraw", "guardian": "withdraw", "handler": "claim"},
    "claimed": {"owner": "withdraw", "guardian": "withdraw", "handler": DECIDE},
    "sent_back": {"owner": "save resubmit withdraw", "guardian": "save resubmit withdraw"},
    "escalated": {"owner": "withdraw", "guardian": "withdraw", "supervisor": "claim"},
    "with_expert": {
        "owner": "withdraw",
        "guardian": "withdraw",
        "drawn": "certify refuse request_correction",
    },
    "certified": {"handler": "claim"},
    "refused": {"owner": "appeal", "guardian": "appeal"},
    "recognised": {},
    "approved": {"owner": "cancel_record", "guardian": "cancel_record"},
    "withdrawn": {},
}
"""Case → who can take which steps. Nobody else can take any."""

ALL = "draft queued claimed sent_back escalated withdrawn approved with_expert certified refused recognised"
LISTS: dict[str, dict[str, str]] = {
    "mine": {"owner": ALL},
    "subject": {"owner": ALL, "guardian": ALL},
    "queue": {
        "handler": "queued claimed certified",
        "relative": "queued claimed certified",
        "supervisor": "escalated",
        "drawn": "with_expert",
    },
}
"""Scope of the list → which of the owner's cases who finds in it. Nobody else finds any."""


@pytest.fixture(scope="module")
def stage(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, standins: StandIns
) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("matrix")
    path = folder / "zhangban.sqlite3"
    shutil.copy(sqlite_template, path)
    settings = replace(
        Settings(),
        data_dir=folder,
        database_url=f"sqlite:///{path}",
        wechat_url=standins.wechat_url,
        sms_url=standins.sms_url,
        password_memory_kib=64,
        password_rounds=1,
        rate_limits=False,
    )
    parts = build_parts(settings)
    made = set_up(create_app(settings, parts), path)
    yield made
    made.close()
    parts.database.dispose()


def rows() -> list[tuple[str, list[str]]]:
    """(method and path, expected cells)."""
    found = []
    for line in TABLE.strip().splitlines():
        if line and not line.startswith("#"):
            method, path, *cells = line.split()
            found.append((f"{method} {path}", cells))
    return found


def attempt(stage: Stage, row: str, caller: Somebody) -> str:
    """The cell: ok or the status. The database is as before afterwards."""
    method, path = row.split()
    if "{shown}" in path:
        # It lasts a minute, and the stage longer.
        shown = stage.callers["owner"].ok("POST", "/voucher/codes", {"device_no": PHONE})
        stage.things["shown"] = shown["id"]
    answer = caller.send(method, path.partition("#")[0].format(**stage.things), **sent(stage, row))
    if method != "GET":
        stage.put_back()
    return "ok" if answer.status_code < 300 else str(answer.status_code)


ROWS = rows()


@pytest.mark.parametrize(("row", "expected"), ROWS, ids=[row for row, _ in ROWS])
def test_each_caller_gets_what_the_table_says(stage: Stage, row: str, expected: list[str]) -> None:
    found = {name: attempt(stage, row, stage.callers[name]) for name in COLUMNS}
    assert found == dict(zip(COLUMNS, expected, strict=True))


def test_no_route_is_missing_from_the_table(stage: Stage) -> None:
    routes = {endpoint.split(".")[-1] for endpoint in stage.app.routes}
    tried = {stage.endpoint(*row.partition("#")[0].split()).split(".")[-1] for row, _ in ROWS}
    documented = {
        operation["operationId"]
        for path in openapi_document(stage.app)["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }
    assert tried == routes
    assert documented < tried


def test_the_table_has_no_row_twice_and_a_cell_for_everybody() -> None:
    assert len({row for row, _ in ROWS}) == len(ROWS)
    assert {len(cells) for _, cells in ROWS} == {len(COLUMNS)}


@pytest.mark.parametrize("case", STEPS)
def test_only_who_may_can_take_a_step(stage: Stage, case: str) -> None:
    """Each action by everybody; what fails leaves the case as it was."""
    found: dict[str, set[str]] = {name: set() for name in COLUMNS}
    for name, action in itertools.product(COLUMNS, Action):
        caller, before = stage.callers[name], stage.version(case)
        answer = caller.send(
            "POST", f"/filings/{stage.things[case]}/actions", _wanted(stage, case, action, name)
        )
        if answer.status_code == 200:
            found[name].add(action.value)
            stage.put_back()
        else:
            assert answer.status_code in {401, 403, 404, 409}, f"{name} {action}: {answer.text}"
            assert stage.version(case) == before
    assert found == {name: set(STEPS[case].get(name, "").split()) for name in COLUMNS}


@pytest.mark.parametrize("case", STEPS)
def test_the_steps_that_are_offered_are_those_that_can_be_taken(stage: Stage, case: str) -> None:
    for name in COLUMNS:
        answer = stage.callers[name].send("GET", f"/filings/{stage.things[case]}")
        if answer.status_code == 200:
            assert set(answer.get_json()["available_actions"]) == set(STEPS[case].get(name, "").split()), name


@pytest.mark.parametrize("scope", LISTS)
def test_lists_hold_only_what_concerns_the_caller(stage: Stage, scope: str) -> None:
    names = {case["id"]: name for name, case in stage.cases.items()}
    for column in COLUMNS:
        answer = stage.callers[column].send("GET", f"/filings?scope={scope}&limit=50")
        items = answer.get_json()["items"] if answer.status_code == 200 else []
        assert {names.get(item["id"], "a stranger's") for item in items} == set(
            LISTS[scope].get(column, "").split()
        ), column


PERSONAL_LISTS = {
    "/me/notices": {"owner", "guardian"},  # her father is asked about the offer to her as well
    "/me/accesses": {"owner"},
    "/remote-care/records": {"owner"},
    "/chronic/entitlements": {"owner"},
    "/settlements": {"owner"},
    "/chronic/offers": {"owner", "guardian"},
}
"""Lists of what concerns one person → who finds anything in them."""


@pytest.mark.parametrize("path", PERSONAL_LISTS)
def test_only_who_may_finds_what_concerns_her_alone(stage: Stage, path: str) -> None:
    found = set()
    for column in COLUMNS:
        answer = stage.callers[column].send("GET", path)
        if answer.status_code == 200 and answer.get_json()["items"]:
            found.add(column)
    assert found == PERSONAL_LISTS[path]


def test_a_desk_sees_the_referrals_of_its_own_hospital_only(stage: Stage) -> None:
    """滨海: the referring hospital approves. Another hospital's desk and the agency's handler have no part in it."""
    world = stage.world
    ours, theirs = world.hospital("320922"), world.hospital("320922")
    citizen, desk, other_desk = world.citizen(region="320922"), world.desk(ours), world.desk(theirs)
    handler = world.handler("320922")
    case = world.filing(
        citizen,
        category="referral",
        proof="documents",
        care_region_code="3201",
        referring_institution_id=str(ours.id),
        material_ids=[world.paper(citizen, kind)["id"] for kind in ("medical_record", "social_card")],
    )
    path = f"/filings/{case['id']}"

    assert [one.send("GET", path).status_code for one in (desk, other_desk, handler)] == [200, 404, 200]
    assert [item["id"] for item in desk.ok("GET", "/filings?scope=queue")["items"]] == [case["id"]]
    for other in (other_desk, handler):
        assert other.ok("GET", "/filings?scope=queue")["items"] == []
    claim = {"action": "claim", "expected_version": case["version"]}
    assert other_desk.refused("POST", f"{path}/actions", claim) == (404, "not_found")
    assert handler.refused("POST", f"{path}/actions", claim) == (409, "wrong_party")
    claimed = world.act(desk, case, "claim")
    assert world.act(desk, claimed, "approve")["status"] == "approved"


def _wanted(stage: Stage, case: str, action: Action, name: str) -> dict[str, object]:
    wanted: dict[str, object] = {"action": action.value, "expected_version": stage.cases[case]["version"]}
    if action is Action.REQUEST_CORRECTION:
        wanted["items"] = [{"text": "请补一份居住证明"}]
    if action in {Action.CERTIFY, Action.REFUSE} and case in stage.diseases:
        wanted["data"] = {"findings": stage.findings(case, met=action is Action.CERTIFY)}
    if action in {Action.REFUSE, Action.APPEAL}:
        wanted["reason"] = "未达到认定标准"
    if action is Action.REJECT:
        wanted["reason"] = "材料与填写的内容不一致"
    if action is Action.RESUBMIT and name in stage.corrections:
        wanted["material_ids"] = [stage.corrections[name]]
    return wanted
