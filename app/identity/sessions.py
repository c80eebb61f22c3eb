"""Sign-ins and their families of refresh tokens.

Each refresh token is good once and is exchanged for its successor. The successor's id is computed from its
predecessor's, so a refresh whose answer was lost may be sent again within GRACE, however often
and even while the first is still on its way, and always gives the same successor: nobody is thrown out and no
second branch grows. As soon as the successor was used, or GRACE is over, the old token betrays a copy and the
whole family ends (RFC 9700 4.14.2). A thief and the owner can thus not both go on.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.gateways.parts import Parts
from app.identity import queries, tokens
from app.identity.actor import AccountKind, Actor
from app.identity.errors import REFRESH_TOKEN_REUSED, SESSION_ENDED, TOKEN_INVALID, unauthorized
from app.identity.models import Account, RefreshToken, SignInSession
from app.identity.tokens import Claims, TokenType
from app.kit import clock, ids

GRACE: Final = timedelta(seconds=30)
STAFF_SESSION: Final = timedelta(hours=12)
"""Staff sign in once a working day, however often they renew."""


class EndedFor(StrEnum):
    """Why a sign-in was revoked."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, not a secret
    SECRET_CHANGED = "secret_changed"  # noqa: S105 - likewise
    DISABLED = "disabled"


@dataclass(frozen=True)
class AccountSummary:
    """Who signed in. real_name: whether the person behind the account is known."""

    id: UUID
    kind: AccountKind
    roles: tuple[str, ...]
    real_name: bool


@dataclass(frozen=True)
class SignedIn:
    """The answer to a sign-in. expires_in: seconds that the access token lives."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    account: AccountSummary
    token_type: str = "Bearer"  # noqa: S105 - the scheme's name


def begin(session: Session, parts: Parts, account: Account) -> SignedIn:
    """A new sign-in of an account and its first tokens. Terminals get no refresh token, they sign in anew."""
    now = clock.now()
    renewable = account.kind != AccountKind.TERMINAL
    row = SignInSession(
        id=ids.new_id(),
        account_id=account.id,
        created_at=now,
        expires_at=now + _lifetime(account, parts.settings),
    )
    session.add(row)
    refresh = None
    if renewable:
        token_id = tokens.new_token_id()
        session.add(_refresh_row(token_id, row.id, now))
        refresh = _refresh_token(parts, row, token_id, now)
    return _signed_in(session, parts, account, row, refresh)


def refresh(parts: Parts, token: str) -> SignedIn:
    """Exchange a refresh token, in a transaction of its own: a revocation stays although the call is refused.

    Raises TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, REFRESH_TOKEN_REUSED.
    """
    claims = tokens.read(parts.token_key, TokenType.REFRESH, token)
    answer = parts.database.run(lambda session: _rotate(session, parts, claims))
    if answer is None:
        raise unauthorized(REFRESH_TOKEN_REUSED)
    return answer


def end(session: Session, actor: Actor) -> None:
    """Sign out: all tokens of this sign-in are worth nothing from now on."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == actor.session_id, SignInSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_for=EndedFor.SIGNED_OUT)
    )


def end_all_of(session: Session, account_id: UUID, why: EndedFor) -> None:
    """Every sign-in of an account ends."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_for=why)
    )


def delete_ended(session: Session, before: datetime, limit: int) -> int:
    """Delete at most ``limit`` sign-ins that ended before a moment. Returns how many."""
    old: Iterable[UUID] = (
        session.execute(select(SignInSession.id).where(SignInSession.expires_at < before).limit(limit))
        .scalars()
        .all()
    )
    ended = list(old)
    if ended:
        session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(ended)))
        session.execute(delete(SignInSession).where(SignInSession.id.in_(ended)))
    return len(ended)


def _rotate(session: Session, parts: Parts, claims: Claims) -> SignedIn | None:
    """The next tokens; None after the family was ended because of a token that came twice."""
    now = clock.now()
    # The lock on the family's one row puts its refreshes in a line.
    row = session.execute(
        select(SignInSession).where(SignInSession.id == claims.session_id).with_for_update()
    ).scalar_one_or_none()
    account = session.get(Account, claims.account_id)
    if row is None or account is None or row.account_id != account.id:
        raise unauthorized(SESSION_ENDED)
    if row.revoked_at is not None or row.expires_at <= now or account.disabled_at is not None:
        raise unauthorized(SESSION_ENDED)
    used = session.get(RefreshToken, _hash(claims.token_id))
    if used is None or used.session_id != row.id:
        raise unauthorized(TOKEN_INVALID)
    successor_id = _successor_id(parts.token_key, claims.token_id)
    if used.used_at is None:
        used.used_at = now
        if account.kind == AccountKind.CITIZEN:
            row.expires_at = now + _lifetime(account, parts.settings)
        session.add(_refresh_row(successor_id, row.id, now))
        _forget_expired(session, row, parts.settings, now)
        issued_at = now
    else:
        successor = session.get(RefreshToken, _hash(successor_id))
        if now - used.used_at > GRACE or successor is None or successor.used_at is not None:
            row.revoked_at, row.revoked_for = now, EndedFor.TOKEN_REUSED
            return None
        issued_at = successor.created_at
    return _signed_in(session, parts, account, row, _refresh_token(parts, row, successor_id, issued_at))


def _signed_in(
    session: Session, parts: Parts, account: Account, row: SignInSession, refresh_token: str | None
) -> SignedIn:
    now = clock.now()
    expires_at = min(row.expires_at, now + timedelta(minutes=parts.settings.access_token_minutes))
    claims = Claims(account.id, row.id, tokens.new_token_id(), now, expires_at)
    actor = Actor(
        account.id,
        AccountKind(account.kind),
        account.person_id,
        row.id,
        queries.grants_of(session, account.id),
    )
    return SignedIn(
        access_token=tokens.sign(parts.token_key, TokenType.ACCESS, claims),
        refresh_token=refresh_token,
        expires_in=int((expires_at - now).total_seconds()),
        account=AccountSummary(
            account.id, actor.kind, tuple(sorted(actor.roles)), account.person_id is not None
        ),
    )


def _lifetime(account: Account, settings: Settings) -> timedelta:
    """Citizens stay while they come back within refresh_token_days; machines for one access token."""
    if account.kind == AccountKind.TERMINAL:
        return timedelta(minutes=settings.access_token_minutes)
    if account.kind == AccountKind.STAFF:
        return STAFF_SESSION
    return timedelta(days=settings.refresh_token_days)


def _refresh_row(token_id: str, session_id: UUID, now: datetime) -> RefreshToken:
    return RefreshToken(token_hash=_hash(token_id), session_id=session_id, created_at=now)


def _refresh_token(parts: Parts, row: SignInSession, token_id: str, issued_at: datetime) -> str:
    claims = Claims(row.account_id, row.id, token_id, issued_at, row.expires_at)
    return tokens.sign(parts.token_key, TokenType.REFRESH, claims)


def _successor_id(token_key: bytes, token_id: str) -> str:
    digest = hmac.digest(token_key, b"refresh token successor\0" + token_id.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(token_id: str) -> str:
    return hashlib.sha256(token_id.encode()).hexdigest()


def _forget_expired(session: Session, row: SignInSession, settings: Settings, now: datetime) -> None:
    """Rows of tokens that time has ended by itself: whoever shows one gets TOKEN_EXPIRED."""
    too_old = now - timedelta(days=settings.refresh_token_days)
    session.execute(
        delete(RefreshToken).where(RefreshToken.session_id == row.id, RefreshToken.created_at < too_old)
    )
