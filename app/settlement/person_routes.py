"""Routes by which people read their own bills and those of minors whose guardians they are."""

from typing import Any
from uuid import UUID

from flask import Response

from app.gateways.parts import parts
from app.identity.current import actor
from app.identity.models import AccessKind
from app.kit import clock
from app.kit.api.context import context
from app.kit.api.smorest import Blueprint
from app.settlement import person_bills, person_schemas, person_views, statement, summary

blueprint = Blueprint("bills", __name__, description="我的账单 · bills of one's own")

_FILE = {"schema": {"type": "string", "format": "binary"}}
_FILES = {
    "description": "The statement",
    "content": {"application/pdf": _FILE, "text/csv": {"schema": {"type": "string"}}},
}


@blueprint.get("/settlements")
@blueprint.arguments(person_schemas.BillsQuery, location="query")
@blueprint.response(200, person_schemas.BillPageAnswer)
def list_settlements(query: dict[str, Any]) -> dict[str, Any]:
    """My bills, the last settled first; those that were taken back too."""
    person_id = person_bills.whose(parts().database, actor(), query.pop("person_id"))
    page = person_bills.page_of(context().session, person_id, **query)
    return person_views.present_page(context().session, page, context().language)


@blueprint.get("/settlements/<uuid:settlement_id>")
@blueprint.response(200, person_schemas.BillAnswer)
def get_settlement(settlement_id: UUID) -> dict[str, Any]:
    """One bill, with why it came to so much, step by step, and the sources of the rules."""
    bill = person_bills.find(parts().database, actor(), settlement_id)
    names = person_views.names_of_places(context().session, [bill])
    return person_views.present_bill(bill, names, context().language)


@blueprint.get("/settlements/summary")
@blueprint.arguments(person_schemas.YearQuery, location="query")
@blueprint.response(200, person_schemas.BillYearAnswer)
def get_settlements_summary(query: dict[str, Any]) -> dict[str, Any]:
    """A year's sums, and of each benefit what is used and what is left."""
    person_id = person_bills.whose(parts().database, actor(), query["person_id"])
    year = query["year"] or clock.today().year
    # Bills and accumulators as they were at one moment, or a bill that settles meanwhile is in one of them alone.
    with parts().database.snapshot() as session:
        found = summary.year_of(session, person_id, year)
    return person_views.present_year(found, context().language)


@blueprint.get("/settlements/statement")
@blueprint.arguments(person_schemas.BillStatementQuery, location="query")
@blueprint.doc(responses={200: _FILES})
def get_settlements_statement(query: dict[str, Any]) -> Response:
    """A year's bills as a paper (PDF, in Chinese) or as a table (CSV)."""
    database, settings = parts().database, parts().settings
    year = query["year"] or clock.today().year
    person_id = person_bills.whose(database, actor(), query["person_id"], AccessKind.BILLS_DOWNLOADED)
    with database.snapshot() as session:
        found = statement.gather(session, person_id, year)
    if query["format"] == "csv":
        response = Response(
            statement.as_csv(found, context().language), content_type="text/csv; charset=utf-8"
        )
    else:
        pdf = statement.as_pdf(found, demo=settings.is_demo)
        response = Response(pdf, content_type="application/pdf")
    name = f"medical-bills-{year}.{query['format']}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
