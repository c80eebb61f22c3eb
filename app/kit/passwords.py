"""Passwords of staff and secrets of machines, kept as argon2id hashes (RFC 9106)."""

import base64
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError


class Passwords:
    """Hashes and checks passwords at one cost, by default the second recommended option of RFC 9106 (64 MiB).

    One hash at a time runs in a process: a burst of sign-ins queues instead of taking 64 MiB each.
    Passwords are brought to NFKC first, so that the same characters typed on another keyboard still match.
    """

    def __init__(self, *, memory_kib: int = 64 * 1024, rounds: int = 3, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=lanes)
        self._one_at_a_time = threading.Lock()
        # The form of a hash that no password makes. Making a real one here would take its memory in every process.
        cost = f"m={memory_kib},t={rounds},p={lanes}"
        self._nobody = f"$argon2id$v=19${cost}${_random_text(16)}${_random_text(32)}"

    def hash(self, password: str) -> str:
        """The password's hash with its own salt and cost, as text of about 100 characters to keep."""
        with self._one_at_a_time:
            return self._hasher.hash(_normalised(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password made this hash.

        Pass None for a user who does not exist: it takes as long as a wrong password and answers False.
        A text that is no argon2 hash is `argon2.exceptions.InvalidHashError`, since the row must be damaged.
        """
        with self._one_at_a_time:
            try:
                matches = self._hasher.verify(password_hash or self._nobody, _normalised(password))
            except VerifyMismatchError:
                return False
        return matches and password_hash is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made at another cost: make it anew while the password is at hand."""
        return self._hasher.check_needs_rehash(password_hash)


def _random_text(length: int) -> str:
    """Random bytes as argon2 writes its salts and hashes: base64 without padding."""
    return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")


def _normalised(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
