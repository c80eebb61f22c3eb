"""Routes of the voucher: activate and revoke, the code and its picture, keys for times without signal."""

from typing import Any
from uuid import UUID

from flask import Response

from app.gateways.parts import parts
from app.identity.current import actor
from app.kit.api.context import context
from app.kit.api.smorest import Blueprint
from app.vouchers import activation, pictures, schemas, showing, views
from app.vouchers.pictures import MEDIA_TYPES, Format, Symbology

blueprint = Blueprint("voucher", __name__, description="医保码 · voucher code")

_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_PICTURES = {"description": "The picture", "content": dict.fromkeys(MEDIA_TYPES.values(), _PICTURE)}


@blueprint.post("/voucher/activation")
@blueprint.arguments(schemas.ActivationRequest)
@blueprint.response(201, schemas.ActivationAnswer, description="Activated on this phone")
@blueprint.alt_response(
    200, schema=schemas.ActivationAnswer, success=True, description="It was active on this phone already"
)
def activate_voucher(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Activate my voucher, or a minor's whose guardian I am, on this phone. Sent again it changes nothing.

    After the first phone each other one needs a fresh face check: real_name_id.
    """
    done = activation.activate(context().session, actor(), **body)
    return views.present_activation(done, actor().account_id), 201 if done.is_new else 200


@blueprint.get("/voucher")
@blueprint.arguments(schemas.VoucherQuery, location="query")
@blueprint.response(200, schemas.VoucherAnswer)
def get_voucher(query: dict[str, Any]) -> dict[str, Any]:
    """My voucher, or that of a minor whose guardian I am, and the phones that show it."""
    held = activation.find(context().session, actor(), **query)
    return views.present(held, actor().account_id)


@blueprint.delete("/voucher")
@blueprint.arguments(schemas.VoucherQuery, location="query")
@blueprint.response(204)
def revoke_voucher(query: dict[str, Any]) -> None:
    """Revoke the voucher on all phones. It holds at once, also for codes that are shown at this moment."""
    activation.revoke(context().session, actor(), **query)


@blueprint.delete("/voucher/devices/<uuid:device_id>")
@blueprint.response(204)
def remove_voucher_device(device_id: UUID) -> None:
    """Let one phone show the voucher no more. It holds at once."""
    activation.remove_device(context().session, actor(), device_id)


@blueprint.post("/voucher/keys")
@blueprint.arguments(schemas.DeviceRequest)
@blueprint.response(200, schemas.OfflineKeysAnswer)
def get_voucher_keys(body: dict[str, Any]) -> showing.OfflineKeys:
    """This phone's keys of today and the next two days, with which it makes codes without signal."""
    return showing.get_keys(parts().database, actor(), **body)


@blueprint.post("/voucher/codes")
@blueprint.arguments(schemas.DeviceRequest)
@blueprint.response(200, schemas.VoucherCodeAnswer)
def show_voucher_code(body: dict[str, Any]) -> showing.ShownCode:
    """The code of this moment. Nothing is kept of it."""
    return showing.show_code(parts().database, actor(), **body)


@blueprint.get("/voucher/codes/<string:code_id>/image")
@blueprint.arguments(schemas.PictureQuery, location="query")
@blueprint.doc(responses={200: _PICTURES})
def get_voucher_code_image(query: dict[str, Any], code_id: str) -> Response:
    """The code as a picture, for the account that shows it, as long as the code is taken."""
    code = showing.code_of_picture(actor(), code_id)
    as_format = Format(query["format"])
    picture = pictures.draw(code, Symbology(query["symbology"]), as_format)
    return Response(picture, content_type=MEDIA_TYPES[as_format])
