"""What goes in and out of the remote-care routes."""

from marshmallow import fields

from app.filings.schemas import FilingAnswer, SourceAnswer
from app.identity.models import InsuType
from app.kit.api.schemas import (
    AnswerSchema,
    BoundedList,
    CleanString,
    Length,
    ListLength,
    OneOf,
    Range,
    RequestSchema,
)
from app.kit.pages import PageAnswer, PageQuery
from app.services.remote_care.categories import Category, MedType
from app.services.remote_care.form import REGION_CODE


class AdviceQuery(RequestSchema):
    care_region_code = CleanString(required=True, validate=REGION_CODE)
    med_type = fields.Enum(MedType, by_value=fields.String, load_default=MedType.INPATIENT)
    hospital_level = fields.Integer(load_default=None, validate=Range(min=1, max=3))
    urgent = fields.Boolean(load_default=False)
    insutype = fields.Enum(InsuType, by_value=fields.String, load_default=None)
    person_id = fields.UUID(load_default=None)


class ShareAnswer(AnswerSchema):
    situation = fields.String(required=True)
    hospital_level = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: every level"}
    )
    percent = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: no source gives it"}
    )
    example_fund_fen = fields.Integer(required=True, allow_none=True)
    example_person_fen = fields.Integer(required=True, allow_none=True)
    text = fields.String(required=True)
    source = fields.Nested(SourceAnswer, required=True, allow_none=True)


class ProofAdviceAnswer(AnswerSchema):
    proof = fields.String(required=True)
    papers = fields.List(
        fields.List(fields.String()), required=True, metadata={"description": "Each: any one of these kinds"}
    )
    instant = fields.Boolean(required=True)
    deadline_days = fields.Integer(required=True, allow_none=True)
    text = fields.String(required=True)
    source = fields.Nested(SourceAnswer, required=True)


class CategoryAdviceAnswer(AnswerSchema):
    category = fields.Enum(Category, by_value=fields.String, required=True)
    name = fields.String(required=True)
    for_whom = fields.String(required=True)
    proofs = fields.List(fields.Nested(ProofAdviceAnswer), required=True)
    valid_until = fields.Date(required=True, allow_none=True, metadata={"description": "null: without end"})
    lock_until = fields.Date(required=True, allow_none=True)
    text = fields.String(required=True)
    shares = fields.List(fields.Nested(ShareAnswer), required=True)


class NoteAnswer(AnswerSchema):
    text = fields.String(required=True)
    source = fields.Nested(SourceAnswer, required=True)


class AdviceAnswer(AnswerSchema):
    must_file = fields.String(required=True, metadata={"enum": ["yes", "no", "recommended"]})
    reason = fields.String(required=True)
    text = fields.String(required=True)
    source = fields.Nested(SourceAnswer, required=True)
    pack_id = fields.String(required=True)
    pack_until = fields.Date(required=True, allow_none=True)
    numbers_known = fields.Boolean(required=True, metadata={"description": "Whether any share is known"})
    with_filing = fields.List(fields.Nested(CategoryAdviceAnswer), required=True)
    without_filing = fields.List(fields.Nested(ShareAnswer), required=True)
    notes = fields.List(fields.Nested(NoteAnswer), required=True)


class RecordsQuery(PageQuery):
    person_id = fields.UUID(load_default=None)


class RecordAnswer(AnswerSchema):
    """Field names are the national platform's."""

    id = fields.UUID(required=True)
    filing_id = fields.UUID(required=True)
    trt_dcla_detl_sn = fields.String(required=True)
    dcla_souc = fields.String(required=True)
    psn_no = fields.String(required=True)
    insutype = fields.String(required=True)
    insu_admdvs = fields.String(required=True)
    rloc_admdvs = fields.String(required=True)
    rloc_rea = fields.String(required=True)
    begndate = fields.Date(required=True)
    enddate = fields.Date(required=True, allow_none=True)
    vali_flag = fields.String(required=True)
    category = fields.Enum(Category, by_value=fields.String, required=True)
    lock_until = fields.Date(required=True, allow_none=True)
    settlement = fields.String(required=True)
    place_name = fields.String(required=True)
    category_name = fields.String(required=True)
    validity_text = fields.String(required=True)
    in_force = fields.Boolean(required=True)


class RecordsAnswer(PageAnswer):
    items = fields.List(fields.Nested(RecordAnswer), required=True)


class ActOnRecordRequest(RequestSchema):
    action = CleanString(required=True, validate=OneOf(["change", "cancel"]))
    reason = CleanString(load_default=None, allow_none=True, validate=Length(max=200))
    form = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        load_default=None,
        allow_none=True,
        metadata={"description": "For a change: what differs from the case before"},
    )
    material_ids = BoundedList(fields.UUID(), load_default=list, validate=ListLength(max=20))


class RecordActionAnswer(AnswerSchema):
    record = fields.Nested(RecordAnswer, required=True)
    filing = fields.Nested(FilingAnswer, required=True)
