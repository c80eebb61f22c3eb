"""Citizens' phones and terminals' scanners for the tests of vouchers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.actor import AccountKind, Actor, Grant, OrganisationKind, Role
from app.kit import clock, ids
from app.kit.api.failures import FailureLimit
from app.kit.asking import ask
from app.vouchers import queries, service
from app.vouchers.errors import VOUCHER_NOT_ACTIVATED
from app.vouchers.service import BusinessType, EcToken
from tests.faces import show_face
from tests.world import Hospital, Somebody, World

PHONE = "phone-0123456789abcdef"
OTHER_PHONE = "phone-fedcba9876543210"
SETTLEMENT = BusinessType.SETTLEMENT


def activate(
    somebody: Somebody,
    *,
    person_id: UUID | None = None,
    phone: str = PHONE,
    name: str | None = None,
    face: bool = False,
) -> dict[str, Any]:
    """The answer to the activation. face: shown before the camera just now, as every phone but the first must."""
    body = {"device_no": phone, **_of(person_id), **({"device_name": name} if name else {})}
    if face:
        body["real_name_id"] = str(show_face(somebody))
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

    def decode(self, code: str, business: BusinessType = SETTLEMENT, *, now: datetime | None = None) -> str:
        """The ec_token."""
        at = now or clock.now()
        proven = service.prove(self.actor, code, now=at, failures=self.failures)
        with self.world.parts.database.reading() as session:
            standing = queries.standing(session, proven)
        if standing is None:
            raise VOUCHER_NOT_ACTIVATED()
        return service.token_for(self.actor, proven, standing, business, at)

    def scan(self, code: str, business: BusinessType = SETTLEMENT, *, now: datetime | None = None) -> EcToken:
        """What the ec_token says."""
        text = self.decode(code, business, now=now)
        return service.read_token(self.actor, text, suits={business}, now=now or clock.now())

    def pay(self, token: EcToken, payment_id: UUID | None = None) -> None:
        """What the settling transaction does with the code."""
        self.world.write(lambda session: claim_use(session, token, payment_id=payment_id or ids.new_id()))

    def preview(self, token: EcToken) -> None:
        with self.world.parts.database.reading() as session:
            service.require_unused(session, token)


def claim_use(session: Session, token: EcToken, *, payment_id: UUID) -> None:
    """As settling does: the code pays, or it is said why not."""
    if not ask(session, service.asking_use(token, payment_id=payment_id, now=clock.now())):
        service.refuse_use(session, token)
