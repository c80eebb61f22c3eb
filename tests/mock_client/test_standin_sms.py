"""The stand-in SMS answers what Tencent Cloud answers, and checks its signatures."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from standin_vendor import Vendor

from mock_client import tc3
from mock_client.sms_server import DEMO_SDK_APP_ID, DEMO_SECRET_ID, DEMO_SECRET_KEY, DEMO_SIGN_NAME
from mock_client.standins import StandIns


@pytest.fixture(scope="module")
def running() -> Iterator[StandIns]:
    with StandIns() as standins:
        yield standins


@pytest.fixture
def pair(running: StandIns) -> StandIns:
    running.reset()
    return running


@pytest.fixture
def sms(pair: StandIns) -> Vendor:
    return Vendor(pair.sms_url)


# Tencent Cloud SMS


def _signed(body: bytes, *, stamp: int | None = None, day: str | None = None) -> dict[str, str]:
    stamp = stamp or int(time.time())
    day = day or datetime.fromtimestamp(stamp, UTC).date().isoformat()
    signed = {"content-type": "application/json", "host": "sms.example"}
    signature = tc3.signature_of(
        DEMO_SECRET_KEY, day, stamp, tc3.canonical_request(signed, body), service="sms"
    )
    return {
        "Content-Type": "application/json",
        "Host": "sms.example",
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Timestamp": str(stamp),
        "Authorization": f"TC3-HMAC-SHA256 Credential={DEMO_SECRET_ID}/{day}/sms/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={signature}",
    }


def _sms_body(phones: Any, **more: Any) -> bytes:
    body = {
        "PhoneNumberSet": phones,
        "SmsSdkAppId": DEMO_SDK_APP_ID,
        "SignName": DEMO_SIGN_NAME,
        "TemplateId": "1110",
        "TemplateParamSet": ["甲"],
    }
    return json.dumps({**body, **more}).encode()


def _send_sms(vendor: Vendor, body: bytes, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = requests.post(f"{vendor.url}/", data=body, headers=headers or _signed(body), timeout=5)
    assert answer.status_code == 200
    response: dict[str, Any] = answer.json()["Response"]
    assert response["RequestId"]
    return response


def test_each_number_of_a_request_has_its_own_status(sms: Vendor) -> None:
    phones = ["+8613800001111", "8613900002222", "0086137", "13700003333"]
    response = _send_sms(sms, _sms_body(phones, SessionContext="case-1"))
    good, _, bad, _ = response["SendStatusSet"]
    assert [status["Code"] for status in response["SendStatusSet"]] == [
        "Ok",
        "Ok",
        "InvalidParameterValue.IncorrectPhoneNumber",
        "Ok",
    ]
    assert good["SerialNo"]
    assert {key: good[key] for key in good if key != "SerialNo"} == {
        "PhoneNumber": "+8613800001111",
        "Fee": 1,
        "SessionContext": "case-1",
        "Code": "Ok",
        "Message": "send success",
        "IsoCode": "CN",
    }
    assert (bad["SerialNo"], bad["Fee"], bad["PhoneNumber"]) == ("", 0, "0086137")
    for form in ("13900002222", "+8613900002222", "8613900002222"):
        (message,) = sms.get("/_standin/sms", phone=form)["messages"]
        assert message["text"] == "【掌上办】甲"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"X-TC-Action": ""}, "MissingParameter"),
        ({"X-TC-Action": "SendMail"}, "InvalidAction"),
        ({"X-TC-Version": ""}, "MissingParameter"),
        ({"X-TC-Version": "2019-07-11"}, "NoSuchVersion"),
        ({"X-TC-Region": ""}, "MissingParameter"),
        ({"X-TC-Region": "ap-nowhere"}, "UnsupportedRegion"),
        ({"Authorization": ""}, "AuthFailure.InvalidAuthorization"),
        ({"Authorization": "Bearer x"}, "AuthFailure.InvalidAuthorization"),
        ({"X-TC-Timestamp": "soon"}, "AuthFailure.InvalidAuthorization"),
        ({"Host": "other.example"}, "AuthFailure.SignatureFailure"),
        ({"Content-Type": "text/plain"}, "AuthFailure.SignatureFailure"),
    ],
)
def test_a_request_with_a_wrong_header_is_an_error(sms: Vendor, changed: dict[str, str], code: str) -> None:
    body = _sms_body(["13800001111"])
    response = _send_sms(sms, body, {**_signed(body), **changed})
    assert response["Error"]["Code"] == code
    assert "SendStatusSet" not in response


def test_a_body_changed_after_signing_is_refused(sms: Vendor) -> None:
    headers = _signed(_sms_body(["13800001111"]))
    response = _send_sms(sms, _sms_body(["13900002222"]), headers)
    assert response["Error"]["Code"] == "AuthFailure.SignatureFailure"
    assert sms.get("/_standin/sms")["messages"] == []


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(-301, "AuthFailure.SignatureExpire"), (301, "AuthFailure.SignatureExpire"), (-290, None)],
)
def test_a_signature_is_good_for_five_minutes(sms: Vendor, seconds: int, code: str | None) -> None:
    body = _sms_body(["13800001111"])
    response = _send_sms(sms, body, _signed(body, stamp=int(time.time()) + seconds))
    assert response.get("Error", {}).get("Code") == code


def test_the_day_of_a_signature_is_that_of_its_time(sms: Vendor) -> None:
    body = _sms_body(["13800001111"])
    response = _send_sms(sms, body, _signed(body, day="2020-01-01"))
    assert response["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_a_signature_for_another_service_is_refused(sms: Vendor) -> None:
    body = _sms_body(["13800001111"])
    headers = _signed(body)
    headers["Authorization"] = headers["Authorization"].replace("/sms/", "/cvm/")
    assert _send_sms(sms, body, headers)["Error"]["Code"] == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "FailedOperation.JsonParseFail"),
        (b"[]", "FailedOperation.JsonParseFail"),
        (_sms_body([]), "MissingParameter.EmptyPhoneNumberSet"),
        (_sms_body("13800001111"), "InvalidParameter"),
        (_sms_body(["13800001111"], TemplateId=""), "MissingParameter"),
        (_sms_body(["13800001111"], SmsSdkAppId="1"), "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        (_sms_body(["13800001111"] * 201), "LimitExceeded.PhoneNumberCountLimit"),
        (
            _sms_body(["13800001111", "+85261234567"]),
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
        ),
    ],
)
def test_a_wrong_sms_request_is_an_error(sms: Vendor, body: bytes, code: str) -> None:
    assert _send_sms(sms, body)["Error"]["Code"] == code


def test_a_failure_can_be_ordered_for_a_number_in_any_form(sms: Vendor) -> None:
    sms.order("fail-next", code="LimitExceeded.PhoneNumberDailyLimit", phone="13800001111")
    (status,) = _send_sms(sms, _sms_body(["+8613900002222"]))["SendStatusSet"]
    assert status["Code"] == "Ok"
    (status,) = _send_sms(sms, _sms_body(["+8613800001111"]))["SendStatusSet"]
    assert status["Code"] == "LimitExceeded.PhoneNumberDailyLimit"
    assert sms.get("/_standin/fail-next") == {"waiting": []}


def test_sms_reset_forgets_messages_faults_and_templates(sms: Vendor) -> None:
    _send_sms(sms, _sms_body(["13800001111"]))
    sms.order("templates", template_id="2", content="{1}{2}")
    sms.order("fail-next", code="InternalError.Timeout", times=None)
    sms.order("reset")
    assert sms.get("/_standin/sms")["messages"] == []
    (status,) = _send_sms(sms, _sms_body(["13800001111"]))["SendStatusSet"]
    assert status["Code"] == "Ok"
