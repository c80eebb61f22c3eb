"""A stand-in for api.weixin.qq.com that answers WeChat's own HTTP: sign-in, face check, messages, codes.

``WeChatServer`` serves it on loopback. Besides WeChat's paths there is ``/_standin/`` (see wechat_control) by
which the phone and QA do what a real phone and a real person do in WeChat. Two kinds of code need no call
beforehand and are good once: ``demo.<openid>.<nonce>`` as js_code, ``phone.<digits>.<nonce>`` as phone code.

Where WeChat's documentation names no errcode (a changed cert_hash, a repeated out_seq_no) the stand-in
answers 40097 and names the argument.
"""

import base64
import io
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import qrcode
from flask import Flask, Response, jsonify, request
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from werkzeug.exceptions import MethodNotAllowed, NotFound

from mock_client.standin_http import CONTROL, Faults, HttpServer, new_app, suffer
from mock_client.wechat_control import MediaCallback, control_surface
from mock_client.wechat_rules import ERRMSG, OPENID, PAGE, SCENE, Refusal
from mock_client.wechat_state import WeChatState

DEMO_APPID = "wx0000demo0000demo"
DEMO_SECRET = "demo-wechat-secret"


class WeChatServer:
    """The stand-in, running in a thread between ``start`` and ``stop``.

    templates: template_id → content with ``{{thing1.DATA}}`` places, or None when only values are checked;
    with none given any template_id is accepted. pages: the pages of the published mini-program; none given
    means any. media_callback: where wxa_media_check events are posted, signed with its token.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        appid: str = DEMO_APPID,
        secret: str = DEMO_SECRET,
        templates: Mapping[str, str | None] | None = None,
        pages: frozenset[str] = frozenset(),
        media_callback: MediaCallback | None = None,
    ) -> None:
        self.appid = appid
        self.secret = secret
        self.media_callback = media_callback
        self.state = WeChatState(templates or {}, pages)
        self.faults = Faults()
        self.app = self._make_app()
        self._http = HttpServer(self.app, host, port)
        self.url = self._http.url

    def start(self) -> "WeChatServer":
        self._http.start()
        return self

    def stop(self) -> None:
        self._http.stop()

    def reset(self) -> None:
        self.faults.clear()
        self.state.reset()

    def _make_app(self) -> Flask:
        app = new_app("standin-wechat")
        app.register_blueprint(control_surface(self.state, self.faults, self.appid, self.media_callback))
        app.before_request(self._faults_first)
        app.register_error_handler(Refusal, _refused)
        app.register_error_handler(MethodNotAllowed, _wrong_method)
        app.register_error_handler(NotFound, lambda _: _refused(Refusal(40066)))
        app.get("/sns/jscode2session")(self._code_to_session)
        posts: dict[str, Callable[[], Any]] = {
            "/cgi-bin/stable_token": self._stable_token,
            "/wxa/business/getuserphonenumber": self._phone_number,
            "/cityservice/face/identify/getverifyid": self._get_verify_id,
            "/cityservice/face/identify/queryverifyinfo": self._query_verify_info,
            "/cgi-bin/message/subscribe/send": self._send_message,
            "/wxa/getwxacodeunlimit": self._mini_program_code,
            "/wxa/media_check_async": self._media_check,
        }
        for path, view in posts.items():
            app.post(path, endpoint=path)(view)
        return app

    def _faults_first(self) -> Response | None:
        if request.path.startswith(CONTROL):
            return None
        fault = self.faults.take(request.path, self._person_asked_about())
        answer = suffer(fault)
        if answer is None and fault is not None and fault.code is not None:
            answer = _refused(Refusal(int(fault.code)))
            answer.status_code = fault.http_status or 200
        return answer

    def _person_asked_about(self) -> str | None:
        """The openid in a request, so that a fault can be ordered for one person."""
        js_code = request.args.get("js_code")
        if js_code is not None:
            return self.state.subject_of("js", js_code)
        body = request.get_json(force=True, silent=True)
        if isinstance(body, dict):
            openid = body.get("openid") or body.get("touser")
            return openid if isinstance(openid, str) else None
        return None

    def _check_app(self, appid: object, secret: object) -> None:
        if not appid:
            raise Refusal(41002)
        if not secret:
            raise Refusal(41004)
        if appid != self.appid:
            raise Refusal(40013)
        if secret != self.secret:
            raise Refusal(40125)

    def _body(self) -> dict[str, Any]:
        """The JSON body of a call that needs an access token."""
        self.state.check_token(request.args.get("access_token", ""))
        return _json_body()

    def _code_to_session(self) -> Response:
        self._check_app(request.args.get("appid"), request.args.get("secret"))
        if request.args.get("grant_type") != "authorization_code":
            raise Refusal(40002)
        js_code = request.args.get("js_code")
        if not js_code:
            raise Refusal(41008)
        openid = self.state.redeem("js", js_code)
        session_key = base64.b64encode(secrets.token_bytes(16)).decode()
        unionid = self.state.unionid(openid)
        extra = {"unionid": unionid} if unionid else {}
        # WeChat leaves errcode out when signing in succeeds.
        return jsonify(session_key=session_key, openid=openid, **extra)

    def _stable_token(self) -> Response:
        body = _json_body()
        self._check_app(body.get("appid"), body.get("secret"))
        if body.get("grant_type") != "client_credential":
            raise Refusal(40002)
        token, seconds = self.state.stable_token(force=body.get("force_refresh") is True)
        return jsonify(access_token=token, expires_in=seconds)

    def _phone_number(self) -> Response:
        country, pure = self.state.redeem("phone", _text(self._body(), "code")).split()
        return _ok(
            phone_info={
                "phoneNumber": pure if country == "86" else f"{country}{pure}",
                "purePhoneNumber": pure,
                "countryCode": country,
                "watermark": {"timestamp": int(self.state.clock.now()), "appid": self.appid},
            }
        )

    def _get_verify_id(self) -> Response:
        body = self._body()
        cert = body.get("cert_info")
        if not isinstance(cert, dict):
            raise Refusal(40097, "invalid args: cert_info")
        checked = {name: _text(cert, name) for name in ("cert_type", "cert_name", "cert_no")}
        verify_id, seconds = self.state.start_face(_text(body, "out_seq_no"), checked, _text(body, "openid"))
        return _ok(verify_id=verify_id, expires_in=seconds)

    def _query_verify_info(self) -> Response:
        body = self._body()
        names = ("verify_id", "out_seq_no", "cert_hash", "openid")
        return _ok(verify_ret=self.state.face_result(*(_text(body, name) for name in names)))

    def _send_message(self) -> Response:
        body = self._body()
        openid, template_id = body.get("touser"), body.get("template_id")
        if not isinstance(openid, str) or not OPENID.fullmatch(openid):
            raise Refusal(40003)
        if not isinstance(template_id, str) or not template_id:
            raise Refusal(40037)
        page = body.get("page")
        if page:
            path, _, _ = str(page).partition("?")
            if not PAGE.fullmatch(path):
                raise Refusal(41030)
            self.state.check_page(path)
        state = body.get("miniprogram_state", "formal")
        if state not in {"developer", "trial", "formal"}:
            raise Refusal(40097, "invalid args: miniprogram_state")
        lang = body.get("lang", "zh_CN")
        msgid = self.state.add_message(openid, template_id, page, _message_data(body), state, str(lang))
        return _ok(msgid=msgid)

    def _mini_program_code(self) -> Response:
        body = self._body()
        scene, page = body.get("scene"), body.get("page", "")
        if not isinstance(scene, str) or not SCENE.fullmatch(scene):
            raise Refusal(40169)
        if page:
            if not isinstance(page, str) or not PAGE.fullmatch(page):
                raise Refusal(41030)
            if body.get("check_path", True) is True:
                self.state.check_page(page)
        width = body.get("width", 430)
        if not isinstance(width, int) or not 280 <= width <= 1280:
            raise Refusal(40097, "invalid args: width")
        link = "https://mp.weixin.qq.com/a/?" + urlencode(
            {"appid": self.appid, "page": page, "scene": scene, "env": body.get("env_version", "release")}
        )
        return _image(link, width, transparent=body.get("is_hyaline") is True)

    def _media_check(self) -> Response:
        body = self._body()
        if body.get("version") != 2 or body.get("media_type") not in {1, 2}:
            raise Refusal(40097, "invalid args: version or media_type")
        if body.get("scene") not in {1, 2, 3, 4}:
            raise Refusal(40097, "invalid args: scene")
        url, openid = _text(body, "media_url"), _text(body, "openid")
        if not url.startswith(("http://", "https://")):
            raise Refusal(40066)
        check = self.state.add_media(openid, url, body["media_type"], body["scene"])
        if self.media_callback is not None:
            self.media_callback.deliver_later(check, self.appid, self.state.clock)
        return _ok(trace_id=check.trace_id)


def _ok(**fields: object) -> Response:
    return jsonify(errcode=0, errmsg="ok", **fields)


def _rid() -> str:
    return "-".join(secrets.token_hex(4) for _ in range(3))


def _refused(refusal: Refusal) -> Response:
    return jsonify(errcode=refusal.errcode, errmsg=f"{refusal.errmsg} rid: {_rid()}")


def _wrong_method(_: MethodNotAllowed) -> Response:
    return _refused(Refusal(43002 if request.method == "GET" else 43001))


def _json_body() -> dict[str, Any]:
    """WeChat reads the body as JSON whatever its Content-Type says."""
    raw = request.get_data()
    if not raw:
        raise Refusal(44002)
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(47001) from None
    if not isinstance(body, dict):
        raise Refusal(47001)
    return body


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(40029 if name == "code" else 40097, None if name == "code" else f"invalid args: {name}")
    return value


def _message_data(body: Mapping[str, Any]) -> dict[str, str]:
    """{key: {value: …}} → {key: value}."""
    data = body.get("data")
    if not isinstance(data, dict) or not data:
        raise Refusal(47003, f"{ERRMSG[47003]} data is emtpy")
    values: dict[str, str] = {}
    for key, holder in data.items():
        value = holder.get("value") if isinstance(holder, dict) else None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Refusal(47003, f"argument invalid! data.{key}.value invalid")
        values[key] = str(value)
    return values


def _image(link: str, width: int, *, transparent: bool) -> Response:
    """A square picture of ``width`` pixels: JPEG, or PNG with a clear ground when asked for (is_hyaline)."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=10, border=4)
    code.add_data(link)
    code.make(fit=True)
    picture = code.make_image().get_image().convert("L").resize((width, width), Image.Resampling.NEAREST)
    out = io.BytesIO()
    if transparent:
        black = Image.new("LA", picture.size, (0, 0))
        black.putalpha(picture.point(lambda shade: 255 - shade))
        black.save(out, "PNG")
        return Response(out.getvalue(), mimetype="image/png")
    picture.save(out, "JPEG", quality=90)
    return Response(out.getvalue(), mimetype="image/jpeg")
