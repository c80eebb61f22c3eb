"""The OpenAPI document names what each service takes as the data of an action: the routes know only that it is an object."""

from typing import Any

from apispec import APISpec

from app.filings import catalogue

REQUEST = "ActOnFilingRequest"


def describe_data(spec: APISpec) -> None:
    """Add the schemas of all services' data to the document, and to the request a word on which action takes which."""
    schemas = {
        schema.__name__: schema for service in catalogue.services() for schema in service.data.values()
    }
    if len(schemas) < len({schema for service in catalogue.services() for schema in service.data.values()}):
        raise RuntimeError("two services name different data alike")
    for name, schema in schemas.items():
        spec.components.schema(name, schema=schema)
    takes = [
        f"{service.code} {action}: {schema.__name__}"
        for service in catalogue.services()
        for action, schema in service.data.items()
    ]
    data: dict[str, Any] = spec.components.schemas[REQUEST]["properties"]["data"]
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    data["anyOf"] = [*references, {"type": "null"}]
    data["description"] = (
        f"What the service takes with this action. {'; '.join(takes)}. Other actions take none"
    )
