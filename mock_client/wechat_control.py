"""``/_standin/`` of the stand-in WeChat: what the phone, the person and QA do outside of our own server.

- ``POST js-code {openid, unionid?}`` → ``{js_code}``: wx.login
- ``POST phone-code {phone, country_code?="86"}`` → ``{code}``: the phone-number button
- ``POST facial-verify {verify_id, verify_ret?=10000, then?, after?=1}``: wx.requestFacialVerify. Until it is
  called a query answers 10300. With ``then``, ``after`` queries answer ``verify_ret`` (10005: running) and
  those that follow ``then``.
- ``POST subscriptions {openid, template_id, accept}``; ``GET messages?openid=``
- ``POST fail-next {path, errcode?, times?=1, only_openid?, delay_ms?, drop?, http_status?}`` (``path`` may be
  ``*``, ``times`` null until cleared), ``GET fail-next``, ``DELETE fail-next``
- ``POST templates {template_id, content?}``, ``POST pages {page}``
- ``POST media-verdict {suggest, label?, openid?}`` for checks to come; ``GET media-checks?openid=``
- ``POST expire-tokens {}``, ``POST advance {seconds}``, ``POST reset``, ``GET health``
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from typing import Any

import requests
from flask import Blueprint, jsonify, request

from mock_client.standin_http import CONTROL, Faults, Fields, ServerClock, read_fault, refuse
from mock_client.wechat_rules import OPENID, VERIFY_RET
from mock_client.wechat_state import MediaCheck, WeChatState

_SUGGESTIONS = {"pass": 100, "review": 21000, "risky": 20002}
"""suggest → the label that WeChat gives with it most often (100 normal, 20002 pornographic, 21000 other)."""


@dataclass(frozen=True)
class MediaCallback:
    """Where events go, and the token of the message settings (消息推送) that signs them."""

    url: str
    token: str

    def deliver_later(self, check: MediaCheck, appid: str, clock: ServerClock) -> None:
        threading.Thread(target=self._deliver, args=(check, appid, clock), daemon=True).start()

    def _deliver(self, check: MediaCheck, appid: str, clock: ServerClock) -> None:
        """WeChat gives the receiver five seconds and tries three times."""
        event = media_event(check, appid, int(clock.now()))
        for _ in range(3):
            stamp, nonce = str(int(clock.now())), secrets.token_hex(5)
            joined = "".join(sorted((self.token, stamp, nonce)))
            # The protocol of WeChat's message push asks for SHA-1.
            signature = hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()
            query = {"signature": signature, "timestamp": stamp, "nonce": nonce, "openid": check.openid}
            try:
                answer = requests.post(self.url, params=query, json=event, timeout=5)
            except requests.RequestException:
                continue
            if answer.status_code == 200 and answer.text in {"", "success"}:
                check.delivered = True
                return


def media_event(check: MediaCheck, appid: str, now_s: int) -> dict[str, Any]:
    """The event wxa_media_check, version 2, in JSON."""
    verdict = {"suggest": check.suggest, "label": check.label}
    return {
        "ToUserName": "gh_standin",
        "FromUserName": check.openid,
        "CreateTime": now_s,
        "MsgType": "event",
        "Event": "wxa_media_check",
        "appid": appid,
        "trace_id": check.trace_id,
        "version": 2,
        "detail": [{"strategy": "content_model", "errcode": 0, "prob": 90, **verdict}],
        "errcode": 0,
        "errmsg": "ok",
        "result": verdict,
    }


def control_surface(
    state: WeChatState, faults: Faults, appid: str, media_callback: MediaCallback | None
) -> Blueprint:
    """The blueprint with everything under ``/_standin``."""
    control = Blueprint("control", __name__, url_prefix=CONTROL)
    _phone_routes(control, state)
    _message_routes(control, state)
    _trouble_routes(control, state, faults)
    _media_routes(control, state, appid, media_callback)
    return control


def _phone_routes(control: Blueprint, state: WeChatState) -> None:
    @control.post("/js-code")
    def js_code() -> Any:
        fields = Fields()
        openid, unionid = fields.text("openid"), fields.text_or_none("unionid")
        fields.close()
        if not OPENID.fullmatch(openid):
            refuse("openid must be 1 to 64 letters, digits, _ or -")
        return jsonify(js_code=state.issue_code("js", openid, unionid))

    @control.post("/phone-code")
    def phone_code() -> Any:
        fields = Fields()
        phone, country = fields.text("phone"), fields.text_or_none("country_code") or "86"
        fields.close()
        if not phone.isdecimal() or not country.isdecimal():
            refuse("phone and country_code must be digits")
        return jsonify(code=state.issue_code("phone", f"{country} {phone}"))

    @control.post("/facial-verify")
    def facial_verify() -> Any:
        fields = Fields()
        verify_id, verify_ret = fields.text("verify_id"), fields.integer("verify_ret", 10000)
        then, after = fields.integer_or_none("then"), fields.integer("after", 1)
        fields.close()
        if verify_ret not in VERIFY_RET or (then is not None and then not in VERIFY_RET):
            refuse(f"verify_ret and then must be one of {sorted(VERIFY_RET)}")
        if not state.finish_face(verify_id, verify_ret, then, after):
            refuse("verify_id is unknown or older than an hour", 404)
        return jsonify(verify_ret=verify_ret, meaning=VERIFY_RET[verify_ret])


def _message_routes(control: Blueprint, state: WeChatState) -> None:
    @control.post("/subscriptions")
    def subscriptions() -> Any:
        fields = Fields()
        openid, template_id = fields.text("openid"), fields.text("template_id")
        accept = fields.boolean("accept", default=True)
        fields.close()
        state.subscribe(openid, template_id, accept=accept)
        return jsonify(openid=openid, template_id=template_id, accept=accept)

    @control.get("/messages")
    def messages() -> Any:
        return jsonify(messages=state.messages(request.args.get("openid")))

    @control.post("/templates")
    def templates() -> Any:
        fields = Fields()
        template_id, content = fields.text("template_id"), fields.text_or_none("content")
        fields.close()
        state.templates[template_id] = content
        return jsonify(templates=sorted(state.templates))

    @control.post("/pages")
    def pages() -> Any:
        fields = Fields()
        state.pages |= {fields.text("page")}
        fields.close()
        return jsonify(pages=sorted(state.pages))


def _trouble_routes(control: Blueprint, state: WeChatState, faults: Faults) -> None:
    @control.post("/fail-next")
    def fail_next() -> Any:
        faults.add(read_fault(Fields(), code_name="errcode", only_name="only_openid"))
        return jsonify(waiting=faults.waiting())

    @control.get("/fail-next")
    def waiting() -> Any:
        return jsonify(waiting=faults.waiting())

    @control.delete("/fail-next")
    def clear() -> Any:
        faults.clear()
        return jsonify(waiting=[])

    @control.post("/expire-tokens")
    def expire_tokens() -> Any:
        state.expire_tokens()
        return jsonify(status="ok")

    @control.post("/advance")
    def advance() -> Any:
        fields = Fields()
        state.clock.advance(fields.integer("seconds", 0))
        fields.close()
        return jsonify(now=state.clock.now())

    @control.post("/reset")
    def reset() -> Any:
        faults.clear()
        state.reset()
        return jsonify(status="ok")

    @control.get("/health")
    def health() -> Any:
        return jsonify(status="ok", service="wechat", messages=len(state.messages(None)))


def _media_routes(
    control: Blueprint, state: WeChatState, appid: str, media_callback: MediaCallback | None
) -> None:
    @control.post("/media-verdict")
    def media_verdict() -> Any:
        fields = Fields()
        suggest, openid = fields.text("suggest"), fields.text_or_none("openid")
        if suggest not in _SUGGESTIONS:
            refuse(f"suggest must be one of {sorted(_SUGGESTIONS)}")
        label = fields.integer("label", _SUGGESTIONS[suggest])
        fields.close()
        state.set_verdict(openid, suggest, label)
        return jsonify(suggest=suggest, label=label)

    @control.get("/media-checks")
    def media_checks() -> Any:
        checks = state.media_checks(request.args.get("openid"))
        return jsonify(appid=appid, callback=media_callback is not None, checks=checks)
