"""The OpenAPI document: generated from the views, made stable for comparison."""

import json
from typing import Any

from flask import Flask

from app.kit.api.smorest import Api
from app.kit.permissions import Route


def openapi_document(app: Flask) -> dict[str, Any]:
    """The document of ``app`` (OpenAPI 3.1), with the policy of each operation."""
    api: Api = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    api.describe()
    document: dict[str, Any] = json.loads(json.dumps(api.spec.to_dict()))
    routes: dict[str, Route] = {route.endpoint.split(".")[-1]: route for route in app.routes.values()}  # type: ignore[attr-defined]
    for path in document["paths"].values():
        for method, operation in path.items():
            if method in {"parameters", "summary"}:
                continue
            _describe_policy(operation, routes[operation["operationId"]])
    return document


def _describe_policy(operation: dict[str, Any], route: Route) -> None:
    operation["security"] = [] if route.policy.public else [{"bearer": []}]
    operation["x-policy"] = route.policy.name
    if route.idempotent:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})


def dumps(document: dict[str, Any]) -> str:
    """The document as committed in openapi/openapi.json."""
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a client written against ``old`` would miss in ``new``: operations, answer fields, and new demands."""
    found = []
    for path, methods in old.get("paths", {}).items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            now = new.get("paths", {}).get(path, {}).get(method)
            if now is None:
                found.append(f"{method.upper()} {path}: removed")
                continue
            if now.get("operationId") != operation.get("operationId"):
                found.append(f"{method.upper()} {path}: operationId changed")
            found.extend(_new_required_parameters(f"{method.upper()} {path}", operation, now))
    old_schemas = old.get("components", {}).get("schemas", {})
    new_schemas = new.get("components", {}).get("schemas", {})
    for name, schema in old_schemas.items():
        found.extend(_schema_changes(name, schema, new_schemas.get(name)))
    return found


def _new_required_parameters(where: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    def required(operation: dict[str, Any]) -> set[str]:
        return {p["name"] for p in operation.get("parameters", []) if p.get("required") and "name" in p}

    return [f"{where}: parameter {name} is required now" for name in sorted(required(new) - required(old))]


def _schema_changes(name: str, old: dict[str, Any], new: dict[str, Any] | None) -> list[str]:
    if new is None:
        return [f"schema {name}: removed"]
    gone = sorted(set(old.get("properties", {})) - set(new.get("properties", {})))
    found = [f"schema {name}: field {field} removed" for field in gone]
    for field, old_type in old.get("properties", {}).items():
        new_type = new.get("properties", {}).get(field)
        if new_type is not None and old_type.get("type") != new_type.get("type"):
            found.append(f"schema {name}: field {field} changed its type")
    if not name.endswith("Answer"):
        demanded = sorted(set(new.get("required", [])) - set(old.get("required", [])))
        found.extend(f"schema {name}: field {field} is required now" for field in demanded)
    return found
