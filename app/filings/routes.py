"""Routes of the cases, the services on offer, and the public check of papers."""

from typing import Any
from uuid import UUID

from flask import Response, request

from app.filings import (
    catalogue,
    queries,
    ratings,
    reading,
    receipt,
    schemas,
    service,
    showing,
    views,
    wording,
)
from app.filings.declaration import Service
from app.filings.models import Filing
from app.filings.verify_page import verify_page
from app.filings.wanting import Act
from app.filings.wording import Reader
from app.gateways.parts import parts
from app.identity.current import actor
from app.identity.models import AccessKind
from app.kit.api.context import context
from app.kit.api.json_schema import json_schema
from app.kit.api.ready import ready
from app.kit.api.smorest import MULTIPART, Blueprint
from app.kit.pages import PageQuery
from app.kit.text import Text

blueprint = Blueprint("filings", __name__, description="事项与办件 · services and cases")

_PAGES = {"mine": service.page_mine, "subject": service.page_subject, "queue": service.page_queue}
_UNCHANGED = Text(
    "这个文件与本系统出具的完全一致，没有被改动。",
    "The file is exactly as we issued it; nothing was changed.",
)
_CHANGED = Text(
    "这个文件与本系统出具的不一致，请勿采信。请以扫码看到的内容为准，或请对方重新下载。",
    "The file differs from what we issued. Do not rely on it: go by what the code shows, or ask for a fresh download.",
)
_GENUINE = Text("这份材料由本系统出具，内容未被改动。", "This paper was issued by us and is unchanged.")
_TAMPERED = Text(
    "验证码存在，但系统中的记录已被改动，请勿采信，并拨打 12393 报告。",
    "The code exists but the record was tampered with. Do not rely on it; please report it to 12393.",
)


@blueprint.get("/services")
@blueprint.response(200, schemas.ServicesAnswer)
def list_services() -> dict[str, Any]:
    """The services on offer."""
    return {"items": [_service_summary(found) for found in catalogue.services()]}


@blueprint.get("/services/<string:code>")
@blueprint.response(200, schemas.ServiceAnswer)
def get_service(code: str) -> dict[str, Any]:
    """A service: who may ask, the form as JSON Schema, the papers, how long it takes."""
    found, language = catalogue.of_address(code), context().language
    return {
        **_service_summary(found),
        "who": found.who.in_language(language),
        "how_long": found.how_long.in_language(language),
        "form_schema": json_schema(found.form, language),
        "papers": [
            {
                "kind": need.kind,
                "name": need.name.in_language(language),
                "when": need.when.in_language(language),
            }
            for need in found.papers
        ],
    }


@blueprint.post("/filings")
@blueprint.arguments(schemas.StartFilingRequest)
@blueprint.response(201, schemas.FilingAnswer)
def start_filing(data: dict[str, Any]) -> Response:
    """Start a case: a draft, or submitted at once."""
    limit = parts().settings.open_filings_per_person
    seen = service.start(context().session, actor(), **data, open_limit=limit)
    return ready(views.present(context().session, seen, context().language), 201)


@blueprint.get("/filings")
@blueprint.arguments(schemas.FilingsQuery, location="query")
@blueprint.response(200, schemas.FilingsAnswer)
def list_filings(query: dict[str, Any]) -> Response:
    """Cases that I filed (mine), about me and my wards (subject), or waiting for my role (queue)."""
    scope, who = query.pop("scope"), actor()

    def reader(filing: Filing) -> Reader:
        return reading.reader_in_queue(who, filing) if scope == "queue" else Reader.APPLICANT

    page = _PAGES[scope](context().session, who, **query)
    return ready(views.present_page(context().session, page, context().language, reader))


@blueprint.get("/filings/<uuid:filing_id>")
@blueprint.response(200, schemas.FilingAnswer)
def get_filing(filing_id: UUID) -> Response:
    """One case in full."""
    seen = showing.find(parts().database, actor(), filing_id)
    return ready(views.present(context().session, seen, context().language))


@blueprint.patch("/filings/<uuid:filing_id>")
@blueprint.arguments(schemas.EditFilingRequest)
@blueprint.response(200, schemas.FilingAnswer)
def edit_filing(data: dict[str, Any], filing_id: UUID) -> dict[str, Any]:
    """Change a draft, or a case that was sent back."""
    seen = service.edit(context().session, actor(), filing_id, **data)
    return views.present(context().session, seen, context().language)


