"""The SMS gateway signs what Tencent Cloud can verify, and sorts its errors by what the caller can do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.gateways.errors import (
    GatewayError,
    GatewayMisconfigured,
    GatewayUnavailable,
    NumberRejected,
    QuotaExceeded,
    RequestRejected,
    TemplateRejected,
)
from app.gateways.sms import Sms, authorization
from app.kit import clock
from mock_client.standins import StandIns

Order = Callable[..., dict[str, Any]]

PHONE = "13800001111"


def _sms(standins: StandIns, **changed: str) -> Sms:
    settings = standins.settings
    given = {
        "base_url": standins.sms_url,
        "secret_id": settings.sms_secret_id,
        "secret_key": settings.sms_secret_key,
        "sdk_app_id": settings.sms_sdk_app_id,
        "sign_name": settings.sms_sign_name,
    }
    return Sms(**{**given, **changed})


def test_the_signature_is_that_of_tencents_documentation() -> None:
    """签名方法 v3, the example of DescribeInstances."""
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    header = authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        "cvm",
        {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        body,
        stamp=1551113065,
        day="2019-02-25",
    )
    assert header == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


@pytest.mark.parametrize("phone", [PHONE, "+8613800001111"])
def test_a_message_arrives_with_its_text(sms: Sms, standins: StandIns, order_sms: Order, phone: str) -> None:
    order_sms("templates", template_id="1110", content="您的{1}已办结，结果：{2}。")
    serial_no = sms.send(phone, "1110", ["异地就医备案", "通过"])
    (message,) = standins.sms.received("+8613800001111")
    assert message["serial_no"] == serial_no
    assert message["text"] == "【掌上办】您的异地就医备案已办结，结果：通过。"
    assert message["fee"] == 1


def test_a_long_message_is_charged_in_parts_of_67(sms: Sms, standins: StandIns) -> None:
    sms.send(PHONE, "1110", ["字" * (134 - len("【掌上办】"))])
    sms.send(PHONE, "1110", ["字" * (135 - len("【掌上办】"))])
    assert [message["fee"] for message in standins.sms.received()] == [2, 3]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret_key": "another"}, "AuthFailure.SignatureFailure"),
        ({"secret_id": "another"}, "AuthFailure.SecretIdNotFound"),
        ({"sdk_app_id": "1400000001"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        ({"sign_name": "别人"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"region": "eu-frankfurt"}, "UnsupportedRegion"),
    ],
)
def test_wrong_credentials_are_refused_and_a_matter_of_settings(
    standins: StandIns, changed: dict[str, str], code: str
) -> None:
    with pytest.raises(GatewayMisconfigured) as error:
        _sms(standins, **changed).send(PHONE, "1110", [])
    assert error.value.code == code
    assert standins.sms.received() == []


def test_an_old_signature_is_refused(sms: Sms, order_sms: Order) -> None:
    order_sms("advance", seconds=310)
    with pytest.raises(GatewayMisconfigured) as error:
        sms.send(PHONE, "1110", [])
    assert error.value.code == "AuthFailure.SignatureExpire"


def test_signatures_follow_the_real_clock_when_the_demo_clock_is_shifted(sms: Sms) -> None:
    with clock.travel(clock.real_now() + timedelta(days=30)):
        assert sms.send(PHONE, "1110", [])


@pytest.mark.parametrize("phone", ["12800001111", "1380000111", "138000011112", "", "+8612345"])
def test_a_number_that_is_none_is_refused(sms: Sms, phone: str) -> None:
    with pytest.raises(NumberRejected) as error:
        sms.send(phone, "1110", [])
    assert error.value.code == "InvalidParameterValue.IncorrectPhoneNumber"
    assert not error.value.retryable


def test_parameters_that_do_not_fit_the_template_are_refused(sms: Sms, order_sms: Order) -> None:
    order_sms("templates", template_id="1110", content="您的{1}已办结。")
    for template_id, params in (("1110", ["一", "二"]), ("1111", ["一"])):
        with pytest.raises(TemplateRejected):
            sms.send(PHONE, template_id, params)


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("FailedOperation.PhoneNumberInBlacklist", NumberRejected, False),
        ("UnsupportedOperation.UnsuportedRegion", NumberRejected, False),
        ("LimitExceeded.PhoneNumberDailyLimit", QuotaExceeded, True),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", QuotaExceeded, True),
        ("LimitExceeded.AppDailyLimit", QuotaExceeded, True),
        ("RequestLimitExceeded", QuotaExceeded, True),
        ("InternalError.Timeout", GatewayUnavailable, True),
        ("InternalError.SendAndRecvFail", GatewayUnavailable, True),
        ("FailedOperation.TemplateIncorrectOrUnapproved", TemplateRejected, False),
        ("InvalidParameterValue.TemplateParameterLengthLimit", TemplateRejected, False),
        ("FailedOperation.ContainSensitiveWord", TemplateRejected, False),
        ("FailedOperation.InsufficientBalanceInSmsPackage", GatewayMisconfigured, False),
        ("UnauthorizedOperation.SerivceSuspendDueToArrears", GatewayMisconfigured, False),
        ("AuthFailure.TokenFailure", GatewayMisconfigured, False),
        ("FailedOperation.OtherError", RequestRejected, False),
    ],
)
def test_each_code_has_its_meaning(
    sms: Sms, order_sms: Order, code: str, kind: type[GatewayError], retryable: bool
) -> None:
    order_sms("fail-next", code=code, phone=PHONE)
    with pytest.raises(kind) as error:
        sms.send(PHONE, "1110", [])
    assert type(error.value) is kind
    assert (error.value.system, error.value.code, error.value.retryable) == ("sms", code, retryable)
    assert sms.send(PHONE, "1110", [])


def test_a_failure_for_one_number_leaves_the_others_alone(sms: Sms, order_sms: Order) -> None:
    order_sms("fail-next", code="FailedOperation.PhoneNumberInBlacklist", phone=PHONE, times=None)
    assert sms.send("13900002222", "1110", [])
    with pytest.raises(NumberRejected):
        sms.send(PHONE, "1110", [])


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"drop": True}, "connection"),
        ({"http_status": 503}, "http_503"),
        ({"http_status": 200}, "bad_answer"),
        ({"delay_ms": 600}, "timeout"),
    ],
)
def test_trouble_on_the_way_is_retryable(
    standins: StandIns, order_sms: Order, trouble: dict[str, Any], code: str
) -> None:
    settings = standins.settings
    sms = Sms(
        standins.sms_url,
        settings.sms_secret_id,
        settings.sms_secret_key,
        settings.sms_sdk_app_id,
        settings.sms_sign_name,
        read_timeout_s=0.2,
    )
    order_sms("fail-next", **trouble)
    with pytest.raises(GatewayUnavailable) as error:
        sms.send(PHONE, "1110", [])
    assert (error.value.code, error.value.retryable) == (code, True)
