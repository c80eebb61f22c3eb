"""The gateways against both stand-ins, over real HTTP on loopback."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from app.gateways.sms import Sms
from app.gateways.wechat import WeChat
from mock_client.standins import Settings, StandIns

SECRET = "top-secret-of-wechat"
SMS_KEY = "top-secret-of-sms"

Order = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def servers() -> Iterator[StandIns]:
    with StandIns(Settings(secret=SECRET, sms_secret_key=SMS_KEY)) as standins:
        yield standins


@pytest.fixture
def standins(servers: StandIns) -> StandIns:
    servers.reset()
    return servers


@pytest.fixture
def wechat(standins: StandIns) -> Iterator[WeChat]:
    gateway = WeChat(standins.wechat_url, standins.settings.appid, SECRET, busy_pause_s=0.01)
    yield gateway
    gateway.close()


@pytest.fixture
def sms(standins: StandIns) -> Iterator[Sms]:
    settings = standins.settings
    gateway = Sms(
        standins.sms_url, settings.sms_secret_id, SMS_KEY, settings.sms_sdk_app_id, settings.sms_sign_name
    )
    yield gateway
    gateway.close()


def _post(url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = requests.post(f"{url}/_standin/{path}", json=body, timeout=5)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


@pytest.fixture
def order(standins: StandIns) -> Order:
    """Tell the stand-in WeChat something: order("fail-next", path=…, errcode=…)."""
    return lambda what, /, **body: _post(standins.wechat_url, what, body)


@pytest.fixture
def order_sms(standins: StandIns) -> Order:
    """Tell the stand-in SMS something."""
    return lambda what, /, **body: _post(standins.sms_url, what, body)


@pytest.fixture
def unused_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
