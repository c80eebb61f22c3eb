"""A form as JSON Schema, so that a phone can draw it: complete, in the reader's language, refusing what is unknown."""

from typing import Any

import jsonschema_rs
import pytest
from marshmallow import fields

from app import registry
from app.kit.api.json_schema import json_schema
from app.kit.api.schemas import CleanString, Length, OneOf, RequestSchema
from app.kit.text import EN, ZH, Text


class Child(RequestSchema):
    name = CleanString(required=True, validate=Length(min=2, max=10))


class Form(RequestSchema):
    kind = CleanString(required=True, validate=OneOf(["a", "b"]), metadata={"title": Text("种类", "Kind")})
    children = fields.List(fields.Nested(Child))
    day = fields.Date()


@pytest.mark.parametrize(("language", "title"), [(ZH, "种类"), (EN, "Kind")])
def test_titles_are_in_the_reader_s_language(language: str, title: str) -> None:
    assert json_schema(Form, language)["properties"]["kind"]["title"] == title


def test_it_stands_alone() -> None:
    schema = json_schema(Form, ZH)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "#/components/" not in str(schema)
    assert schema["required"] == ["kind"]


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"kind": "a"}, True),
        ({"kind": "a", "children": [{"name": "小明"}], "day": "2026-01-31"}, True),
        ({}, False),
        ({"kind": "c"}, False),
        ({"kind": "a", "more": 1}, False),
        ({"kind": "a", "children": [{}]}, False),
        ({"kind": "a", "children": [{"name": "明"}]}, False),
    ],
)
def test_it_says_what_the_form_takes(value: dict[str, Any], valid: bool) -> None:
    assert jsonschema_rs.is_valid(json_schema(Form, ZH), value) is valid
    assert (Form().validate(value) == {}) is valid


@pytest.mark.parametrize("service", registry.SERVICES, ids=[service.code for service in registry.SERVICES])
@pytest.mark.parametrize("language", [ZH, EN])
def test_every_service_s_form_can_be_drawn(service: Any, language: str) -> None:
    schema = json_schema(service.form, language)

    jsonschema_rs.validator_for(schema)
    assert schema["additionalProperties"] is False
    assert all(part.get("title") for part in schema["properties"].values()), "a label for each entry"
