"""Face checks, subscribe messages, mini-program codes and media checks through the WeChat gateway."""

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image

from app.gateways.errors import (
    RequestRejected,
    SubscriptionRefused,
    TemplateRejected,
)
from app.gateways.wechat import AppVersion, FaceOutcome, WeChat, cert_hash
from mock_client.standins import StandIns

Order = Callable[..., dict[str, Any]]


NAME, ID_NO, OPENID = "张三", "310101199801011234", "openid-of-zhang"


def _send(wechat: WeChat) -> None:
    wechat.send_subscribe_message(OPENID, "template", None, {"thing1": "异地就医备案"})


# Face checks


def test_the_cert_hash_is_that_of_wechats_documentation() -> None:
    assert cert_hash(NAME, ID_NO) == "3c241f7ff324977aeb91f173bb2a7b06569e6fd784d5573db34a636d8671108b"


@pytest.mark.parametrize(
    ("verify_ret", "outcome"),
    [
        (10000, FaceOutcome.PASSED),
        (10001, FaceOutcome.FAILED),
        (10002, FaceOutcome.FAILED),
        (10003, FaceOutcome.MISMATCH),
        (10004, FaceOutcome.FAILED),
        (10005, FaceOutcome.RUNNING),
        (10300, FaceOutcome.NOT_FINISHED),
        (90002, FaceOutcome.FAILED),
        (90199, FaceOutcome.FAILED),
    ],
)
def test_only_10000_has_passed(wechat: WeChat, order: Order, verify_ret: int, outcome: FaceOutcome) -> None:
    check = wechat.start_face_check("check-1", NAME, ID_NO, OPENID)
    order("facial-verify", verify_id=check.verify_id, verify_ret=verify_ret)
    assert wechat.face_result(check.verify_id, "check-1", NAME, ID_NO, OPENID) is outcome


def test_a_check_is_unfinished_until_the_person_was_before_the_camera(wechat: WeChat, order: Order) -> None:
    check = wechat.start_face_check("check-1", NAME, ID_NO, OPENID)
    assert check.expires_in == 3600

    def result() -> FaceOutcome:
        return wechat.face_result(check.verify_id, "check-1", NAME, ID_NO, OPENID)

    assert result() is FaceOutcome.NOT_FINISHED
    order("facial-verify", verify_id=check.verify_id, verify_ret=10005, then=10000, after=2)
    assert [result() for _ in range(4)] == [
        FaceOutcome.RUNNING,
        FaceOutcome.RUNNING,
        FaceOutcome.PASSED,
        FaceOutcome.PASSED,
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "李四"}, "40097"),
        ({"id_no": "310101199801011218"}, "40097"),
        ({"openid": "openid-of-li"}, "40003"),
        ({"out_seq_no": "check-2"}, "40097"),
        ({"verify_id": "another"}, "84001"),
    ],
    ids=["name", "id_no", "openid", "out_seq_no", "verify_id"],
)
def test_a_passed_check_cannot_be_used_for_somebody_else(
    wechat: WeChat, order: Order, changed: dict[str, str], code: str
) -> None:
    check = wechat.start_face_check("check-1", NAME, ID_NO, OPENID)
    order("facial-verify", verify_id=check.verify_id)
    true = {
        "verify_id": check.verify_id,
        "out_seq_no": "check-1",
        "name": NAME,
        "id_no": ID_NO,
        "openid": OPENID,
    }
    assert wechat.face_result(**true) is FaceOutcome.PASSED
    with pytest.raises(RequestRejected) as error:
        wechat.face_result(**{**true, **changed})
    assert error.value.code == code


@pytest.mark.parametrize("out_seq_no", ["abcd", "a" * 33, "check 1", "核身-1"])
def test_the_number_of_a_check_is_5_to_32_plain_characters(wechat: WeChat, out_seq_no: str) -> None:
    with pytest.raises(RequestRejected):
        wechat.start_face_check(out_seq_no, NAME, ID_NO, OPENID)


