"""WeChat's server API for mini-programs: sign-in, phone number, face check, subscribe messages, codes, media.

Paths, parameters and errcodes are WeChat's (domain.md §5 and its public documentation). The same class speaks
to api.weixin.qq.com and to the stand-in server.
"""

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.gateways.errors import (
    CodeRejected,
    GatewayError,
    GatewayMisconfigured,
    GatewayUnavailable,
    HighRiskUser,
    QuotaExceeded,
    RequestRejected,
    SubscriptionRefused,
    TemplateRejected,
)
from app.gateways.transport import Transport
from app.kit import clock

SYSTEM = "wechat"

BUSY = -1
STALE_TOKEN = frozenset({40001, 40014, 42001})

_MEANING: Mapping[int, type[GatewayError]] = {
    BUSY: GatewayUnavailable,
    40001: GatewayMisconfigured,
    40013: GatewayMisconfigured,
    40014: GatewayMisconfigured,
    40029: CodeRejected,
    40125: GatewayMisconfigured,
    40163: CodeRejected,
    40164: GatewayMisconfigured,  # our address is not on the white list
    40226: HighRiskUser,
    42001: GatewayMisconfigured,
    43101: SubscriptionRefused,
    45009: QuotaExceeded,
    45011: QuotaExceeded,
    48001: GatewayMisconfigured,
    48004: GatewayMisconfigured,  # the interface is forbidden to us
}
_DAILY_QUOTA = 45009
_TEMPLATE_CODES = frozenset({40037, 47003})
_TEMPLATE_FIELD = re.compile(r"data\.(\w{1,40})")

_RENEW_BEFORE = timedelta(minutes=4)
"""WeChat hands out the next stable token from five minutes before the end, while the old one still works."""


class FaceOutcome(StrEnum):
    """What became of a face check."""

    PASSED = "passed"
    RUNNING = "running"
    """WeChat is still comparing: ask again in a moment."""
    NOT_FINISHED = "not_finished"
    """The person has not (or not yet) been before the camera."""
    MISMATCH = "mismatch"
    """Name and ID number do not belong together."""
    FAILED = "failed"
    """Another face, given up, no camera, time over…: the person may try again with a new check."""


_OUTCOMES: Mapping[int, FaceOutcome] = {
    10000: FaceOutcome.PASSED,
    10003: FaceOutcome.MISMATCH,
    10005: FaceOutcome.RUNNING,
    10300: FaceOutcome.NOT_FINISHED,
}


class AppVersion(StrEnum):
    """Which version of the mini-program messages and codes open."""

    FORMAL = "formal"
    TRIAL = "trial"
    DEVELOPER = "developer"


_CODE_VERSIONS: Mapping[AppVersion, str] = {
    AppVersion.FORMAL: "release",
    AppVersion.TRIAL: "trial",
    AppVersion.DEVELOPER: "develop",
}


class MediaType(StrEnum):
    AUDIO = "1"
    IMAGE = "2"


