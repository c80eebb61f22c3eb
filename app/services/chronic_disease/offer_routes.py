"""Routes of what is found without applying: visits that hospitals report, and offers to people."""

from typing import Any
from uuid import UUID

from app.gateways.parts import parts
from app.identity.current import actor
from app.kit.api.context import context
from app.kit.api.smorest import Blueprint
from app.services.chronic_disease import offer_schemas as schemas
from app.services.chronic_disease import offer_views as views
from app.services.chronic_disease import offers, visits

blueprint = Blueprint("chronic_offers", __name__, description="免申即享 · found without applying")


@blueprint.post("/visits")
@blueprint.arguments(schemas.ReportVisitsRequest)
@blueprint.response(200, schemas.VisitsTakenAnswer)
def report_visits(data: dict[str, Any]) -> dict[str, Any]:
    """Report finished visits of your own institution, at most 500; the same twice is once."""
    taken = visits.report(context().session, actor(), data["visits"])
    return views.present_taken(taken, context().language)


@blueprint.get("/chronic/offers")
@blueprint.arguments(schemas.OffersQuery, location="query")
@blueprint.response(200, schemas.OffersAnswer)
def list_chronic_offers(query: dict[str, Any]) -> dict[str, Any]:
    """What I and those for whom I act are offered, the open ones first."""
    session = context().session
    page = offers.page_of(session, actor(), **query)
    return views.present_offers(session, page, context().language)


@blueprint.post("/chronic/offers/<uuid:offer_id>/actions")
@blueprint.arguments(schemas.AnswerOfferRequest)
@blueprint.response(200, schemas.OfferAnsweredAnswer)
def act_on_chronic_offer(data: dict[str, Any], offer_id: UUID) -> dict[str, Any]:
    """Accept, which files the application without papers; or decline, which is remembered for the year."""
    session = context().session
    limit = parts().settings.open_filings_per_person
    answered = offers.answer(session, actor(), offer_id, **data, open_limit=limit)
    return views.present_answered(session, answered, context().language)
