"""Ids that Python and SQL compute alike from a number, so that pgbench can name the same people as the server.

They have the form of UUIDv7: the number stands where the milliseconds stand, so later numbers sort later.
"""

from enum import IntEnum
from uuid import UUID

EPOCH_MS = 1_735_689_600_000
"""2025-01-01: before every id that the application makes itself."""


class Kind(IntEnum):
    """What an id names; it stands in the id, so that ids of different tables differ."""

    PERSON = 1
    ACCOUNT = 2
    LOGIN = 3
    COVERAGE = 4
    SESSION = 5
    FILING = 6
    EVENT = 7
    RECORD = 8
    NOTICE = 9
    ACCESS = 10
    VOUCHER = 11
    DEVICE = 12
    PURSE = 13
    TRANSACTION = 14
    SETTLEMENT = 15


def key(kind: Kind, number: int) -> UUID:
    """The id of the ``number``-th thing of a kind."""
    return UUID(int=(EPOCH_MS + number) << 80 | 7 << 76 | kind << 64 | 2 << 62)


def sql_key(kind: Kind, number: str) -> str:
    """The same as an expression; ``number`` is one of type bigint."""
    return f"(lpad(to_hex({EPOCH_MS} + {number}), 12, '0') || '7{kind:03x}8000000000000000')::uuid"


def new_sql_key(base_ms: int, counter: str, ordinal: int, writer: str) -> str:
    """Ids that nobody has yet: they grow with ``counter``; ``writer`` (bigint) keeps those who count apart."""
    head = f"lpad(to_hex({base_ms} + {counter}), 12, '0') || '7{ordinal:03x}8'"
    return f"({head} || lpad(to_hex({writer}), 15, '0'))::uuid"
