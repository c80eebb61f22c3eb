"""Tokens that are forged, expired, of the wrong kind or used twice, and the session that renews itself quietly."""

import base64
import json
from datetime import timedelta
from functools import partial
from typing import Any

from mock_client.actors import Citizen
from mock_client.actors.telling import tell_me
from mock_client.answers import Answer
from mock_client.checks import must, must_be
from mock_client.people import Wanted
from mock_client.world import World

NAME = "tokens"
TITLE = "登录凭证：伪造、过期、用错、重复使用都被识破；正常过期自动续上"


def run(world: World) -> None:
    citizen = world.citizen(Wanted("1401", student=False))
    citizen.sign_in()
    access, refresh = citizen.phone.tokens.access or "", citizen.phone.tokens.refresh or ""
    for did, token, code in (
        ("改了内容的凭证", _changed(access), "token_invalid"),
        ("没有签名的凭证（alg=none）", _unsigned(access), "token_invalid"),
        ("签名少了几个字的凭证", access[:-6], "token_invalid"),
        ("把续期凭证当访问凭证用", refresh, "token_invalid"),
        ("乱写的凭证", "not-a-token", "token_invalid"),
    ):
        refusal = citizen.refused(did, code, partial(_me, citizen, token), status=401)
        must("Bearer" in refusal.answer.headers.get("WWW-Authenticate", ""), "401 应当说明要 Bearer 凭证")
    citizen.refused("没有带凭证", "not_signed_in", lambda: _me(citizen, None), status=401)
    citizen.refused(
        "把访问凭证当续期凭证用",
        "token_invalid",
        lambda: citizen.api.refresh_tokens(access),
        status=401,
    )
    _expired(world, citizen)
    _refreshed_twice(citizen)
    _signed_out(citizen)


def _expired(world: World, citizen: Citizen) -> None:
    if world.office is None:
        with citizen.step("昨天登录的手机，今天再用") as step:
            step.saw("这里没有 zhangban 命令，不能开一台昨天的服务器，这一步不演")
        return
    with world.at(world.now - timedelta(days=1)) as yesterday:
        phone_owner = yesterday.same(citizen.person)
        phone_owner.sign_in("昨天：打开小程序，用微信登录")
    phone = phone_owner.phone
    phone.transport.base_url = world.base_url
    old = phone.tokens.access or ""
    phone_owner.refused(
        "今天：拿昨天的凭证直接访问", "token_expired", lambda: _me(phone_owner, old), status=401
    )
    with phone_owner.step("今天：打开小程序，自己续期，不用重新登录") as step:
        me = phone_owner.api.get_me()
        must(phone.tokens.access != old, "续期后应当是新的凭证")
        tell_me(step, me)


def _refreshed_twice(citizen: Citizen) -> None:
    first = citizen.phone.tokens.refresh or ""
    with citizen.step("续期两次，手上是最新的凭证") as step:
        second = citizen.api.refresh_tokens(first)
        again = citizen.api.refresh_tokens(first)
        must_be("回答丢失后重发，得到的续期凭证", again["refresh_token"], second["refresh_token"])
        third = citizen.api.refresh_tokens(second["refresh_token"])
        step.saw("已续期")
    citizen.refused(
        "有人拿旧的续期凭证再来续期",
        "refresh_token_reused",
        lambda: citizen.api.refresh_tokens(first),
        status=401,
    )
    citizen.refused(
        "为安全起见，最新的凭证也失效了",
        "session_ended",
        lambda: _me(citizen, third["access_token"]),
        status=401,
    )
    citizen.phone.forget()
    citizen.sign_in("重新登录")


def _signed_out(citizen: Citizen) -> None:
    access = citizen.phone.tokens.access
    with citizen.step("退出登录") as step:
        citizen.api.sign_out()
        step.saw("已退出")
    citizen.refused("退出后还用原来的凭证", "session_ended", lambda: _me(citizen, access), status=401)


def _me(citizen: Citizen, token: str | None) -> Answer:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return citizen.phone.call("GET", "/api/v1/me", headers=headers, signed=False, expect=200)


def _changed(token: str) -> str:
    head, claims, signature = token.split(".")
    return ".".join((head, _packed({**_unpacked(claims), "sub": "somebody-else"}), signature))


def _unsigned(token: str) -> str:
    head, claims, _ = token.split(".")
    return f"{_packed({**_unpacked(head), 'alg': 'none'})}.{claims}."


def _unpacked(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _packed(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
