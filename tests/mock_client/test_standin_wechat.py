"""The stand-in WeChat answers what WeChat answers."""

import base64
import hashlib
import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import zxingcpp
from PIL import Image
from standin_vendor import SEND, SESSION_QUERY, Vendor

from mock_client.standins import Settings, StandIns
from mock_client.wechat_control import MediaCallback
from mock_client.wechat_server import DEMO_APPID

MEDIA = "/wxa/media_check_async"


@pytest.fixture(scope="module")
def running() -> Iterator[StandIns]:
    with StandIns() as standins:
        yield standins


@pytest.fixture
def pair(running: StandIns) -> StandIns:
    running.reset()
    return running


@pytest.fixture
def wechat(pair: StandIns) -> Vendor:
    return Vendor(pair.wechat_url)


# The shape of WeChat's answers


def test_signing_in_answers_without_an_errcode(wechat: Vendor) -> None:
    assert wechat.order("js-code", openid="zhang", unionid="u-zhang").status_code == 200
    answer = wechat.get("/sns/jscode2session", **SESSION_QUERY)
    assert set(answer) == {"openid", "session_key", "unionid"}
    assert len(base64.b64decode(answer["session_key"])) == 16


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"js_code": ""}, 41008),
        ({"grant_type": "x"}, 40002),
        ({"appid": "wx1"}, 40013),
        ({"secret": "x"}, 40125),
        ({"js_code": "made-up"}, 40029),
        ({"js_code": "demo.zhang"}, 40029),
        ({"js_code": "demo.zhang.1.2"}, 40029),
    ],
)
def test_signing_in_with_a_wrong_parameter_is_refused(
    wechat: Vendor, changed: dict[str, str], errcode: int
) -> None:
    answer = wechat.get("/sns/jscode2session", **{**SESSION_QUERY, **changed})
    assert answer["errcode"] == errcode
    assert " rid: " in answer["errmsg"]


def test_requests_that_are_no_calls_are_refused(wechat: Vendor) -> None:
    token = wechat.token()["access_token"]

    def post(path: str, data: bytes, **query: str) -> int:
        answer = requests.post(f"{wechat.url}{path}", params=query, data=data, timeout=5)
        assert answer.status_code == 200
        errcode: int = answer.json()["errcode"]
        return errcode

    assert post("/sns/jscode2session", b"") == 43001
    assert wechat.get(SEND)["errcode"] == 43002
    assert post("/cgi-bin/unknown", b"{}") == 40066
    assert post(SEND, b"{}") == 41001
    assert post(SEND, b"{}", access_token="made-up") == 40001
    assert post(SEND, b"", access_token=token) == 44002
    assert post(SEND, b"{", access_token=token) == 47001
    assert post(SEND, b"[]", access_token=token) == 47001


def test_a_phone_code_answers_the_whole_phone_info(wechat: Vendor) -> None:
    answer = wechat.post("/wxa/business/getuserphonenumber", {"code": "phone.13800001111.1"})
    info = answer["phone_info"]
    assert (info["phoneNumber"], info["purePhoneNumber"], info["countryCode"]) == (
        "13800001111",
        "13800001111",
        "86",
    )
    assert info["watermark"]["appid"] == DEMO_APPID
    again = wechat.post("/wxa/business/getuserphonenumber", {"code": "phone.13800001111.1"})
    assert again["errcode"] == 40029


# Stable tokens


def test_a_stable_token_stays_the_same_until_five_minutes_before_its_end(wechat: Vendor) -> None:
    first = wechat.token()
    assert first["expires_in"] in {7199, 7200}
    wechat.order("advance", seconds=6800)
    assert wechat.token()["access_token"] == first["access_token"]
    wechat.order("advance", seconds=150)
    second = wechat.token()
    assert second["access_token"] != first["access_token"]
    assert wechat.post(SEND, {}, first["access_token"])["errcode"] == 40003
    wechat.order("advance", seconds=260)
    assert wechat.post(SEND, {}, first["access_token"])["errcode"] == 42001
    assert wechat.post(SEND, {}, second["access_token"])["errcode"] == 40003


