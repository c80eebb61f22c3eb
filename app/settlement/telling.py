"""People hear of every bill that was settled in their name, and of every one that was taken back.

Settling writes one row for it, in the outbox; the notices themselves are made afterwards, by the worker.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.kit import outbox
from app.kit.db import Database
from app.kit.text import Text
from app.notices import service as notices
from app.notices.service import NoticeKind
from app.places import service as places
from app.settlement import person_words
from app.settlement.models import Settlement, SettlementState

TOPIC: Final = "settlement.told"
_BILL: Final = Text("医保结算", "medical bill")


def tell(session: Session, settlement_id: UUID) -> None:
    """Let the person know how this bill stands, after the commit. One statement."""
    outbox.put_at_once(session, TOPIC, {"id": str(settlement_id)})


def tell_of_bill(database: Database, payload: Mapping[str, Any]) -> None:
    """The handler of TOPIC: bears a repetition."""
    database.run(lambda session: _tell(session, UUID(payload["id"])))


def _tell(session: Session, settlement_id: UUID) -> None:
    """The bill as it stands now: one that was quickly taken back is told of once, as taken back."""
    # Locked, so that of two workers the second finds what the first has told.
    bill = session.get(Settlement, settlement_id, with_for_update=True)
    if bill is None:
        return
    found = places.institutions_by_ids(session, [bill.institution_id]).get(bill.institution_id)
    place = found.name if found is not None else person_words.UNKNOWN_PLACE
    stands = bill.state is SettlementState.SETTLED
    words = person_words.bill_sentence if stands else person_words.taken_back
    notices.queue_bill_notice(
        session,
        person_id=bill.person_id,
        kind=NoticeKind.BILL_SETTLED if stands else NoticeKind.BILL_TAKEN_BACK,
        settlement_id=bill.id,
        service=_BILL,
        reason=words(bill, str(place)),
    )
