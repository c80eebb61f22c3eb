"""WeChat's refusals in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from app.gateways.errors import (
    CodeRejected,
    GatewayError,
    GatewayMisconfigured,
    GatewayUnavailable,
    HighRiskUser,
    QuotaExceeded,
)
from app.identity.errors import WECHAT_CODE_REJECTED, WECHAT_HIGH_RISK_USER, WECHAT_UNAVAILABLE
from app.kit.errors import Problem

RETRY_AFTER_SECONDS = 5
QUOTA_RETRY_SECONDS = 60
_log = structlog.get_logger("app.identity")


@contextmanager
def asking_wechat(code_field: str | None = None) -> Iterator[None]:
    """Turn a GatewayError inside the block into a problem. code_field: the request's field with the code."""
    try:
        yield
    except GatewayError as error:
        raise _problem(error, code_field) from None


def _problem(error: GatewayError, code_field: str | None) -> Problem:
    if isinstance(error, CodeRejected) and code_field is not None:
        return WECHAT_CODE_REJECTED(errors={code_field: [WECHAT_CODE_REJECTED.detail]})
    if isinstance(error, HighRiskUser):
        return WECHAT_HIGH_RISK_USER()
    if isinstance(error, GatewayUnavailable):
        _log.warning("wechat_unavailable", code=error.code)
        return _unavailable(RETRY_AFTER_SECONDS)
    if isinstance(error, QuotaExceeded):
        _log.error("wechat_quota_exceeded", code=error.code)
        return _unavailable(QUOTA_RETRY_SECONDS)
    # Nobody but the operator can mend these.
    event = "wechat_misconfigured" if isinstance(error, GatewayMisconfigured) else "wechat_rejected_request"
    _log.error(event, code=error.code)
    return _unavailable(QUOTA_RETRY_SECONDS)


def _unavailable(seconds: int) -> Problem:
    return WECHAT_UNAVAILABLE(headers={"Retry-After": str(seconds)})
