"""Every scenario of the mock client against a real server, over real HTTP."""

from pathlib import Path

import pytest

from mock_client import runner
from mock_client.journal import Journal
from mock_client.office import Office
from mock_client.runner import Run
from mock_client.scenarios import STORIES, Story
from mock_client.standins import StandIns
from mock_client.world import World
from tests.conftest import needs_postgres
from tests.scenarios.serving import Serving


def world_of(serving: Serving, out: Path) -> World:
    office = Office.find(serving.environment)
    people = runner.read_people(None, office)
    return World(serving.addresses, Journal(out, seed=7), people, seed=7, office=office, pace=0.05)


@pytest.fixture(scope="module")
def world(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> World:
    return world_of(serving, tmp_path_factory.mktemp("out"))


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_scenario_goes_as_it_must(world: World, story: Story) -> None:
    runner.play(world, [story])
    told = world.journal.scenarios[-1]
    assert told.error is None
    assert told.ok
    assert told.steps


ON_POSTGRESQL = (
    ("instant", "claim_race", "retry_storm", "voucher_used", "voucher_retry_storm"),
    ("chronic_certified", "chronic_offer_accepted", "voucher_undo", "voucher_new_numbers"),
)
"""Where locks and queues matter. What else there is runs on both databases in the tests of each room."""


@pytest.mark.slow
@pytest.mark.postgres
@needs_postgres
@pytest.mark.timeout(300)
@pytest.mark.parametrize("names", ON_POSTGRESQL, ids=lambda names: names[0])
def test_scenarios_go_as_they_must_on_postgresql(
    postgres_url: str, tmp_path: Path, standins: StandIns, names: tuple[str, ...]
) -> None:
    # given a server on PostgreSQL with the demo's people
    stories = [story for story in STORIES if story.name in names]
    serving = Serving(tmp_path, standins, postgres_url)
    serving.load()
    serving.start()
    try:
        # when these are played
        run = runner.play(world_of(serving, tmp_path / "out"), stories)
    finally:
        serving.stop()
    # then nothing failed
    assert failures(run) == {}
    assert {told.name for told in run.journal.scenarios} == set(names)


def failures(run: Run) -> dict[str, str | None]:
    return {told.name: told.error for told in run.journal.scenarios if not told.ok}
