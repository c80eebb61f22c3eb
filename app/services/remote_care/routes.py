"""Routes of remote care: advice, records, change and cancellation. Filing itself goes through /filings."""

from typing import Any
from uuid import UUID

from flask import Response

from app.filings import views as filing_views
from app.gateways.parts import parts
from app.identity.current import actor
from app.kit.api.context import context
from app.kit.api.ready import ready_text
from app.kit.api.smorest import Blueprint
from app.services.remote_care import schemas, service, views

blueprint = Blueprint("remote_care", __name__, description="异地就医 · remote care")


@blueprint.get("/remote-care/advice")
@blueprint.arguments(schemas.AdviceQuery, location="query")
@blueprint.response(200, schemas.AdviceAnswer)
def get_remote_care_advice(query: dict[str, Any]) -> Response:
    """Whether to file, why, until when, and what the fund would pay with and without."""
    question = service.question(context().session, actor(), **query)
    return ready_text(views.advice_text(question, context().language))


@blueprint.get("/remote-care/records")
@blueprint.arguments(schemas.RecordsQuery, location="query")
@blueprint.response(200, schemas.RecordsAnswer)
def list_remote_care_records(query: dict[str, Any]) -> dict[str, Any]:
    """My records, or those of somebody I may act for, newest first."""
    return views.present_records(
        service.page_of_records(context().session, actor(), **query), context().language
    )


@blueprint.post("/remote-care/records/<uuid:record_id>/actions")
@blueprint.arguments(schemas.ActOnRecordRequest)
@blueprint.response(200, schemas.RecordActionAnswer)
def act_on_remote_care_record(data: dict[str, Any], record_id: UUID) -> dict[str, Any]:
    """Cancel a record, or change its destination."""
    limit = parts().settings.open_filings_per_person
    done = service.act_on_record(context().session, actor(), record_id, **data, open_limit=limit)
    return {
        "record": views.present_record(done.record, context().language),
        "filing": filing_views.present(context().session, done.seen, context().language),
    }
