"""The administrative divisions of China in memory: provinces, cities, districts, and some towns and villages.

Codes are those of GB/T 2260 and the statistical division codes, without trailing zeros, so they nest by
prefix: ``61`` province, ``6109`` city, ``610902`` district, 9 digits town, 12 digits village. They are data
of a version of the product, not rows of a table (docs/decisions/0001-regions-in-memory.md).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

DATA_FILE: Final = Path(__file__).parent / "data" / "regions.csv"

MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
"""北京, 天津, 上海, 重庆: one pooling region each; their ``市辖区`` and ``县`` only group districts."""


class Level(StrEnum):
    """How deep a region stands in the tree."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Region:
    """One division; ``parent_code`` is None for a province."""

    code: str
    name: str
    parent_code: str | None
    level: Level

    @property
    def is_grouping(self) -> bool:
        """Whether it is only a line of the code table and no place: 市辖区, 县, 省直辖县级行政区划."""
        if self.level is not Level.CITY:
            return False
        return self.code[:2] in MUNICIPALITIES or self.code[2:] == "90"


@dataclass(frozen=True, slots=True)
class _Tree:
    by_code: Mapping[str, Region]
    children: Mapping[str | None, tuple[Region, ...]]


@cache
def _tree() -> _Tree:
    by_code: dict[str, Region] = {}
    children: dict[str | None, list[Region]] = {}
    with DATA_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            region = Region(row["code"], row["name"], row["parent_code"] or None, Level(row["level"]))
            by_code[region.code] = region
            children.setdefault(region.parent_code, []).append(region)
    ordered = {parent: tuple(sorted(found, key=lambda one: one.code)) for parent, found in children.items()}
    return _Tree(by_code, ordered)


def find(code: str) -> Region | None:
    """The region of that code, if there is one."""
    return _tree().by_code.get(code)


def exists(code: str) -> bool:
    return code in _tree().by_code


def children(parent_code: str | None) -> tuple[Region, ...]:
    """What lies directly below, by code; the provinces for None; nothing for an unknown region."""
    return _tree().children.get(parent_code, ())


def has_children(code: str) -> bool:
    return code in _tree().children


def ancestors(code: str) -> tuple[Region, ...]:
    """The regions above, the province first; empty for a province or an unknown region."""
    line: list[Region] = []
    region = find(code)
    while region is not None and region.parent_code is not None:
        region = _tree().by_code[region.parent_code]
        line.append(region)
    return tuple(reversed(line))


def full_name(code: str) -> str:
    """The name as one writes it in an address: 陕西省安康市汉滨区. Empty for an unknown region.

    Lines of the table that are no places are left out (北京市东城区), so is a repeated name (广东省东莞市).
    """
    region = find(code)
    if region is None:
        return ""
    names: list[str] = []
    for one in (*ancestors(code), region):
        if not one.is_grouping and (not names or names[-1] != one.name):
            names.append(one.name)
    return "".join(names)


def city_of(code: str) -> Region | None:
    """Where one files to for care in that region: a city or a municipality, not a hospital [code].

    A district, town or village gives its city, a place in 北京, 天津, 上海 or 重庆 the municipality. Counties
    run by their province (仙桃市 429004, 五指山市 469001, 石河子市 659001) have no city above them and pool
    for themselves: they give themselves. None for a province, a mere grouping (4690), or an unknown region.
    """
    region = find(code)
    if region is None:
        return None
    line = (*ancestors(code), region)
    if line[0].code in MUNICIPALITIES:
        return line[0]
    return next((one for one in line[1:3] if not one.is_grouping), None)


def province_of(code: str) -> Region | None:
    """The province, autonomous region or municipality of that region; None for an unknown one."""
    region = find(code)
    return next(iter(ancestors(code)), region)


def code_range(prefix: str) -> tuple[str, str]:
    """The half-open range of codes at and below ``prefix``, for a search by index: 6109 → ("6109", "6110").

    Codes are digits only, which every collation orders alike.
    """
    return prefix, str(int(prefix) + 1)
