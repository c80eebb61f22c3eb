"""The numbers of an institution that are used once: of its messages, and of its bills.

Who settles and who reverses writes the same rows, before anything else of the transaction. The second waits for the
first and finds what it did, in whatever order they come.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Insert, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.kit.asking import Question, ask
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
_COMMON: Final = ("institution_id", "state", "settlement_id", "at")


def _claiming(count: int) -> dict[str, Insert]:
    """So many numbers in one statement, by dialect."""
    rows = [
        {
            **{name: bindparam(name, type_=_TABLE.c[name].type) for name in _COMMON},
            "claim": bindparam(f"claim_{place}", type_=_TABLE.c.claim.type),
        }
        for place in range(count)
    ]
    return {
        name: insert(_TABLE).values(rows).on_conflict_do_nothing().returning(_TABLE.c.claim)
        for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }


_CLAIM: Final = {count: _claiming(count) for count in (1, 2)}
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


@dataclass(frozen=True, slots=True)
class Claiming:
    """One or two numbers that are to be used now, and for what."""

    institution_id: UUID
    claims: Sequence[str]
    state: ClaimState
    settlement_id: UUID | None
    at: datetime

    def question(self) -> Question[bool]:
        """Write these numbers if nobody did. True: all are ours; else ``before`` tells.

        In the order of the numbers, so that two who write the same ones do not wait for each other.
        """
        common = {
            "institution_id": self.institution_id,
            "state": self.state,
            "settlement_id": self.settlement_id,
            "at": self.at,
        }
        numbers = {f"claim_{place}": one for place, one in enumerate(sorted(self.claims))}
        count = len(numbers)
        return Question(_CLAIM[count], {**common, **numbers}, lambda rows: len(rows) == count)

    def before(self, session: Session) -> dict[str, Claim]:
        """What was there before, by number: empty if all are ours. One statement, which locks them."""
        values = {"institution_id": self.institution_id, "claims": list(self.claims)}
        there = {
            row.claim: Claim(row.state, row.settlement_id)
            for row in session.connection().execute(_FOUND, values)
        }
        ours = (self.state, self.settlement_id)
        return {one: was for one, was in there.items() if (was.state, was.settlement_id) != ours}


def claim(session: Session, new: Claiming) -> dict[str, Claim]:
    """Write numbers if nobody did; what was there before, by number. Two statements at most."""
    return {} if ask(session, new.question()) else new.before(session)


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
