"""What stands in the way of offering somebody a benefit: held, under way, refused or declined this year."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.filings.models import Filing
from app.filings.queries import UNDER_WAY
from app.kit import clock
from app.services.chronic_disease import entitlements
from app.services.chronic_disease.benefits import Benefit
from app.services.chronic_disease.models import ChronicItem, ItemStatus
from app.services.chronic_disease.offer_models import OVERTAKEN, ChronicOffer, OfferStatus
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria

Key = tuple[str, str]
"""A benefit's and a disease's code."""


@dataclass(slots=True)
class Standing:
    """Of one person. held: entitlements in force. under_way: applied for. refused: by experts or the agency, this year.

    offered: this year, or still open; unanswered: those of them that were not accepted.
    """

    held: set[Key] = field(default_factory=set)
    under_way: set[Key] = field(default_factory=set)
    refused: set[Key] = field(default_factory=set)
    offered: set[Key] = field(default_factory=set)
    unanswered: set[Key] = field(default_factory=set)

    def has(self, pack: CriteriaPack, benefit: Benefit, rules: DiseaseCriteria) -> bool:
        """Whether the person has the benefit or applied for it, or has what excludes or covers it."""
        key = (benefit.value, rules.disease_code)
        if key in self.held or key in self.under_way:
            return True
        chronic = {code for what, code in self.held if what == Benefit.CHRONIC}
        covered = any(
            rules.disease_code in pack.diseases[code].includes for code in chronic if code in pack.diseases
        )
        return covered or bool(chronic & rules.excludes)

    def may_be_offered(
        self, pack: CriteriaPack, benefit: Benefit, rules: DiseaseCriteria, *, after_refusal: bool = False
    ) -> bool:
        """Whether to ask the person at all: once a year, and never for what he or she has.

        Nor for 两病 while 慢特病 of the same disease is applied for or offered, or after the person declined that;
        after_refusal: 慢特病 was just decided against, so what became of an offer of it says nothing any more.
        """
        if (benefit.value, rules.disease_code) in self.refused | self.offered:
            return False
        nearer = {(Benefit.CHRONIC.value, code) for code in rules.excludes}
        before = self.under_way if after_refusal else self.under_way | self.unanswered
        return not nearer & before and not self.has(pack, benefit, rules)


def standings(session: Session, person_ids: Collection[UUID], today: date) -> dict[UUID, Standing]:
    """For each of these persons; three statements."""
    found = {person_id: Standing() for person_id in person_ids}
    if not found:
        return found
    wanted = list(found)
    for one in entitlements.in_force_of(session, wanted, today):
        found[one.person_id].held.add((one.benefit, one.opsp_dise_code))
    new_year = datetime.combine(date(today.year, 1, 1), time(), clock.CHINA)
    for person_id, benefit, code, state in session.execute(
        _ITEMS, {"person_ids": wanted, "new_year": new_year}
    ):
        standing = found[person_id]
        (standing.refused if state in _DECIDED_AGAINST else standing.under_way).add((benefit, code))
    values = {"person_ids": wanted, "first": date(today.year, 1, 1)}
    for person_id, benefit, code, became in session.execute(_OFFERS, values):
        found[person_id].offered.add((benefit, code))
        if became is not OfferStatus.ACCEPTED:
            found[person_id].unanswered.add((benefit, code))
    return found


_DECIDED_AGAINST = (ItemStatus.REFUSED, ItemStatus.REJECTED)
_ITEMS = (
    select(ChronicItem.person_id, Filing.service_code, ChronicItem.disease_code, ChronicItem.state)
    .join(Filing, Filing.id == ChronicItem.filing_id)
    .where(
        ChronicItem.person_id.in_(bindparam("person_ids", expanding=True)),
        or_(
            and_(
                ChronicItem.state.in_((ItemStatus.WAITING, ItemStatus.CERTIFIED)),
                Filing.status.in_(UNDER_WAY),
            ),
            and_(ChronicItem.state.in_(_DECIDED_AGAINST), ChronicItem.decided_at >= bindparam("new_year")),
        ),
    )
)
_OFFERS = select(
    ChronicOffer.person_id, ChronicOffer.benefit, ChronicOffer.disease_code, ChronicOffer.state
).where(
    ChronicOffer.person_id.in_(bindparam("person_ids", expanding=True)),
    ChronicOffer.state.not_in(OVERTAKEN),
    or_(
        ChronicOffer.state == OfferStatus.OPEN,
        ChronicOffer.made_on >= bindparam("first"),
        ChronicOffer.decided_on >= bindparam("first"),
    ),
)
