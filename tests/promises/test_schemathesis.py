"""The document is true: Schemathesis sends what openapi.json allows and what it forbids, and compares the answers.

All checks of Schemathesis, in its phases coverage, fuzzing and stateful (following links that it infers from the
document), as a citizen with cases in every state, as the handler of her region, as an expert drawn for her case, and as nobody.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from app.kit.api.application import Application
from app.materials.kinds import PaperKind
from tests.promises.chronic_story import be_offered
from tests.services.chronic_disease.clinic import CORONARY, HYPERTENSION, Clinic
from tests.settlement.bills import bill, drugs
from tests.world import Somebody, World

EXAMPLES = {"citizen": 5, "handler": 4, "expert": 4, "nobody": 2}
"""Per operation and phase; ``DEEPER=10 pytest tests/promises/test_schemathesis.py`` for ten times as many. The phase
coverage, which goes through the document systematically, is the citizen's."""
DEEPER = int(os.environ.get("DEEPER", "1"))

NOT_SAYABLE: dict[str, str] = {
    "cursor": "it must be one that a page before gave",
    "region_code": "the region must exist",
    "care_region_code": "the region must exist, and be elsewhere",
    "parent_code": "the region must exist",
    "js_code": "WeChat must know it",
    "code": "WeChat must know it",
    "id_no": "its checksum and date must be right",
    "name": "it must be a name, with what Unicode calls letters",
    "file": "it must be a photograph that can be read",
    "person_id": "the person must exist",
    "form": "it is described by the service: GET /services/{code}",
    "material_ids": "the papers must be one's own",
    "remove_material_ids": "the papers must be in the case",
    "items": "they are for one action only",
    "insutype": "one must hold that insurance",
    "data": "it is for some actions only, and described by the service",
    "institution_ids": "the institutions must exist, in one's own region",
}
"""Fields whose refusal (422) no document could have foretold, with the reason."""

NOT_SAYABLE_CODES: dict[str, str] = {
    "service_unknown": "the service must be offered",
    "not_insured": "one must be insured",
    "coverage_ambiguous": "one of two insurances must be chosen",
    "photo_too_small": "what is in the photograph",
    "file_broken": "what is in the photograph",
    "file_empty": "what is in the photograph",
    "file_too_many_pixels": "what is in the photograph",
    "reason_missing": "some actions need it",
    "correction_items_missing": "one action needs them",
    "idempotency_key_reused": "the key was used with another body",
    "idempotency_key_foreign": "the key was used by somebody else",
}

ACCEPTED = ["2xx", "304", "401", "403", "404", "409", "422"]


@schemathesis.check
def refused_only_for_what_no_document_says(ctx: object, response: Any, case: Any) -> None:
    """A request that the document allows is refused with 422 only for a reason above."""
    if response.status_code != 422 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    problem = response.json()
    if problem["code"] in NOT_SAYABLE_CODES:
        return
    unexplained = {name for name in problem.get("errors", {"": ""}) if name.split(".")[0] not in NOT_SAYABLE}
    assert not unexplained, f"allowed by the document, refused by {problem['code']}: {problem.get('errors')}"


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemathesis 4.32 hands network options to the WSGI client when its check ignored_auth asks again."""
    send = WSGITransport.send

    def without_network_options(self: WSGITransport, case: Any, **options: Any) -> Any:
        for name in ("max_redirects", "verify", "cert", "proxies"):
            options.pop(name, None)
        return send(self, case, **options)

    monkeypatch.setattr(WSGITransport, "send", without_network_options)


def known_things(world: World, clinic: Clinic, citizen: Somebody) -> dict[str, list[str | int]]:
    """Things that exist, by the places of the document where they are asked for."""
    cases = [world.filing(citizen, state) for state in ("draft", "queued", "approved")]
    recognised = clinic.apply(citizen, HYPERTENSION)
    clinic.review(clinic.decide(clinic.expert_of(recognised), recognised, HYPERTENSION, certify=True))
    cases += [recognised, clinic.apply(citizen, CORONARY)]
    [benefit] = citizen.ok("GET", "/chronic/entitlements")["items"]
    offer = be_offered(world, world.terminal(clinic.hospital), citizen)
    record = citizen.ok("GET", "/remote-care/records")["items"][0]["id"]
    phone = {"device_no": "phone-0123456789abcdef"}
    device = citizen.ok("POST", "/voucher/activation", phone)["device"]["id"]
    message = {"msgid": "KNOWN-1", "input": bill(citizen, drugs("12.00"))}
    paid = world.terminal(clinic.hospital).ok("POST", "/terminal/transactions/2207", message)
    notices = [notice["id"] for notice in citizen.ok("GET", "/me/notices")["items"]]
    return {
        "path.filing_id": [case["id"] for case in cases],
        "path.material_id": [world.paper(citizen, PaperKind.SOCIAL_CARD)["id"]],
        "path.record_id": [record],
        "path.notice_id": notices,
        "path.entitlement_id": [benefit["id"]],
        "path.offer_id": [offer["id"]],
        "path.device_id": [device],
        "path.settlement_id": [paid["output"]["setlinfo"]["setl_id"]],
        "path.code_id": [citizen.ok("POST", "/voucher/codes", phone)["id"]],
        "body.device_no": [phone["device_no"]],
        "path.institution_id": [str(world.hospital().id)],
        "query.person_id": [str(citizen.person_id), str(world.child(citizen))],
        "query.region_code": ["6109", "610902"],
        "query.care_region_code": ["1401", "31"],
        "body.service_code": ["remote_care", "chronic_disease", "two_disease"],
        "body.expected_version": [1, 2, 3],
    }


def config_for(
    somebody: Somebody, things: dict[str, list[str | int]], who: str = "citizen"
) -> schemathesis.Config:
    names = {place: place.replace(".", "_") for place in things}
    return schemathesis.Config.from_dict(
        {
            "headers": dict(somebody.headers),
            "continue-on-failure": True,
            "dictionaries": {names[place]: {"values": values} for place, values in things.items()},
            "parameters": {place: {"dictionary": name, "probability": 0.8} for place, name in names.items()},
            # 422 is left to the check above, which looks at the reason; a file may be no photograph (415).
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "operations": [
                {
                    "include-operation-id": "upload_material",
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "413", "415"]}},
                },
                {
                    # A code lives a minute, and the run may take longer.
                    "include-operation-id": "get_voucher_code_image",
                    "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "410"]}},
                },
            ],
            "generation": {"max-examples": EXAMPLES[who] * DEEPER, "deterministic": True, "database": "none"},
            "phases": {"coverage": {"enabled": who == "citizen"}, "stateful": {"max-steps": 6}},
        }
    )


@dataclass
class Outcome:
    """What a run found. answers: (operation, status) → how often; faults: what differs, in words."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, scenario: events.ScenarioFinished) -> None:
        recorder = scenario.recorder
        for case_id, interaction in recorder.interactions.items():
            case = recorder.cases[case_id].value
            # A probe with another method says nothing about the operation.
            if interaction.response is not None and case.method.upper() == case.operation.method.upper():
                self.answers[case.operation.label, interaction.response.status_code] += 1
        for case_id, results in recorder.checks.items():
            for result in results:
                self.checks[result.name] += 1
                if result.failure_info is not None:
                    label = recorder.cases[case_id].value.operation.label
                    failure = result.failure_info.failure
                    words = f"{failure.title}\n{failure.message}\n{result.failure_info.code_sample}"
                    self.faults.setdefault((label, result.name), words)


