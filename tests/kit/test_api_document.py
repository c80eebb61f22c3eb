"""The OpenAPI document: whole, stable, and a change that would break a client is named."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.gateways.parts import Parts
from app.kit.api.application import Application
from app.kit.api.document import breaking_changes, dumps, openapi_document
from tests.kit.small_app import make

Document = dict[str, Any]


@pytest.fixture
def small(parts: Parts) -> Document:
    return openapi_document(make(parts.database).app)


def test_the_document_of_the_kit_alone_is_valid_openapi(small: Document) -> None:
    OpenAPIV31SpecValidator(small).validate()


def test_an_operation_is_named_after_its_function_and_says_its_policy(small: Document) -> None:
    operation = small["paths"]["/secret"]["get"]

    assert operation["operationId"] == "secret"
    assert operation["x-policy"] == "roles:keeper,owner"
    assert operation["security"] == [{"bearer": []}]
    assert small["paths"]["/notes"]["get"]["security"] == []


def test_only_what_takes_an_idempotency_key_says_so(small: Document) -> None:
    key = {"$ref": "#/components/parameters/IdempotencyKey"}

    assert key in small["paths"]["/notes"]["post"]["parameters"]
    assert key not in small["paths"]["/refuse"]["post"].get("parameters", [])


def test_every_error_of_an_operation_is_described(small: Document) -> None:
    with_body = set(small["paths"]["/notes"]["post"]["responses"])
    without = set(small["paths"]["/notes"]["get"]["responses"])

    assert {
        "201",
        "400",
        "401",
        "403",
        "404",
        "405",
        "409",
        "413",
        "415",
        "422",
        "429",
        "500",
        "503",
    } <= with_body
    assert without >= {"200", "401", "403", "404", "422", "429", "500", "503"}
    for path in small["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if status.startswith(("4", "5")):
                    assert response["$ref"].startswith("#/components/responses/")


def test_it_is_written_the_same_way_each_time(app: Application) -> None:
    one, two = dumps(openapi_document(app)), dumps(openapi_document(app))

    assert one == two
    assert one.endswith("}\n")
    assert list(json.loads(one)["components"]["schemas"]) == sorted(json.loads(one)["components"]["schemas"])


def test_operation_ids_are_unique_and_paths_are_versioned(app: Application) -> None:
    document = openapi_document(app)
    operations = [
        one for path in document["paths"].values() for name, one in path.items() if name != "parameters"
    ]

    names = [operation["operationId"] for operation in operations]
    assert len(names) > 30
    assert len(set(names)) == len(names)
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    assert all(operation["summary"] for operation in operations), "each function says in a line what it does"


OLD: Document = {
    "paths": {
        "/a": {
            "get": {"operationId": "get_a", "parameters": [{"name": "q", "in": "query"}]},
            "post": {"operationId": "post_a"},
        }
    },
    "components": {
        "schemas": {
            "ThingAnswer": {
                "properties": {"id": {"type": "string"}, "n": {"type": "integer"}},
                "required": ["id"],
            },
            "Thing": {"properties": {"id": {"type": "string"}}, "required": ["id"]},
        }
    },
}


def removed_operation(new: Document) -> None:
    del new["paths"]["/a"]["post"]


def renamed_operation(new: Document) -> None:
    new["paths"]["/a"]["get"]["operationId"] = "other"


def removed_path(new: Document) -> None:
    del new["paths"]["/a"]


def demanded_parameter(new: Document) -> None:
    new["paths"]["/a"]["get"]["parameters"].append({"name": "p", "required": True})


def removed_schema(new: Document) -> None:
    del new["components"]["schemas"]["Thing"]


def removed_field(new: Document) -> None:
    del new["components"]["schemas"]["ThingAnswer"]["properties"]["n"]


def changed_type(new: Document) -> None:
    new["components"]["schemas"]["ThingAnswer"]["properties"]["n"]["type"] = "string"


def demanded_field(new: Document) -> None:
    new["components"]["schemas"]["Thing"]["required"].append("more")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (removed_operation, ["POST /a: removed"]),
        (renamed_operation, ["GET /a: operationId changed"]),
        (removed_path, ["GET /a: removed", "POST /a: removed"]),
        (demanded_parameter, ["GET /a: parameter p is required now"]),
        (removed_schema, ["schema Thing: removed"]),
        (removed_field, ["schema ThingAnswer: field n removed"]),
        (changed_type, ["schema ThingAnswer: field n changed its type"]),
        (demanded_field, ["schema Thing: field more is required now"]),
    ],
)
def test_what_would_break_a_client_is_named(change: Callable[[Document], None], named: list[str]) -> None:
    new = copy.deepcopy(OLD)
    change(new)

    assert breaking_changes(OLD, new) == named


def added_operation(new: Document) -> None:
    new["paths"]["/b"] = {"get": {"operationId": "get_b"}}


def offered_parameter(new: Document) -> None:
    new["paths"]["/a"]["get"]["parameters"].append({"name": "p"})


def added_field(new: Document) -> None:
    new["components"]["schemas"]["ThingAnswer"]["properties"]["more"] = {"type": "string"}
    new["components"]["schemas"]["ThingAnswer"]["required"].append("more")


@pytest.mark.parametrize("change", [added_operation, offered_parameter, added_field])
def test_what_only_adds_breaks_nobody(change: Callable[[Document], None]) -> None:
    new = copy.deepcopy(OLD)
    change(new)

    assert breaking_changes(OLD, new) == []
    assert breaking_changes(OLD, OLD) == []
