"""All tables, imported for the migrations."""

from app.filings import models as filings
from app.identity import models as identity
from app.kit import outbox, sealing
from app.kit.api import idempotency
from app.materials import models as materials
from app.notices import models as notices
from app.places import models as places
from app.services.chronic_disease import models as chronic_disease
from app.services.chronic_disease import offer_models as chronic_offers
from app.services.remote_care import models as remote_care

ALL = (
    idempotency,
    outbox,
    sealing,
    identity,
    places,
    materials,
    notices,
    filings,
    remote_care,
    chronic_disease,
    chronic_offers,
)
