"""What stands in for photographs when an offer was accepted: visits that prove the disease, or the papers of the refused
case. The usual expert and agency review follow all the same (免申不免审, 灵璧 [002])."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.declaration import Submission
from app.kit.errors import invalid
from app.kit.text import Text
from app.places import service as places
from app.places.models import Institution, InstitutionType
from app.services.chronic_disease.benefits import Benefit, criteria_of
from app.services.chronic_disease.offer_models import ChronicOffer, OfferOrigin, OfferStatus, Visit
from app.services.chronic_disease.packs import pack_by_id
from app.services.chronic_disease.proof import SeenVisit, proves

NOT_THIS_OFFER = Text(
    "这份申请与邀请不符，请在“可享待遇”里点同意办理。",
    "It is not the offer's application. Accept the offer instead.",
)


def proven(submission: Submission, benefit: Benefit) -> frozenset[str]:
    """The diseases of an application that need no papers, because it comes from an offer. Raises for another's offer.

    An offer is good for the one application that its acceptance made, and for the diagnosis that it names: who
    changes day or hospital in a correction shows papers like everybody else.
    """
    offer_id = submission.form.get("offer_id")
    if offer_id is None:
        return frozenset()
    offer = submission.session.get(ChronicOffer, offer_id)
    if (
        offer is None
        or offer.person_id != submission.person.id
        or offer.benefit != benefit
        or offer.state is not OfferStatus.ACCEPTED
        or offer.filing_id not in {None, submission.filing_id}
    ):
        raise invalid({"form.offer_id": [NOT_THIS_OFFER]})
    entry = next(
        (one for one in submission.form["diseases"] if one["disease_code"] == offer.disease_code), None
    )
    if entry is None or not _as_offered(offer, entry) or not _holds(submission.session, offer, benefit):
        return frozenset()
    return frozenset({offer.disease_code})


def _as_offered(offer: ChronicOffer, entry: Mapping[str, Any]) -> bool:
    return bool(
        entry["diagnosed_on"] == offer.diagnosed_on and entry.get("institution_id") == offer.institution_id
    )


def _holds(session: Session, offer: ChronicOffer, benefit: Benefit) -> bool:
    """Whether the visits prove it by the rules of the day of the offer: a person who takes the time loses nothing."""
    if offer.origin is OfferOrigin.REFUSED:
        return True
    rules = criteria_of(pack_by_id(offer.pack_id), benefit, offer.disease_code)
    if rules is None or rules.screening is None:
        return False
    visits, institutions = visits_of(session, [offer])
    seen = [
        _seen(one, institutions[one.institution_id]) for one in visits if one.person_id == offer.person_id
    ]
    return bool(proves(rules.screening, seen, offer.made_on))


def visits_of(
    session: Session, offers: Collection[ChronicOffer]
) -> tuple[Sequence[Visit], Mapping[UUID, Institution]]:
    """The visits on which offers rest, the oldest first, and where they were; two statements."""
    wanted = {UUID(one) for offer in offers for one in offer.evidence}
    if not wanted:
        return [], {}
    query = select(Visit).where(Visit.id.in_(wanted)).order_by(Visit.visited_on, Visit.id)
    found = session.execute(query).scalars().all()
    return found, places.institutions_by_ids(session, {one.institution_id for one in found})


def _seen(visit: Visit, institution: Institution) -> SeenVisit:
    return SeenVisit(
        visit.id,
        visit.institution_id,
        visit.kind,
        visit.icd10,
        visit.visited_on,
        visit.discharged_on,
        hospital_level(institution),
    )


def hospital_level(institution: Institution) -> int:
    """1 to 3; 0 for what is no hospital or of no known level."""
    return (institution.level or 0) if institution.type is InstitutionType.HOSPITAL else 0