def test_forcing_a_token_kills_the_one_before_but_not_twice_in_30_seconds(wechat: Vendor) -> None:
    first = wechat.token()["access_token"]
    second = wechat.token(force_refresh=True)["access_token"]
    assert second != first
    assert wechat.post(SEND, {}, first)["errcode"] == 40001
    assert wechat.token(force_refresh=True)["access_token"] == second
    wechat.order("advance", seconds=30)
    assert wechat.token(force_refresh=True)["access_token"] != second


def test_forcing_is_allowed_20_times_a_day(wechat: Vendor) -> None:
    wechat.token()
    for _ in range(20):
        assert "access_token" in wechat.token(force_refresh=True)
        wechat.order("advance", seconds=31)
    assert wechat.token(force_refresh=True)["errcode"] == 45009
    assert "access_token" in wechat.token()


# Messages


@pytest.mark.parametrize(
    ("key", "value", "fits"),
    [
        ("thing1", "一" * 20, True),
        ("thing1", "一" * 21, False),
        ("thing1", "两\n行", False),
        ("number1", "3.14", True),
        ("number1", "1" * 33, False),
        ("number1", "三", False),
        ("letter1", "abc", True),
        ("letter1", "a1", False),
        ("symbol1", "!?", True),
        ("symbol1", "！！！！！！", False),
        ("character_string1", "YB-2026/0001", True),
        ("character_string1", "x" * 33, False),
        ("character_string1", "编号1", False),
        ("time1", "15:01", True),
        ("time1", "2026年3月1日 15:01", True),
        ("time1", "2026年3月1日 15:01~2026年3月2日 09:00", True),
        ("time1", "25:01", False),
        ("time1", "下午三点", False),
        ("date1", "2026年3月1日", True),
        ("date1", "2026-03-01", True),
        ("date1", "2026/03/01 15:01", True),
        ("date1", "2026-03/01", False),
        ("date1", "明天", False),
        ("amount1", "¥100.50", True),
        ("amount1", "100元", True),
        ("amount1", "12345678901", False),
        ("phone_number1", "+86-0766-66888866", True),
        ("phone_number1", "12393转1", False),
        ("car_number1", "粤A8Z888挂", True),
        ("car_number1", "粤A8Z888挂12", False),
        ("name1", "欧阳娜娜", True),
        ("name1", "一二三四五六七八九十百", False),
        ("name1", "John Smith", True),
        ("name1", "a" * 21, False),
        ("name1", "张3", False),
        ("phrase1", "审核通过", True),
        ("phrase1", "审核已经通过", False),
        ("phrase1", "通过!", False),
        ("enum1", "已受理", True),
        ("thing1", "", False),
        ("colour1", "红", False),
        ("thing", "甲", False),
    ],
)
def test_a_value_must_fit_its_kind(wechat: Vendor, key: str, value: str, fits: bool) -> None:
    answer = wechat.send({key: value})
    assert answer["errcode"] == (0 if fits else 47003)
    if not fits:
        assert f"data.{key}.value" in answer["errmsg"]


def test_a_registered_template_asks_for_all_its_values_and_shows_the_text(wechat: Vendor) -> None:
    wechat.order("templates", template_id="t1", content="事项:{{thing1.DATA}} 结果:{{phrase2.DATA}}")
    assert wechat.send({"thing1": "备案"})["errmsg"].startswith(
        "argument invalid! data.phrase2.value is emtpy"
    )
    assert wechat.send({"thing1": "备案", "phrase2": "通过"})["errcode"] == 0
    assert wechat.send({"thing1": "备案"}, template_id="t2")["errcode"] == 40037
    (message,) = wechat.get("/_standin/messages", openid="zhang")["messages"]
    assert message["text"] == "事项:备案 结果:通过"
    assert wechat.get("/_standin/messages", openid="li")["messages"] == []


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"touser": ""}, 40003),
        ({"touser": "张三"}, 40003),
        ({"template_id": ""}, 40037),
        ({"page": "/pages/index"}, 41030),
        ({"page": "pages/首页"}, 41030),
        ({"miniprogram_state": "beta"}, 40097),
        ({"data": {}}, 47003),
        ({"data": {"thing1": "no holder"}}, 47003),
        ({"data": {"thing1": {"value": True}}}, 47003),
    ],
)
def test_a_wrong_message_is_refused(wechat: Vendor, changed: dict[str, Any], errcode: int) -> None:
    message = {"touser": "zhang", "template_id": "t1", "data": {"thing1": {"value": "甲"}}}
    assert wechat.post(SEND, {**message, **changed})["errcode"] == errcode


