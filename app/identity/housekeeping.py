"""Periodic work: what has ended is deleted, what nobody finished is closed."""

from datetime import timedelta
from typing import Final

from app.identity import guessing, real_name, sessions
from app.kit import clock
from app.kit.db import Database

KEEP_ENDED_SESSIONS: Final = timedelta(days=7)
BATCH: Final = 500


def forget_ended_sessions(database: Database) -> int:
    """Delete sign-ins that ended a while ago, in small transactions. Returns how many."""
    before = clock.now() - KEEP_ENDED_SESSIONS
    deleted = 0
    while found := database.run(lambda session: sessions.delete_ended(session, before, BATCH)):
        deleted += found
    return deleted


def forget_sign_in_failures(database: Database) -> int:
    """Delete counts of wrong passwords that are over, in small transactions. Returns how many."""
    deleted = 0
    while found := database.run(lambda session: guessing.delete_ended(session, BATCH)):
        deleted += found
    return deleted


def close_expired_checks(database: Database) -> int:
    """End real-name checks past their time and clear what they kept. Returns how many."""
    closed = 0
    while found := database.run(lambda session: real_name.close_expired(session, BATCH)):
        closed += found
    return closed
