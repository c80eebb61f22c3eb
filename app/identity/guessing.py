"""Wrong passwords, counted: guessing is locked out, and nobody learns from it which user names there are.

A user name, or a machine's client id, is counted whether it is somebody's or not, under two keys. Together with the caller's network it may fail
a few times: who guesses from elsewhere does not lock the person out. Alone it may fail often: that stops guesses from
everywhere at once. The keys are blind indexes; neither name nor address is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.identity.actor import AccountKind
from app.identity.errors import STAFF_LOCKED, TERMINAL_LOCKED
from app.identity.models import SignInFailure
from app.kit import clock
from app.kit.addresses import network_of
from app.kit.db import insert_if_absent
from app.kit.errors import ErrorKind
from app.kit.sealing import blind_index

WINDOW: Final = timedelta(hours=1)
"""After that a count begins anew. One network fails too seldom in it to lock a name for all (config.py)."""

_SITE: Final = 48
"""Of IPv6: what a provider hands to one customer at most, so that nobody has many networks to guess from."""

Counts = Mapping[str, SignInFailure]


@dataclass(frozen=True)
class Guard:
    """What is counted at one try to sign in, and how much of it is too much."""

    from_here: str
    from_anywhere: str
    allowed: Mapping[str, int]
    lock: timedelta
    locked: ErrorKind


_KINDS: Final = {
    AccountKind.STAFF: ("username", STAFF_LOCKED),
    AccountKind.TERMINAL: ("client_id", TERMINAL_LOCKED),
}


def guard(settings: Settings, kind: AccountKind, name: str, address: str) -> Guard:
    """name: the tidied user name of staff, the client id of a machine. address: the caller's."""
    what, locked = _KINDS[kind]
    from_here = _key(f"{what}_network", f"{network_of(address, ipv6_prefix=_SITE)} {name}")
    from_anywhere = _key(what, name)
    return Guard(
        from_here,
        from_anywhere,
        {from_here: settings.staff_max_failures, from_anywhere: settings.staff_max_failures_anywhere},
        timedelta(minutes=settings.staff_lock_minutes),
        locked,
    )


def read_counts(session: Session, guarded: Guard) -> Counts:
    """Without a lock, so that who is locked out costs no password hash. One statement."""
    rows = session.execute(select(SignInFailure).where(SignInFailure.key_hash.in_(guarded.allowed)))
    return {row.key_hash: row for row in rows.scalars()}


def lock_counts(session: Session, guarded: Guard) -> Counts:
    """Both counts, locked until the transaction ends: guesses sent at the same moment count one after the other."""
    empty = {"failures": 0, "locked_until": None, "counted_since": clock.now()}
    query = (
        select(SignInFailure)
        .where(SignInFailure.key_hash.in_(guarded.allowed))
        .order_by(SignInFailure.key_hash)
        .with_for_update()
    )
    while True:
        # In the order of the keys, here and below: nobody waits in a circle.
        for key in sorted(guarded.allowed):
            insert_if_absent(session, SignInFailure, {"key_hash": key, **empty})
        counts = {row.key_hash: row for row in session.execute(query).scalars()}
        # While this waited for the lock, somebody who signed in may have deleted a row that was there.
        if len(counts) == len(guarded.allowed):
            return counts


def refuse_while_locked(guarded: Guard, counts: Counts) -> None:
    """Raises STAFF_LOCKED or TERMINAL_LOCKED with the end of the lock that lasts longest."""
    now = clock.now()
    locks = [row.locked_until for row in counts.values() if row.locked_until is not None]
    until = max(locks, default=now).astimezone(clock.CHINA)
    if until > now:
        raise guarded.locked(
            until=until.strftime("%H:%M"),
            extra={"locked_until": until.isoformat(timespec="seconds")},
            headers={"Retry-After": str(max(1, ceil((until - now).total_seconds())))},
        )


def count_failure(guarded: Guard, counts: Counts) -> None:
    """The last allowed failure is answered like those before it; the lock shows at the next try."""
    now = clock.now()
    for key, row in counts.items():
        if row.failures == 0 or row.counted_since <= now - WINDOW:
            row.failures, row.counted_since = 0, now
        row.failures += 1
        if row.failures >= guarded.allowed[key]:
            row.failures, row.locked_until = 0, now + guarded.lock


def forgive(session: Session, guarded: Guard, counts: Counts) -> None:
    """The right password takes back the failures before it that came from the same network, and no others.

    The rest stays: if it went, a stranger who guesses on would see from the lock that fails to come that somebody
    signed in, and so that the name is somebody's.
    """
    here, anywhere = counts.get(guarded.from_here), counts.get(guarded.from_anywhere)
    forgiven = 0
    if here is not None and anywhere is not None and here.counted_since >= anywhere.counted_since:
        # Failures of an hour before the other count began are not in it.
        forgiven = here.failures
    if here is not None:
        session.delete(here)
    if anywhere is not None:
        anywhere.failures = max(0, anywhere.failures - forgiven)
        if anywhere.failures == 0:
            session.delete(anywhere)


def delete_ended(session: Session, limit: int) -> int:
    """Delete at most ``limit`` counts that mean nothing any more. Returns how many."""
    some = session.execute(select(SignInFailure.key_hash).where(_ended()).limit(limit)).scalars().all()
    if some:
        # Asked again: one of them may have been counted on meanwhile.
        session.execute(delete(SignInFailure).where(SignInFailure.key_hash.in_(some), _ended()))
    return len(some)


def _ended() -> ColumnElement[bool]:
    now = clock.now()
    return and_(
        SignInFailure.counted_since <= now - WINDOW,
        or_(SignInFailure.locked_until.is_(None), SignInFailure.locked_until <= now),
    )


def _key(kind: str, value: str) -> str:
    return blind_index(SignInFailure.__tablename__, kind, value)
