"""The hospitals that treated: where each disease was diagnosed, and where the visits were on which an offer rests."""

from sqlalchemy.orm import Session

from app.filings.declaration import Form
from app.services.chronic_disease import evidence
from app.services.chronic_disease.experts import hospital_key
from app.services.chronic_disease.offer_models import ChronicOffer


def treating(session: Session, form: Form) -> frozenset[str]:
    """All hospitals of a case, as the draw compares them: experts who work there are not drawn.

    At submission the judgement has filled in the name of a hospital that was chosen from the list.
    """
    names = {entry.get("hospital_name") for entry in form.get("diseases", ())}
    offer = session.get(ChronicOffer, form["offer_id"]) if form.get("offer_id") is not None else None
    if offer is not None:
        _, institutions = evidence.visits_of(session, [offer])
        names |= {one.name for one in institutions.values()}
    return frozenset(hospital_key(name) for name in names if name)