def explore(schema: Any) -> Outcome:
    """Run all phases of the engine. Raises what the engine itself stumbles over."""
    outcome = Outcome()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            outcome.add(event)
        elif isinstance(event, events.NonFatalError):
            outcome.faults[event.label, "error"] = f"{event.value!r}"
        elif isinstance(event, events.FatalError):
            raise event.exception
    return outcome


def document_of(app: Application, wanted: Callable[[str], bool]) -> dict[str, Any]:
    """openapi.json as it is served, with the operations that are ``wanted`` by their ids."""
    document: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
    paths = {
        path: {
            name: part
            for name, part in methods.items()
            if name == "parameters" or wanted(part["operationId"])
        }
        for path, methods in document["paths"].items()
    }
    document["paths"] = {path: methods for path, methods in paths.items() if set(methods) - {"parameters"}}
    return document


def read(app: Application, document: dict[str, Any], config: schemathesis.Config) -> Any:
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    return schema


CHECKS = {
    *(
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ),
    *(
        "response_headers_conformance",
        "positive_data_acceptance",
        "negative_data_rejection",
        "use_after_free",
    ),
    *(
        "ensure_resource_availability",
        "missing_required_header",
        "ignored_auth",
        "object_level_authorization",
    ),
    *("unsupported_method", "allow_header_conformance", "refused_only_for_what_no_document_says"),
}


@pytest.mark.slow
@pytest.mark.timeout(300 * DEEPER)
@pytest.mark.parametrize("who", list(EXAMPLES))
def test_the_document_says_what_the_application_does(app: Application, world: World, who: str) -> None:
    citizen = world.citizen()
    clinic = Clinic(world, count=1, region="6109")
    [expert] = clinic.experts.values()
    things = known_things(world, clinic, citizen)
    callers = {"citizen": citizen, "handler": world.handler(), "expert": expert, "nobody": world.nobody}
    config = config_for(callers[who], things, who)
    # Signing out would make everything after it a 401; it has its own test below.
    document = document_of(app, lambda operation: operation != "sign_out")

    outcome = explore(read(app, document, config))

    assert outcome.faults == {}, "\n\n".join(f"{key}: {words}" for key, words in outcome.faults.items())
    assert set(outcome.checks) == CHECKS
    assert {status for _, status in outcome.answers if status >= 500} == set()
    assert sum(outcome.answers.values()) > ASKED[who]
    assert reached(outcome) >= REACHED[who], "the exploration got less far than it did"


ASKED = {"citizen": 1200, "handler": 250, "expert": 250, "nobody": 120}
REACHED = {"citizen": 20, "handler": 10, "expert": 10, "nobody": 5}
"""How many operations must have been answered with a success, or the checks would look at refusals only."""


def reached(outcome: Outcome) -> int:
    return len({label for label, status in outcome.answers if 200 <= status < 300})


def test_signing_out_is_described_too(app: Application, world: World) -> None:
    document = document_of(app, lambda operation: operation == "sign_out")

    outcome = explore(read(app, document, config_for(world.citizen(), {})))

    assert outcome.faults == {}
    assert outcome.answers["POST /api/v1/auth/logout", 204] >= 1
    assert outcome.answers["POST /api/v1/auth/logout", 401] >= 1


def test_a_difference_would_be_found(app: Application, world: World) -> None:
    """The document of another application: its answers are not those of ours."""
    document = document_of(app, lambda operation: operation == "get_me")
    operation = document["paths"]["/api/v1/me"]["get"]
    operation["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "array"}

    outcome = explore(read(app, document, config_for(world.citizen(), {})))

    assert ("GET /api/v1/me", "response_schema_conformance") in outcome.faults
