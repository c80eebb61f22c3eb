"""A stand-in for Tencent Cloud SMS: action SendSms, version 2021-01-11, signed with TC3-HMAC-SHA256.

It verifies the signature as the cloud does, answers its format, and keeps what it "sent". ``/_standin/``:

- ``GET sms?phone=``: the messages received, each with the text that the phone shows
- ``POST templates {template_id, content}`` with places ``{1}``, ``{2}``…; once there is one, any other
  TemplateId is refused
- ``POST fail-next {code?, phone?, times?=1, delay_ms?, drop?, http_status?}``: codes of one number
  (FailedOperation, LimitExceeded, …) come in its SendStatus, codes of the request (AuthFailure,
  InternalError, …) as Error; ``GET fail-next``, ``DELETE fail-next``
- ``POST advance {seconds}``, ``POST reset``, ``GET health``
"""

import json
import math
import re
import secrets
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from mock_client import tc3
from mock_client.standin_http import (
    CONTROL,
    Faults,
    Fields,
    HttpServer,
    ServerClock,
    new_app,
    read_fault,
    suffer,
)

DEMO_SECRET_ID = "demo-sms-id"
DEMO_SECRET_KEY = "demo-sms-key"
DEMO_SDK_APP_ID = "1400000000"
DEMO_SIGN_NAME = "掌上办"

VERSION = "2021-01-11"
REGIONS = frozenset({"ap-beijing", "ap-guangzhou", "ap-nanjing"})
MAX_NUMBERS = 200
SINGLE_SMS_CHARS, LONG_SMS_CHARS = 70, 67

MESSAGES: Mapping[str, str] = {
    "AuthFailure.InvalidAuthorization": "The Authorization header is invalid.",
    "AuthFailure.SecretIdNotFound": "The SecretId is not found, please ensure that your SecretId is correct.",
    "AuthFailure.SignatureExpire": "The timestamp differs from the server time by more than five minutes.",
    "AuthFailure.SignatureFailure": "The provided credentials could not be validated. "
    "Please check your signature is correct.",
    "FailedOperation.ContainSensitiveWord": "content contains sensitive words",
    "FailedOperation.InsufficientBalanceInSmsPackage": "insufficient balance in SMS package",
    "FailedOperation.PhoneNumberInBlacklist": "the mobile number is in the blacklist",
    "FailedOperation.SignatureIncorrectOrUnapproved": "Signature is incorrect or unapproved",
    "FailedOperation.TemplateIncorrectOrUnapproved": "template is unapproved or its content does not match",
    "InternalError.Timeout": "request timed out",
    "FailedOperation.JsonParseFail": "failed to parse the request body",
    "InvalidAction": "The requested action does not exist.",
    "InvalidParameter": "a parameter is invalid",
    "InvalidParameterValue.ContentLengthLimit": "the content of the SMS is too long",
    "InvalidParameterValue.IncorrectPhoneNumber": "incorrect phone number",
    "LimitExceeded.PhoneNumberCountLimit": "the number of phone numbers exceeds the limit 200",
    "LimitExceeded.PhoneNumberDailyLimit": "the number of SMS messages sent to a mobile number in a day "
    "exceeds the upper limit",
    "MissingParameter": "The request is missing a required parameter.",
    "MissingParameter.EmptyPhoneNumberSet": "the phone number set is empty",
    "NoSuchVersion": "The API version does not exist.",
    "RequestLimitExceeded": "The request rate exceeds the frequency limit.",
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": "SmsSdkAppId verification failed",
    "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber": "domestic and international numbers",
    "UnsupportedRegion": "The request does not support this region.",
}

_OF_A_NUMBER = (
    "FailedOperation.",
    "LimitExceeded.PhoneNumber",
    "InvalidParameterValue.",
    "UnsupportedOperation.",
)
_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_ABROAD = re.compile(r"\+(?!86)[1-9]\d{6,14}")
_PLACE = re.compile(r"\{(\d+)\}")