def test_the_number_of_a_check_is_used_once(wechat: WeChat) -> None:
    wechat.start_face_check("check-1", NAME, ID_NO, OPENID)
    with pytest.raises(RequestRejected):
        wechat.start_face_check("check-1", NAME, ID_NO, OPENID)


# Messages, codes, media


def test_a_message_arrives_with_its_values_and_page(wechat: WeChat, standins: StandIns) -> None:
    data = {"thing1": "跨省异地就医备案", "phrase2": "已通过", "date3": "2026年3月1日"}
    wechat.send_subscribe_message(OPENID, "template", "pages/filing/show?id=1", data)
    (message,) = standins.wechat.state.messages(OPENID)
    assert message["data"] == data
    assert message["page"] == "pages/filing/show?id=1"
    assert (message["miniprogram_state"], message["lang"]) == ("formal", "zh_CN")
    assert standins.wechat.state.messages("openid-of-li") == []


def test_a_refused_subscription_is_told_and_can_be_granted_again(
    wechat: WeChat, order: Order, standins: StandIns
) -> None:
    order("subscriptions", openid=OPENID, template_id="template", accept=False)
    with pytest.raises(SubscriptionRefused):
        _send(wechat)
    order("subscriptions", openid=OPENID, template_id="template", accept=True)
    _send(wechat)
    assert len(standins.wechat.state.messages(OPENID)) == 1


@pytest.mark.parametrize(("key", "value"), [("thing1", "一" * 21), ("phrase2", "passed"), ("date3", "")])
def test_a_value_that_does_not_fit_is_named(wechat: WeChat, key: str, value: str) -> None:
    with pytest.raises(TemplateRejected) as error:
        wechat.send_subscribe_message(OPENID, "template", None, {key: value})
    assert error.value.field == key


def test_a_mini_program_code_opens_its_page_with_its_scene(wechat: WeChat) -> None:
    image = Image.open(io.BytesIO(wechat.mini_program_code("v=AB12-cd", "pages/verify/index", 300)))
    assert (image.format, image.size) == ("JPEG", (300, 300))
    (code,) = zxingcpp.read_barcodes(image)
    query = parse_qs(urlsplit(code.text).query)
    assert (query["page"], query["scene"], query["env"]) == (
        ["pages/verify/index"],
        ["v=AB12-cd"],
        ["release"],
    )


def test_messages_and_codes_open_the_version_that_is_configured(standins: StandIns) -> None:
    settings = standins.settings
    wechat = WeChat(standins.wechat_url, settings.appid, settings.secret, version=AppVersion.TRIAL)
    _send(wechat)
    (message,) = standins.wechat.state.messages(OPENID)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(wechat.mini_program_code("v=1", "pages/index"))))
    assert message["miniprogram_state"] == "trial"
    assert parse_qs(urlsplit(code.text).query)["env"] == ["trial"]


@pytest.mark.parametrize("scene", ["", "a" * 33, "姓名", "a%20b", "a b"])
def test_a_scene_is_at_most_32_allowed_characters(wechat: WeChat, scene: str) -> None:
    with pytest.raises(RequestRejected) as error:
        wechat.mini_program_code(scene, "pages/verify/index")
    assert error.value.code == "40169"


def test_a_page_that_is_not_published_is_refused(wechat: WeChat, order: Order) -> None:
    order("pages", page="pages/verify/index")
    wechat.mini_program_code("v=1", "pages/verify/index")
    with pytest.raises(RequestRejected) as error:
        wechat.mini_program_code("v=1", "pages/none")
    assert error.value.code == "41030"
    with pytest.raises(RequestRejected) as error:
        wechat.send_subscribe_message(OPENID, "template", "pages/none", {"thing1": "甲"})
    assert error.value.code == "41030"


def test_a_media_check_is_remembered_under_its_trace_id(wechat: WeChat, standins: StandIns) -> None:
    trace_id = wechat.check_media(OPENID, "https://example.org/paper.jpg")
    (check,) = standins.wechat.state.media_checks(OPENID)
    assert (check["trace_id"], check["media_type"], check["suggest"]) == (trace_id, 2, "pass")
