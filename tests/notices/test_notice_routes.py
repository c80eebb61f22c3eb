"""GET /me/notices shows all that I was told, how it went out, and nothing of anybody else."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from told import CASE, Resident, Town

from app.kit import clock
from app.notices.models import NoticeKind
from app.notices.sending import PAUSES

NOTICES = "/api/v1/me/notices"


class Phone:
    """A resident's mini-program."""

    def __init__(self, client: FlaskClient, resident: Resident) -> None:
        self.client = client
        signed_in = client.post(
            "/api/v1/auth/wechat", json={"js_code": f"demo.{resident.openid}.{clock.now().timestamp():.0f}"}
        )
        assert signed_in.status_code == 200, signed_in.text
        self.headers = {"Authorization": f"Bearer {signed_in.json['access_token']}"}

    def notices(self, query: str = "", language: str = "zh-CN") -> dict:
        answer = self.client.get(NOTICES + query, headers={**self.headers, "Accept-Language": language})
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def resident(town: Town) -> Resident:
    return town.resident()


@pytest.fixture
def phone(client: FlaskClient, resident: Resident) -> Phone:
    return Phone(client, resident)


def test_a_notice_shows_its_whole_text_and_how_it_was_sent(
    town: Town, resident: Resident, phone: Phone
) -> None:
    town.unsubscribe(resident)
    (notice_id,) = town.tell(
        resident, NoticeKind.FILING_REJECTED, reason="转诊证明不是有转诊资格的医院出具的"
    )
    town.work()

    (shown,) = phone.notices()["items"]

    assert shown["id"] == str(notice_id)
    assert shown["kind"] == "filing_rejected"
    assert shown["filing_id"] == str(town.notice(notice_id).filing_id)
    assert shown["text"] == (
        f"您的异地就医备案（编号 {CASE}）没有办成。原因：转诊证明不是有转诊资格的医院出具的。"
        "情况变化后可以重新申请；有疑问请拨打 12393。"
    )
    assert (shown["status"], shown["status_text"]) == ("sent", "已发送")
    assert (shown["channel"], shown["channel_text"]) == ("sms", "短信")
    assert shown["attempts"] == 1
    assert [(tried["channel"], tried["outcome"], tried["text"]) for tried in shown["tries"]] == [
        ("wechat", "refused", "您没有订阅微信消息，改发短信"),
        ("sms", "sent", "短信已发出"),
    ]
    assert shown["sent_at"] is not None
    assert shown["read_at"] is None


def test_a_notice_is_seen_before_it_is_sent_and_every_try_after(
    town: Town, resident: Resident, phone: Phone
) -> None:
    town.fail_wechat(drop=True)
    town.tell(resident)
    assert [(item["status_text"], item["tries"]) for item in phone.notices()["items"]] == [("正在发送", [])]

    town.work()
    (waiting,) = phone.notices()["items"]
    town.work_later(PAUSES[0])
    (sent,) = phone.notices()["items"]

    assert (waiting["status"], waiting["attempts"], waiting["channel"]) == ("queued", 1, None)
    assert [tried["text"] for tried in waiting["tries"]] == ["微信暂时没有响应"]
    assert (sent["status"], sent["attempts"], sent["channel"]) == ("sent", 2, "wechat")
    assert [tried["outcome"] for tried in sent["tries"]] == ["unreachable", "sent"]
    assert sent["tries"][0]["at"] < sent["tries"][1]["at"]


def test_what_cannot_be_delivered_says_so_and_what_to_do(town: Town, client: FlaskClient) -> None:
    resident = town.resident(phone=False)
    town.unsubscribe(resident)
    town.tell(resident)
    town.work()

    (shown,) = Phone(client, resident).notices()["items"]

    assert shown["status"] == "undeliverable"
    assert "登记手机号" in shown["status_text"]


def test_the_reader_chooses_the_language(town: Town, resident: Resident, phone: Phone) -> None:
    town.tell(resident, NoticeKind.FILING_WITHDRAWN)
    town.work()

    (shown,) = phone.notices(language="en-GB")["items"]

    assert shown["text"].startswith(f"Your remote-care filing (no. {CASE}) was withdrawn.")
    assert (shown["status_text"], shown["channel_text"]) == ("Sent", "WeChat")
    assert shown["tries"][0]["text"] == "Sent to WeChat"


def test_one_sees_only_ones_own_and_of_others_only_a_masked_name(town: Town, client: FlaskClient) -> None:
    mother, son, stranger = town.resident("赵桂兰"), town.resident("欧阳志远"), town.resident()
    town.tell(mother, also=son)

    (of_mother,) = Phone(client, mother).notices()["items"]
    (of_son,) = Phone(client, son).notices()["items"]

    assert of_mother["text"].startswith("您的异地就医备案")
    assert of_son["text"].startswith("赵*兰的异地就医备案")
    assert of_mother["id"] != of_son["id"]
    assert Phone(client, stranger).notices()["items"] == []


def test_the_newest_comes_first_page_by_page(town: Town, resident: Resident, phone: Phone) -> None:
    told = [str(town.tell(resident)[0]) for _ in range(5)]

    first = phone.notices("?limit=2")
    second = phone.notices(f"?limit=2&cursor={first['next_cursor']}")
    third = phone.notices(f"?limit=2&cursor={second['next_cursor']}")

    shown = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert shown == told[::-1]
    assert third["next_cursor"] is None


def test_somebody_without_a_real_name_has_no_notices(town: Town, client: FlaskClient) -> None:
    newcomer = Phone(client, Resident(None, "a-new-openid"))

    assert newcomer.notices() == {"items": [], "next_cursor": None}


def test_one_must_be_signed_in(client: FlaskClient) -> None:
    assert client.get(NOTICES).status_code == 401


def test_reading_is_noted_once(town: Town, resident: Resident, phone: Phone) -> None:
    (notice_id,) = town.tell(resident)
    path = f"{NOTICES}/{notice_id}/read"

    first = phone.client.post(path, headers=phone.headers)
    clock.shift(timedelta(minutes=5))
    again = phone.client.post(path, headers=phone.headers)

    assert first.status_code == again.status_code == 200
    assert first.json["read_at"] is not None
    assert again.json == first.json
    assert phone.notices()["items"][0]["read_at"] == first.json["read_at"]


def test_nobody_elses_notice_can_be_marked_read(town: Town, phone: Phone) -> None:
    (notice_id,) = town.tell(town.resident())

    for wanted in (notice_id, "01900000-0000-7000-8000-000000000000"):
        answer = phone.client.post(f"{NOTICES}/{wanted}/read", headers=phone.headers)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("query", ["?limit=0", "?limit=51", "?cursor=x", "?status=sent"])
def test_a_wrong_query_is_refused(query: str, phone: Phone) -> None:
    answer = phone.client.get(NOTICES + query, headers=phone.headers)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
