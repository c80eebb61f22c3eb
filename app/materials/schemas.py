"""What comes in and goes out about papers."""

from typing import Any, NoReturn

import marshmallow as ma
from marshmallow import fields

from app.kit.api.files import UploadedFile
from app.kit.api.schemas import REQUIRED, AnswerSchema, OneOf, RequestSchema
from app.materials.errors import FILE_MISSING
from app.materials.kinds import PaperKind


class MaterialUploadRequest(RequestSchema):
    file = UploadedFile(required=True, metadata={"description": "A photograph, JPEG or PNG"})
    kind = fields.Enum(PaperKind, by_value=fields.String, required=True)
    person_id = fields.UUID(
        load_default=None, metadata={"description": "Whom the paper is about, if not yourself"}
    )

    def handle_error(self, error: ma.ValidationError, data: Any, *, many: bool, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        """A missing photograph alone has a code of its own; with other mistakes it is named among them."""
        if isinstance(error.messages, dict) and set(error.messages) == {"file"}:
            raise FILE_MISSING(errors={"file": [REQUIRED]})
        raise error


class MaterialAnswer(AnswerSchema):
    id = fields.UUID(required=True)
    person_id = fields.UUID(required=True, metadata={"description": "Whom the paper is about"})
    kind = fields.String(required=True, validate=OneOf([kind.value for kind in PaperKind]))
    media_type = fields.String(required=True, validate=OneOf(["image/jpeg"]))
    size = fields.Integer(required=True, metadata={"description": "Bytes of the stored photograph"})
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    sha256 = fields.String(
        required=True, metadata={"description": "SHA-256 of the stored photograph, which is also its ETag"}
    )
    created_at = fields.AwareDateTime(required=True)
