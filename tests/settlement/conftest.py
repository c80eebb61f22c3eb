"""What the tests of the terminal's side share: on both databases, a world and a counter."""

import pytest

from app.kit.api.application import Application
from tests.settlement.counter import Counter
from tests.world import World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.fixture
def counter(world: World) -> Counter:
    """A hospital in 安康."""
    return Counter(world, level=2)
