"""Tencent Cloud SMS: SendSms of 2021-01-11, signed with TC3-HMAC-SHA256 (签名方法 v3)."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from app.gateways.errors import (
    GatewayError,
    GatewayMisconfigured,
    GatewayUnavailable,
    NumberRejected,
    QuotaExceeded,
    RequestRejected,
    TemplateRejected,
)
from app.gateways.transport import Transport
from app.kit import clock

SYSTEM = "sms"
ACTION = "SendSms"
VERSION = "2021-01-11"
SERVICE = "sms"
ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"

_MEANING: Sequence[tuple[str, type[GatewayError]]] = (
    ("FailedOperation.PhoneNumber", NumberRejected),  # InBlacklist, and OnBlacklist in older versions
    ("InvalidParameterValue.IncorrectPhoneNumber", NumberRejected),
    ("UnsupportedOperation.UnsuportedRegion", NumberRejected),  # the spelling is the API's
    ("FailedOperation.TemplateIncorrectOrUnapproved", TemplateRejected),
    ("FailedOperation.MissingTemplateList", TemplateRejected),
    ("FailedOperation.ContainSensitiveWord", TemplateRejected),
    ("InvalidParameterValue.TemplateParameter", TemplateRejected),
    ("InvalidParameterValue.ContentLengthLimit", TemplateRejected),
    ("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", TemplateRejected),
    ("FailedOperation.SignatureIncorrectOrUnapproved", GatewayMisconfigured),
    ("FailedOperation.MissingSignature", GatewayMisconfigured),
    ("FailedOperation.InsufficientBalanceInSmsPackage", GatewayMisconfigured),
    ("InvalidParameterValue.SdkAppIdNotExist", GatewayMisconfigured),
    ("InvalidParameter.AppidAndBizId", GatewayMisconfigured),
    ("AuthFailure", GatewayMisconfigured),
    ("UnauthorizedOperation", GatewayMisconfigured),
    ("UnsupportedRegion", GatewayMisconfigured),
    ("NoSuchVersion", GatewayMisconfigured),
    ("InvalidAction", GatewayMisconfigured),
    ("LimitExceeded", QuotaExceeded),
    ("RequestLimitExceeded", QuotaExceeded),
    ("InternalError", GatewayUnavailable),
    ("ServiceUnavailable", GatewayUnavailable),
)
"""Start of the code → what it means for us; the first that fits counts."""


class Sms:
    """One SMS application with one approved signature. Share one object between threads."""

    def __init__(
        self,
        base_url: str,
        secret_id: str,
        secret_key: str,
        sdk_app_id: str,
        sign_name: str,
        region: str = "ap-guangzhou",
        *,
        connect_timeout_s: float = 2.0,
        read_timeout_s: float = 5.0,
        proxy: str | None = None,
    ) -> None:
        self._transport = Transport(
            SYSTEM, base_url, connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s, proxy=proxy
        )
        self._secret_id = secret_id
        self._secret_key = secret_key
        self._sdk_app_id = sdk_app_id
        self._sign_name = sign_name
        self._region = region

    def close(self) -> None:
        """Close the idle connections."""
        self._transport.close()

    def send(self, phone: str, template_id: str, params: Sequence[str]) -> str:
        """Send one message and return its serial number.

        phone: 13800001111, or with + and country code. params: the values of {1}, {2}… of the template.
        Raises NumberRejected, TemplateRejected, QuotaExceeded, GatewayMisconfigured, RequestRejected, and
        GatewayUnavailable, after which the message may have gone out all the same: trying again can send it
        twice.
        """
        payload = {
            "PhoneNumberSet": [phone if phone.startswith("+") else f"+86{phone}"],
            "SmsSdkAppId": self._sdk_app_id,
            "SignName": self._sign_name,
            "TemplateId": template_id,
            "TemplateParamSet": list(params),
        }
        response = self._call(json.dumps(payload, ensure_ascii=False).encode())
        error = response.get("Error")
        if isinstance(error, dict):
            raise _error(error.get("Code"))
        statuses = response.get("SendStatusSet")
        status = statuses[0] if isinstance(statuses, list) and statuses else None
        if not isinstance(status, dict):
            raise GatewayUnavailable(SYSTEM, "bad_answer")
        if status.get("Code") != "Ok":
            raise _error(status.get("Code"))
        return str(status.get("SerialNo", ""))

    def _call(self, body: bytes) -> Mapping[str, object]:
        # Real time: the cloud refuses signatures older than five minutes, whatever our own clock shows.
        moment = clock.real_now()
        stamp = int(moment.timestamp())
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Host": self._transport.host,
            "X-TC-Action": ACTION,
            "X-TC-Version": VERSION,
            "X-TC-Timestamp": str(stamp),
            "X-TC-Region": self._region,
        }
        signed = {"content-type": CONTENT_TYPE, "host": self._transport.host, "x-tc-action": ACTION.lower()}
        headers["Authorization"] = authorization(
            self._secret_id,
            self._secret_key,
            SERVICE,
            signed,
            body,
            stamp=stamp,
            day=moment.date().isoformat(),
        )
        reply = self._transport.send("POST", "/", body=body, headers=headers)
        response = self._transport.read_json(reply).get("Response")
        if not isinstance(response, dict):
            raise GatewayUnavailable(SYSTEM, "bad_answer")
        return response


def authorization(
    secret_id: str,
    secret_key: str,
    service: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    stamp: int,
    day: str,
) -> str:
    """The Authorization header of a POST to ``/``.

    headers: those to sign, by lower-case names, content-type and host among them. stamp: X-TC-Timestamp,
    seconds since the epoch; day: its date in UTC, 2019-02-25.
    """
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers))
    canonical = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{service}/tc3_request"
    text = "\n".join((ALGORITHM, str(stamp), scope, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"TC3{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def _error(code: object) -> GatewayError:
    if not isinstance(code, str) or not code:
        return GatewayUnavailable(SYSTEM, "bad_answer")
    for start, kind in _MEANING:
        if code.startswith(start):
            return kind(SYSTEM, code)
    return RequestRejected(SYSTEM, code)
