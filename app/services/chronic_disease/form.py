"""The form of a chronic-disease application: one or several diseases, each with where and when it was diagnosed."""

from typing import Any

from marshmallow import ValidationError, fields, validates

from app.identity.models import InsuType
from app.kit.api.schemas import BoundedList, CleanString, Length, ListLength, Regexp, RequestSchema
from app.kit.text import Text

MAX_DISEASES = 5
MAX_INSTITUTIONS = 3
DISEASE_CODE = Regexp(r"^M\d{5}$", Text("请从列表里选择病种。", "Choose a disease from the list."))


def _labels(zh: str, en: str) -> dict[str, Text]:
    return {"title": Text(zh, en)}


class DiseaseEntry(RequestSchema):
    """One disease applied for. ``material_ids``: which photographs belong to it; left out, all of the case's do."""

    disease_code = CleanString(required=True, validate=DISEASE_CODE, metadata=_labels("病种", "Disease"))
    diagnosed_on = fields.Date(required=True, metadata=_labels("确诊日期", "Diagnosed on"))
    institution_id = fields.UUID(metadata=_labels("确诊医院（从列表选）", "Hospital of the diagnosis"))
    hospital_name = CleanString(
        validate=Length(min=2, max=100),
        metadata=_labels("确诊医院名称（列表里没有时填）", "Its name, if it is not in the list"),
    )
    material_ids = BoundedList(
        fields.UUID(),
        validate=ListLength(min=1, max=20),
        metadata=_labels("属于这个病种的材料", "Papers of this disease"),
    )


class ChronicDiseaseForm(RequestSchema):
    """What the applicant fills in."""

    diseases = BoundedList(
        fields.Nested(DiseaseEntry),
        required=True,
        validate=ListLength(min=1, max=MAX_DISEASES),
        metadata=_labels("申请的病种", "Diseases"),
    )
    institution_ids = BoundedList(
        fields.UUID(),
        validate=ListLength(max=MAX_INSTITUTIONS),
        metadata=_labels("选择的定点医药机构（最多三家）", "Designated institutions (up to three)"),
    )
    insutype = fields.Enum(
        InsuType, by_value=fields.String, metadata=_labels("按哪个参保关系办理", "Which insurance to use")
    )
    offer_id = fields.UUID(
        metadata=_labels("免申即享邀请", "The offer that this application accepts; the product fills it in")
    )
    note = CleanString(
        validate=Length(max=300), metadata=_labels("补充说明", "Anything else the experts should know")
    )

    @validates("diseases")
    def _each_once(self, value: list[dict[str, Any]], **_: Any) -> None:
        codes = [entry.get("disease_code") for entry in value]
        if len(set(codes)) != len(codes):
            raise ValidationError([Text("同一个病种只填一次。", "Name each disease once.")])

    @validates("institution_ids")
    def _each_institution_once(self, value: list[Any], **_: Any) -> None:
        if len(set(value)) != len(value):
            raise ValidationError([Text("同一家机构只选一次。", "Choose each institution once.")])
