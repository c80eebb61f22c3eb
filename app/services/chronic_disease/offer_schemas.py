"""What goes in and out of the routes of visits and offers."""

from marshmallow import fields

from app.filings.schemas import FilingAnswer
from app.kit.api.schemas import (
    AnswerSchema,
    BoundedList,
    CleanString,
    ListLength,
    OneOf,
    Range,
    RequestSchema,
    StrictInteger,
)
from app.kit.pages import PageAnswer, PageQuery
from app.services.chronic_disease.form import MAX_INSTITUTIONS
from app.services.chronic_disease.offer_models import OfferOrigin, OfferStatus
from app.services.chronic_disease.proof import VisitKind
from app.services.chronic_disease.visits import BATCH

VISIT_ENTRIES = (
    "Each: visit_no, id_no, visited_on, kind (inpatient | outpatient), icd10, discharged_on (of a stay, which is "
    "reported once it is over), diagnosis (read past), institution_code (your own; may be left out). A bad row is "
    "named in the answer and keeps no other from being taken."
)


class ReportVisitsRequest(RequestSchema):
    """Rows are read one by one, so that a bad one keeps no other from being taken."""

    visits = BoundedList(
        fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True)),
        required=True,
        validate=ListLength(min=1, max=BATCH),
        metadata={"description": VISIT_ENTRIES},
    )


class RowProblemAnswer(AnswerSchema):
    field = fields.String(required=True)
    text = fields.String(required=True)


class BadVisitAnswer(AnswerSchema):
    position = fields.Integer(required=True, metadata={"description": "In the list that was sent, from 0"})
    problems = fields.List(fields.Nested(RowProblemAnswer), required=True)


class VisitsTakenAnswer(AnswerSchema):
    taken = fields.Integer(required=True, metadata={"description": "New visits"})
    known = fields.Integer(
        required=True, metadata={"description": "Reported before, with the same content: nothing to do"}
    )
    bad = fields.List(fields.Nested(BadVisitAnswer), required=True)


class OffersQuery(PageQuery):
    pass


class EvidenceAnswer(AnswerSchema):
    """A visit as a hospital reported it."""

    kind = fields.Enum(VisitKind, by_value=fields.String, required=True)
    visited_on = fields.Date(required=True)
    discharged_on = fields.Date(required=True, allow_none=True)
    hospital_name = fields.String(required=True)
    icd10 = fields.String(required=True)


class OfferAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True)
    person_name = fields.String(required=True, metadata={"description": "Masked"})
    benefit = fields.String(required=True)
    benefit_name = fields.String(required=True)
    disease_code = fields.String(required=True)
    disease_name = fields.String(required=True)
    origin = fields.Enum(OfferOrigin, by_value=fields.String, required=True)
    reason = fields.String(required=True, metadata={"description": "Why it is offered, in words"})
    evidence = fields.List(fields.Nested(EvidenceAnswer), required=True)
    status = fields.Enum(OfferStatus, by_value=fields.String, required=True)
    status_text = fields.String(required=True)
    made_on = fields.Date(required=True)
    expires_on = fields.Date(required=True)
    source_filing_id = fields.UUID(required=True, allow_none=True)
    filing_id = fields.UUID(required=True, allow_none=True)
    version = fields.Integer(required=True)
    available_actions = fields.List(fields.String(), required=True)


class OffersAnswer(PageAnswer):
    items = fields.List(fields.Nested(OfferAnswer), required=True)


class AnswerOfferRequest(RequestSchema):
    action = CleanString(required=True, validate=OneOf(["accept", "decline"]))
    expected_version = StrictInteger(required=True, validate=Range(min=1))
    institution_ids = BoundedList(
        fields.UUID(),
        load_default=list,
        validate=ListLength(max=MAX_INSTITUTIONS),
        metadata={"description": "Designated institutions, when accepting; may be chosen later too"},
    )


class OfferAnsweredAnswer(AnswerSchema):
    offer = fields.Nested(OfferAnswer, required=True)
    filing = fields.Nested(FilingAnswer, required=True, allow_none=True)
