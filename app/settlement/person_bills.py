"""A person's own bills, for that person and a minor's guardians: who may look, a page of them, one, and a year's sums."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, defer

from app.identity import service as identity
from app.identity.actor import Actor, Ground
from app.identity.models import AccessKind
from app.kit.db import Database
from app.kit.errors import NOT_FOUND
from app.kit.pages import NewestFirst, Page
from app.settlement.models import PAID_COLUMNS, Settlement, SettlementState

_WITHOUT_DETAIL: Final = select(Settlement).options(defer(Settlement.detail_sealed, raiseload=True))
_OF_PERSON: Final = _WITHOUT_DETAIL.where(Settlement.person_id == bindparam("person_id"))
_OF_YEAR: Final = _OF_PERSON.where(Settlement.year == bindparam("year"))
_PAGES: Final = NewestFirst(_OF_PERSON, Settlement.id)
_PAGES_OF_YEAR: Final = NewestFirst(_OF_YEAR, Settlement.id)
_AMOUNT_SUMS: Final = tuple(func.sum(getattr(Settlement, name)).label(name) for name in PAID_COLUMNS)
_GROUPS: Final = (Settlement.state, Settlement.med_type, Settlement.pack_id, Settlement.benefit_id)
_SUMS: Final = (
    select(*_GROUPS, func.count().label("bills"), *_AMOUNT_SUMS)
    .where(Settlement.person_id == bindparam("person_id"), Settlement.year == bindparam("year"))
    .group_by(*_GROUPS)
)


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of bills (fen), and how many they are."""

    count: int = 0
    medfee_fen: int = 0
    fund_pay_fen: int = 0
    acct_pay_fen: int = 0
    acct_mulaid_pay_fen: int = 0
    psn_cash_pay_fen: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Group:
    """The bills of a year that share state, kind of care, pack and benefit, summed."""

    state: SettlementState
    med_type: str
    pack_id: str | None
    benefit_id: str | None
    totals: Totals


def whose(
    database: Database, actor: Actor, person_id: UUID | None, what: AccessKind = AccessKind.BILLS_VIEWED
) -> UUID:
    """The person whose bills are asked for; None: the actor's own, which takes no statement.

    A guardian's look is committed before this returns: what is read afterwards is on record. Raises
    REAL_NAME_REQUIRED, and NOT_FOUND for anybody else's.
    """
    own = identity.require_person(actor)
    if person_id is None or person_id == own:
        return own
    with database.reading() as session:
        ground = identity.may_act_for(session, actor, person_id)
    if ground is None:
        raise NOT_FOUND()
    _note(database, actor, person_id, what, ground)
    return person_id


def find(database: Database, actor: Actor, settlement_id: UUID) -> Settlement:
    """One bill whole: one's own, or that of a minor whose guardian one is, which is noted. Raises NOT_FOUND."""
    with database.reading() as session:
        found = session.get(Settlement, settlement_id)
        ground = None if found is None else identity.may_act_for(session, actor, found.person_id)
    if found is None or ground is None:
        raise NOT_FOUND()
    if ground is not Ground.SELF:
        _note(database, actor, found.person_id, AccessKind.BILLS_VIEWED, ground)
    return found


def _note(database: Database, actor: Actor, person_id: UUID, what: AccessKind, ground: Ground) -> None:
    database.run(lambda session: identity.record_access(session, actor, person_id, what, ground=ground))


def page_of(
    session: Session, person_id: UUID, *, year: int | None, cursor: str | None, limit: int
) -> Page[Settlement]:
    """Bills without their detail, the last settled first; those that were taken back too. One statement."""
    if year is None:
        return _PAGES.page(session, {"person_id": person_id}, cursor, limit)
    return _PAGES_OF_YEAR.page(session, {"person_id": person_id, "year": year}, cursor, limit)


def of_year(session: Session, person_id: UUID, year: int, *, at_most: int) -> Sequence[Settlement]:
    """The last ``at_most`` bills of a year without their detail, by day, the first first. One statement."""
    query = _OF_YEAR.order_by(Settlement.id.desc()).limit(at_most)
    rows = session.execute(query, {"person_id": person_id, "year": year}).scalars().all()
    return sorted(rows, key=lambda one: (one.day, one.id))


def sums_of_year(session: Session, person_id: UUID, year: int) -> list[Group]:
    """A year's bills, summed. One statement."""
    rows = session.execute(_SUMS, {"person_id": person_id, "year": year})
    return [
        Group(
            row.state,
            row.med_type,
            row.pack_id,
            row.benefit_id,
            # PostgreSQL sums BIGINTs to NUMERIC.
            Totals(row.bills, *(int(getattr(row, name)) for name in PAID_COLUMNS)),
        )
        for row in rows
    ]


def last_day_of(year: int, today: date) -> date:
    """The day by which a year is looked at: its last, or today while it runs."""
    return min(today, date(year, 12, 31))
