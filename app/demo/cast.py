"""How the demo's people are written down: who they are, how they are insured, whose relatives they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.identity.models import CoverageStatus, InsuType, Relation, Sex

M, F = Sex.MALE, Sex.FEMALE

MERGER = date(2017, 1, 1)
"""When 城乡居民医保 began: the farmers' and the towns' insurance became one. Residents are insured from then on."""


class SignIn(StrEnum):
    """How somebody comes into the app."""

    REAL_NAME = "real_name"  # a WeChat account whose real name is proven
    UNPROVEN = "unproven"  # a WeChat account; the real name is still to be proven
    NONE = "none"  # no phone of their own: somebody acts for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """One insurance; ``since`` None lets it begin as the kind usually does."""

    insutype: InsuType
    region_code: str
    since: date | None = None
    until: date | None = None
    status: CoverageStatus = CoverageStatus.ACTIVE
    retired: bool = False
    student: bool = False
    low_income: bool = False
    employer: str | None = None
    balance_fen: int = 0

    def suspended(self) -> "Cover":
        """Contributions are owed."""
        return replace(self, status=CoverageStatus.SUSPENDED)

    def ended(self, on: date) -> "Cover":
        return replace(self, status=CoverageStatus.ENDED, until=on)


def employee(
    region_code: str, employer: str, balance_fen: int, *, retired: bool = False, since: date | None = None
) -> Cover:
    return Cover(
        insutype=InsuType.EMPLOYEE,
        region_code=region_code,
        employer=employer,
        balance_fen=balance_fen,
        retired=retired,
        since=since,
    )


def pensioner(region_code: str, employer: str, balance_fen: int) -> Cover:
    return employee(region_code, employer, balance_fen, retired=True)


def resident(region_code: str, *, student: bool = False, low_income: bool = False) -> Cover:
    return Cover(insutype=InsuType.RESIDENT, region_code=region_code, student=student, low_income=low_income)


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the cast. ``born`` is a year, or for a newborn the days since birth as a negative number.

    surname_of: the key of who gave the surname. note: who this is and what to try, in Chinese.
    """

    key: str
    home: str
    sex: Sex
    born: int
    covers: tuple[Cover, ...]
    note: str
    sign_in: SignIn = SignIn.REAL_NAME
    surname_of: str | None = None
    name: str | None = None
    phone: bool = True


@dataclass(frozen=True, slots=True)
class Kin:
    """``relative`` is the ``relation`` of ``person``; guardian: acts for the person while a minor."""

    person: str
    relative: str
    relation: Relation
    guardian: bool = False


def couple(one: str, other: str) -> Iterator[Kin]:
    yield Kin(one, other, Relation.SPOUSE)


def parents(child: str, *names: str, guardians: bool = False) -> Iterator[Kin]:
    """``guardians``: the child is a minor."""
    for parent in names:
        yield Kin(child, parent, Relation.PARENT, guardians)


def grandparents(child: str, *names: str) -> Iterator[Kin]:
    for grandparent in names:
        yield Kin(child, grandparent, Relation.GRANDPARENT)


def siblings(one: str, other: str) -> Iterator[Kin]:
    yield Kin(one, other, Relation.SIBLING)
