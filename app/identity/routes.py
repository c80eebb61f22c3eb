"""Sign-in, real name, me."""

from typing import Any
from uuid import UUID

from flask import request

from app.gateways.parts import parts
from app.identity import me, real_name, sessions, sign_in
from app.identity.accesses import Access
from app.identity.current import actor
from app.identity.id_numbers import IdNumber
from app.identity.me import Me, PersonView
from app.identity.real_name import StartedCheck
from app.identity.schemas import (
    AccessesAnswer,
    AccessesQuery,
    MeAnswer,
    PersonAnswer,
    PhoneRequest,
    RealNameAnswer,
    RealNameRequest,
    RealNameStartedAnswer,
    RefreshRequest,
    StaffSignInRequest,
    TerminalSignInRequest,
    TerminalTokenAnswer,
    TokenAnswer,
    WechatSignInRequest,
)
from app.identity.sessions import SignedIn
from app.kit.api.context import context
from app.kit.api.smorest import Blueprint
from app.kit.pages import Page

blueprint = Blueprint("identity", __name__, description="登录、实名认证、我的信息 · Sign-in, real name, me")


@blueprint.post("/auth/wechat")
@blueprint.arguments(WechatSignInRequest)
@blueprint.response(200, TokenAnswer)
def sign_in_with_wechat(body: dict[str, str]) -> SignedIn:
    """Sign in with a code of wx.login; the first time makes an account."""
    return sign_in.with_wechat(parts(), body["js_code"])


@blueprint.post("/auth/staff")
@blueprint.arguments(StaffSignInRequest)
@blueprint.response(200, TokenAnswer)
def sign_in_as_staff(body: dict[str, str]) -> SignedIn:
    """Sign in with user name and password."""
    return sign_in.as_staff(parts(), body["username"], body["password"], request.remote_addr or "")


@blueprint.post("/auth/terminal")
@blueprint.arguments(TerminalSignInRequest)
@blueprint.response(200, TerminalTokenAnswer)
def sign_in_as_terminal(body: dict[str, str]) -> SignedIn:
    """Sign in a hospital's or pharmacy's system; it signs in anew when its token ends."""
    return sign_in.as_terminal(parts(), body["client_id"], body["client_secret"], request.remote_addr or "")


@blueprint.post("/auth/refresh")
@blueprint.arguments(RefreshRequest)
@blueprint.response(200, TokenAnswer)
def refresh_tokens(body: dict[str, str]) -> SignedIn:
    """Exchange a refresh token for the next pair. A lost answer may be asked for again for 30 seconds."""
    return sessions.refresh(parts(), body["refresh_token"])


@blueprint.post("/auth/logout")
@blueprint.response(204)
def sign_out() -> None:
    """End this sign-in and all its tokens."""
    sessions.end(context().session, actor())


@blueprint.post("/real-name")
@blueprint.arguments(RealNameRequest)
@blueprint.response(201, RealNameStartedAnswer)
def start_real_name(body: dict[str, Any]) -> StartedCheck:
    """Begin to prove one's real name; the phone then calls wx.requestFacialVerify with the verify_id."""
    id_number: IdNumber = body["id_no"]
    return real_name.start(parts(), actor(), body["name"], id_number)


@blueprint.post("/real-name/<uuid:check_id>/complete")
@blueprint.response(200, RealNameAnswer)
def complete_real_name(check_id: UUID) -> dict[str, object]:
    """After the face check: bind the account to the person. Repeating it gives the same answer."""
    person = real_name.complete(parts(), actor(), check_id)
    return {"real_name": True, "person": me.person_view(person)}


@blueprint.get("/me")
@blueprint.response(200, MeAnswer)
def get_me() -> Me:
    """Myself: person, coverages, relatives, roles."""
    return me.my_page(context().session, actor())


@blueprint.post("/me/phone")
@blueprint.arguments(PhoneRequest)
@blueprint.response(200, PersonAnswer)
def set_my_phone(body: dict[str, str]) -> PersonView:
    """Register the phone number of this WeChat user; notices by SMS go there."""
    return me.set_phone(parts(), actor(), body["code"])


@blueprint.get("/me/accesses")
@blueprint.arguments(AccessesQuery, location="query")
@blueprint.response(200, AccessesAnswer)
def list_my_accesses(query: dict[str, Any]) -> Page[Access]:
    """Who saw or did what with my records, the newest first."""
    return me.my_accesses(context().session, actor(), query["cursor"], query["limit"])
