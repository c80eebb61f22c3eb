"""Advice over HTTP: whether to file, and what the fund pays with and without."""

from typing import Any

import pytest

from app.kit.api.application import Application
from tests.world import World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.mark.parametrize(
    ("home", "traits", "query", "must_file", "percents"),
    [
        pytest.param("6104", {}, "hospital_level=1", "yes", {90, 80, 70}, id="咸阳 level 1"),
        pytest.param("6104", {}, "hospital_level=2", "yes", {70, 60}, id="咸阳 level 2"),
        pytest.param("6104", {}, "hospital_level=3", "yes", {50, 40}, id="咸阳 level 3"),
        pytest.param("1401", {"insutype": "310"}, "", "recommended", {72}, id="太原 employee"),
        pytest.param(
            "1401",
            {"insutype": "310", "age": 65, "retired": True},
            "",
            "recommended",
            {81},
            id="太原 retired",
        ),
        pytest.param("1401", {}, "", "recommended", {50}, id="太原 resident"),
        pytest.param("6109", {}, "", "yes", set(), id="安康 has no numbers"),
    ],
)
def test_advice_gives_the_shares_of_the_regions_pack_with_their_source(
    world: World, home: str, traits: dict[str, Any], query: str, must_file: str, percents: set[int]
) -> None:
    citizen = world.citizen(region=home, **traits)

    advice = citizen.ok("GET", f"/remote-care/advice?care_region_code=31&med_type=21&{query}")

    assert advice["must_file"] == must_file
    lines = [*advice["without_filing"], *(line for one in advice["with_filing"] for line in one["shares"])]
    known = [line for line in lines if line["percent"] is not None]
    assert {line["percent"] for line in known} == percents
    assert all(line["source"]["text"] for line in known)
    assert advice["numbers_known"] is bool(percents)
    if not percents:
        assert any("没有查到" in line["text"] or "12393" in line["text"] for line in lines)


def test_advice_for_an_emergency_is_to_get_treated_first(world: World) -> None:
    advice = world.citizen(region="1401").ok(
        "GET", "/remote-care/advice?care_region_code=31&med_type=21&urgent=true"
    )
    assert advice["must_file"] == "no"
    assert "先救治" in advice["text"]


def test_advice_about_an_unknown_region_says_so(world: World) -> None:
    citizen = world.citizen()
    assert citizen.refused("GET", "/remote-care/advice?care_region_code=99") == (422, "invalid_input")
    assert citizen.refused("GET", "/remote-care/advice") == (422, "invalid_input")


@pytest.mark.parametrize("path", ["advice?care_region_code=31&", "records?"])
def test_without_a_proven_name_one_is_told_to_prove_it_whomever_one_asks_for(world: World, path: str) -> None:
    child = world.child(world.citizen())

    assert world.stranger().refused("GET", f"/remote-care/{path}person_id={child}") == (
        403,
        "real_name_required",
    )
