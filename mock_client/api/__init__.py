"""The API as a client sees it: one typed method per operationId of the OpenAPI document, named as it is.

Answers are dictionaries whose types bear the names of the document's schemas. A test holds both complete.
"""

from mock_client.api.chronic import ChronicApi
from mock_client.api.filings import FilingsApi
from mock_client.api.identity import IdentityApi
from mock_client.api.materials import MaterialsApi
from mock_client.api.notices import NoticesApi
from mock_client.api.offers import OffersApi
from mock_client.api.places import PlacesApi
from mock_client.api.remote_care import RemoteCareApi
from mock_client.api.settlements import SettlementsApi
from mock_client.api.terminal import TerminalApi
from mock_client.api.vouchers import VouchersApi

__all__ = ["Api"]


class Api(
    IdentityApi,
    PlacesApi,
    MaterialsApi,
    NoticesApi,
    FilingsApi,
    RemoteCareApi,
    ChronicApi,
    OffersApi,
    VouchersApi,
    TerminalApi,
    SettlementsApi,
):
    """Everything that one caller may ask."""
