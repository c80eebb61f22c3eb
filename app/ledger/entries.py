"""The entries of a transaction before they are written, one function for each side. Pure.

Positive: into the account. A bill of 100 yuan, of which the fund pays 60, the account 25 and the person 15 at the counter:
fund -6000, personal -2500, cash -1500, payable +10000. What the institution is still owed is payable and cash together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.ledger.models import AccountKind

MOST_ENTRIES: Final = 100
LARGEST_FEN: Final = 2**53
"""Beyond it a JSON reader may lose fen. A year of the whole country's medical insurance is thirty times less."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One side. person_id None: the transaction's person."""

    account_kind: AccountKind
    account: str
    amount_fen: int
    person_id: UUID | None = None


def fund(region_code: str, insutype: str, amount_fen: int) -> Entry:
    """The fund of a pooling region and insurance."""
    return Entry(AccountKind.FUND, f"{region_code}:{insutype}", amount_fen)


def relief(region_code: str, amount_fen: int) -> Entry:
    """A region's medical relief (医疗救助)."""
    return Entry(AccountKind.RELIEF, region_code, amount_fen)


def personal(account_id: UUID, person_id: UUID, amount_fen: int) -> Entry:
    """A personal account. person_id: whose it is, not who is treated."""
    return Entry(AccountKind.PERSONAL, str(account_id), amount_fen, person_id)


def cash(institution_id: UUID, amount_fen: int) -> Entry:
    """What a person pays at the counter: negative, for it comes from outside."""
    return Entry(AccountKind.CASH, str(institution_id), amount_fen)


def payable(institution_id: UUID, amount_fen: int) -> Entry:
    """What an institution earns."""
    return Entry(AccountKind.PAYABLE, str(institution_id), amount_fen)


def contributions(region_code: str, amount_fen: int) -> Entry:
    """Where the money of personal accounts comes from: negative."""
    return Entry(AccountKind.CONTRIBUTIONS, region_code, amount_fen)


def opposite(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The counter entries that take a transaction back."""
    return tuple(replace(one, amount_fen=-one.amount_fen) for one in entries)


def balanced(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries, without those that move nothing. Raises ValueError for what is no transaction: a mistake of the
    program, never of a person."""
    moving = tuple(one for one in entries if one.amount_fen)
    if not 2 <= len(moving) <= MOST_ENTRIES:
        raise ValueError("a transaction has at least two entries, and not too many")
    if sum(one.amount_fen for one in moving) != 0:
        raise ValueError("the entries of a transaction sum to zero")
    if any(abs(one.amount_fen) > LARGEST_FEN for one in moving):
        raise ValueError("no such amount of money is moved")
    return moving
