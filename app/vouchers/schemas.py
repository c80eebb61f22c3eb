"""What goes in and out of the voucher's routes."""

from marshmallow import fields

from app.kit.api.schemas import AnswerSchema, CleanString, Length, OneOf, Regexp, RequestSchema
from app.kit.text import Text

DEVICE_NO = Regexp(
    r"^[A-Za-z0-9._:-]{16,64}$",
    Text("设备编号应为 16 到 64 个字母或数字。", "The device number must have 16 to 64 letters or digits."),
)


class ActivationRequest(RequestSchema):
    person_id = fields.UUID(load_default=None, metadata={"description": "A minor whose guardian I am"})
    device_no = CleanString(
        required=True,
        validate=DEVICE_NO,
        metadata={"description": "Random, made by the phone at its first start and kept"},
    )
    device_name = CleanString(load_default=None, validate=Length(min=1, max=40))
    real_name_id = fields.UUID(
        load_default=None,
        metadata={
            "description": "Of the real-name check that was completed on this phone a few minutes ago. "
            "Every phone but the first needs one, and one for itself"
        },
    )


class DeviceRequest(RequestSchema):
    person_id = fields.UUID(load_default=None)
    device_no = CleanString(required=True, validate=DEVICE_NO)


class VoucherQuery(RequestSchema):
    person_id = fields.UUID(load_default=None)


class PictureQuery(RequestSchema):
    format = CleanString(load_default="png", validate=OneOf(["png", "svg"]))
    symbology = CleanString(load_default="qr", validate=OneOf(["qr", "code128"]))


class DeviceAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True)
    mine = fields.Boolean(required=True, metadata={"description": "Of the account that asks"})
    created_at = fields.AwareDateTime(required=True)


class VoucherAnswer(AnswerSchema):
    person_id = fields.UUID(required=True)
    active = fields.Boolean(required=True)
    activated_at = fields.AwareDateTime(required=True, allow_none=True)
    devices = fields.List(fields.Nested(DeviceAnswer), required=True)


class DayKeyAnswer(AnswerSchema):
    day = fields.Date(required=True, metadata={"description": "In China"})
    key = fields.String(required=True, metadata={"description": "32 bytes in hex"})


class OfflineKeysAnswer(AnswerSchema):
    """With these the phone makes codes without signal: docs/voucher-code.md."""

    algorithm = fields.String(required=True)
    step_seconds = fields.Integer(required=True)
    key_version = fields.String(required=True)
    handle = fields.String(required=True)
    slot = fields.Integer(required=True)
    keys = fields.List(fields.Nested(DayKeyAnswer), required=True)
    server_time = fields.AwareDateTime(required=True)


class ActivationAnswer(AnswerSchema):
    voucher = fields.Nested(VoucherAnswer, required=True)
    device = fields.Nested(DeviceAnswer, required=True)
    offline = fields.Nested(OfflineKeysAnswer, required=True)


class VoucherCodeAnswer(AnswerSchema):
    id = fields.String(required=True, metadata={"description": "Under which the picture is to be had"})
    code = fields.String(required=True, metadata={"description": "28 digits"})
    expires_at = fields.AwareDateTime(required=True)
    refresh_after = fields.Integer(
        required=True, metadata={"description": "Seconds until the phone asks anew"}
    )
