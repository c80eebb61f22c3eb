"""Resident ID numbers (GB 11643): 6 digits region, 8 digits birth date, 3 digits order, 1 check character.

The checksum and the date are python-stdnum's. Its check that the county existed in the year of birth is left
out: a number is made when somebody is registered, which may be long after the birth, and honest people would
be refused. The province must exist.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from app.identity.models import Sex
from app.kit import clock
from app.kit.text import Text

_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71", re.ASCII)
_RESIDENCE_PERMITS = frozenset({"81", "82", "83"})
"""Hong Kong, Macao and Taiwan residents' permits carry numbers of the same form."""
_FOREIGNER = "9"
"""Foreigners with permanent residence: 9, province, nationality, then as everybody's."""
OLDEST_YEARS = 130

_EIGHTEEN = re.compile(r"\d{17}[\dX]", re.ASCII)
_BIRTH_CERTIFICATE = re.compile(r"[A-Z]\d{9}", re.ASCII)

LENGTH = Text("身份证号码应为 18 位，请核对是否少填或多填。", "An ID number has 18 characters.")
CHARACTERS = Text(
    "身份证号码只能是数字，最后一位可以是字母 X。",
    "An ID number is all digits; only the last may be the letter X.",
)
REGION = Text(
    "身份证号码的前几位（地区）不存在，请对照身份证核对。",
    "The first digits (the region) of the ID number do not exist.",
)
BIRTH_DATE = Text(
    "身份证号码中的出生日期不存在，请对照身份证核对。",
    "The birth date inside the ID number is not a date that can be.",
)
CHECKSUM = Text(
    "身份证号码有误，请对照身份证逐位核对。",
    "The ID number is mistyped; compare it with the card digit by digit.",
)
CERTIFICATE = Text(
    "出生医学证明编号应为 1 位字母加 9 位数字。", "A birth certificate number is one letter and nine digits."
)


class BadNumber(ValueError):  # noqa: N818 - what it is; it never crosses the edge
    """The number cannot be right. ``text`` says why and never holds the number."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class IdNumber:
    """A number that can be, and what it says."""

    number: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: Sex


def parse_id_number(typed: str) -> IdNumber:
    """Read a resident ID number as people type it: full-width digits, blanks, a small x. Raises BadNumber."""
    number = _tidy(typed)
    if len(number) != 18:
        raise BadNumber(LENGTH)
    if not _EIGHTEEN.fullmatch(number):
        raise BadNumber(CHARACTERS)
    if not _region_exists(number):
        raise BadNumber(REGION)
    birth_date = _birth_date(number)
    if number[-1] != ric.calc_check_digit(number):
        raise BadNumber(CHECKSUM)
    return IdNumber(number, birth_date, Sex.MALE if int(number[16]) % 2 else Sex.FEMALE)


def parse_birth_certificate_number(typed: str) -> str:
    """The number of a birth certificate (出生医学证明) in its one form. Raises BadNumber."""
    number = _tidy(typed)
    if not _BIRTH_CERTIFICATE.fullmatch(number):
        raise BadNumber(CERTIFICATE)
    return number


def _tidy(typed: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).upper()


def _region_exists(number: str) -> bool:
    province = number[1:3] if number.startswith(_FOREIGNER) else number[:2]
    return province in _RESIDENCE_PERMITS or _PROVINCES.fullmatch(province) is not None


def _birth_date(number: str) -> date:
    try:
        birth_date: date = ric.get_birth_date(number)
    except ValidationError:
        raise BadNumber(BIRTH_DATE) from None
    today = clock.today()
    if not today.year - OLDEST_YEARS <= birth_date.year or birth_date > today:
        raise BadNumber(BIRTH_DATE)
    return birth_date
