"""A world with a citizen and a hospital's scanner."""

import pytest
from scanning import Scanner

from app.kit.api.application import Application
from tests.world import Somebody, World


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


@pytest.fixture
def citizen(world: World) -> Somebody:
    return world.citizen()


@pytest.fixture
def scanner(world: World) -> Scanner:
    return Scanner(world, world.hospital())
