"""The stand-ins as a program, and how QA and the phone steer them."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from standin_vendor import SEND, SESSION_QUERY, Vendor

from mock_client import wechat_rules
from mock_client.standins import StandIns

ROOT = Path(__file__).resolve().parents[2]


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


# As a program


def test_the_program_says_where_it_serves_and_ends_on_sigterm() -> None:
    command = [
        sys.executable,
        "-m",
        "mock_client.standins",
        "--wechat-port",
        "0",
        "--sms-port",
        "0",
        "--json",
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        addresses = json.loads(program.stdout.readline())
        for name, service in (("wechat_url", "wechat"), ("sms_url", "sms")):
            health = requests.get(f"{addresses[name]}/_standin/health", timeout=5).json()
            assert health == {"status": "ok", "service": service, "messages": 0}
        program.send_signal(signal.SIGTERM)
        rest, errors = program.communicate(timeout=10)
    assert (program.returncode, rest, errors) == (0, "", "")


def test_the_program_ends_when_whoever_started_it_is_gone() -> None:
    command = [
        sys.executable,
        "-m",
        "mock_client.standins",
        "--wechat-port",
        "0",
        "--sms-port",
        "0",
        "--json",
    ]
    with subprocess.Popen(
        [*command, "--end-with-stdin"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert json.loads(program.stdout.readline())
        assert program.poll() is None
        # The kernel closes the pipe's other end when its process dies, however it dies.
        program.stdin.close()
        assert program.wait(timeout=10) == 0
        assert program.stderr is not None
        assert program.stderr.read() == ""


def test_the_program_takes_templates_from_a_file(tmp_path: Path) -> None:
    templates = {"wechat": {"t1": "办理结果:{{phrase1.DATA}}"}, "sms": {"1110": "您的{1}已办结。"}}
    (tmp_path / "templates.json").write_text(json.dumps(templates), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mock_client.standins",
        "--wechat-port",
        "0",
        "--sms-port",
        "0",
        "--json",
    ]
    command += ["--templates", str(tmp_path / "templates.json")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        wechat = Vendor(json.loads(program.stdout.readline())["wechat_url"])
        assert wechat.send({"phrase1": "通过"})["errcode"] == 0
        assert wechat.get("/_standin/messages")["messages"][0]["text"] == "办理结果:通过"
        assert wechat.send({"phrase1": "通过"}, template_id="t2")["errcode"] == 40037
        program.send_signal(signal.SIGINT)
        assert program.wait(timeout=10) == 0


def test_both_servers_are_gone_after_the_with_block() -> None:
    with StandIns() as standins:
        ports = [urlsplit(url).port for url in (standins.wechat_url, standins.sms_url)]
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port or 0)) != 0


# Steering


@pytest.mark.parametrize(
    ("what", "body", "named"),
    [
        ("js-code", {}, "openid"),
        ("js-code", {"openid": 1}, "openid"),
        ("js-code", {"openid": "张三"}, "openid"),
        ("js-code", {"openid": "zhang", "unoinid": "u"}, "unoinid"),
        ("phone-code", {"phone": "abc"}, "phone"),
        ("facial-verify", {"verify_id": "x", "verify_ret": 7}, "verify_ret"),
        ("subscriptions", {"openid": "zhang", "template_id": "t", "accept": "yes"}, "accept"),
        ("fail-next", {"path": SEND}, "errcode"),
        ("fail-next", {"errcode": 40001}, "path"),
        ("fail-next", {"path": SEND, "errcode": 40001, "times": 0}, "times"),
        ("fail-next", {"path": SEND, "errcode": "40001"}, "errcode"),
        ("media-verdict", {"suggest": "bad"}, "suggest"),
        ("advance", {"seconds": 1.5}, "seconds"),
    ],
)
def test_a_wrong_order_is_a_400_that_names_the_field(
    wechat: Vendor, what: str, body: dict[str, Any], named: str
) -> None:
    answer = wechat.order(what, **body)
    assert answer.status_code == 400
    assert named in answer.json()["error"]


def test_an_order_that_is_no_object_is_a_400(wechat: Vendor) -> None:
    answer = requests.post(f"{wechat.url}/_standin/js-code", data=b"[1]", timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": "the body must be a JSON object"})


def test_a_face_check_can_be_done_within_an_hour(wechat: Vendor) -> None:
    assert wechat.order("facial-verify", verify_id="unknown").status_code == 404
    cert = {"cert_type": "IDENTITY_CARD", "cert_name": "张三", "cert_no": "310101199801011234"}
    start = {"out_seq_no": "check-1", "cert_info": cert, "openid": "zhang"}
    verify_id = wechat.post("/cityservice/face/identify/getverifyid", start)["verify_id"]
    assert wechat.order("facial-verify", verify_id=verify_id, verify_ret=10004).json()["meaning"]
    query = {
        "verify_id": verify_id,
        "out_seq_no": "check-1",
        "cert_hash": wechat_rules.cert_hash(**cert),
        "openid": "zhang",
    }
    answer = wechat.post("/cityservice/face/identify/queryverifyinfo", query)
    assert answer == {"errcode": 0, "errmsg": "ok", "verify_ret": 10004}
    wechat.order("advance", seconds=3600)
    assert wechat.order("facial-verify", verify_id=verify_id).status_code == 404


def test_both_sides_compute_the_documented_cert_hash() -> None:
    digest = wechat_rules.cert_hash("IDENTITY_CARD", "张三", "310101199801011234")
    assert digest == "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b"


def test_ordered_faults_come_oldest_first_and_as_often_as_ordered(wechat: Vendor) -> None:
    wechat.order("fail-next", path=SEND, errcode=45011, times=2)
    wechat.order("fail-next", path="*", errcode=-1, only_openid="zhang")
    token = wechat.token()["access_token"]
    body = {"touser": "zhang", "template_id": "t1", "data": {"thing1": {"value": "甲"}}}
    codes = [wechat.post(SEND, body, token)["errcode"] for _ in range(4)]
    assert codes == [45011, 45011, -1, 0]
    assert wechat.get("/_standin/fail-next") == {"waiting": []}


def test_faults_that_last_end_when_cleared(wechat: Vendor) -> None:
    wechat.order("fail-next", path=SEND, errcode=48001, http_status=200, times=None)
    assert [wechat.send({"thing1": "甲"})["errcode"] for _ in range(3)] == [48001] * 3
    requests.delete(f"{wechat.url}/_standin/fail-next", timeout=5)
    assert wechat.send({"thing1": "甲"})["errcode"] == 0


def test_a_dropped_connection_ends_at_once_and_without_an_answer(wechat: Vendor) -> None:
    wechat.order("fail-next", path="/sns/jscode2session", drop=True)
    before = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        wechat.get("/sns/jscode2session", **SESSION_QUERY)
    assert time.monotonic() - before < 2
    assert wechat.get("/sns/jscode2session", **SESSION_QUERY)["openid"] == "zhang"


def test_reset_forgets_everything_but_the_configuration(wechat: Vendor) -> None:
    wechat.send({"thing1": "甲"})
    wechat.get("/sns/jscode2session", **SESSION_QUERY)
    wechat.order("fail-next", path="*", errcode=-1, times=None)
    wechat.order("subscriptions", openid="zhang", template_id="t1", accept=False)
    assert wechat.order("reset").json() == {"status": "ok"}
    assert wechat.get("/_standin/messages")["messages"] == []
    assert wechat.get("/sns/jscode2session", **SESSION_QUERY)["openid"] == "zhang"
    assert wechat.send({"thing1": "甲"})["errcode"] == 0
