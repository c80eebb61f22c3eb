"""Forged, foreign and old tokens are refused, each with a code of its own kind; a good one costs one statement."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from flask.testing import FlaskClient
from identity_world import API, Caller, add_handler, private, sign_in, sign_in_staff, statements_of
from sqlalchemy import update

from app.gateways.parts import Parts
from app.identity import tokens
from app.identity.models import Account, SignInSession
from app.identity.tokens import TokenType
from app.kit import clock
from app.kit.errors import Problem

CHALLENGE = "Bearer error="


@pytest.fixture
def citizen(client: FlaskClient) -> Caller:
    return sign_in(client, "openid-wang")


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    return _unpack(header), _unpack(payload)


def _unpack(part: str) -> dict[str, Any]:
    unpacked: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return unpacked


def pack(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def resigned(
    token: str, key: bytes, *, algorithm: str = "HS256", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """The token again, honestly signed, with other headers or claims; None takes one away."""
    old_header, payload = parts_of(token)
    headers = {name: value for name, value in {**old_header, **(header or {})}.items() if name != "alg"}
    payload = {name: value for name, value in {**payload, **claims}.items() if value is not None}
    return jwt.encode(payload, key, algorithm, headers=headers)


def unsigned(token: str, algorithm: str = "none") -> str:
    header, payload = parts_of(token)
    return f"{pack({**header, 'alg': algorithm})}.{pack(payload)}."


def flipped(token: str) -> str:
    """Another signature: its first character changed."""
    body, _, signature = token.rpartition(".")
    return f"{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def other_payload(token: str) -> str:
    header, payload, signature = token.split(".")
    return f"{header}.{pack({**_unpack(payload), 'sub': str(uuid4())})}.{signature}"


OTHER_KEY = b"x" * 32

FORGERIES: dict[str, Callable[[str, bytes], str]] = {
    "no algorithm": lambda token, _key: unsigned(token),
    "no algorithm, in capitals": lambda token, _key: unsigned(token, "NONE"),
    "another algorithm with the same key": lambda token, key: resigned(token, key * 2, algorithm="HS512"),
    "a header that lies about the algorithm": lambda token, _key: _relabelled(token, "HS384"),
    "another key": lambda token, _key: resigned(token, OTHER_KEY),
    "another key and its own kid": lambda token, _key: resigned(
        token, OTHER_KEY, header={"kid": tokens.key_id(OTHER_KEY)}
    ),
    "a kid of ours that is not": lambda token, key: resigned(token, key, header={"kid": "0" * 16}),
    "a kid that is a path": lambda token, key: resigned(token, key, header={"kid": "../../etc/passwd"}),
    "no type": lambda token, key: resigned(token, key, header={"typ": "JWT"}),
    "a refresh token's type": lambda token, key: resigned(token, key, header={"typ": "rt+jwt"}),
    "another issuer": lambda token, key: resigned(token, key, iss="somebody"),
    "no issuer": lambda token, key: resigned(token, key, iss=None),
    "another audience": lambda token, key: resigned(token, key, aud="another-api"),
    "our audience among others": lambda token, key: resigned(
        token, key, aud=[tokens.AUDIENCE, "another-api"]
    ),
    "no audience": lambda token, key: resigned(token, key, aud=None),
    "no end": lambda token, key: resigned(token, key, exp=None),
    "an end in words": lambda token, key: resigned(token, key, exp="tomorrow"),
    "an end that is true": lambda token, key: resigned(token, key, exp=True),
    "an end beyond all time": lambda token, key: resigned(token, key, exp=10**30),
    "a beginning in an hour": lambda token, key: resigned(token, key, iat=_in(hours=1), exp=_in(hours=2)),
    "no subject": lambda token, key: resigned(token, key, sub=None),
    "a subject that is no id": lambda token, key: resigned(token, key, sub="admin"),
    "no session": lambda token, key: resigned(token, key, sid=None),
    "a session that is no id": lambda token, key: resigned(token, key, sid="' OR 1=1"),
    "no token id": lambda token, key: resigned(token, key, jti=None),
    "a changed signature": lambda token, _key: flipped(token),
    "a changed payload": lambda token, _key: other_payload(token),
    "no signature": lambda token, _key: token.rpartition(".")[0] + ".",
    "cut off": lambda token, _key: token[:-10],
    "two parts": lambda token, _key: token.rpartition(".")[0],
    "four parts": lambda token, _key: token + ".e30",
    "no token at all": lambda _token, _key: "no-token-at-all",
    "only dots": lambda _token, _key: "..",
    "a list as payload": lambda token, _key: f"{token.split('.')[0]}.{pack([1])}.{token.split('.')[2]}",
    "deep nesting": lambda token, _key: f"{token.split('.')[0]}.{'W1tb' * 400}.{token.split('.')[2]}",
}


def _in(**ahead: int) -> int:
    return int((clock.now() + timedelta(**ahead)).timestamp())


def _relabelled(token: str, algorithm: str) -> str:
    header, payload, signature = token.split(".")
    return f"{pack({**_unpack(header), 'alg': algorithm})}.{payload}.{signature}"


REFUSED = (401, "token_invalid")


def test_no_forged_access_token_opens_anything(citizen: Caller, parts: Parts) -> None:
    answers = {}
    for how, forge in FORGERIES.items():
        token = private(forge(citizen.answer["access_token"], parts.token_key))
        refusal = citizen.refused("GET", "/me", Authorization=f"Bearer {token}")
        answers[how] = (refusal.status, refusal.code)
        assert refusal.headers["WWW-Authenticate"].startswith(CHALLENGE), how

    assert answers == dict.fromkeys(FORGERIES, REFUSED)


def test_no_forged_refresh_token_renews_anything_or_ends_the_real_one(citizen: Caller, parts: Parts) -> None:
    forgeries = {how: forge for how, forge in FORGERIES.items() if how != "a refresh token's type"}
    answers = {}
    for how, forge in forgeries.items():
        token = private(forge(citizen.answer["refresh_token"], parts.token_key))
        refusal = citizen.refused("POST", "/auth/refresh", {"refresh_token": token})
        answers[how] = (refusal.status, refusal.code)

    assert answers == dict.fromkeys(forgeries, REFUSED)
    assert citizen.ok("POST", "/auth/refresh", {"refresh_token": citizen.answer["refresh_token"]})


def test_a_refresh_token_opens_nothing_and_an_access_token_renews_nothing(citizen: Caller) -> None:
    access, refresh = citizen.answer["access_token"], citizen.answer["refresh_token"]

    as_access = citizen.refused("GET", "/me", Authorization=f"Bearer {refresh}")
    as_refresh = citizen.refused("POST", "/auth/refresh", {"refresh_token": access})

    assert as_access.code == as_refresh.code == "token_invalid"


def test_an_access_token_ends_after_its_minutes_by_the_products_clock(citizen: Caller, parts: Parts) -> None:
    lifetime = timedelta(minutes=parts.settings.access_token_minutes)
    assert citizen.answer["expires_in"] == lifetime.total_seconds()

    with clock.travel(clock.now() + lifetime - timedelta(seconds=5)):
        assert citizen.ok("GET", "/me")
    with clock.travel(clock.now() + lifetime):
        refusal = citizen.refused("GET", "/me")

    assert (refusal.status, refusal.code) == (401, "token_expired")
    assert refusal.headers["WWW-Authenticate"].startswith(CHALLENGE)


def test_a_token_made_by_a_process_whose_clock_is_a_little_ahead_is_good(
    citizen: Caller, parts: Parts
) -> None:
    token = resigned(citizen.answer["access_token"], parts.token_key, iat=_in(seconds=30))

    assert citizen.ok("GET", "/me", Authorization=f"Bearer {token}")


def _revoke(parts: Parts, caller: Caller) -> None:
    change = update(SignInSession).values(revoked_at=clock.now(), revoked_for="test")
    parts.database.run(lambda session: session.execute(change))


def _disable(parts: Parts, caller: Caller) -> None:
    change = update(Account).where(Account.id == caller.account_id).values(disabled_at=clock.now())
    parts.database.run(lambda session: session.execute(change))


def _sign_out(parts: Parts, caller: Caller) -> None:
    caller.ok("POST", "/auth/logout", status=204)


@pytest.mark.parametrize("ending", [_revoke, _disable, _sign_out])
def test_a_sign_in_that_ended_is_told_from_a_forgery(
    ending: Callable[[Parts, Caller], None], citizen: Caller, parts: Parts
) -> None:
    ending(parts, citizen)

    looking = citizen.refused("GET", "/me")
    renewing = citizen.refused("POST", "/auth/refresh", {"refresh_token": citizen.answer["refresh_token"]})

    assert (looking.status, looking.code) == (renewing.status, renewing.code) == (401, "session_ended")
    assert looking.headers["WWW-Authenticate"].startswith(CHALLENGE)


def test_a_session_does_not_serve_another_account(client: FlaskClient, citizen: Caller, parts: Parts) -> None:
    other = sign_in(client, "openid-li")

    mixed = resigned(citizen.answer["access_token"], parts.token_key, sub=str(other.account_id))

    assert citizen.refused("GET", "/me", Authorization=f"Bearer {private(mixed)}").code == "session_ended"


@pytest.mark.parametrize("header", [{}, {"Authorization": ""}, {"Authorization": "Basic eHg6eHg="}])
def test_without_a_token_one_is_asked_to_sign_in(header: dict[str, str], client: FlaskClient) -> None:
    response = client.get(f"{API}/me", headers=header)

    assert (response.status_code, response.get_json()["code"]) == (401, "not_signed_in")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_actor_costs_one_statement(client: FlaskClient, parts: Parts) -> None:
    account_id, person_id = add_handler(parts, "hanbin.li")
    token = sign_in_staff(client, "hanbin.li").answer["access_token"]

    with statements_of(parts) as statements, parts.database.reading() as session:
        actor = tokens.authenticator(parts.token_key)(session, token)

    assert len(statements) == 1
    assert (actor.account_id, actor.person_id, actor.roles) == (account_id, person_id, {"handler"})
    assert [(grant.region_code, grant.organisation_name) for grant in actor.grants] == [
        ("610902", "汉滨区医保经办中心")
    ]


def test_a_token_holds_nothing_but_ids_and_times(citizen: Caller) -> None:
    header, payload = parts_of(citizen.answer["access_token"])

    assert set(header) == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == ("HS256", "at+jwt")
    assert set(payload) == {"iss", "aud", "sub", "sid", "iat", "exp", "jti"}
    assert parts_of(citizen.answer["refresh_token"])[0]["typ"] == "rt+jwt"


def test_tokens_of_another_key_are_refused_by_its_kid(citizen: Caller) -> None:
    with pytest.raises(Problem) as raised:
        tokens.read(OTHER_KEY, TokenType.ACCESS, citizen.answer["access_token"])

    assert raised.value.kind.code == "token_invalid"
    assert raised.value.__cause__ is None


def test_the_same_claims_make_the_same_token(parts: Parts) -> None:
    now = clock.now()
    claims = tokens.Claims(uuid4(), uuid4(), "id", now, now + timedelta(minutes=1))

    first, second = (tokens.sign(parts.token_key, TokenType.ACCESS, claims) for _ in range(2))

    assert first == second
    assert isinstance(tokens.read(parts.token_key, TokenType.ACCESS, first).account_id, UUID)
