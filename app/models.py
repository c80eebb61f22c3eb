"""All tables, imported for the migrations."""

from app.filings import models as filings
from app.identity import account_models as identity_accounts
from app.identity import models as identity
from app.kit import outbox, sealing
from app.kit.api import idempotency
from app.ledger import models as ledger
from app.materials import models as materials
from app.notices import models as notices
from app.places import models as places
from app.services.chronic_disease import models as chronic_disease
from app.services.chronic_disease import offer_models as chronic_offers
from app.services.remote_care import models as remote_care
from app.settlement import models as settlement
from app.vouchers import models as vouchers

ALL = (
    idempotency,
    outbox,
    sealing,
    identity,
    identity_accounts,
    places,
    ledger,
    materials,
    notices,
    vouchers,
    filings,
    remote_care,
    chronic_disease,
    chronic_offers,
    settlement,
)
