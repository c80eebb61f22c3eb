"""What the tests of promises share: a world on the application of the test."""

import pytest

from app.kit.api.application import Application
from tests.world import World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)
