"""HTTP of papers: upload, look up, download."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.gateways.parts import parts
from app.identity.current import actor
from app.kit.api.context import context
from app.kit.api.smorest import MULTIPART, Blueprint
from app.materials import photos, showing, uploading
from app.materials.models import Material
from app.materials.schemas import MaterialAnswer, MaterialUploadRequest
from app.materials.service import MaterialReader

READERS = "material_readers"
"""The application's extension that holds the functions by which other domains open papers to readers."""

CONTENT_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
_PHOTOGRAPH = {"type": "string", "format": "binary"}

View = TypeVar("View", bound=Callable[..., Any])
blueprint = Blueprint("materials", __name__, description="材料：拍照上传、查看 · Papers: upload and view")


def refuse_large_file_by_name(view: View) -> View:
    """A body over the limit is refused while it is parsed: say that the photograph is too large."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except RequestEntityTooLarge:
            if (request.content_length or 0) <= (request.max_content_length or 0):
                raise
            raise photos.too_large(parts().settings.upload_max_bytes) from None

    return cast(View, wrapper)


@blueprint.post("/materials")
@refuse_large_file_by_name
@blueprint.arguments(MaterialUploadRequest, location=MULTIPART)
@blueprint.response(201, MaterialAnswer, description="Stored")
@blueprint.alt_response(200, schema=MaterialAnswer, success=True, description="Uploaded before")
def upload_material(upload: dict[str, Any]) -> tuple[Material, int, dict[str, str]]:
    """Upload a photograph of a paper.

    The photograph is encoded anew, without its camera data. The same photograph of the same kind about the
    same person is the same paper, so an upload whose answer was lost can simply be sent again.
    """
    settings = parts().settings
    material, is_new = uploading.receive(
        uploading.Upload(upload["file"].stream, upload["kind"], upload["person_id"]),
        actor(),
        database=parts().database,
        session=lambda: context().session,
        papers=parts().papers,
        limits=uploading.Limits(
            settings.upload_max_bytes, settings.upload_max_pixels, settings.uploads_per_person_per_day
        ),
    )
    location = f"{request.path}/{material.id}"
    return material, 201 if is_new else 200, {"Location": location}


@blueprint.get("/materials/<uuid:material_id>")
@blueprint.response(200, MaterialAnswer)
def get_material(material_id: UUID) -> Material:
    """What is known of a paper."""
    return showing.find(parts().database, actor(), material_id, _readers())


@blueprint.get("/materials/<uuid:material_id>/content")
@blueprint.response(200, _PHOTOGRAPH, content_type="image/jpeg", description="The photograph")
@blueprint.alt_response(304, description="You have it: its ETag is the one you sent with If-None-Match")
def get_material_content(material_id: UUID) -> Response:
    """The photograph of a paper, as a download."""
    material = showing.find(parts().database, actor(), material_id, _readers())
    if request.if_none_match.contains(material.sha256):
        response = Response(status=304)
    else:
        response = Response(showing.open_content(parts().papers, material), mimetype=material.media_type)
        response.content_length = material.size
        filename = f"{material.kind}-{material.id.hex[-8:]}.jpg"
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.set_etag(material.sha256)
    response.headers.update(CONTENT_HEADERS)
    return response


def _readers() -> tuple[MaterialReader, ...]:
    return cast(tuple[MaterialReader, ...], current_app.extensions.get(READERS, ()))
