"""What comes in and goes out of the identity routes."""

from typing import Any

from marshmallow import ValidationError, fields

from app.identity.actor import AccountKind, Ground, OrganisationKind, Role
from app.identity.id_numbers import BadNumber, IdNumber, parse_id_number
from app.identity.models import AccessKind, CoverageStatus, IdType, InsuType, Relation, Sex
from app.identity.names import BadName, tidy_name
from app.kit.api.context import current_language
from app.kit.api.schemas import AnswerSchema, CleanString, Length, RequestSchema
from app.kit.pages import PageAnswer, PageQuery
from app.kit.text import Text


class PersonName(CleanString):
    """A name as on the identity card, brought to its one form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return tidy_name(super()._deserialize(value, attr, data, **kwargs))
        except BadName as error:
            raise ValidationError(error.text) from None


class ResidentIdNumber(CleanString):
    """A resident ID number with a right checksum and a date that can be; gives an IdNumber."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> IdNumber:  # type: ignore[override]  # the field's whole point is to give more than text
        try:
            return parse_id_number(super()._deserialize(value, attr, data, **kwargs))
        except BadNumber as error:
            raise ValidationError(error.text) from None


class BilingualString(fields.String):
    """A Text in the reader's language."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if isinstance(value, Text):
            return value.in_language(current_language())
        return super()._serialize(value, attr, obj, **kwargs)


class WechatSignInRequest(RequestSchema):
    js_code = CleanString(
        required=True,
        validate=Length(min=1, max=200),
        metadata={"description": "What wx.login gave; good once"},
    )


class RefreshRequest(RequestSchema):
    refresh_token = CleanString(required=True, validate=Length(min=1, max=2048))


class StaffSignInRequest(RequestSchema):
    username = CleanString(required=True, validate=Length(min=1, max=64))
    password = fields.String(required=True, validate=Length(min=1, max=200))


class TerminalSignInRequest(RequestSchema):
    client_id = CleanString(required=True, validate=Length(min=1, max=64))
    client_secret = fields.String(required=True, validate=Length(min=1, max=200))


class AccountAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    kind = fields.Enum(AccountKind, by_value=fields.String, required=True)
    roles = fields.List(fields.String(), required=True)
    real_name = fields.Boolean(
        required=True, metadata={"description": "Whether the person behind the account is known"}
    )


class TerminalTokenAnswer(AnswerSchema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True, metadata={"description": "Bearer"})
    expires_in = fields.Integer(
        required=True, metadata={"description": "Seconds that the access token lives"}
    )
    account = fields.Nested(AccountAnswer, required=True)


class TokenAnswer(TerminalTokenAnswer):
    refresh_token = fields.String(
        required=True, metadata={"description": "Good once; exchange it at /auth/refresh before it ends"}
    )


class RealNameRequest(RequestSchema):
    name = PersonName(required=True, validate=Length(min=2, max=50))
    id_no = ResidentIdNumber(
        required=True, metadata={"description": "18 characters, with checksum", "maxLength": 40}
    )


class RealNameStartedAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    verify_id = fields.String(required=True, metadata={"description": "For wx.requestFacialVerify"})
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds to complete the check"})


class PersonAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    psn_no = fields.String(required=True)
    name = fields.String(required=True, metadata={"description": "Masked"})
    id_type = fields.Enum(IdType, by_value=fields.String, required=True)
    id_no = fields.String(required=True, metadata={"description": "Masked"})
    phone = fields.String(required=True, allow_none=True, metadata={"description": "Masked"})
    sex = fields.Enum(Sex, by_value=fields.String, required=True)
    birth_date = fields.Date(required=True)
    residence_code = fields.String(required=True, allow_none=True)


class RealNameAnswer(AnswerSchema):
    real_name = fields.Boolean(required=True)
    person = fields.Nested(PersonAnswer, required=True)


class PhoneRequest(RequestSchema):
    code = CleanString(
        required=True,
        validate=Length(min=1, max=200),
        metadata={"description": "What WeChat's phone-number button gave; good once, for five minutes"},
    )


class CoverageAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    insutype = fields.Enum(InsuType, by_value=fields.String, required=True)
    region_code = fields.String(required=True)
    status = fields.Enum(CoverageStatus, by_value=fields.String, required=True)
    begin_date = fields.Date(required=True)
    end_date = fields.Date(required=True, allow_none=True)
    retired = fields.Boolean(required=True)
    student = fields.Boolean(required=True)
    low_income = fields.Boolean(required=True)
    employer = fields.String(required=True, allow_none=True)


class RelativeAnswer(AnswerSchema):
    person_id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"description": "Masked"})
    relation = fields.Enum(
        Relation,
        by_value=fields.String,
        required=True,
        metadata={"description": "What the relative is to me"},
    )
    birth_date = fields.Date(required=True)
    guardian = fields.Boolean(required=True, metadata={"description": "He or she acts for me, a minor"})
    ward = fields.Boolean(required=True, metadata={"description": "I may act for him or her, a minor"})


class OrganisationAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(OrganisationKind, by_value=fields.String, required=True)
    region_code = fields.String(required=True)
    role = fields.Enum(Role, by_value=fields.String, required=True)


class MeAnswer(AnswerSchema):
    account_id = fields.UUID(required=True)
    kind = fields.Enum(AccountKind, by_value=fields.String, required=True)
    roles = fields.List(fields.String(), required=True)
    real_name = fields.Boolean(required=True)
    person = fields.Nested(PersonAnswer, required=True, allow_none=True)
    coverages = fields.List(fields.Nested(CoverageAnswer), required=True)
    relatives = fields.List(fields.Nested(RelativeAnswer), required=True)
    organisations = fields.List(fields.Nested(OrganisationAnswer), required=True)


class AccessesQuery(PageQuery):
    """Paging only."""


class AccessAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    text = BilingualString(required=True, metadata={"description": "The whole line in words"})
    who = fields.String(required=True, metadata={"description": "Masked name, or a machine's organisation"})
    role = fields.Enum(Role, by_value=fields.String, required=True)
    organisation = fields.String(required=True, allow_none=True)
    what = fields.Enum(AccessKind, by_value=fields.String, required=True)
    filing_id = fields.UUID(required=True, allow_none=True)
    ground = fields.Enum(Ground, by_value=fields.String, required=True, allow_none=True)


class AccessesAnswer(PageAnswer):
    items = fields.List(fields.Nested(AccessAnswer), required=True)
