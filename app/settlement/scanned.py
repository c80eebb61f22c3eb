"""What a scan asks of the database, in one statement: how the code stands, whose it is and how insured, what the personal
accounts hold, and at which institution the terminal stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor
from app.identity.models import Coverage, Person
from app.identity.service import InsuredPerson
from app.ledger.models import PersonalAccount
from app.places import service as places
from app.places.models import Institution
from app.places.service import Designated
from app.settlement.institution import Terminal, stand_of
from app.vouchers import service as vouchers
from app.vouchers.errors import VOUCHER_NOT_ACTIVATED
from app.vouchers.models import Voucher
from app.vouchers.service import Proven, Standing

_SCANNED: Final = (
    vouchers.STANDING.add_columns(
        *places.DESIGNATED_COLUMNS,
        PersonalAccount.coverage_id,
        PersonalAccount.balance_fen,
        *identity.INSURED_COLUMNS,
    )
    .join(Institution, Institution.id == bindparam("institution_id"))
    .join(Person, Person.id == Voucher.person_id)
    .outerjoin(Coverage, Coverage.person_id == Person.id)
    .outerjoin(PersonalAccount, PersonalAccount.coverage_id == Coverage.id)
    .order_by(Coverage.begin_date, Coverage.id)
)
_INSTITUTION_FROM: Final = vouchers.STANDING_COLUMNS
_ACCOUNT_FROM: Final = _INSTITUTION_FROM + len(places.DESIGNATED_COLUMNS)
_INSURED_FROM: Final = _ACCOUNT_FROM + 2


@dataclass(frozen=True, slots=True)
class Scanned:
    """balances: coverage → what its personal account holds in fen, for those that are open."""

    standing: Standing
    terminal: Terminal
    person: InsuredPerson
    balances: Mapping[UUID, int]


def find(session: Session, actor: Actor, code: Proven) -> Scanned:
    """What is behind a genuine code that a terminal scanned. Raises TERMINAL_WITHOUT_INSTITUTION, VOUCHER_NOT_ACTIVATED."""
    grant, institution_id = stand_of(actor)
    values = {**vouchers.standing_values(code), "institution_id": institution_id}
    rows = session.connection().execute(_SCANNED, values).all()
    person = identity.insured_of([row[_INSURED_FROM:] for row in rows])
    if person is None:
        raise VOUCHER_NOT_ACTIVATED()
    institution = Designated(*rows[0][_INSTITUTION_FROM:_ACCOUNT_FROM])
    accounts = [row[_ACCOUNT_FROM:_INSURED_FROM] for row in rows]
    return Scanned(
        standing=Standing.of(rows[0]),
        terminal=Terminal(actor, grant, institution),
        person=person,
        balances={coverage_id: fen for coverage_id, fen in accounts if coverage_id is not None},
    )
