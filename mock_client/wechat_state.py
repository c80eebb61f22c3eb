"""What the stand-in WeChat remembers, in memory and behind one lock: codes, tokens, face checks, messages."""

import itertools
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mock_client.standin_http import ServerClock
from mock_client.wechat_rules import CERT_NO, OPENID, OUT_SEQ_NO, Refusal, cert_hash, check_data, render

CODE_SECONDS = 300
"""A js_code and a phone code live five minutes (wx.login, getPhoneNumber)."""
TOKEN_SECONDS = 7200
RENEW_BEFORE_SECONDS = 300
"""In its last five minutes a stable token is replaced by a new one, and both are good until its end."""
FORCED_EVERY_SECONDS = 30
FORCED_PER_DAY = 20
VERIFY_SECONDS = 3600

Kind = Literal["js", "phone"]

_DEMO_CODES: Mapping[Kind, re.Pattern[str]] = {
    "js": re.compile(r"demo\.([0-9A-Za-z_-]{1,64})\.[0-9A-Za-z_-]{1,64}"),
    "phone": re.compile(r"phone\.(1\d{10})\.[0-9A-Za-z_-]{1,64}"),
}


@dataclass
class Token:
    value: str
    ends_at: float


@dataclass
class FaceSession:
    """One verify_id. ``verify_ret`` is what the phone did; after ``queries_left`` more queries it becomes
    ``then``."""

    out_seq_no: str
    openid: str
    cert_hash: str
    ends_at: float
    verify_ret: int = 10300
    then: int | None = None
    queries_left: int = 0


@dataclass
class Message:
    """A subscribe message as the person sees it."""

    msgid: int
    openid: str
    template_id: str
    page: str | None
    data: Mapping[str, str]
    text: str
    miniprogram_state: str
    lang: str
    sent_at: float


@dataclass
class MediaCheck:
    trace_id: str
    openid: str
    media_url: str
    media_type: int
    scene: int
    suggest: str
    label: int
    delivered: bool = False


