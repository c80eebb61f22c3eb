# ruff: noqa: N818 - the children read as what happened: CodeRejected, QuotaExceeded
"""What can go wrong with an outside system, told by what the caller can do about it.

The texts hold the system's name and its code and nothing else: no names, numbers, tokens, addresses or URLs.
"""


class GatewayError(Exception):
    """An outside system did not do what it was asked.

    ``system`` is wechat or sms; ``code`` is its own error code, or for trouble on the way timeout,
    connection, http_502, bad_answer. ``retryable`` says whether the same request may succeed later without
    anybody's help.
    """

    retryable = False

    def __init__(self, system: str, code: str, *, retryable: bool | None = None) -> None:
        super().__init__(system, code)
        self.system = system
        self.code = code
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        return f"{self.system}: {type(self).__name__} ({self.code})"


class GatewayUnavailable(GatewayError):
    """Not reached, busy, or an answer that cannot be read. Whether the request took effect is unknown."""

    retryable = True


class GatewayMisconfigured(GatewayError):
    """Our credentials, permissions or account are refused; somebody has to change the settings."""


class RequestRejected(GatewayError):
    """The system finds the request wrong in a way that has no class of its own."""


class CodeRejected(GatewayError):
    """A js_code or phone code is unknown, too old or used; the phone must fetch a new one."""


class HighRiskUser(GatewayError):
    """WeChat blocks this user from signing in because of a high risk grade."""


class QuotaExceeded(GatewayError):
    """Too many requests or messages. Retryable when the limit is of a minute, an hour or a number's day."""

    retryable = True


class SubscriptionRefused(GatewayError):
    """The person does not want these messages, or never allowed them."""


class TemplateRejected(GatewayError):
    """A message does not fit its template, or there is none. ``field`` names the value, if known."""

    def __init__(self, system: str, code: str, *, field: str | None = None) -> None:
        super().__init__(system, code)
        self.field = field


class NumberRejected(GatewayError):
    """The phone number is wrong, or its owner does not take messages."""
