"""What goes in and out of the cases' routes."""

from marshmallow import fields

from app.filings.declaration import CorrectionItem
from app.filings.intake import MAX_PAPERS
from app.kit.api.files import UploadedFile
from app.kit.api.schemas import (
    AnswerSchema,
    BoundedList,
    CleanString,
    Length,
    ListLength,
    OneOf,
    Range,
    RequestSchema,
    StrictBoolean,
    StrictInteger,
)
from app.kit.pages import PageAnswer, PageQuery
from app.materials.kinds import PaperKind
from app.workflow.table import Action, Status


class StartFilingRequest(RequestSchema):
    service_code = CleanString(required=True, validate=Length(min=1, max=32))
    subject_id = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "Whom it is about; oneself"}
    )
    form = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
    material_ids = BoundedList(fields.UUID(), load_default=list, validate=ListLength(max=MAX_PAPERS))
    submit = StrictBoolean(
        load_default=False, metadata={"description": "Submit at once; otherwise keep a draft"}
    )


class EditFilingRequest(RequestSchema):
    expected_version = StrictInteger(required=True, validate=Range(min=1))
    form = fields.Dict(
        keys=fields.String(), values=fields.Raw(allow_none=True), load_default=None, allow_none=True
    )
    material_ids = BoundedList(fields.UUID(), load_default=list, validate=ListLength(max=MAX_PAPERS))
    remove_material_ids = BoundedList(
        fields.UUID(),
        load_default=list,
        validate=ListLength(max=MAX_PAPERS),
        metadata={"description": "Papers to take out; in a case sent back only those added since"},
    )


class CorrectionItemRequest(RequestSchema):
    kind = fields.Enum(PaperKind, by_value=fields.String, load_default=None, allow_none=True)
    field = CleanString(load_default=None, allow_none=True, validate=Length(max=64))
    text = CleanString(required=True, validate=Length(min=2, max=200))


class ActOnFilingRequest(RequestSchema):
    action = fields.Enum(Action, by_value=fields.String, required=True)
    expected_version = StrictInteger(required=True, validate=Range(min=1))
    reason = CleanString(load_default=None, allow_none=True, validate=Length(max=500))
    items = BoundedList(fields.Nested(CorrectionItemRequest), load_default=list, validate=ListLength(max=30))
    form = fields.Dict(
        keys=fields.String(), values=fields.Raw(allow_none=True), load_default=None, allow_none=True
    )
    material_ids = BoundedList(fields.UUID(), load_default=list, validate=ListLength(max=MAX_PAPERS))
    data = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        load_default=None,
        allow_none=True,
        metadata={"description": "What the service asks for with this action, e.g. an expert's findings"},
    )


class FilingsQuery(PageQuery):
    scope = CleanString(load_default="mine", validate=OneOf(["mine", "subject", "queue"]))
    status = fields.Enum(Status, by_value=fields.String, load_default=None)
    service_code = CleanString(load_default=None, validate=Length(max=32))


class RateFilingRequest(RequestSchema):
    stars = StrictInteger(required=True, validate=Range(min=1, max=5))
    comment = CleanString(load_default=None, allow_none=True, validate=Length(max=500))


class SourceAnswer(AnswerSchema):
    """Where a rule comes from."""

    kind = fields.String(required=True)
    ref = fields.String(required=True)
    text = fields.String(required=True)


class FactAnswer(AnswerSchema):
    label = fields.String(required=True)
    value = fields.String(required=True)


class FilingSummaryAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    number = fields.String(required=True, metadata={"description": "办件编号, to quote on the telephone"})
    service_code = fields.String(required=True)
    service_name = fields.String(required=True)
    status = fields.Enum(Status, by_value=fields.String, required=True)
    status_text = fields.String(required=True)
    next_step = fields.String(required=True)
    version = fields.Integer(
        required=True, metadata={"description": "Send as expected_version with a change"}
    )
    subject_id = fields.UUID(required=True)
    subject_name = fields.String(required=True, metadata={"description": "Masked"})
    instant = fields.Boolean(required=True, metadata={"description": "Decided at once, without review"})
    overdue = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)


class FilingsAnswer(PageAnswer):
    items = fields.List(fields.Nested(FilingSummaryAnswer), required=True)


class FilingPaperAnswer(AnswerSchema):
    material_id = fields.UUID(required=True)
    kind = fields.String(required=True)
    kind_name = fields.String(required=True)


