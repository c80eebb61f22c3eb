"""Citizens' phones and terminals' scanners for the tests of vouchers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.identity.actor import AccountKind, Actor, Grant, OrganisationKind, Role
from app.kit import clock, ids
from app.kit.api.failures import FailureLimit
from app.vouchers import service
from app.vouchers.service import BusinessType, Decoded, EcToken
from tests.world import Hospital, Somebody, World

PHONE = "phone-0123456789abcdef"
OTHER_PHONE = "phone-fedcba9876543210"
SETTLEMENT = BusinessType.SETTLEMENT


def activate(
    somebody: Somebody, *, person_id: UUID | None = None, phone: str = PHONE, name: str | None = None
) -> dict[str, Any]:
    """The answer to the activation."""
    body = {"device_no": phone, **_of(person_id), **({"device_name": name} if name else {})}
    answer: dict[str, Any] = somebody.ok("POST", "/voucher/activation", body)
    return answer


def show(somebody: Somebody, *, person_id: UUID | None = None, phone: str = PHONE) -> dict[str, Any]:
    """The code as the phone gets it."""
    answer: dict[str, Any] = somebody.ok("POST", "/voucher/codes", {"device_no": phone, **_of(person_id)})
    return answer


def _of(person_id: UUID | None) -> dict[str, str]:
    return {} if person_id is None else {"person_id": str(person_id)}


@dataclass
class Scanner:
    """A hospital's terminal. No HTTP: the transactions that decode and pay are settlement's."""

    world: World
    hospital: Hospital
    failures: FailureLimit = field(default_factory=lambda: FailureLimit(None))
    actor: Actor = field(init=False)

    def __post_init__(self) -> None:
        grant = Grant(
            Role.TERMINAL,
            self.hospital.organisation_id,
            OrganisationKind.INSTITUTION,
            self.hospital.region_code,
            self.hospital.id,
        )
        terminal = self.world.terminal(self.hospital)
        self.actor = Actor(terminal.account_id, AccountKind.TERMINAL, None, ids.new_id(), (grant,))

    def scan(self, code: str, business: BusinessType = SETTLEMENT, *, now: datetime | None = None) -> Decoded:
        with self.world.parts.database.reading() as session:
            return service.decode(
                session, self.actor, code, business, now=now or clock.now(), failures=self.failures
            )

    def pay(self, token: EcToken, order_no: str = "bill-1") -> None:
        """What the settling transaction does with the code."""
        self.world.write(
            lambda session: service.claim_use(
                session, token, institution_id=self.hospital.id, order_no=order_no, now=clock.now()
            )
        )

    def preview(self, token: EcToken) -> None:
        with self.world.parts.database.reading() as session:
            service.require_unused(session, token)