class ApiError(Exception):
    """A failure of the whole request: HTTP 200 with Response.Error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NumberError(Exception):
    """A failure for one number: a SendStatus with the code, no SerialNo and no fee."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Sms:
    serial_no: str
    phone: str
    template_id: str
    params: list[str]
    text: str
    fee: int
    sent_at: float


class SmsServer:
    """The stand-in, running in a thread between ``start`` and ``stop``."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        secret_id: str = DEMO_SECRET_ID,
        secret_key: str = DEMO_SECRET_KEY,
        sdk_app_id: str = DEMO_SDK_APP_ID,
        sign_name: str = DEMO_SIGN_NAME,
        templates: Mapping[str, str] | None = None,
    ) -> None:
        self._secret_id, self._secret_key = secret_id, secret_key
        self._sdk_app_id, self._sign_name = sdk_app_id, sign_name
        self._first_templates = dict(templates or {})
        self._lock = threading.Lock()
        self.clock = ServerClock()
        self.faults = Faults()
        self.reset()
        self.app = new_app("standin-sms")
        self.app.post("/")(self._serve)
        self.app.register_blueprint(_control_surface(self))
        self._http = HttpServer(self.app, host, port)
        self.url = self._http.url

    def start(self) -> "SmsServer":
        self._http.start()
        return self

    def stop(self) -> None:
        self._http.stop()

    def reset(self) -> None:
        with self._lock:
            self.clock.reset()
            self.faults.clear()
            self.templates = dict(self._first_templates)
            self._received: list[Sms] = []

    def received(self, phone: str | None = None) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(sms) for sms in self._received if phone in {None, sms.phone}]

    def _serve(self) -> Response:
        request_id = str(uuid.uuid4())
        try:
            self._check_request()
            answer: dict[str, Any] | Response = self._send_sms()
        except ApiError as error:
            answer = {"Error": {"Code": error.code, "Message": MESSAGES.get(error.code, error.code)}}
        if isinstance(answer, Response):
            return answer
        return jsonify(Response={**answer, "RequestId": request_id})

    def _check_request(self) -> None:
        headers = request.headers
        if headers.get("X-TC-Version") != VERSION:
            raise ApiError("NoSuchVersion" if headers.get("X-TC-Version") else "MissingParameter")
        if headers.get("X-TC-Action") != "SendSms":
            raise ApiError("InvalidAction" if headers.get("X-TC-Action") else "MissingParameter")
        if headers.get("X-TC-Region") not in REGIONS:
            raise ApiError("UnsupportedRegion" if headers.get("X-TC-Region") else "MissingParameter")
        failure = tc3.failure(
            headers, request.get_data(), self._secret_id, self._secret_key, self.clock.now(), service="sms"
        )
        if failure is not None:
            raise ApiError(failure)

    def _send_sms(self) -> dict[str, Any] | Response:
        body = _json_body()
        phones, template_id = body.get("PhoneNumberSet"), body.get("TemplateId")
        if not phones:
            raise ApiError("MissingParameter.EmptyPhoneNumberSet")
        if not template_id or not body.get("SmsSdkAppId"):
            raise ApiError("MissingParameter")
        if not isinstance(phones, list) or not isinstance(template_id, str):
            raise ApiError("InvalidParameter")
        if len(phones) > MAX_NUMBERS:
            raise ApiError("LimitExceeded.PhoneNumberCountLimit")
        if body["SmsSdkAppId"] != self._sdk_app_id:
            raise ApiError("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        numbers = [number for number in map(e164, phones) if number]
        if len({number.startswith("+86") for number in numbers}) > 1:
            raise ApiError("UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber")
        fault = self.faults.take("/", e164(phones[0]))
        early = suffer(fault)
        if early is not None:
            return early
        ordered = fault.code if fault else None
        if ordered is not None and not ordered.startswith(_OF_A_NUMBER):
            raise ApiError(ordered)
        params = [str(value) for value in body.get("TemplateParamSet") or []]
        context = str(body.get("SessionContext", ""))
        statuses = [
            self._send_one(phone, template_id, params, body.get("SignName"), context, ordered)
            for phone in phones
        ]
        return {"SendStatusSet": statuses}

    def _send_one(
        self,
        phone: str,
        template_id: str,
        params: list[str],
        sign_name: str | None,
        context: str,
        ordered: str | None,
    ) -> dict[str, Any]:
        number = e164(phone)
        status = {
            "SerialNo": "",
            "PhoneNumber": number or phone,
            "Fee": 0,
            "SessionContext": context,
            "Code": "Ok",
            "Message": "send success",
            "IsoCode": "CN" if number and number.startswith("+86") else "DEF",
        }
        try:
            sms = self._accept(number, template_id, params, sign_name, ordered)
        except NumberError as error:
            return {**status, "Code": error.code, "Message": MESSAGES.get(error.code, error.code)}
        return {**status, "SerialNo": sms.serial_no, "Fee": sms.fee}

    def _accept(
        self,
        number: str | None,
        template_id: str,
        params: list[str],
        sign_name: str | None,
        ordered: str | None,
    ) -> Sms:
        if ordered is not None:
            raise NumberError(ordered)
        if number is None:
            raise NumberError("InvalidParameterValue.IncorrectPhoneNumber")
        if sign_name != self._sign_name:
            raise NumberError("FailedOperation.SignatureIncorrectOrUnapproved")
        text = f"【{sign_name}】{self._render(template_id, params)}"
        if len(text) > 500:
            raise NumberError("InvalidParameterValue.ContentLengthLimit")
        fee = 1 if len(text) <= SINGLE_SMS_CHARS else math.ceil(len(text) / LONG_SMS_CHARS)
        now = self.clock.now()
        serial_no = f"{secrets.randbelow(10_000)}:{secrets.randbits(60)}{int(now)}"
        sms = Sms(serial_no, number, template_id, params, text, fee, now)
        with self._lock:
            self._received.append(sms)
        return sms

    def _render(self, template_id: str, params: list[str]) -> str:
        if not self.templates:
            return "，".join(params)
        content = self.templates.get(template_id, "")
        places = {int(place) for place in _PLACE.findall(content)}
        if not content or places != set(range(1, len(params) + 1)):
            raise NumberError("FailedOperation.TemplateIncorrectOrUnapproved")
        return _PLACE.sub(lambda place: params[int(place[1]) - 1], content)


def e164(phone: object) -> str | None:
    """+8613800001111 from the four ways in which the cloud takes a number; None when it is none."""
    if not isinstance(phone, str):
        return None
    mainland = _MAINLAND.fullmatch(phone)
    if mainland:
        return f"+86{mainland[1]}"
    return phone if _ABROAD.fullmatch(phone) else None


def _json_body() -> dict[str, Any]:
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise ApiError("FailedOperation.JsonParseFail") from None
    if not isinstance(body, dict):
        raise ApiError("FailedOperation.JsonParseFail")
    return body


def _control_surface(server: SmsServer) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix=CONTROL)

    @control.get("/sms")
    def sms() -> Any:
        phone = request.args.get("phone")
        return jsonify(messages=server.received(e164(phone) or phone))

    @control.post("/templates")
    def templates() -> Any:
        fields = Fields()
        template_id, content = fields.text("template_id"), fields.text("content")
        fields.close()
        server.templates[template_id] = content
        return jsonify(templates=sorted(server.templates))

    @control.post("/fail-next")
    def fail_next() -> Any:
        fault = read_fault(Fields(), code_name="code", only_name="phone", default_path="*")
        fault.only = e164(fault.only) or fault.only
        server.faults.add(fault)
        return jsonify(waiting=server.faults.waiting())

    @control.get("/fail-next")
    def waiting() -> Any:
        return jsonify(waiting=server.faults.waiting())

    @control.delete("/fail-next")
    def clear() -> Any:
        server.faults.clear()
        return jsonify(waiting=[])

    @control.post("/advance")
    def advance() -> Any:
        fields = Fields()
        server.clock.advance(fields.integer("seconds", 0))
        fields.close()
        return jsonify(now=server.clock.now())

    @control.post("/reset")
    def reset() -> Any:
        server.reset()
        return jsonify(status="ok")

    @control.get("/health")
    def health() -> Any:
        return jsonify(status="ok", service="sms", messages=len(server.received()))

    return control
