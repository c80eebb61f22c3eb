"""Nothing secret and nothing personal leaves a gateway through an exception or a log."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.gateways.errors import GatewayError
from app.gateways.sms import Sms
from app.gateways.wechat import WeChat
from mock_client.standins import StandIns

Order = Callable[..., dict[str, Any]]

NAME, ID_NO, OPENID, PHONE = "张三丰", "310101199801011234", "openid-of-zhang", "13800001111"
JS_CODE = f"demo.{OPENID}.1"

TROUBLES: dict[str, dict[str, Any]] = {
    "dropped": {"drop": True},
    "timeout": {"delay_ms": 500},
    "bad gateway": {"http_status": 502},
    "bad answer": {"http_status": 200},
    "not found": {"http_status": 404},
}

CALLS: dict[str, Callable[[WeChat], object]] = {
    "sign-in": lambda wechat: wechat.code_to_session(JS_CODE),
    "phone": lambda wechat: wechat.phone_number(f"phone.{PHONE}.1"),
    "face": lambda wechat: wechat.start_face_check("check-1", NAME, ID_NO, OPENID),
    "result": lambda wechat: wechat.face_result("some-verify-id", "check-1", NAME, ID_NO, OPENID),
    "message": lambda wechat: wechat.send_subscribe_message(OPENID, "template", None, {"name1": NAME}),
}


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _told(error: BaseException) -> str:
    """All that a log, an error report or a curious handler could read from an error."""
    parts = ["".join(traceback.format_exception(error))]
    for link in _chain(error):
        parts += [str(link), repr(link), repr(link.args), repr(vars(link))]
    return "\n".join(parts)


def _assert_clean(text: str, *secrets: str) -> None:
    assert text
    for secret in (*secrets, NAME, ID_NO, OPENID, PHONE):
        assert secret not in text


def _impatient(standins: StandIns, url: str | None = None) -> WeChat:
    settings = standins.settings
    return WeChat(
        url or standins.wechat_url, settings.appid, settings.secret, read_timeout_s=0.15, busy_pause_s=0.01
    )


@pytest.mark.parametrize("trouble", list(TROUBLES))
@pytest.mark.parametrize("call", list(CALLS))
def test_trouble_on_the_way_to_wechat_carries_no_secret(
    standins: StandIns, order: Order, caplog: pytest.LogCaptureFixture, call: str, trouble: str
) -> None:
    token, _ = standins.wechat.state.stable_token(force=False)
    order("fail-next", path="*", times=None, **TROUBLES[trouble])
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayError) as error:
        CALLS[call](_impatient(standins))
    _assert_clean(_told(error.value) + caplog.text, standins.settings.secret, token)
    assert list(_chain(error.value)) == [error.value]


@pytest.mark.parametrize("call", list(CALLS))
def test_a_wechat_out_of_reach_carries_no_secret(
    standins: StandIns, unused_url: str, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayError) as error:
        CALLS[call](_impatient(standins, unused_url))
    _assert_clean(_told(error.value) + caplog.text, standins.settings.secret)
    assert list(_chain(error.value)) == [error.value]


class _Redirecting(BaseHTTPRequestHandler):
    """Sends every request on to another path of its own, and counts them."""

    server: "_RedirectingServer"

    def do_GET(self) -> None:
        self.server.seen += 1
        self.send_response(302)
        self.send_header("Location", f"{self.path}&again=1")
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent."""


class _RedirectingServer(HTTPServer):
    seen = 0


@pytest.fixture
def redirecting() -> Iterator[_RedirectingServer]:
    with _RedirectingServer(("127.0.0.1", 0), _Redirecting) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def test_a_redirect_does_not_carry_the_secret_elsewhere(
    standins: StandIns, redirecting: _RedirectingServer
) -> None:
    wechat = _impatient(standins, f"http://127.0.0.1:{redirecting.server_port}")
    with pytest.raises(GatewayError) as error:
        wechat.code_to_session(JS_CODE)
    assert (error.value.code, redirecting.seen) == ("http_302", 1)


def test_only_the_configured_proxy_is_used(
    standins: StandIns,
    redirecting: _RedirectingServer,
    unused_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", unused_url)
    settings = standins.settings
    _impatient(standins).code_to_session(JS_CODE)
    proxy = f"http://127.0.0.1:{redirecting.server_port}"
    behind = WeChat("http://wechat.example", settings.appid, settings.secret, proxy=proxy)
    with pytest.raises(GatewayError) as error:
        behind.code_to_session(JS_CODE)
    assert (error.value.code, redirecting.seen) == ("http_302", 1)


@pytest.mark.parametrize("errcode", [-1, 40001, 40029, 40226, 43101, 45011, 47003, 48001, 99999])
@pytest.mark.parametrize("call", list(CALLS))
def test_a_refusal_of_wechat_carries_no_secret(
    standins: StandIns,
    order: Order,
    wechat: WeChat,
    caplog: pytest.LogCaptureFixture,
    call: str,
    errcode: int,
) -> None:
    order("fail-next", path="*", errcode=errcode, times=None)
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayError) as error:
        CALLS[call](wechat)
    _assert_clean(_told(error.value) + caplog.text, standins.settings.secret)


def test_good_answers_leave_no_secret_in_the_debug_log(
    wechat: WeChat, standins: StandIns, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="urllib3"):
        session = wechat.code_to_session(JS_CODE)
        wechat.send_subscribe_message(OPENID, "template", None, {"name1": NAME})
    token, _ = standins.wechat.state.stable_token(force=False)
    assert "/sns/jscode2session" in caplog.text
    _assert_clean(caplog.text + repr(session), standins.settings.secret, token, session.session_key)


@pytest.mark.parametrize("trouble", list(TROUBLES))
def test_trouble_on_the_way_to_the_sms_cloud_carries_no_secret(
    standins: StandIns, order_sms: Order, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    settings = standins.settings
    sms = Sms(
        standins.sms_url,
        settings.sms_secret_id,
        settings.sms_secret_key,
        settings.sms_sdk_app_id,
        settings.sms_sign_name,
        read_timeout_s=0.15,
    )
    order_sms("fail-next", **TROUBLES[trouble])
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayError) as error:
        sms.send(PHONE, "1110", [NAME])
    _assert_clean(_told(error.value) + caplog.text, settings.sms_secret_key, settings.sms_secret_id)
    assert list(_chain(error.value)) == [error.value]


@pytest.mark.parametrize(
    "code",
    ["FailedOperation.PhoneNumberInBlacklist", "InternalError.Timeout", "AuthFailure.SignatureFailure"],
)
def test_a_refusal_of_the_sms_cloud_carries_no_secret(
    sms: Sms, standins: StandIns, order_sms: Order, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    order_sms("fail-next", code=code)
    with caplog.at_level(logging.DEBUG), pytest.raises(GatewayError) as error:
        sms.send(PHONE, "1110", [NAME])
    _assert_clean(_told(error.value) + caplog.text, standins.settings.sms_secret_key)
