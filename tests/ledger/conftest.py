"""The till of the ledger's tests."""

import pytest
from till import Till

from app.gateways.parts import Parts


@pytest.fixture
def till(parts: Parts) -> Till:
    return Till(parts)
