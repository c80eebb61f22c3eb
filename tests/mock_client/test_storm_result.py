"""When a storm counts as survived."""

from typing import Any

import pytest

from mock_client.storm import Result

SURVIVED: dict[str, Any] = {"intents": 200, "acknowledged": 200, "cases": 200}


def test_one_case_for_each_intent_is_survived() -> None:
    assert Result(**SURVIVED).ok


@pytest.mark.parametrize(
    "otherwise",
    [
        {"cases": 199},
        {"cases": 201},
        {"acknowledged": 199, "unanswered": 1},
        {"acknowledged": 199, "refused": ["remote_care_overlap"]},
        {"lost": 1},
        {"twice": 1},
    ],
)
def test_a_case_more_or_fewer_is_not(otherwise: dict[str, Any]) -> None:
    result = Result(**{**SURVIVED, **otherwise})
    assert not result.ok
    assert result.to_json()["ok"] is False
