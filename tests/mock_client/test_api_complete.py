"""The mock client's API against the OpenAPI document: nothing is missing, nothing is made up."""

import inspect
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from small_office import Arrival, Reply, SmallOffice

from mock_client.api import (
    Api,
    chronic,
    filings,
    identity,
    materials,
    notices,
    offers,
    places,
    remote_care,
    settlements,
    terminal,
    vouchers,
)
from mock_client.device import Phone
from mock_client.transport import FilePart

DOCUMENT = json.loads(
    (Path(__file__).resolve().parents[2] / "openapi" / "openapi.json").read_text(encoding="utf-8")
)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
METHODS = ("get", "put", "post", "patch", "delete")
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in METHODS
}
PATH_PARAMETERS = {path: operations.get("parameters", []) for path, operations in DOCUMENT["paths"].items()}
MODULES = (
    *(identity, places, materials, notices, filings, remote_care, chronic, offers),
    *(vouchers, terminal, settlements),
)
TYPES: dict[str, Any] = {
    name: found
    for module in MODULES
    for name, found in vars(module).items()
    if name.endswith("Answer") and typing.is_typeddict(found)
}
CALLS = {
    name: method for name, method in inspect.getmembers(Api, inspect.isfunction) if not name.startswith("_")
}


def test_every_operation_has_its_method_and_every_method_its_operation() -> None:
    assert set(CALLS) == set(OPERATIONS)


def test_every_answer_has_its_type_and_every_type_its_answer() -> None:
    assert set(TYPES) == {name for name in SCHEMAS if name.endswith("Answer")}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_has_the_fields_of_its_answer(name: str) -> None:
    hints = typing.get_type_hints(TYPES[name])
    properties = SCHEMAS[name]["properties"]
    assert set(hints) == set(properties)
    for field, schema in properties.items():
        assert python_types(hints[field]) == json_types(schema), field


@pytest.fixture(scope="module")
def office() -> Iterator[SmallOffice]:
    with SmallOffice() as running:
        yield running


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_a_call_is_what_the_document_asks_for(office: SmallOffice, name: str) -> None:
    method, path, operation = OPERATIONS[name]
    # given an office that answers with the operation's success
    success = min(int(status) for status in operation["responses"] if status.startswith("2"))
    office.arrivals.clear()
    office.replies.clear()
    office.replies.append(Reply(success, None if success == 204 else {}))
    # when the method is called with everything that it takes
    call = getattr(Api(Phone("QA", 1, office.url, pace=0.0)), name)
    call(**{argument: sample(hint) for argument, hint in arguments(name).items()})
    # then what reached the office has this operation's method, path, query, body and key
    [arrival] = office.arrivals
    target = urlsplit(arrival.path)
    assert arrival.method == method
    assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), target.path)
    parameters = [resolved(one) for one in operation.get("parameters", [])]
    assert set(parse_qs(target.query)) == {one["name"] for one in parameters if one["in"] == "query"}
    assert sent_fields(arrival) == body_fields(operation)
    takes_key = any(one["name"] == "Idempotency-Key" for one in parameters)
    assert (arrival.key is not None) == (takes_key or name == "upload_material")


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_what_the_document_requires_a_method_requires(name: str) -> None:
    _, path, operation = OPERATIONS[name]
    parameters = [resolved(one) for one in [*PATH_PARAMETERS[path], *operation.get("parameters", [])]]
    in_path = sum(one["in"] == "path" for one in parameters)
    in_query = {one["name"] for one in parameters if one["in"] == "query" and one.get("required")}
    in_body = set(body_schema(operation).get("required", []))
    needed = [
        argument
        for argument, parameter in inspect.signature(CALLS[name]).parameters.items()
        if parameter.default is inspect.Parameter.empty and argument != "self"
    ]
    assert len(needed) == in_path + len(in_query) + len(in_body)
    assert in_query | in_body <= set(needed)


def arguments(name: str) -> dict[str, Any]:
    hints = typing.get_type_hints(CALLS[name])
    hints.pop("return")
    # An ETag makes the server answer 304; a key is fresh by itself.
    return {argument: hint for argument, hint in hints.items() if argument not in {"etag", "key"}}


def sample(hint: Any) -> Any:
    """Something of that type which is not left out of the call."""
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if typing.is_typeddict(hint):
        return {name: sample(one) for name, one in typing.get_type_hints(hint).items()}
    origin = typing.get_origin(hint) or hint
    if origin is FilePart:
        return FilePart("a.jpg", b"photo", "image/jpeg")
    if issubclass(origin, Mapping):
        return {"text": "sample"}
    if issubclass(origin, Sequence) and origin is not str:
        return [sample(typing.get_args(hint)[0])]
    return {str: "sample", int: 1, bool: True}[origin]


def sent_fields(arrival: Arrival) -> set[str]:
    if arrival.headers.get("Content-Type", "").startswith("multipart/form-data"):
        return set(re.findall(r'\bname="(\w+)"', arrival.body.decode("latin-1")))
    return set(json.loads(arrival.body)) if arrival.body else set()


def body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    if "requestBody" not in operation:
        return {}
    [content] = operation["requestBody"]["content"].values()
    return resolved(content["schema"])


def body_fields(operation: dict[str, Any]) -> set[str]:
    return set(body_schema(operation).get("properties", {}))


def resolved(found: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in found:
        target: Any = DOCUMENT
        for step in found["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        found = target
    return found


def json_types(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a schema allows."""
    if "$ref" in schema:
        return json_types(resolved(schema))
    found: set[str] = set()
    for way in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(way, []):
            found |= json_types(one)
    kind = schema.get("type", [])
    return found | ({kind} if isinstance(kind, str) else set(kind))


def python_types(hint: Any) -> set[str]:
    """The JSON types that a Python type stands for."""
    if isinstance(hint, types.UnionType):
        return set().union(*(python_types(one) for one in typing.get_args(hint)))
    if typing.is_typeddict(hint):
        return {"object"}
    origin = typing.get_origin(hint) or hint
    return {
        {
            str: "string",
            int: "integer",
            float: "number",
            bool: "boolean",
            list: "array",
            dict: "object",
            type(None): "null",
        }[origin]
    }