class CorrectionItemAnswer(AnswerSchema):
    kind = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    text = fields.String(required=True)


class FilingAnswer(FilingSummaryAnswer):
    applicant_name = fields.String(required=True, metadata={"description": "Masked"})
    ground = fields.String(required=True)
    form = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
    facts = fields.List(
        fields.Nested(FactAnswer), required=True, metadata={"description": "The form in words"}
    )
    outcome = fields.List(fields.Nested(FactAnswer), required=True, metadata={"description": "What it gave"})
    papers = fields.List(fields.Nested(FilingPaperAnswer), required=True)
    missing = fields.List(fields.Nested(CorrectionItemAnswer), required=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why it was sent back, not granted or lapsed, in the words of who decided"},
    )
    where = fields.String(required=True, metadata={"description": "With whom the case lies"})
    claimed = fields.Boolean(required=True)
    stage = fields.String(required=True, allow_none=True)
    pack_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The rules it is judged by"}
    )
    available_actions = fields.List(fields.String(), required=True)


class FilingEventAnswer(AnswerSchema):
    seq = fields.Integer(required=True)
    action = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "Who did what, in words"})
    status = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True, allow_none=True)
    instant = fields.Boolean(required=True)
    hash = fields.String(required=True)
    previous_hash = fields.String(required=True)


class FilingEventsAnswer(PageAnswer):
    items = fields.List(fields.Nested(FilingEventAnswer), required=True)


class RatingAnswer(AnswerSchema):
    filing_id = fields.UUID(required=True)
    stars = fields.Integer(required=True)
    follow_up = fields.Boolean(required=True, metadata={"description": "Somebody will call back"})


class VerifyFileRequest(RequestSchema):
    file = UploadedFile(required=True, metadata={"description": "The PDF as it was received"})


class FileVerificationAnswer(AnswerSchema):
    unchanged = fields.Boolean(required=True)
    detail = fields.String(required=True)


class ServiceSummaryAnswer(AnswerSchema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    summary = fields.String(required=True)


class ServicesAnswer(AnswerSchema):
    items = fields.List(fields.Nested(ServiceSummaryAnswer), required=True)


class PaperNeedAnswer(AnswerSchema):
    kind = fields.String(required=True)
    name = fields.String(required=True)
    when = fields.String(required=True)


class ServiceAnswer(ServiceSummaryAnswer):
    who = fields.String(required=True)
    how_long = fields.String(required=True)
    form_schema = fields.Dict(required=True, metadata={"description": "The form as JSON Schema"})
    papers = fields.List(fields.Nested(PaperNeedAnswer), required=True)


class SectionAnswer(AnswerSchema):
    heading = fields.String(required=True)
    lines = fields.List(fields.Nested(FactAnswer), required=True)


class SignedAnswer(AnswerSchema):
    signer = fields.String(required=True, metadata={"description": "Masked"})
    about = fields.String(required=True)
    algorithm = fields.String(required=True)
    valid = fields.Boolean(required=True)
    at = fields.AwareDateTime(required=True, allow_none=True)


class VerificationAnswer(AnswerSchema):
    genuine = fields.Boolean(required=True)
    title = fields.String(required=True)
    office = fields.String(required=True)
    issued_at = fields.String(required=True)
    lines = fields.List(
        fields.Nested(FactAnswer), required=True, metadata={"description": "What the paper says"}
    )
    sections = fields.List(fields.Nested(SectionAnswer), required=True)
    signatures = fields.List(
        fields.Nested(SignedAnswer),
        required=True,
        metadata={"description": "Electronic signatures, checked now"},
    )
    current_status = fields.String(required=True)
    current_status_text = fields.String(required=True)
    gives_now = fields.List(
        fields.Nested(FactAnswer),
        required=True,
        metadata={"description": "What an approved case gives today"},
    )
    superseded = fields.Boolean(
        required=True, metadata={"description": "The case, or what it gave, has changed since"}
    )
    detail = fields.String(required=True)


def correction_items(given: list[dict[str, str | PaperKind | None]]) -> list[CorrectionItem]:
    """The request's items as the service takes them."""
    return [
        CorrectionItem(text=str(item["text"]), kind=_text(item.get("kind")), field=_text(item.get("field")))
        for item in given
    ]


def _text(value: str | PaperKind | None) -> str | None:
    return None if value is None else str(value)
