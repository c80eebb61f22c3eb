"""What goes out about notices."""

from marshmallow import fields

from app.kit.api.schemas import AnswerSchema, OneOf
from app.kit.pages import PageAnswer
from app.notices.models import Channel, NoticeKind, NoticeStatus, Outcome

_CHANNELS = OneOf([channel.value for channel in Channel])


class NoticeTryAnswer(AnswerSchema):
    at = fields.AwareDateTime(required=True)
    channel = fields.String(required=True, validate=_CHANNELS)
    outcome = fields.String(required=True, validate=OneOf([outcome.value for outcome in Outcome]))
    text = fields.String(required=True, metadata={"description": "How it ended, in words"})


class NoticeAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=OneOf([kind.value for kind in NoticeKind]))
    text = fields.String(
        required=True, metadata={"description": "The whole notice, in the reader's language"}
    )
    filing_id = fields.UUID(required=True, allow_none=True)
    settlement_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The bill it is about: GET /settlements/{id}"},
    )
    status = fields.String(required=True, validate=OneOf([status.value for status in NoticeStatus]))
    status_text = fields.String(required=True)
    channel = fields.String(
        required=True, allow_none=True, validate=_CHANNELS, metadata={"description": "How it was sent"}
    )
    channel_text = fields.String(required=True, allow_none=True)
    attempts = fields.Integer(required=True, metadata={"description": "How often sending was begun"})
    tries = fields.List(fields.Nested(NoticeTryAnswer), required=True)
    created_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    read_at = fields.AwareDateTime(required=True, allow_none=True)


class NoticePageAnswer(PageAnswer):
    items = fields.List(fields.Nested(NoticeAnswer), required=True)