@blueprint.post("/filings/<uuid:filing_id>/actions")
@blueprint.arguments(schemas.ActOnFilingRequest)
@blueprint.response(200, schemas.FilingAnswer)
def act_on_filing(data: dict[str, Any], filing_id: UUID) -> dict[str, Any]:
    """Submit, withdraw, claim, release, ask for corrections, approve, reject …"""
    wanted = Act(**{**data, "items": schemas.correction_items(data["items"])})
    seen = service.act(context().session, actor(), filing_id, wanted)
    return views.present(context().session, seen, context().language)


@blueprint.get("/filings/<uuid:filing_id>/events")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, schemas.FilingEventsAnswer)
def list_filing_events(query: dict[str, Any], filing_id: UUID) -> dict[str, Any]:
    """The history of a case, step by step, oldest first."""
    seen = showing.find(parts().database, actor(), filing_id, what=AccessKind.HISTORY_VIEWED)
    page = queries.page_of_events(context().session, seen.filing.id, **query)
    return views.present_events(context().session, page, context().language)


@blueprint.get("/filings/<uuid:filing_id>/form.pdf")
@blueprint.response(200, content_type="application/pdf", schema={"type": "string", "format": "binary"})
def get_filing_pdf(filing_id: UUID) -> Response:
    """The receipt, with a code that anyone can check."""
    database, settings = parts().database, parts().settings
    seen = showing.find(database, actor(), filing_id, what=AccessKind.PAPER_DOWNLOADED)
    issued = receipt.issue(database, seen.filing.id, settings.public_url, demo=settings.is_demo)
    response = Response(issued.content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{issued.filename}"'
    return response


@blueprint.post("/filings/<uuid:filing_id>/rating")
@blueprint.arguments(schemas.RateFilingRequest)
@blueprint.response(201, schemas.RatingAnswer)
def rate_filing(data: dict[str, Any], filing_id: UUID) -> Any:
    """Rate a finished case, once."""
    return ratings.rate(context().session, actor(), filing_id, **data)


@blueprint.get("/verify/<string:code>")
@blueprint.response(200, schemas.VerificationAnswer)
def verify_paper(code: str) -> dict[str, Any] | Response:
    """Whether a paper was issued by us, what it says, and how the case stands now. Browsers get a page."""
    found, language = receipt.verify(context().session, code), context().language
    checked = {
        "genuine": found.genuine,
        "title": found.facts["title"],
        "office": found.facts["office"],
        "issued_at": found.facts["issued_at"],
        "lines": _lines(found.facts["lines"]),
        "sections": [
            {"heading": heading, "lines": _lines(lines)} for heading, lines in found.facts.get("sections", ())
        ],
        "signatures": found.signatures,
        "current_status": found.filing.status,
        "current_status_text": wording.STATUS[found.filing.status].in_language(language),
        "gives_now": views.facts(found.gives_now, language),
        "superseded": found.superseded,
        "detail": (_GENUINE if found.genuine else _TAMPERED).in_language(language),
    }
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return verify_page(checked, language)
    return checked


@blueprint.post("/verify/<string:code>/file")
@blueprint.arguments(schemas.VerifyFileRequest, location=MULTIPART)
@blueprint.response(200, schemas.FileVerificationAnswer)
def verify_file(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Whether a PDF is the paper that we issued under this code, unchanged to the last byte."""
    settings = parts().settings
    content: bytes = data["file"].read(settings.upload_max_bytes + 1)
    with context().reading() as session:
        found = receipt.verify(session, code)
    unchanged = receipt.is_as_issued(found, content, settings.public_url, demo=settings.is_demo)
    return {
        "unchanged": unchanged,
        "detail": (_UNCHANGED if unchanged else _CHANGED).in_language(context().language),
    }


def _lines(lines: list[list[str]]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in lines]


def _service_summary(found: Service) -> dict[str, Any]:
    language = context().language
    return {
        "code": found.code,
        "name": found.name.in_language(language),
        "summary": found.summary.in_language(language),
    }
