"""What is written without marshmallow says what its schema says: the same names and the same values."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema

from app.filings.schemas import FilingAnswer, FilingsAnswer
from app.kit.api.application import Application
from app.services.remote_care.schemas import AdviceAnswer
from tests.world import Somebody, World


@pytest.fixture
def citizen(app: Application) -> Somebody:
    """Somebody with a case that was decided, one that waits and a draft."""
    world = World(app)
    found = world.citizen(region="6109")
    for state in ("approved", "queued", "draft"):
        world.filing(found, state)
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/filings?scope=mine", FilingsAnswer()),
        ("/filings?scope=mine&limit=1", FilingsAnswer()),
        ("/filings?scope=subject", FilingsAnswer()),
        ("/remote-care/advice?care_region_code=1401", AdviceAnswer()),
        ("/remote-care/advice?care_region_code=1401&urgent=true&hospital_level=3", AdviceAnswer()),
        ("/remote-care/advice?care_region_code=610902", AdviceAnswer()),
    ],
)
def test_a_ready_answer_holds_what_its_schema_names_and_nothing_else(
    citizen: Somebody, path: str, schema: Schema, language: str
) -> None:
    answer = citizen.ok("GET", path, headers={"Accept-Language": language})

    assert schema.dump(schema.load(answer)) == answer
    _names_all(schema, answer)


def test_a_case_is_answered_as_its_schema_says(citizen: Somebody) -> None:
    for case in citizen.ok("GET", "/filings")["items"]:
        answer = citizen.ok("GET", f"/filings/{case['id']}")

        assert FilingAnswer().dump(FilingAnswer().load(answer)) == answer
        _names_all(FilingAnswer(), answer)


def test_a_new_case_is_answered_with_201_and_again_with_the_same_words(app: Application) -> None:
    citizen = World(app).citizen(region="6109")
    body = {
        "service_code": "remote_care",
        "form": {"category": "other_temporary", "care_region_code": "1401"},
    }

    first = citizen.send("POST", "/filings", body, key="one-and-the-same")
    again = citizen.send("POST", "/filings", body, key="one-and-the-same")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.text == again.text
    _names_all(FilingAnswer(), first.get_json())


def test_security_headers_stand_once_on_every_answer(client: FlaskClient) -> None:
    for path in ("/healthz", "/docs", "/api/v1/services", "/nowhere"):
        headers = client.get(path).headers

        assert len(headers.getlist("Content-Security-Policy")) == 1, path
        assert len(headers.getlist("Cache-Control")) == 1, path
        assert headers.getlist("X-Content-Type-Options") == ["nosniff"], path
        assert "Accept-Language" in headers["Vary"], path


def _names_all(schema: Schema, answer: Mapping[str, Any]) -> None:
    """The answer has every field of the schema, and so have the objects in it."""
    assert set(answer) == set(schema.fields)
    for name, field in schema.fields.items():
        nested = getattr(getattr(field, "inner", field), "schema", None)
        values = answer[name] if isinstance(answer[name], list) else [answer[name]]
        for value in values if nested is not None else []:
            if value is not None:
                _names_all(nested, value)
