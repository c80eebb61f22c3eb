"""Routes of chronic disease: what can be applied for, cases disease by disease, entitlements, the draws' seeds.

Applying and deciding go through /filings.
"""

from typing import Any
from uuid import UUID

from app.identity.current import actor
from app.kit.api.context import context
from app.kit.api.smorest import Blueprint
from app.services.chronic_disease import entitlements, schemas, service, views
from app.services.chronic_disease.benefits import Benefit

blueprint = Blueprint("chronic", __name__, description="门诊慢特病与两病 · chronic disease")


@blueprint.get("/chronic/diseases")
@blueprint.arguments(schemas.DiseasesQuery, location="query")
@blueprint.response(200, schemas.DiseasesAnswer)
def list_chronic_diseases(query: dict[str, Any]) -> dict[str, Any]:
    """What can be applied for in a region, with criteria, papers and sources."""
    pack = service.pack_today(query["region_code"])
    return views.present_diseases(pack, Benefit(query["benefit"]), context().language)


@blueprint.get("/chronic/cases/<uuid:filing_id>")
@blueprint.response(200, schemas.CaseAnswer)
def get_chronic_case(filing_id: UUID) -> dict[str, Any]:
    """A case disease by disease: the checklist, and what experts found."""
    session = context().session
    seen = service.case(session, actor(), filing_id)
    return views.present_case(session, actor(), seen, context().language)


@blueprint.get("/chronic/entitlements")
@blueprint.arguments(schemas.EntitlementsQuery, location="query")
@blueprint.response(200, schemas.EntitlementsAnswer)
def list_chronic_entitlements(query: dict[str, Any]) -> dict[str, Any]:
    """My benefits, or those of somebody I may act for, newest first."""
    session = context().session
    page = entitlements.page_of(session, actor(), **query)
    return views.present_entitlements(session, page, context().language)


@blueprint.put("/chronic/entitlements/<uuid:entitlement_id>/institutions")
@blueprint.arguments(schemas.ChooseInstitutionsRequest)
@blueprint.response(200, schemas.EntitlementAnswer)
def choose_chronic_institutions(data: dict[str, Any], entitlement_id: UUID) -> dict[str, Any]:
    """Choose up to three designated institutions; after the first choice one change a year."""
    session = context().session
    done = entitlements.choose_institutions(session, actor(), entitlement_id, **data)
    return views.present_entitlement(done, data["institution_ids"], context().language)


@blueprint.post("/chronic/entitlements/<uuid:entitlement_id>/actions")
@blueprint.arguments(schemas.ActOnEntitlementRequest)
@blueprint.response(200, schemas.EntitlementAnswer)
def act_on_chronic_entitlement(data: dict[str, Any], entitlement_id: UUID) -> dict[str, Any]:
    """The agency withdraws a benefit, with a reason that the person reads."""
    session = context().session
    done = entitlements.withdraw(
        session,
        actor(),
        entitlement_id,
        reason=data["reason"],
        expected_version=data["expected_version"],
    )
    chosen = entitlements.institutions_of(session, [done.id]).get(done.id, [])
    return views.present_entitlement(done, chosen, context().language)


@blueprint.get("/chronic/draws")
@blueprint.arguments(schemas.DrawsQuery, location="query")
@blueprint.response(200, schemas.DrawDaysAnswer)
def list_draw_days(query: dict[str, Any]) -> dict[str, Any]:
    """What the draws of experts rest on: commitments before their day, seeds after it."""
    pool, days = service.draw_days(context().session, **query)
    return views.present_draw_days(pool, days)
