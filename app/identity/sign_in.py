"""Signing in: citizens by WeChat, staff by password, machines of institutions by client credentials.

WeChat and password hashes are slow, so these functions keep short transactions of their own instead of the
edge's one; what must stay although the sign-in fails (a counted attempt) is committed before the refusal.
"""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.identity import accounts, guessing, queries, sessions
from app.identity.actor import AccountKind
from app.identity.errors import (
    ACCOUNT_DISABLED,
    SIGN_IN_FAILED,
    TERMINAL_REJECTED,
    unauthorized,
)
from app.identity.guessing import Guard
from app.identity.models import Account, StaffLogin, TerminalLogin
from app.identity.sessions import SignedIn
from app.identity.wechat import asking_wechat
from app.kit.errors import ErrorKind, Problem

Outcome = TypeVar("Outcome")


def with_wechat(parts: Parts, js_code: str) -> SignedIn:
    """Whoever WeChat says is behind a code of wx.login; an account is made at the first time."""
    with asking_wechat("js_code"):
        openid = parts.wechat.code_to_session(js_code).openid

    def sign_in(session: Session) -> SignedIn:
        account = queries.account_by_openid(session, openid) or _new_citizen(session, openid)
        if account.disabled_at is not None:
            raise ACCOUNT_DISABLED()
        return sessions.begin(session, parts, account)

    return parts.database.run(sign_in)


def as_staff(parts: Parts, username: str, password: str, address: str) -> SignedIn:
    """By user name and password. Too many wrong ones lock the name for a while (app.identity.guessing).

    An unknown user name and a wrong password take the same time, get the same answer and are locked alike.
    """
    name = accounts.tidy_username(username)
    guarded = guessing.guard(parts.settings, AccountKind.STAFF, name, address)
    wanted = select(StaffLogin).where(StaffLogin.username == name)
    return _by_secret(parts, guarded, wanted, password, SIGN_IN_FAILED)


def as_terminal(parts: Parts, client_id: str, client_secret: str, address: str) -> SignedIn:
    """By client credentials (RFC 6749 4.4): an access token without a refresh token.

    Guesses are stopped as with staff, but the right secret always passes: nobody guesses one of 256 bits, and anybody in
    the hospital's network, a machine that still has the old secret say, would close all its counters.
    """
    guarded = guessing.guard(parts.settings, AccountKind.TERMINAL, client_id, address)
    wanted = select(TerminalLogin).where(TerminalLogin.client_id == client_id)
    return _by_secret(parts, guarded, wanted, client_secret, TERMINAL_REJECTED, right_passes=True)


def _by_secret(
    parts: Parts,
    guarded: Guard,
    wanted: Select[StaffLogin] | Select[TerminalLogin],
    secret: str,
    rejected: ErrorKind,
    *,
    right_passes: bool = False,
) -> SignedIn:
    with parts.database.reading() as session:
        counts = guessing.read_counts(session, guarded)
        login = session.execute(wanted).scalar_one_or_none()
    if not right_passes:
        guessing.refuse_while_locked(guarded, counts)
    known_hash = login.secret_hash if login is not None else None
    right = parts.passwords.verify(known_hash, secret)
    is_weak = right and known_hash is not None and parts.passwords.needs_rehash(known_hash)
    new_hash = parts.passwords.hash(secret) if is_weak else None

    def decide(session: Session) -> SignedIn | Problem:
        counts = guessing.lock_counts(session, guarded)
        if not (right and right_passes):
            # Guesses sent at the same time may have locked it while we hashed: the right one does not count then.
            guessing.refuse_while_locked(guarded, counts)
        row = session.execute(wanted.with_for_update()).scalar_one_or_none() if right else None
        if row is None or row.secret_hash != known_hash:
            guessing.count_failure(guarded, counts)
            return unauthorized(rejected)
        guessing.forgive(session, guarded, counts)
        if new_hash is not None:
            row.secret_hash = new_hash
        account = session.get_one(Account, row.account_id)
        if account.disabled_at is not None:
            return ACCOUNT_DISABLED()
        return sessions.begin(session, parts, account)

    return _committed(parts, decide)


def _new_citizen(session: Session, openid: str) -> Account:
    """Of two first sign-ins at the same moment one makes the account and the other finds it."""
    try:
        with session.begin_nested():
            return accounts.add_citizen_account(session, None, openid)
    except IntegrityError:
        account = queries.account_by_openid(session, openid)
        if account is None:
            raise
        return account


def _committed(parts: Parts, decide: Callable[[Session], Outcome | Problem]) -> Outcome:
    """Commit what was decided, and raise it if it is a refusal."""
    outcome = parts.database.run(decide)
    if isinstance(outcome, Problem):
        raise outcome
    return outcome
