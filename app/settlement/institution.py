"""At which institution a terminal stands: every transaction is that institution's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.model import Place, PlaceType
from app.identity.actor import Actor, Grant
from app.places import service as places
from app.settlement.errors import (
    INSTITUTION_DIFFERS,
    INSTITUTION_INACTIVE,
    TERMINAL_WITHOUT_INSTITUTION,
)


@dataclass(frozen=True)
class Terminal:
    """Who calls: the terminal's account, the grant by which it stands at an institution, and that institution."""

    actor: Actor
    grant: Grant
    institution: places.Designated

    @property
    def place(self) -> Place:
        """The institution as the rules see it."""
        institution = self.institution
        return Place(institution.region_code, PlaceType(institution.type.value), institution.level)

    def require_contract(self) -> None:
        """Raises INSTITUTION_INACTIVE where the institution's contract is suspended or has ended."""
        if not self.institution.active:
            raise INSTITUTION_INACTIVE()


def stand_of(actor: Actor) -> tuple[Grant, UUID]:
    """By which grant a terminal stands at an institution, and at which. No statement.

    Raises TERMINAL_WITHOUT_INSTITUTION.
    """
    grant = actor.terminal_grant
    if grant is None or grant.institution_id is None:
        raise TERMINAL_WITHOUT_INSTITUTION()
    return grant, grant.institution_id


def terminal_of(
    session: Session,
    actor: Actor,
    header: Mapping[str, Any] | None = None,
    *,
    without_contract: bool = False,
) -> Terminal:
    """The terminal and its institution. One statement. header: an envelope, whose fixmedins_code must be ours if given.
    without_contract: an institution whose contract has ended will do.

    Raises TERMINAL_WITHOUT_INSTITUTION, INSTITUTION_DIFFERS or INSTITUTION_INACTIVE.
    """
    grant, institution_id = stand_of(actor)
    institution = places.get_designated(session, institution_id)
    given = header["fixmedins_code"] if header is not None else None
    if given is not None and given.upper() != institution.code:
        raise INSTITUTION_DIFFERS()
    found = Terminal(actor, grant, institution)
    if not without_contract:
        found.require_contract()
    return found