@dataclass(frozen=True)
class WeChatSession:
    """Who signed in. openid is the person in this mini-program, unionid across a vendor's apps."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)


@dataclass(frozen=True)
class FaceCheck:
    """The phone passes verify_id to wx.requestFacialVerify within ``expires_in`` seconds."""

    verify_id: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    renew_at: datetime


@dataclass(frozen=True)
class _Answer:
    errcode: int
    fields: Mapping[str, object] = field(repr=False)
    image: bytes | None = field(default=None, repr=False)


class WeChat:
    """One mini-program. Share one object between threads: it holds the connections and the access token.

    Every method raises a GatewayError: GatewayUnavailable when WeChat is not reached or twice busy,
    GatewayMisconfigured when our credentials are refused, QuotaExceeded at its limits, RequestRejected for
    what has no class of its own; the methods name what else they raise.
    """

    def __init__(
        self,
        base_url: str,
        appid: str,
        secret: str,
        *,
        version: AppVersion = AppVersion.FORMAL,
        connect_timeout_s: float = 2.0,
        read_timeout_s: float = 5.0,
        busy_pause_s: float = 0.2,
        proxy: str | None = None,
    ) -> None:
        self._transport = Transport(
            SYSTEM, base_url, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s, proxy=proxy
        )
        self._appid = appid
        self._secret = secret
        self._version = version
        self._busy_pause_s = busy_pause_s
        self._token_lock = threading.Lock()
        self._token: _Token | None = None

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    def check(self) -> None:
        """Raise unless WeChat answers and accepts our credentials."""
        self._access_token()

    def code_to_session(self, js_code: str) -> WeChatSession:
        """Who is behind a code of wx.login. Raises CodeRejected, HighRiskUser."""
        query = {
            "appid": self._appid,
            "secret": self._secret,
            "js_code": js_code,
            "grant_type": "authorization_code",
        }
        answer = self._checked(self._exchange("GET", "/sns/jscode2session", query, None))
        unionid = answer.fields.get("unionid")
        return WeChatSession(
            openid=_text(answer, "openid"),
            unionid=unionid if isinstance(unionid, str) and unionid else None,
            session_key=_text(answer, "session_key"),
        )

    def phone_number(self, code: str) -> str:
        """The number behind a code of the phone-number button: 13800001111, abroad +85261234567.

        Raises CodeRejected.
        """
        info = self._post("/wxa/business/getuserphonenumber", {"code": code}).fields.get("phone_info")
        if not isinstance(info, dict):
            raise GatewayUnavailable(SYSTEM, "bad_answer")
        number, country = str(info.get("purePhoneNumber", "")), str(info.get("countryCode", ""))
        if not number:
            raise GatewayUnavailable(SYSTEM, "bad_answer")
        return number if country == "86" else f"+{country}{number}"

    def start_face_check(self, out_seq_no: str, name: str, id_no: str, openid: str) -> FaceCheck:
        """Begin a face check against name and ID number.

        out_seq_no: our own number of the check, unique, 5 to 32 of letters, digits, _ and -.
        """
        cert_info = {"cert_type": "IDENTITY_CARD", "cert_name": name, "cert_no": id_no}
        answer = self._post(
            "/cityservice/face/identify/getverifyid",
            {"out_seq_no": out_seq_no, "cert_info": cert_info, "openid": openid},
        )
        return FaceCheck(_text(answer, "verify_id"), _number(answer, "expires_in"))

    def face_result(self, verify_id: str, out_seq_no: str, name: str, id_no: str, openid: str) -> FaceOutcome:
        """The outcome of a check; passed only if errcode is 0 and verify_ret is 10000.

        All arguments must be those of the start. If one is not, WeChat answers with an errcode, which is
        RequestRejected here and never an outcome.
        """
        payload = {
            "verify_id": verify_id,
            "out_seq_no": out_seq_no,
            "cert_hash": cert_hash(name, id_no),
            "openid": openid,
        }
        answer = self._post("/cityservice/face/identify/queryverifyinfo", payload)
        return _OUTCOMES.get(_number(answer, "verify_ret"), FaceOutcome.FAILED)

    def send_subscribe_message(
        self, openid: str, template_id: str, page: str | None, data: Mapping[str, str], *, lang: str = "zh_CN"
    ) -> None:
        """Send a subscribe message. data: the template's parameter (thing1, date2…) → its value.

        page: a page of the mini-program, with a query if wanted. Raises SubscriptionRefused when the person
        does not want it and TemplateRejected, with the parameter's name, when a value does not fit.
        """
        payload: dict[str, object] = {
            "touser": openid,
            "template_id": template_id,
            "data": {key: {"value": value} for key, value in data.items()},
            "miniprogram_state": self._version.value,
            "lang": lang,
        }
        if page:
            payload["page"] = page
        self._post("/cgi-bin/message/subscribe/send", payload)

    def mini_program_code(self, scene: str, page: str, width: int = 430) -> bytes:
        """A code that opens ``page``, as JPEG or PNG of ``width`` (280 to 1280) pixels.

        scene: at most 32 of digits, letters and ``!#$&'()*+,/:;=?@-._~``. Never personal data: anybody can
        read the code.
        """
        payload = {
            "scene": scene,
            "page": page,
            "width": width,
            "env_version": _CODE_VERSIONS[self._version],
            "check_path": self._version is AppVersion.FORMAL,
        }
        image = self._post("/wxa/getwxacodeunlimit", payload).image
        if image is None:
            raise GatewayUnavailable(SYSTEM, "bad_answer")
        return image

    def check_media(
        self, openid: str, media_url: str, *, media_type: MediaType = MediaType.IMAGE, scene: int = 1
    ) -> str:
        """Have a picture or sound checked; the trace_id, to which the event wxa_media_check answers later.

        media_url: where WeChat can load it. scene: 1 profile, 2 comment, 3 forum, 4 social log.
        """
        payload = {
            "media_url": media_url,
            "media_type": int(media_type),
            "version": 2,
            "scene": scene,
            "openid": openid,
        }
        return _text(self._post("/wxa/media_check_async", payload), "trace_id")

    def _post(self, path: str, payload: Mapping[str, object]) -> _Answer:
        """A call with the access token; once more with another one when WeChat refuses it."""
        token = self._access_token()
        answer = self._exchange("POST", path, {"access_token": token}, payload)
        if answer.errcode in STALE_TOKEN:
            token = self._access_token(refused=token)
            answer = self._exchange("POST", path, {"access_token": token}, payload)
        return self._checked(answer)

    def _access_token(self, refused: str | None = None) -> str:
        """The cached token, or a new one near its end or when it is the refused one.

        Another process may have renewed it already, so the plain call comes first; only if that still gives
        the refused token is a new one forced, which WeChat allows 20 times a day.
        """
        with self._token_lock:
            token = self._token
            # Real time: WeChat's clock does not follow a shifted demo clock.
            if token is None or token.value == refused or clock.real_now() >= token.renew_at:
                token = self._fetch_token(force=False)
                if token.value == refused:
                    token = self._fetch_token(force=True)
                self._token = token
            return token.value

    def _fetch_token(self, *, force: bool) -> _Token:
        payload = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": force,
        }
        asked_at = clock.real_now()
        answer = self._checked(self._exchange("POST", "/cgi-bin/stable_token", {}, payload))
        lifetime = timedelta(seconds=_number(answer, "expires_in"))
        return _Token(_text(answer, "access_token"), asked_at + lifetime - _RENEW_BEFORE)

    def _exchange(
        self, method: str, path: str, query: Mapping[str, str], payload: Mapping[str, object] | None
    ) -> _Answer:
        """One request, and after a short pause a second one when WeChat says that it is busy."""
        answer = self._send(method, path, query, payload)
        if answer.errcode == BUSY:
            time.sleep(self._busy_pause_s)
            answer = self._send(method, path, query, payload)
        return answer

    def _send(
        self, method: str, path: str, query: Mapping[str, str], payload: Mapping[str, object] | None
    ) -> _Answer:
        # WeChat shows some texts with their \u escapes, so Chinese is sent as it is.
        body = None if payload is None else json.dumps(payload, ensure_ascii=False).encode()
        headers = {} if body is None else {"Content-Type": "application/json; charset=utf-8"}
        reply = self._transport.send(method, path, query=query, body=body, headers=headers)
        if reply.content_type.startswith("image/"):
            return _Answer(0, {}, reply.body)
        fields = self._transport.read_json(reply)
        errcode = fields.get("errcode", 0)
        if isinstance(errcode, bool) or not isinstance(errcode, int):
            raise GatewayUnavailable(SYSTEM, "bad_answer")
        return _Answer(errcode, fields)

    @staticmethod
    def _checked(answer: _Answer) -> _Answer:
        code = answer.errcode
        if code == 0:
            return answer
        if code in _TEMPLATE_CODES:
            named = _TEMPLATE_FIELD.search(str(answer.fields.get("errmsg", "")))
            raise TemplateRejected(SYSTEM, str(code), field=named[1] if named else None)
        kind = _MEANING.get(code, RequestRejected)
        if code == _DAILY_QUOTA:
            raise kind(SYSTEM, str(code), retryable=False)
        raise kind(SYSTEM, str(code))


def cert_hash(name: str, id_no: str) -> str:
    """Lower-case hex SHA-256 of ``cert_type=B64&cert_name=B64&cert_no=B64`` [code]."""
    parts = {"cert_type": "IDENTITY_CARD", "cert_name": name, "cert_no": id_no}
    text = "&".join(f"{key}={base64.b64encode(value.encode()).decode()}" for key, value in parts.items())
    return hashlib.sha256(text.encode()).hexdigest()


def _text(answer: _Answer, name: str) -> str:
    value = answer.fields.get(name)
    if not isinstance(value, str) or not value:
        raise GatewayUnavailable(SYSTEM, "bad_answer")
    return value


def _number(answer: _Answer, name: str) -> int:
    value = answer.fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise GatewayUnavailable(SYSTEM, "bad_answer")
    return value
