"""Identifiers made in the application: no sequences, so that any number of machines can make them."""

import secrets
import uuid

from uuid_utils.compat import uuid7

# Without 0/O, 1/I/L and U: read aloud over a telephone without a mistake, and spelling no words.
_READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> uuid.UUID:
    """A UUIDv7: ordered by time, so that an index grows at one end."""
    return uuid7()


def is_readable_code(text: str, length: int) -> bool:
    """Whether a text could have come from readable_code."""
    return len(text) == length and set(text) <= set(_READABLE)


def readable_code(length: int) -> str:
    """A random code for people to read and type, about 4.9 bits a character."""
    return "".join(secrets.choice(_READABLE) for _ in range(length))