# Codes and media


def test_a_transparent_code_is_a_png_that_can_be_read(wechat: Vendor) -> None:
    query = {"access_token": wechat.token()["access_token"]}
    body = {"scene": "a=1", "width": 280, "is_hyaline": True}
    answer = requests.post(f"{wechat.url}/wxa/getwxacodeunlimit", params=query, json=body, timeout=5)
    assert answer.headers["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    white = Image.new("RGBA", picture.size, "white")
    (code,) = zxingcpp.read_barcodes(Image.alpha_composite(white, picture.convert("RGBA")).convert("L"))
    assert "scene=a%3D1" in code.text


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [({"width": 279}, 40097), ({"width": 1281}, 40097), ({"page": "/pages/a"}, 41030), ({"scene": 1}, 40169)],
)
def test_a_wrong_code_is_refused(wechat: Vendor, changed: dict[str, Any], errcode: int) -> None:
    body = {"scene": "a=1", "page": "pages/a", **changed}
    assert wechat.post("/wxa/getwxacodeunlimit", body)["errcode"] == errcode


MEDIA_BODY = {
    "media_url": "https://example.org/a.jpg",
    "media_type": 2,
    "version": 2,
    "scene": 1,
    "openid": "zhang",
}


@pytest.mark.parametrize(
    ("changed", "errcode"),
    [
        ({"version": 1}, 40097),
        ({"media_type": 3}, 40097),
        ({"scene": 5}, 40097),
        ({"openid": ""}, 40097),
        ({"media_url": "file:///etc/passwd"}, 40066),
    ],
)
def test_a_wrong_media_check_is_refused(wechat: Vendor, changed: dict[str, Any], errcode: int) -> None:
    assert wechat.post(MEDIA, {**MEDIA_BODY, **changed})["errcode"] == errcode


def test_the_verdict_of_a_media_check_can_be_ordered_for_one_person(wechat: Vendor) -> None:
    wechat.order("media-verdict", suggest="risky", openid="li")
    wechat.post(MEDIA, MEDIA_BODY)
    wechat.post(MEDIA, {**MEDIA_BODY, "openid": "li"})
    checks = wechat.get("/_standin/media-checks")["checks"]
    assert [(check["suggest"], check["label"]) for check in checks] == [("pass", 100), ("risky", 20002)]


class Receiver(ThreadingHTTPServer):
    """Takes WeChat's events; answers the statuses in ``statuses`` first, then 200 success."""

    daemon_threads = True

    def __init__(self, statuses: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _ReceiverHandler)
        self.statuses = statuses
        self.events: list[tuple[dict[str, list[str]], dict[str, Any]]] = []
        self.arrived = threading.Condition()

    def wait_for(self, count: int) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.events) >= count, timeout=10)


class _ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"success")
        with self.server.arrived:
            self.server.events.append((parse_qs(urlsplit(self.path).query), body))
            self.server.arrived.notify_all()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent."""


@pytest.fixture
def receiver() -> Iterator[Callable[[list[int]], Receiver]]:
    started: list[Receiver] = []

    def start(statuses: list[int]) -> Receiver:
        server = Receiver(statuses)
        started.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(("statuses", "attempts"), [([], 1), ([500], 2), ([500, 500, 500], 3)])
def test_the_event_of_a_media_check_is_signed_and_tried_three_times(
    receiver: Callable[[list[int]], Receiver], statuses: list[int], attempts: int
) -> None:
    ours = receiver(statuses)
    callback = MediaCallback(f"http://127.0.0.1:{ours.server_port}/wechat/events", "message-token")
    with StandIns(Settings(media_callback=callback)) as standins:
        trace_id = Vendor(standins.wechat_url).post(MEDIA, MEDIA_BODY)["trace_id"]
        assert ours.wait_for(attempts)
        for query, event in ours.events:
            joined = "".join(sorted(("message-token", query["timestamp"][0], query["nonce"][0])))
            assert query["signature"] == [hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()]
            assert (event["Event"], event["trace_id"]) == ("wxa_media_check", trace_id)
            assert event["result"] == {"suggest": "pass", "label": 100}
        assert len(ours.events) == attempts
