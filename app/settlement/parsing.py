"""A message's JSON, read without losing anything: numbers keep their digits, and a name that stands twice is remembered."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from app.kit.errors import MALFORMED


class Digits(str):
    """A JSON number with a fraction or an exponent, by the text in which it was sent."""

    __slots__ = ()


class Repeated(dict[str, Any]):
    """A JSON object in which names stood more than once: ``names``. The last value of each is kept."""

    __slots__ = ("names",)

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        times = Counter(name for name, _ in pairs)
        self.names = tuple(name for name, count in times.items() if count > 1)


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises MALFORMED."""
    try:
        found = json.loads(
            body, parse_float=Digits, parse_constant=_refuse_constant, object_pairs_hook=_object_of
        )
    except (ValueError, RecursionError):
        raise MALFORMED() from None
    if not isinstance(found, dict):
        raise MALFORMED()
    return found


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(pairs)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
