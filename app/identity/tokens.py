"""Access and refresh tokens: JSON Web Tokens with one algorithm, one key and two types that never stand in
for each other (RFC 8725, RFC 9068). They name an account and a sign-in, and hold nothing personal.

Time is the product's clock, not PyJWT's, so that a demo may start its clock elsewhere.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import jwt
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.identity import queries
from app.identity.actor import Actor
from app.identity.errors import SESSION_ENDED, TOKEN_EXPIRED, TOKEN_INVALID, unauthorized
from app.kit import clock

ALGORITHM: Final = "HS256"
ISSUER: Final = "zhangban"
AUDIENCE: Final = "zhangban-api"
CLOCK_SKEW: Final = timedelta(seconds=60)
"""How far ahead the clock of another web process may be."""

REMEMBERED: Final = 2_000
"""How many tokens a process remembers as verified: about 2 MB."""

_OPTIONS: Final[Any] = {
    "require": ["iss", "aud", "sub", "sid", "iat", "exp", "jti"],
    "strict_aud": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class TokenType(StrEnum):
    """The ``typ`` header."""

    ACCESS = "at+jwt"
    REFRESH = "rt+jwt"


@dataclass(frozen=True)
class Claims:
    """What a token says."""

    account_id: UUID
    session_id: UUID
    token_id: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime


def new_token_id() -> str:
    """A random jti of 256 bits."""
    return secrets.token_urlsafe(32)


def key_id(token_key: bytes) -> str:
    """The ``kid`` of a key: a new key has a new one, and tokens of the old one are refused by it."""
    return hashlib.sha256(b"token key id\0" + token_key).hexdigest()[:16]


def sign(token_key: bytes, token_type: TokenType, claims: Claims) -> str:
    """The token with these claims. The same claims give the same token; times are kept in whole seconds."""
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(claims.account_id),
        "sid": str(claims.session_id),
        "jti": claims.token_id,
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
    }
    headers = {"typ": token_type.value, "kid": key_id(token_key)}
    return jwt.encode(payload, token_key, ALGORITHM, headers=headers)


def read(token_key: bytes, token_type: TokenType, token: str) -> Claims:
    """What a token of ours says. Raises TOKEN_INVALID or, when it was good once, TOKEN_EXPIRED."""
    try:
        claims = _verified(token_key, token_type, token)
    except (jwt.PyJWTError, ValueError):
        # The reason stays here: whoever forges a token need not learn where it failed.
        raise unauthorized(TOKEN_INVALID) from None
    now = clock.now()
    if claims.issued_at > now + CLOCK_SKEW:
        raise unauthorized(TOKEN_INVALID)
    if claims.expires_at <= now:
        raise unauthorized(TOKEN_EXPIRED)
    return claims


@lru_cache(maxsize=REMEMBERED)
def _verified(token_key: bytes, token_type: TokenType, token: str) -> Claims:
    """What a token says whose signature and form are right. Raises PyJWTError or ValueError.

    A phone sends its token with every request. What is right once stays so, and is remembered; refusals are not. Time
    and the sign-in are looked at each time all the same.
    """
    decoded = jwt.decode_complete(
        token, token_key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=_OPTIONS
    )
    header: Mapping[str, object] = decoded["header"]
    if header.get("typ") != token_type or header.get("kid") != key_id(token_key):
        raise ValueError("a token of another type or key")
    return _claims(decoded["payload"])


def authenticator(token_key: bytes) -> Callable[[Session | Connection, str], Actor]:
    """What the edge calls with each access token: one statement. Raises also SESSION_ENDED."""

    def authenticate(session: Session | Connection, token: str) -> Actor:
        claims = read(token_key, TokenType.ACCESS, token)
        actor = queries.actor_of_session(session, claims.session_id, claims.account_id)
        if actor is None:
            raise unauthorized(SESSION_ENDED)
        return actor

    return authenticate


def _claims(payload: Mapping[str, Any]) -> Claims:
    token_id = payload["jti"]
    if not isinstance(token_id, str):
        raise ValueError("jti")  # noqa: TRY004 - one exception for every claim of a wrong form
    return Claims(
        account_id=UUID(str(payload["sub"])),
        session_id=UUID(str(payload["sid"])),
        token_id=token_id,
        issued_at=_moment(payload["iat"]),
        expires_at=_moment(payload["exp"]),
    )


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("not whole seconds")  # noqa: TRY004 - as above
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError):
        raise ValueError("not a time") from None
