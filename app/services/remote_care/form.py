"""The form of a remote-care filing. Few entries are asked of everybody; the rest hang on the category."""

from marshmallow import fields

from app.identity.models import InsuType
from app.kit.api.schemas import CleanString, Length, Regexp, RequestSchema, StrictBoolean
from app.kit.text import Text
from app.services.remote_care.backfiling import Settled
from app.services.remote_care.categories import Category, Proof

REGION_CODE = Regexp(r"^\d{2}(\d{2}){0,2}$", Text("请从列表里选择地区。", "Choose a region from the list."))


def _labels(zh: str, en: str) -> dict[str, Text]:
    return {"title": Text(zh, en)}


class RemoteCareForm(RequestSchema):
    """What the applicant fills in."""

    category = fields.Enum(
        Category, by_value=fields.String, required=True, metadata=_labels("备案类型", "Category")
    )
    care_region_code = CleanString(
        required=True,
        validate=REGION_CODE,
        metadata=_labels("去哪里看病（到城市）", "Where care will happen (city)"),
    )
    start_date = fields.Date(metadata=_labels("从哪天开始", "From which day"))
    proof = fields.Enum(Proof, by_value=fields.String, metadata=_labels("用什么证明", "How to prove it"))
    commitment_accepted = StrictBoolean(
        metadata=_labels("我承诺以上内容属实", "I commit that the above is true")
    )
    insutype = fields.Enum(
        InsuType, by_value=fields.String, metadata=_labels("按哪个参保关系办理", "Which insurance to use")
    )
    residence_address = CleanString(
        validate=Length(max=100), metadata=_labels("在外地的住址", "Address there")
    )
    employer_name = CleanString(validate=Length(max=100), metadata=_labels("外派单位名称", "Employer there"))
    referring_institution_id = fields.UUID(metadata=_labels("开转诊单的医院", "Referring hospital"))
    diagnosis = CleanString(validate=Length(max=100), metadata=_labels("诊断", "Diagnosis"))
    care_institution_name = CleanString(
        validate=Length(max=100), metadata=_labels("就诊医院", "Hospital of care")
    )
    reason = CleanString(validate=Length(max=200), metadata=_labels("原因", "Reason"))
    admitted_on = fields.Date(metadata=_labels("入院日期（补办时填）", "Admitted on (late filing)"))
    discharged_on = fields.Date(metadata=_labels("出院日期（已出院时填）", "Discharged on"))
    settled = fields.Enum(
        Settled, by_value=fields.String, metadata=_labels("住院费结算情况", "How the bill was settled")
    )
    replaces_record_id = fields.UUID(metadata=_labels("要变更的备案", "The record to be changed"))
