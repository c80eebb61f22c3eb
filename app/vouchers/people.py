"""For whom somebody may use a voucher: oneself, and a minor whose guardian one is."""

from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor, Ground
from app.kit.sealing import blind_index
from app.vouchers.errors import VOUCHER_PERSON_NOT_ALLOWED

_DEVICE: Final = "device"


def subject_of(session: Session, actor: Actor, person_id: UUID | None) -> tuple[UUID, Ground]:
    """The person whose voucher is meant, and on what ground; None means the actor's own. No statement for that.

    Raises REAL_NAME_REQUIRED, VOUCHER_PERSON_NOT_ALLOWED.
    """
    own = identity.require_person(actor)
    if person_id is None or person_id == own:
        return own, Ground.SELF
    ground = identity.may_act_for(session, actor, person_id)
    if ground is None:
        raise VOUCHER_PERSON_NOT_ALLOWED()
    return person_id, ground


def device_hash(device_no: str) -> str:
    """What is kept of the number that a phone gives itself: enough to know it again."""
    return blind_index("voucher_device", _DEVICE, device_no)
