"""What is bought at a counter: the items of a bill with their prices, and what a bill comes to. Money in fen."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

OUTPATIENT, CHRONIC, INPATIENT, PHARMACY, TWO_DISEASE = "11", "14", "21", "41", "9901"
"""med_type of the national platform."""

_CLASSES = {"A": "01", "B": "02", "C": "03"}


def fen(yuan: object) -> int:
    """Yuan as anybody writes them, 12.3 or "12.30", exactly in fen. Raises ValueError for less than a fen."""
    amount = Decimal(str(yuan)) * 100
    if amount != int(amount):
        raise ValueError(f"{yuan} yuan are not a whole number of fen")
    return int(amount)


def in_yuan(amount_fen: int) -> str:
    """Fen as people read them: 12.30."""
    return f"{Decimal(amount_fen) / 100:.2f}"


@dataclass(frozen=True)
class Item:
    """One line. ``kind``: med_chrgitm_type; ``level``: chrgitm_lv."""

    name: str
    kind: str
    level: str
    price_fen: int
    count: int = 1

    @property
    def code(self) -> str:
        """The item's number in the catalogue (made up of its name)."""
        return f"X{self.kind}{zlib.crc32(self.name.encode()):010d}"

    @property
    def amount_fen(self) -> int:
        return self.price_fen * self.count

    def times(self, count: int) -> "Item":
        """So many of it."""
        return replace(self, count=count)


def drug(name: str, yuan: str, level: str = "A") -> Item:
    return Item(name, "09", _CLASSES[level], fen(yuan))


def treatment(name: str, yuan: str, level: str = "A") -> Item:
    return Item(name, "05", _CLASSES[level], fen(yuan))


def consumable(name: str, yuan: str, level: str = "A") -> Item:
    return Item(name, "08", _CLASSES[level], fen(yuan))


def bed(name: str, yuan: str) -> Item:
    return Item(name, "01", _CLASSES["A"], fen(yuan))


@dataclass(frozen=True)
class Bill:
    """A bill under the institution's own numbers. ``day``: yyyy-MM-dd HH:mm:ss, or today."""

    visit_no: str
    number: str
    med_type: str
    items: Sequence[Item]
    disease: str | None = None
    use_account: bool = True
    urgent: bool = False
    day: str | None = None

    @property
    def total_fen(self) -> int:
        return sum(item.amount_fen for item in self.items)
