"""Resident ID numbers and birth certificate numbers for people who do not exist."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.identity.models import Sex
from app.places import service as places
from app.places.service import Level

ORDERS: Final = 1000
"""How many numbers there are for one division and day: half of them are for men, half for women."""

_FORMER: Final[Mapping[str, tuple[str, ...]]] = {
    "610902": ("612401", "612421"),  # 安康市, before 安康县
    "610981": ("610928", "612429"),  # 旬阳县
    "610924": ("612425",),
    "610925": ("612426",),
    "610926": ("612427",),
    "610727": ("612327",),
    "610402": ("612201",),
    "610404": ("612201",),
    "610422": ("612224",),
    "610481": ("610421", "612221"),
    "320922": ("322322",),
    "50": ("510200",),
}
"""What the divisions of the demo were before the reforms of 1983 to 2021: a number keeps the code it was given."""


def id_number(region_code: str, birth_date: date, sex: Sex, order: int) -> str:
    """A number that python-stdnum accepts, of that region as it was in the year of birth.

    ``order`` (0 to 999) tells people of one day apart; it is moved by one where the sex asks for it (GB 11643: the
    17th digit is odd for men).
    """
    odd = 1 if sex is Sex.MALE else 0
    stem = (
        f"{division_in(region_code, birth_date.year)}{birth_date:%Y%m%d}{order % ORDERS // 2 * 2 + odd:03d}"
    )
    return stem + ric.calc_check_digit(stem + "0")


def birth_certificate_number(order: int) -> str:
    """A number of an 出生医学证明: a letter and nine digits."""
    return f"X{61_0000000 + order:09d}"


def division_in(region_code: str, year: int) -> str:
    """The six-digit code with which somebody's number begins who was born in that region in that year.

    A district younger than its people (汉滨区 was 安康县 until 1988) gives its former code, or else the code of its
    city or of another district of the province: people move.
    """
    own = next(_divisions(region_code))
    return next((code for code in _divisions(region_code) if _existed(code, year)), own)


def _divisions(region_code: str) -> Iterator[str]:
    region = places.find(region_code)
    if region is None:
        raise LookupError(f"there is no region {region_code}")
    above = (*places.ancestors(region_code), region)
    own = next((one.code for one in above if one.level is Level.DISTRICT), None)
    if own is None:
        own = next(code for code in _districts(region_code))
    yield own
    yield from _FORMER.get(own, ())
    yield own[:4] + "00"
    yield from _FORMER.get(own[:2], ())
    yield from _districts(own[:2])


def _districts(region_code: str) -> Iterator[str]:
    for region in places.children(region_code):
        if region.level is Level.DISTRICT:
            yield region.code
        elif region.level is Level.CITY:
            yield from _districts(region.code)


def _existed(code: str, year: int) -> bool:
    try:
        ric.get_birth_place(f"{code}{year}0101")
    except ValidationError:
        return False
    return True
