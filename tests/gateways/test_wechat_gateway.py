"""The WeChat gateway speaks WeChat's HTTP, and tells what went wrong by what the caller can do about it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests

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
from app.gateways.wechat import WeChat
from app.kit import clock
from mock_client.standins import StandIns

Order = Callable[..., dict[str, Any]]

SESSION = "/sns/jscode2session"
TOKEN = "/cgi-bin/stable_token"
PHONE = "/wxa/business/getuserphonenumber"
START = "/cityservice/face/identify/getverifyid"
RESULT = "/cityservice/face/identify/queryverifyinfo"
SEND = "/cgi-bin/message/subscribe/send"
CODE = "/wxa/getwxacodeunlimit"
MEDIA = "/wxa/media_check_async"

NAME, ID_NO, OPENID = "张三", "310101199801011234", "openid-of-zhang"

CALLS: dict[str, Callable[[WeChat], object]] = {
    SESSION: lambda wechat: wechat.code_to_session("demo.openid-of-zhang.1"),
    PHONE: lambda wechat: wechat.phone_number("phone.13800001111.1"),
    START: lambda wechat: wechat.start_face_check("check-1", NAME, ID_NO, OPENID),
    RESULT: lambda wechat: wechat.face_result("some-verify-id", "check-1", NAME, ID_NO, OPENID),
    SEND: lambda wechat: wechat.send_subscribe_message(OPENID, "template", None, {"thing1": "异地就医备案"}),
    CODE: lambda wechat: wechat.mini_program_code("f=1", "pages/filing/show"),
    MEDIA: lambda wechat: wechat.check_media(OPENID, "https://example.org/paper.jpg"),
}


# Signing in


def test_a_js_code_gives_openid_and_unionid(wechat: WeChat, order: Order) -> None:
    js_code = order("js-code", openid=OPENID, unionid="unionid-of-zhang")["js_code"]
    session = wechat.code_to_session(js_code)
    assert (session.openid, session.unionid) == (OPENID, "unionid-of-zhang")
    assert len(session.session_key) == 24


def test_an_openid_that_is_not_bound_to_a_platform_has_no_unionid(wechat: WeChat) -> None:
    assert wechat.code_to_session("demo.openid-of-li.1").unionid is None


@pytest.mark.parametrize("issued", [True, False], ids=["from wx.login", "demo code"])
def test_a_js_code_works_once(wechat: WeChat, order: Order, issued: bool) -> None:
    js_code = order("js-code", openid=OPENID)["js_code"] if issued else "demo.openid-of-zhang.7"
    wechat.code_to_session(js_code)
    with pytest.raises(CodeRejected) as error:
        wechat.code_to_session(js_code)
    assert error.value.code == "40163"
    assert not error.value.retryable


def test_a_js_code_ends_after_five_minutes(wechat: WeChat, order: Order) -> None:
    js_code = order("js-code", openid=OPENID)["js_code"]
    order("advance", seconds=300)
    with pytest.raises(CodeRejected) as error:
        wechat.code_to_session(js_code)
    assert error.value.code == "40029"


def test_only_the_ordered_person_is_a_high_risk_user(wechat: WeChat, order: Order) -> None:
    order("fail-next", path=SESSION, errcode=40226, only_openid="openid-of-li", times=None)
    assert wechat.code_to_session("demo.openid-of-zhang.1").openid == OPENID
    with pytest.raises(HighRiskUser):
        wechat.code_to_session("demo.openid-of-li.1")


@pytest.mark.parametrize(
    ("appid", "secret", "code"), [("wx-other", "x", "40013"), ("wx0000demo0000demo", "wrong", "40125")]
)
def test_wrong_credentials_are_a_matter_of_settings(
    standins: StandIns, appid: str, secret: str, code: str
) -> None:
    wechat = WeChat(standins.wechat_url, appid, secret)
    for call in (CALLS[SESSION], CALLS[PHONE]):
        with pytest.raises(GatewayMisconfigured) as error:
            call(wechat)
        assert error.value.code == code


def test_a_phone_code_gives_the_number_once(wechat: WeChat, order: Order) -> None:
    code = order("phone-code", phone="13800001111")["code"]
    assert wechat.phone_number(code) == "13800001111"
    with pytest.raises(CodeRejected):
        wechat.phone_number(code)


def test_a_number_abroad_keeps_its_country_code(wechat: WeChat, order: Order) -> None:
    code = order("phone-code", phone="61234567", country_code="852")["code"]
    assert wechat.phone_number(code) == "+85261234567"


# Errcodes


@pytest.mark.parametrize("path", list(CALLS))
@pytest.mark.parametrize(
    ("errcode", "kind", "retryable"),
    [
        (40001, GatewayMisconfigured, False),
        (40013, GatewayMisconfigured, False),
        (40029, CodeRejected, False),
        (40037, TemplateRejected, False),
        (40097, RequestRejected, False),
        (40125, GatewayMisconfigured, False),
        (40163, CodeRejected, False),
        (40164, GatewayMisconfigured, False),
        (40226, HighRiskUser, False),
        (41030, RequestRejected, False),
        (42001, GatewayMisconfigured, False),
        (43101, SubscriptionRefused, False),
        (45009, QuotaExceeded, False),
        (45011, QuotaExceeded, True),
        (47003, TemplateRejected, False),
        (48001, GatewayMisconfigured, False),
        (-1, GatewayUnavailable, True),
        (99999, RequestRejected, False),
    ],
)
def test_each_errcode_has_its_meaning_on_every_call(
    wechat: WeChat, order: Order, path: str, errcode: int, kind: type[GatewayError], retryable: bool
) -> None:
    order("fail-next", path=path, errcode=errcode, times=None)
    with pytest.raises(kind) as error:
        CALLS[path](wechat)
    assert type(error.value) is kind
    assert error.value.retryable is retryable
    assert (error.value.system, error.value.code) == ("wechat", str(errcode))


def test_a_busy_wechat_is_asked_a_second_time(wechat: WeChat, order: Order) -> None:
    order("fail-next", path=SESSION, errcode=-1, times=1)
    assert wechat.code_to_session("demo.openid-of-zhang.1").openid == OPENID


# On the way


@pytest.mark.parametrize("path", list(CALLS))
@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"drop": True}, "connection"),
        ({"http_status": 502}, "http_502"),
        ({"http_status": 302}, "http_302"),
        ({"http_status": 200}, "bad_answer"),
        ({"delay_ms": 600}, "timeout"),
    ],
)
def test_trouble_on_the_way_is_retryable(
    standins: StandIns, order: Order, path: str, trouble: dict[str, Any], code: str
) -> None:
    wechat = WeChat(
        standins.wechat_url, standins.settings.appid, standins.settings.secret, read_timeout_s=0.2
    )
    order("fail-next", path=path, **trouble)
    with pytest.raises(GatewayUnavailable) as error:
        CALLS[path](wechat)
    assert (error.value.code, error.value.retryable) == (code, True)


def test_a_wechat_that_does_not_listen_is_unavailable(unused_url: str) -> None:
    with pytest.raises(GatewayUnavailable) as error:
        WeChat(unused_url, "wx", "secret").code_to_session("code")
    assert error.value.code == "connection"


@pytest.mark.parametrize(
    ("status", "kind"), [(404, RequestRejected), (413, RequestRejected), (429, QuotaExceeded)]
)
def test_an_http_refusal_is_not_taken_for_an_answer(
    wechat: WeChat, order: Order, status: int, kind: type[GatewayError]
) -> None:
    order("fail-next", path=SEND, http_status=status)
    with pytest.raises(kind):
        CALLS[SEND](wechat)


# Access tokens


def _fault_count(order: Order, standins: StandIns) -> int:
    return len(requests.get(f"{standins.wechat_url}/_standin/fail-next", timeout=5).json()["waiting"])


def test_the_access_token_is_fetched_once_for_many_calls(
    wechat: WeChat, order: Order, standins: StandIns
) -> None:
    CALLS[SEND](wechat)
    order("fail-next", path=TOKEN, errcode=45009)
    for _ in range(3):
        CALLS[SEND](wechat)
    assert _fault_count(order, standins) == 1


def test_threads_that_start_together_share_one_token(
    wechat: WeChat, order: Order, standins: StandIns
) -> None:
    order("fail-next", path=TOKEN, delay_ms=100)
    order("fail-next", path=TOKEN, errcode=45009)
    with ThreadPoolExecutor(8) as pool:
        for sent in [pool.submit(CALLS[SEND], wechat) for _ in range(8)]:
            sent.result()
    assert _fault_count(order, standins) == 1


def test_an_expired_token_is_replaced_within_the_same_call(wechat: WeChat, order: Order) -> None:
    CALLS[SEND](wechat)
    order("expire-tokens")
    CALLS[SEND](wechat)


def test_the_token_is_renewed_before_it_ends(
    wechat: WeChat, order: Order, standins: StandIns, monkeypatch: pytest.MonkeyPatch
) -> None:
    CALLS[SEND](wechat)
    first, _ = standins.wechat.state.stable_token(force=False)
    later = clock.real_now() + timedelta(seconds=7200 - 239)
    order("advance", seconds=7200 - 239)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    # Refused tokens would be noticed here: the call may not need the second attempt.
    order("fail-next", path=TOKEN, delay_ms=1)
    CALLS[SEND](wechat)
    assert _fault_count(order, standins) == 0
    second, _ = standins.wechat.state.stable_token(force=False)
    assert second != first


def test_a_token_that_wechat_refuses_though_it_is_current_is_forced_anew(
    wechat: WeChat, order: Order, standins: StandIns
) -> None:
    CALLS[SEND](wechat)
    first, _ = standins.wechat.state.stable_token(force=False)
    order("fail-next", path=SEND, errcode=40001)
    CALLS[SEND](wechat)
    second, _ = standins.wechat.state.stable_token(force=False)
    assert second != first


def test_a_token_that_another_process_renewed_is_picked_up_without_force(
    wechat: WeChat, order: Order, standins: StandIns
) -> None:
    CALLS[SEND](wechat)
    renewed, _ = standins.wechat.state.stable_token(force=True)
    order("advance", seconds=31)
    CALLS[SEND](wechat)
    current, _ = standins.wechat.state.stable_token(force=False)
    assert current == renewed


def test_a_shifted_demo_clock_does_not_disturb_tokens(wechat: WeChat) -> None:
    with clock.travel(clock.real_now() - timedelta(days=400)):
        CALLS[SEND](wechat)
    with clock.travel(clock.real_now() + timedelta(days=400)):
        CALLS[SEND](wechat)