@dataclass
class _Codes:
    issued: dict[str, tuple[str, float]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


class WeChatState:
    """All methods are safe to call from several threads. Errors are `Refusal`, as WeChat words them."""

    def __init__(self, templates: Mapping[str, str | None], pages: frozenset[str]) -> None:
        self.clock = ServerClock()
        self._lock = threading.RLock()
        self._first_templates = dict(templates)
        self._first_pages = pages
        self.reset()

    def reset(self) -> None:
        """Forget everything but the templates and pages that the server was started with."""
        with self._lock:
            self.clock.reset()
            self._codes: dict[Kind, _Codes] = {"js": _Codes(), "phone": _Codes()}
            self._unionids: dict[str, str] = {}
            self._tokens: list[Token] = []
            self._expired_tokens: set[str] = set()
            self._forced_at: list[float] = []
            self._faces: dict[str, FaceSession] = {}
            self._seq_nos: set[str] = set()
            self._refused: set[tuple[str, str]] = set()
            self._messages: list[Message] = []
            self._msgids = itertools.count(1)
            self._media: list[MediaCheck] = []
            self._verdicts: dict[str | None, tuple[str, int]] = {}
            self.templates = dict(self._first_templates)
            self.pages = self._first_pages

    # Codes of wx.login and of the phone-number button

    def issue_code(self, kind: Kind, subject: str, unionid: str | None = None) -> str:
        code = secrets.token_hex(16)
        with self._lock:
            self._codes[kind].issued[code] = (subject, self.clock.now() + CODE_SECONDS)
            if unionid is not None:
                self._unionids[subject] = unionid
        return code

    def subject_of(self, kind: Kind, code: str) -> str | None:
        """Whose code it is, without using it up: an openid, or "86 13800001111"."""
        demo = _DEMO_CODES[kind].fullmatch(code)
        if demo:
            return demo[1] if kind == "js" else f"86 {demo[1]}"
        with self._lock:
            subject, _ = self._codes[kind].issued.get(code, (None, 0.0))
        return subject

    def redeem(self, kind: Kind, code: str) -> str:
        """The openid, or country code and number, behind a code; each code once: 40163 or 40029 after."""
        with self._lock:
            codes = self._codes[kind]
            if code in codes.used:
                raise Refusal(40163 if kind == "js" else 40029)
            subject = self.subject_of(kind, code)
            _, ends_at = codes.issued.pop(code, ("", float("inf")))
            if subject is None or self.clock.now() >= ends_at:
                raise Refusal(40029)
            codes.used.add(code)
            return subject

    def unionid(self, openid: str) -> str | None:
        with self._lock:
            return self._unionids.get(openid)

    # Access tokens

    def stable_token(self, *, force: bool) -> tuple[str, int]:
        """(token, seconds left). Forcing kills the token before; at most every 30 s, 20 times a day."""
        now = self.clock.now()
        with self._lock:
            self._expired_tokens.update(token.value for token in self._tokens if token.ends_at <= now)
            self._tokens = [token for token in self._tokens if token.ends_at > now]
            current = self._tokens[-1] if self._tokens else None
            if force and current:
                self._forced_at = [moment for moment in self._forced_at if now - moment < 86_400]
                if not self._forced_at or now - self._forced_at[-1] >= FORCED_EVERY_SECONDS:
                    if len(self._forced_at) >= FORCED_PER_DAY:
                        raise Refusal(45009)
                    self._forced_at.append(now)
                    self._tokens.clear()
                    current = None
            if current is None or current.ends_at - now <= RENEW_BEFORE_SECONDS:
                current = Token(f"88_{secrets.token_urlsafe(96)}", now + TOKEN_SECONDS)
                self._tokens.append(current)
            return current.value, int(current.ends_at - now)

    def expire_tokens(self) -> None:
        """End all tokens now, as if their two hours were over."""
        with self._lock:
            self._expired_tokens.update(token.value for token in self._tokens)
            self._tokens.clear()

    def check_token(self, value: str) -> None:
        if not value:
            raise Refusal(41001)
        now = self.clock.now()
        with self._lock:
            for token in self._tokens:
                if token.value == value:
                    if token.ends_at > now:
                        return
                    raise Refusal(42001)
            raise Refusal(42001 if value in self._expired_tokens else 40001)

    # Face verification

    def start_face(self, out_seq_no: str, cert: Mapping[str, str], openid: str) -> tuple[str, int]:
        """(verify_id, seconds). cert has cert_type, cert_name, cert_no."""
        if not OUT_SEQ_NO.fullmatch(out_seq_no):
            raise Refusal(40097, "invalid args: out_seq_no")
        if cert["cert_type"] != "IDENTITY_CARD":
            raise Refusal(40097, "invalid args: cert_type")
        if not cert["cert_name"] or not CERT_NO.fullmatch(cert["cert_no"]):
            raise Refusal(40097, "invalid args: cert_info")
        if not OPENID.fullmatch(openid):
            raise Refusal(40003)
        with self._lock:
            if out_seq_no in self._seq_nos:
                raise Refusal(40097, "invalid args: out_seq_no is used")
            self._seq_nos.add(out_seq_no)
            verify_id = secrets.token_urlsafe(48)
            self._faces[verify_id] = FaceSession(
                out_seq_no, openid, cert_hash(**cert), self.clock.now() + VERIFY_SECONDS
            )
        return verify_id, VERIFY_SECONDS

    def finish_face(self, verify_id: str, verify_ret: int, then: int | None, queries: int) -> bool:
        """What wx.requestFacialVerify leaves behind; False when the verify_id is unknown or too old."""
        with self._lock:
            face = self._faces.get(verify_id)
            if face is None or self.clock.now() >= face.ends_at:
                return False
            face.verify_ret, face.then, face.queries_left = verify_ret, then, queries
            return True

    def face_result(self, verify_id: str, out_seq_no: str, cert_digest: str, openid: str) -> int:
        """verify_ret. A person or serial number other than at the start is an errcode, not a result."""
        with self._lock:
            face = self._faces.get(verify_id)
            if face is None:
                raise Refusal(84001)
            if face.openid != openid:
                raise Refusal(40003)
            if face.out_seq_no != out_seq_no:
                raise Refusal(40097, "invalid args: out_seq_no")
            if face.cert_hash != cert_digest:
                raise Refusal(40097, "invalid args: cert_hash")
            if face.then is not None:
                if face.queries_left == 0:
                    face.verify_ret, face.then = face.then, None
                else:
                    face.queries_left -= 1
            return face.verify_ret

    # Subscribe messages

    def subscribe(self, openid: str, template_id: str, *, accept: bool) -> None:
        """A long-term subscription, as WeChat grants to public services: a yes holds until taken back."""
        with self._lock:
            if accept:
                self._refused.discard((openid, template_id))
            else:
                self._refused.add((openid, template_id))

    def check_page(self, page: str) -> None:
        """A page must be in the published mini-program; with no list of pages any well-formed path is."""
        with self._lock:
            if self.pages and page not in self.pages:
                raise Refusal(41030)

    def add_message(
        self, openid: str, template_id: str, page: str | None, data: Mapping[str, str], state: str, lang: str
    ) -> int:
        """The msgid. With no registered templates any template_id is taken; else an unknown one is 40037."""
        with self._lock:
            if self.templates and template_id not in self.templates:
                raise Refusal(40037)
            if (openid, template_id) in self._refused:
                raise Refusal(43101)
            content = self.templates.get(template_id)
            check_data(data, content)
            message = Message(
                msgid=next(self._msgids),
                openid=openid,
                template_id=template_id,
                page=page,
                data=dict(data),
                text=render(content, data),
                miniprogram_state=state,
                lang=lang,
                sent_at=self.clock.now(),
            )
            self._messages.append(message)
            return message.msgid

    def messages(self, openid: str | None) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(message) for message in self._messages if openid in {None, message.openid}]

    # Media checks

    def set_verdict(self, openid: str | None, suggest: str, label: int) -> None:
        """What the checks to come say, for one person or for all."""
        with self._lock:
            self._verdicts[openid] = (suggest, label)

    def add_media(self, openid: str, media_url: str, media_type: int, scene: int) -> MediaCheck:
        with self._lock:
            suggest, label = self._verdicts.get(openid) or self._verdicts.get(None) or ("pass", 100)
            trace_id = "-".join(secrets.token_hex(4) for _ in range(3))
            check = MediaCheck(trace_id, openid, media_url, media_type, scene, suggest, label)
            self._media.append(check)
            return check

    def media_checks(self, openid: str | None) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(check) for check in self._media if openid in {None, check.openid}]
