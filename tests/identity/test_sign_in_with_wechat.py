"""Signing in by WeChat, over the real HTTP of the stand-in."""

import pytest
from flask.testing import FlaskClient
from identity_world import (
    Caller,
    WeChatControl,
    add_citizen,
    at_the_same_moment,
    js_code,
    sign_in,
)
from sqlalchemy import func, select, update

from app.gateways.parts import Parts
from app.identity.models import Account, WechatLogin
from app.kit import clock
from app.kit.api.application import Application

CODE_TO_SESSION = "/sns/jscode2session"


def count_accounts(parts: Parts) -> int:
    with parts.database.reading() as session:
        return session.execute(select(func.count()).select_from(Account)).scalar_one()


def test_the_first_sign_in_makes_an_account_that_nobody_knows_yet(client: FlaskClient, parts: Parts) -> None:
    phone = sign_in(client, "openid-new")

    assert phone.answer["account"] == {
        "id": str(phone.account_id),
        "kind": "citizen",
        "roles": ["citizen"],
        "real_name": False,
    }
    assert phone.answer["token_type"] == "Bearer"
    assert phone.answer["expires_in"] == parts.settings.access_token_minutes * 60
    assert count_accounts(parts) == 1


def test_the_next_sign_in_finds_the_same_account(client: FlaskClient, parts: Parts) -> None:
    first, second = sign_in(client, "openid-wang"), sign_in(client, "openid-wang")

    assert first.account_id == second.account_id
    assert sign_in(client, "openid-li").account_id != first.account_id
    assert count_accounts(parts) == 2


def test_somebody_known_is_real_named_from_the_start(client: FlaskClient, parts: Parts) -> None:
    add_citizen(parts, "openid-known")

    assert sign_in(client, "openid-known").answer["account"]["real_name"] is True


def test_the_openid_is_kept_sealed(client: FlaskClient, parts: Parts) -> None:
    sign_in(client, "openid-of-somebody")

    with parts.database.reading() as session:
        login = session.execute(select(WechatLogin)).scalar_one()

    assert b"openid-of-somebody" not in login.openid_sealed
    assert login.openid == "openid-of-somebody"


def test_a_code_signs_in_once(anybody: Caller) -> None:
    code = js_code("openid-wang")
    assert anybody.ok("POST", "/auth/wechat", {"js_code": code})

    refusal = anybody.refused("POST", "/auth/wechat", {"js_code": code})

    assert (refusal.status, refusal.code) == (422, "wechat_code_rejected")
    assert set(refusal.body["errors"]) == {"js_code"}


@pytest.mark.parametrize(
    ("how", "status", "code", "retry_after"),
    [
        ({"errcode": 40029}, 422, "wechat_code_rejected", None),
        ({"errcode": 40163}, 422, "wechat_code_rejected", None),
        ({"errcode": 40226}, 403, "wechat_high_risk_user", None),
        ({"errcode": -1, "times": 2}, 503, "wechat_unavailable", "5"),
        ({"http_status": 502}, 503, "wechat_unavailable", "5"),
        ({"drop": True}, 503, "wechat_unavailable", "5"),
        ({"errcode": 45011}, 503, "wechat_unavailable", "60"),
        ({"errcode": 45009}, 503, "wechat_unavailable", "60"),
        ({"errcode": 40013}, 503, "wechat_unavailable", "60"),
        ({"errcode": 40125}, 503, "wechat_unavailable", "60"),
        ({"errcode": 99999}, 503, "wechat_unavailable", "60"),
    ],
)
def test_each_trouble_of_wechat_has_its_answer_and_leaves_nothing_behind(
    how: dict[str, object],
    status: int,
    code: str,
    retry_after: str | None,
    anybody: Caller,
    wechat: WeChatControl,
    parts: Parts,
) -> None:
    wechat.fail_next(CODE_TO_SESSION, **how)

    refusal = anybody.refused("POST", "/auth/wechat", {"js_code": js_code("openid-wang")})

    assert (refusal.status, refusal.code) == (status, code)
    assert refusal.headers.get("Retry-After") == retry_after
    assert count_accounts(parts) == 0


def test_wechat_busy_once_is_not_noticed(anybody: Caller, wechat: WeChatControl) -> None:
    wechat.fail_next(CODE_TO_SESSION, errcode=-1)

    assert anybody.ok("POST", "/auth/wechat", {"js_code": js_code("openid-wang")})


def test_refusals_are_told_in_the_readers_language(anybody: Caller, wechat: WeChatControl) -> None:
    wechat.fail_next(CODE_TO_SESSION, errcode=40226, times=2)

    chinese = anybody.refused("POST", "/auth/wechat", {"js_code": js_code("openid-wang")})
    english = anybody.refused(
        "POST", "/auth/wechat", {"js_code": js_code("openid-wang")}, Accept_Language="en"
    )

    assert chinese.body["detail"].startswith("微信提示")
    assert english.body["detail"].startswith("WeChat reports")


def test_a_disabled_account_is_told_so(client: FlaskClient, anybody: Caller, parts: Parts) -> None:
    phone = sign_in(client, "openid-wang")
    disable = update(Account).where(Account.id == phone.account_id).values(disabled_at=clock.now())
    parts.database.run(lambda session: session.execute(disable))

    refusal = anybody.refused("POST", "/auth/wechat", {"js_code": js_code("openid-wang")})

    assert (refusal.status, refusal.code) == (403, "account_disabled")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"js_code"}),
        ({"js_code": None}, {"js_code"}),
        ({"js_code": 5}, {"js_code"}),
        ({"js_code": ""}, {"js_code"}),
        ({"js_code": "x" * 201}, {"js_code"}),
        ({"js_code": "x", "openid": "somebody-else"}, {"openid"}),
        ({"jscode": "x"}, {"js_code", "jscode"}),
    ],
)
def test_a_request_of_the_wrong_form_is_refused_by_field(
    body: dict[str, object], fields: set[str], anybody: Caller
) -> None:
    refusal = anybody.refused("POST", "/auth/wechat", body)

    assert (refusal.status, refusal.code) == (422, "invalid_input")
    assert set(refusal.body["errors"]) == fields


class TestOnBothDatabases:
    @pytest.fixture
    def database_url(self, both_databases: str) -> str:
        return both_databases

    def test_two_first_sign_ins_at_the_same_moment_make_one_account(
        self, app: Application, parts: Parts
    ) -> None:
        for round_number in range(5):
            openid = f"openid-{round_number}"

            phones = at_the_same_moment(4, lambda _, openid=openid: sign_in(app.test_client(), openid))

            assert len({phone.account_id for phone in phones}) == 1
            assert all(phone.ok("GET", "/me") for phone in phones)
            assert count_accounts(parts) == round_number + 1
