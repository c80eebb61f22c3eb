"""The county of the chronic-disease tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clinic import REGION, Clinic
from forms import mixed

from app.kit import signing
from app.kit.api.application import Application
from app.kit.signing import SignatureAlgorithm
from tests.somebody import Somebody
from tests.world import World


@pytest.fixture
def clinic(app: Application) -> Clinic:
    return Clinic(World(app))


@pytest.fixture
def patient(clinic: Clinic) -> Somebody:
    return clinic.world.citizen(region=REGION)


@pytest.fixture
def approved(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    """Hypertension recognised, diabetes not."""
    return mixed(clinic, patient)


@pytest.fixture
def signing_by() -> Iterator[Callable[[SignatureAlgorithm], None]]:
    """Sets how the process signs, for one test."""
    before = signing.algorithm()
    yield signing.configure
    signing.configure(before)
