"""Amounts are whole fen (分) everywhere inside; yuan with two decimals are for people, files and the national platform."""

import re
from typing import Final

FEN_IN_YUAN: Final = 100
_YUAN = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?", re.ASCII)


def parse_yuan(text: str) -> int:
    """Fen of an amount in yuan as it is written: ``12``, ``12.5``, ``12.50``. Raises ValueError for anything else, a sign
    and separators included: what they would mean is for no program to guess."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise ValueError("not an amount in yuan with at most two decimals")
    return int(found[1]) * FEN_IN_YUAN + int((found[2] or "").ljust(2, "0"))


def yuan(fen: int) -> str:
    """Yuan with two decimals: ``-12.05``."""
    whole, rest = divmod(abs(fen), FEN_IN_YUAN)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def spoken_yuan(fen: int) -> str:
    """Yuan as a sentence has them: ``600``, and ``178.50`` where there are fen."""
    return yuan(fen).removesuffix(".00")
