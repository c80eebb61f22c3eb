"""The people of the stories: what each does with a phone or at a desk, and what they see."""

from mock_client.actors.base import Actor
from mock_client.actors.cashier import Cashier
from mock_client.actors.citizen import Citizen, Passerby, Receipt
from mock_client.actors.expert import Expert
from mock_client.actors.hospital import HospitalSystem
from mock_client.actors.staff import Handler, HospitalDesk, Supervisor

__all__ = [
    "Actor",
    "Cashier",
    "Citizen",
    "Expert",
    "Handler",
    "HospitalDesk",
    "HospitalSystem",
    "Passerby",
    "Receipt",
    "Supervisor",
]
