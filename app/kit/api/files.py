"""Files in requests."""

from typing import Any

from flask_smorest.fields import Upload
from werkzeug.datastructures import FileStorage

from app.kit.api.schemas import REQUIRED, WRONG_TYPE


class UploadedFile(Upload):  # type: ignore[misc] # flask-smorest is untyped
    """The part of an upload that is a file; its name and declared type are ignored."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own attribute
        "required": REQUIRED,
        "null": REQUIRED,
        "not_a_file": WRONG_TYPE,
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> FileStorage:  # noqa: ARG002
        if not isinstance(value, FileStorage):
            raise self.make_error("not_a_file")
        return value
