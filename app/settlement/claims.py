"""The numbers of an institution that are used once: of its messages, and of its bills.

Who settles and who reverses writes the same rows, before anything else of the transaction. The second waits for the
first and finds what it did, in whatever order they come.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from app.kit.db import insert_absent
from app.settlement.models import ClaimState, SettlementClaim

_TABLE = cast(Table, SettlementClaim.__table__)
_FOUND: Final = (
    select(_TABLE.c.claim, _TABLE.c.state, _TABLE.c.settlement_id)
    .where(
        _TABLE.c.institution_id == bindparam("institution_id"),
        _TABLE.c.claim.in_(bindparam("claims", expanding=True)),
    )
    # In the order in which they are written. A later statement of the same transaction waits, too, until what it reads
    # is decided.
    .order_by(_TABLE.c.claim)
    .with_for_update()
)
_SETTLED: Final = select(_TABLE.c.claim, _TABLE.c.settlement_id).where(
    _TABLE.c.institution_id == bindparam("institution_id"),
    _TABLE.c.claim.in_(bindparam("claims", expanding=True)),
    _TABLE.c.settlement_id.is_not(None),
)
_CHANGE: Final = (
    update(_TABLE)
    .where(
        _TABLE.c.institution_id == bindparam("institution"),
        _TABLE.c.claim == bindparam("of_claim"),
    )
    .values(state=bindparam("new_state"), settlement_id=bindparam("new_settlement"))
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of a number: paid by this settlement, or reversed (with or without one)."""

    state: ClaimState
    settlement_id: UUID | None


def of_message(msgid: str) -> str:
    return f"m:{msgid}"


def of_bill(mdtrt_id: str, chrg_bchno: str) -> str:
    """Between the two stands a character that no field of a message may hold: "A/B" and "C" are not "A" and "B/C"."""
    return f"b:{mdtrt_id}\x1f{chrg_bchno}"


def claim(
    session: Session,
    institution_id: UUID,
    claims: Sequence[str],
    state: ClaimState,
    settlement_id: UUID | None,
    at: datetime,
) -> dict[str, Claim]:
    """Write these numbers if nobody did; what was there before, by number: empty if all are ours. Two statements at most.

    In the order of the numbers, so that two who write the same ones do not wait for each other.
    """
    rows = [
        {
            "institution_id": institution_id,
            "claim": one,
            "state": state,
            "settlement_id": settlement_id,
            "at": at,
        }
        for one in sorted(claims)
    ]
    if insert_absent(session, SettlementClaim, rows) == len(rows):
        return {}
    values = {"institution_id": institution_id, "claims": list(claims)}
    found = session.connection().execute(_FOUND, values)
    there = {row.claim: Claim(row.state, row.settlement_id) for row in found}
    return {
        one: was for one, was in there.items() if (was.state, was.settlement_id) != (state, settlement_id)
    }


def settlements_of(session: Session, institution_id: UUID, claims: Collection[str]) -> dict[str, UUID]:
    """Number → the settlement that it paid, be it taken back since. One statement; locks nothing."""
    values = {"institution_id": institution_id, "claims": list(claims)}
    rows = session.connection().execute(_SETTLED, values)
    return {row.claim: row.settlement_id for row in rows}


def change(
    session: Session,
    institution_id: UUID,
    claims: Sequence[str],
    state: ClaimState,
    settlement_id: UUID | None,
) -> None:
    """Change what became of numbers that are there."""
    session.connection().execute(
        _CHANGE,
        [
            {
                "institution": institution_id,
                "of_claim": one,
                "new_state": state,
                "new_settlement": settlement_id,
            }
            for one in sorted(claims)
        ],
    )
