"""Errors for people: every refusal has a stable code, a sentence in two languages, and says what to do next.

A module declares its refusals once with ``define`` and raises them by calling the declaration:

    NOT_FOUND = define("not_found", 404, "没有找到…", "… was not found …")
    raise NOT_FOUND()

The catalogue of all of them is written to docs/errors.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kit.text import Text

FieldErrors = Mapping[str, Sequence[str]]


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it a problem, and so does the answer
    """A refusal on its way to the edge, where it rolls back the transaction and becomes a problem document."""

    def __init__(
        self,
        kind: "ErrorKind",
        detail: Text,
        *,
        errors: FieldErrors | None = None,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.detail = detail
        self.errors = dict(errors or {})
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class ErrorKind:
    """One kind of refusal: its code, HTTP status, and its sentence (with ``{named}`` places)."""

    code: str
    status: int
    detail: Text

    def __call__(
        self,
        *,
        errors: FieldErrors | None = None,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> Problem:
        return Problem(self, self.detail.format(**values), errors=errors, extra=extra, headers=headers)


CATALOGUE: dict[str, ErrorKind] = {}


def define(code: str, status: int, zh: str, en: str) -> ErrorKind:
    """Declare a kind of refusal. A code is declared once in the whole program."""
    if code in CATALOGUE:
        raise ValueError(f"error code {code} is declared twice")
    kind = ErrorKind(code, status, Text(zh, en))
    CATALOGUE[code] = kind
    return kind


MALFORMED = define(
    "malformed_request",
    400,
    "请求内容读不懂，请更新小程序后重试。",
    "The request cannot be read. Update the app and try again.",
)
INVALID = define(
    "invalid_input",
    422,
    "填写的内容有 {count} 处需要修改，请按提示逐项更正后再提交。",
    "{count} entries need a correction. Please mend each as shown and send again.",
)
NOT_SIGNED_IN = define(
    "not_signed_in", 401, "您还没有登录，请先登录再办理。", "You are not signed in. Please sign in first."
)
NOT_ALLOWED = define(
    "role_not_allowed",
    403,
    "您的身份不能办理这项操作。如有疑问，请联系当地医保经办窗口。",
    "Your role does not allow this. Please ask the local insurance desk.",
)
NOT_FOUND = define(
    "not_found",
    404,
    "没有找到您要的内容，请返回后重新选择。",
    "What you asked for was not found. Go back and choose again.",
)
METHOD_NOT_ALLOWED = define(
    "method_not_allowed", 405, "这个地址不支持这种操作。", "This address does not support this method."
)
NOT_ACCEPTABLE = define(
    "not_acceptable", 406, "无法按要求的格式回答。", "The requested format cannot be given."
)
TOO_LARGE = define(
    "too_large",
    413,
    "发送的内容太大，最多 {limit_mb} MB。请换一张小一些的照片。",
    "What you sent is too large; at most {limit_mb} MB. Please use a smaller photograph.",
)
BODY_TOO_LARGE = define(
    "body_too_large",
    413,
    "提交的内容太多，最多 {limit_kb} KB。请删减一些再提交。",
    "What you entered is too long; at most {limit_kb} KB. Please shorten it and send again.",
)
WRONG_CONTENT_TYPE = define(
    "wrong_content_type",
    415,
    "请求格式不对，应为 {expected}。请更新小程序后重试。",
    "The content type is wrong; {expected} is expected. Update the app and try again.",
)
TOO_MANY_REQUESTS = define(
    "too_many_requests",
    429,
    "操作太频繁，请 {seconds} 秒后再试。",
    "Too many requests. Please try again in {seconds} seconds.",
)
STALE_VERSION = define(
    "stale_version",
    409,
    "内容刚刚被更新过，请刷新后再操作。",
    "This was changed a moment ago. Refresh and try again.",
)
INTERNAL = define(
    "internal_error",
    500,
    "系统出了问题，您提交的内容没有生效。请稍后重试，或拨打 12393 咨询。",
    "Something went wrong on our side and nothing was saved. Try again later or call 12393.",
)
BUSY = define(
    "busy",
    503,
    "现在办理的人太多，请稍等几秒再试。",
    "The system is busy. Please try again in a few seconds.",
)
UNAVAILABLE = define(
    "temporarily_unavailable",
    503,
    "系统暂时不可用，请稍后再试。",
    "The service is temporarily unavailable. Please try again later.",
)


def invalid(errors: FieldErrors) -> Problem:
    """All problems of an input at once: field → messages."""
    return INVALID(errors=errors, count=sum(len(messages) for messages in errors.values()))
