"""A marshmallow schema as JSON Schema, so that a client can draw the form from it."""

import json
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from app.kit.text import localize


@cache
def json_schema(schema: type[Schema], language: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of ``schema``; nested schemas are inlined under $defs. Texts in ``language``."""
    plugin = MarshmallowPlugin()
    spec = APISpec("forms", "1", "3.1.0", plugins=[plugin])
    if plugin.converter is None:
        raise RuntimeError("the plugin has no converter")
    body = plugin.converter.schema2jsonschema(schema())  # type: ignore[no-untyped-call] # apispec is untyped here
    definitions = spec.to_dict().get("components", {}).get("schemas", {})
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **body,
        "additionalProperties": False,
        **({"$defs": definitions} if definitions else {}),
    }
    text = json.dumps(localize(whole, language), ensure_ascii=False, default=str)
    found: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    return found
