"""A world of people and cases for the tests of the case engine."""

import pytest

from app.kit.api.application import Application
from tests.world import World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)
