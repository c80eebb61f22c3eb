"""Stories of 门诊慢特病 and 两病: patients, experts drawn by lot, the agency, and what comes of it."""

from typing import Final

from mock_client.scenarios.chronic import (
    appeal,
    certified,
    conflict,
    correction,
    institutions,
    mixed,
    offer_accepted,
    offer_declined,
    partly,
    timeout,
    twice,
    two_disease,
    two_disease_direct,
)

MODULES: Final = (
    certified,
    two_disease,
    two_disease_direct,
    appeal,
    correction,
    mixed,
    partly,
    timeout,
    institutions,
    conflict,
    twice,
    offer_accepted,
    offer_declined,
)
"""In the order in which they are best read."""
