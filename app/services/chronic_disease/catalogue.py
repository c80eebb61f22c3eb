"""The diseases one can apply for: national codes (门诊慢特病病种代码) and names, as one file of the product.

What it takes to be recognised differs by region and is in ``packs/*.toml``.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.kit.toml_section import PackError

CATALOGUE_FILE: Final = Path(__file__).parent / "data" / "chronic_diseases.csv"
"""domain.md §2.2; the source is the national platform's code table [code]."""

CODE_FORM: Final = re.compile(r"M\d{5}")
DISE_TYPES: Final = frozenset({"11", "12"})
"""The platform's ``dise_type_code``: 11 慢性病 (chronic), 12 特殊病 (special)."""
FLAGS: Final[Mapping[str, bool]] = MappingProxyType({"0": False, "1": True})


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease of the national table.

    settles_across_provinces: its outpatient bills settle directly in other provinces.
    two_disease: it is hypertension or diabetes, for which there is the benefit 两病 too.
    """

    code: str
    name: str
    dise_type_code: str
    settles_across_provinces: bool
    two_disease: bool


def diseases() -> tuple[Disease, ...]:
    """All diseases in the file's order. Raises PackError if the file is wrong."""
    return tuple(_by_code().values())


def find(code: str) -> Disease | None:
    """The disease of that code, if there is one."""
    return _by_code().get(code)


def read_catalogue(path: Path) -> tuple[Disease, ...]:
    """Read and check a catalogue. Raises PackError naming the line: an unknown form or a code given twice."""
    found: dict[str, Disease] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            disease = _disease(path.name, line, row)
            if disease.code in found:
                raise PackError(path.name, f"line {line}", f"the code {disease.code} is given a second time")
            found[disease.code] = disease
    if not found:
        raise PackError(path.name, "(file)", "must hold at least one disease")
    return tuple(found.values())


def _disease(file: str, line: int, row: Mapping[str, str | None]) -> Disease:
    values = {name: row.get(name) or "" for name in Disease.__dataclass_fields__}
    for name, is_right, form in (
        ("code", CODE_FORM.fullmatch(values["code"]) is not None, "M and five digits"),
        ("name", bool(values["name"].strip()), "a name"),
        ("dise_type_code", values["dise_type_code"] in DISE_TYPES, "11 or 12"),
        ("settles_across_provinces", values["settles_across_provinces"] in FLAGS, "0 or 1"),
        ("two_disease", values["two_disease"] in FLAGS, "0 or 1"),
    ):
        if not is_right:
            raise PackError(file, f"line {line}", f"{name} must be {form}, not {values[name]!r}")
    return Disease(
        code=values["code"],
        name=values["name"],
        dise_type_code=values["dise_type_code"],
        settles_across_provinces=FLAGS[values["settles_across_provinces"]],
        two_disease=FLAGS[values["two_disease"]],
    )


@cache
def _by_code() -> Mapping[str, Disease]:
    return MappingProxyType({disease.code: disease for disease in read_catalogue(CATALOGUE_FILE)})
