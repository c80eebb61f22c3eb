"""What goes in and out of the chronic-disease routes."""

from marshmallow import fields

from app.filings.schemas import SourceAnswer
from app.kit.api.schemas import (
    AnswerSchema,
    BoundedList,
    CleanString,
    Length,
    ListLength,
    OneOf,
    Range,
    Regexp,
    RequestSchema,
    StrictInteger,
)
from app.kit.pages import PageAnswer, PageQuery
from app.kit.text import Text
from app.services.chronic_disease.form import MAX_INSTITUTIONS
from app.services.chronic_disease.models import EntitlementStatus, ItemStatus
from app.services.chronic_disease.offer_schemas import EvidenceAnswer

REGION = Regexp(r"^\d{2}(\d{2}){0,2}$", Text("请从列表里选择地区。", "Choose a region from the list."))


class DiseasesQuery(RequestSchema):
    region_code = CleanString(required=True, validate=REGION)
    benefit = CleanString(load_default="chronic_disease", validate=OneOf(["chronic_disease", "two_disease"]))


class CriterionAnswer(AnswerSchema):
    id = fields.String(required=True)
    text = fields.String(required=True)
    evidence = fields.String(required=True, metadata={"description": "The paper that shows it"})
    group = fields.String(
        required=True, allow_none=True, metadata={"description": "null: required; else counts in its group"}
    )


class GroupAnswer(AnswerSchema):
    name = fields.String(required=True)
    at_least = fields.Integer(required=True)
    text = fields.String(required=True)


class PaperRuleAnswer(AnswerSchema):
    kinds = fields.List(
        fields.String(), required=True, metadata={"description": "Any one of these kinds will do"}
    )
    names = fields.String(required=True)
    why = fields.String(required=True)
    within_months = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How old it may be, as its experts see on it; null: of any age"},
    )


class DiseaseAnswer(AnswerSchema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    settles_across_provinces = fields.Boolean(required=True)
    two_disease = fields.Boolean(required=True)
    specialty = fields.String(required=True)
    min_hospital_level = fields.Integer(required=True)
    validity_months = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: without end"}
    )
    yearly_limit_fen = fields.Integer(required=True, allow_none=True)
    yearly_limit_text = fields.String(required=True)
    general = fields.Boolean(
        required=True,
        metadata={"description": "Judged by general criteria: the region names none of its own"},
    )
    criteria = fields.List(fields.Nested(CriterionAnswer), required=True)
    groups = fields.List(fields.Nested(GroupAnswer), required=True)
    papers = fields.List(fields.Nested(PaperRuleAnswer), required=True)
    source = fields.Nested(SourceAnswer, required=True)


class DiseasesAnswer(AnswerSchema):
    pack_id = fields.String(required=True)
    pack_name = fields.String(required=True)
    max_institutions = fields.Integer(required=True)
    items = fields.List(fields.Nested(DiseaseAnswer), required=True)


class FindingAnswer(AnswerSchema):
    criterion = fields.String(required=True)
    text = fields.String(required=True)
    met = fields.Boolean(required=True)
    note = fields.String(required=True)


class OpinionAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    round = fields.Integer(required=True)
    certified = fields.Boolean(required=True)
    expert = fields.String(required=True, metadata={"description": "Masked"})
    reason = fields.String(required=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    at = fields.AwareDateTime(required=True)
    algorithm = fields.String(required=True)
    signature = fields.String(required=True)


class ItemAnswer(AnswerSchema):
    disease_code = fields.String(required=True)
    disease_name = fields.String(required=True)
    specialty = fields.String(required=True)
    status = fields.Enum(ItemStatus, by_value=fields.String, required=True)
    status_text = fields.String(required=True)
    round = fields.Integer(required=True)
    yours = fields.Boolean(required=True, metadata={"description": "Waits for the opinion of whoever asks"})
    appeal_until = fields.Date(required=True, allow_none=True)
    criteria = fields.List(fields.Nested(CriterionAnswer), required=True)
    groups = fields.List(fields.Nested(GroupAnswer), required=True)
    evidence = fields.List(
        fields.Nested(EvidenceAnswer),
        required=True,
        metadata={"description": "Visits that stand in for papers, where an offer was accepted"},
    )
    opinions = fields.List(fields.Nested(OpinionAnswer), required=True)
    entitlement_id = fields.UUID(required=True, allow_none=True)
    entitlement_version = fields.Integer(
        required=True, allow_none=True, metadata={"description": "For the agency that withdraws it"}
    )


class CaseAnswer(AnswerSchema):
    filing_id = fields.UUID(required=True)
    pack_id = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Nested(ItemAnswer), required=True)


class EntitlementsQuery(PageQuery):
    person_id = fields.UUID(load_default=None)


class EntitlementAnswer(AnswerSchema):
    """Field names are the national platform's where it has them."""

    id = fields.UUID(required=True)
    filing_id = fields.UUID(required=True)
    benefit = fields.String(required=True)
    opsp_dise_code = fields.String(required=True)
    opsp_dise_name = fields.String(required=True)
    insutype = fields.String(required=True)
    insu_admdvs = fields.String(required=True)
    psn_no = fields.String(required=True)
    hosp_ide_date = fields.Date(required=True)
    appy_date = fields.Date(required=True)
    begndate = fields.Date(required=True)
    enddate = fields.Date(required=True, allow_none=True)
    status = fields.Enum(EntitlementStatus, by_value=fields.String, required=True)
    in_force = fields.Boolean(required=True)
    validity_text = fields.String(required=True)
    withdrawn_reason = fields.String(required=True, allow_none=True)
    institution_ids = fields.List(fields.UUID(), required=True)
    institutions_free_from = fields.Date(
        required=True, allow_none=True, metadata={"description": "null: may be chosen now"}
    )
    version = fields.Integer(required=True)


class EntitlementsAnswer(PageAnswer):
    items = fields.List(fields.Nested(EntitlementAnswer), required=True)


class ChooseInstitutionsRequest(RequestSchema):
    institution_ids = BoundedList(
        fields.UUID(), required=True, validate=ListLength(min=1, max=MAX_INSTITUTIONS)
    )
    expected_version = StrictInteger(required=True, validate=Range(min=1))


class ActOnEntitlementRequest(RequestSchema):
    action = CleanString(required=True, validate=OneOf(["withdraw"]))
    reason = CleanString(required=True, validate=Length(min=4, max=300))
    expected_version = StrictInteger(required=True, validate=Range(min=1))


class DrawsQuery(RequestSchema):
    region_code = CleanString(required=True, validate=REGION)
    before = fields.Date(load_default=None, metadata={"description": "The latest day wanted"})
    limit = fields.Integer(load_default=20, validate=Range(min=1, max=50))


class DrawDayAnswer(AnswerSchema):
    day = fields.Date(required=True)
    commitment = fields.String(
        required=True, metadata={"description": "Digest of the seed, public before the day"}
    )
    committed_at = fields.AwareDateTime(required=True)
    seed = fields.String(
        required=True, allow_none=True, metadata={"description": "In hex, once the day is over"}
    )


class DrawDaysAnswer(AnswerSchema):
    pool = fields.String(required=True)
    items = fields.List(fields.Nested(DrawDayAnswer), required=True)
