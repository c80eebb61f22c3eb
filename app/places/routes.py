"""Public look-ups: regions, designated institutions, service points. Their answers may be cached."""

from typing import Any
from uuid import UUID

from flask import Response, request

from app.kit.api.context import context
from app.kit.api.smorest import Blueprint
from app.places import schemas, service

blueprint = Blueprint("places", __name__, description="Regions, designated institutions, service points")

_REGIONS_FOR = "public, max-age=86400"
_INSTITUTIONS_FOR = "public, max-age=300"


@blueprint.after_request
def let_be_cached(response: Response) -> Response:
    """Name the answer by its content, and answer 304 to who has it already."""
    if response.status_code == 200:
        response.headers["Cache-Control"] = _REGIONS_FOR if "/regions" in request.path else _INSTITUTIONS_FOR
        response.add_etag()
        response.make_conditional(request)
    return response


@blueprint.get("/regions")
@blueprint.arguments(schemas.RegionsQuery, location="query")
@blueprint.response(200, schemas.RegionsAnswer)
def list_regions(query: dict[str, Any]) -> dict[str, Any]:
    """The regions directly below one, or the provinces."""
    return {"items": service.regions_below(query["parent_code"])}


@blueprint.get("/regions/<string:code>")
@blueprint.response(200, schemas.RegionAnswer)
def get_region(code: str) -> service.Region:
    """One region by its division code."""
    return service.get_region(code)


@blueprint.get("/institutions")
@blueprint.arguments(schemas.InstitutionsQuery, location="query")
@blueprint.response(200, schemas.InstitutionsAnswer)
def list_institutions(query: dict[str, Any]) -> Any:
    """Designated hospitals, clinics and pharmacies of a region, by region and name."""
    cursor, limit, words = query.pop("cursor"), query.pop("limit"), query.pop("q").split()
    wanted = service.InstitutionFilter(**query, words=words)
    return service.find_institutions(context().session, wanted, cursor=cursor, limit=limit)


@blueprint.get("/institutions/<uuid:institution_id>")
@blueprint.response(200, schemas.InstitutionAnswer)
def get_institution(institution_id: UUID) -> service.Institution:
    """One designated institution."""
    return service.get_institution(context().session, institution_id)


@blueprint.get("/service-points")
@blueprint.arguments(schemas.ServicePointsQuery, location="query")
@blueprint.response(200, schemas.ServicePointsAnswer)
def list_service_points(query: dict[str, Any]) -> Any:
    """Stations and rooms of a region where somebody helps to file."""
    return service.find_service_points(context().session, **query)
