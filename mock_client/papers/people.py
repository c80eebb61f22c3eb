"""Whose papers are drawn, and what illness they tell of."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from importlib.resources import files
from typing import Any

SEXES = {"男": "男", "女": "女", "male": "男", "female": "女", "1": "男", "2": "女", "m": "男", "f": "女"}


@dataclass(frozen=True, slots=True)
class Holder:
    """The person whom a paper is about. `sex` is 男 or 女, `region` the name of the pooling region,
    `insured_as` what kind of insured person, both in Chinese. Its repr shows nothing of it."""

    name: str = field(repr=False)
    id_no: str = field(repr=False)
    sex: str = field(repr=False)
    birth_date: date = field(repr=False)
    address: str = field(repr=False)
    ethnicity: str = field(default="汉", repr=False)
    phone: str = field(default="", repr=False)
    region: str = field(default="", repr=False)
    insured_as: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.sex not in {"男", "女"}:
            raise ValueError("sex must be 男 or 女; Holder.of() takes other spellings")

    @classmethod
    def of(cls, person: "Holder | Mapping[str, Any]") -> "Holder":
        """A holder from plain data with the same names, as it comes from JSON: dates may be ISO strings, sex
        may be 男/女, male/female or 1/2, and what a paper does not need is ignored. Raises KeyError for what
        is missing, ValueError for a sex or date that is none."""
        if isinstance(person, Holder):
            return person
        known = {one.name for one in fields(cls)}
        given = {name: value for name, value in person.items() if name in known and value is not None}
        born, sex = given.get("birth_date"), str(given.get("sex")).lower()
        if isinstance(born, str):
            given["birth_date"] = date.fromisoformat(born)
        if sex not in SEXES:
            raise ValueError("sex must be 男/女, male/female or 1/2")
        given["sex"] = SEXES[sex]
        if missing := {"name", "id_no", "birth_date", "address"} - given.keys():
            raise KeyError(", ".join(sorted(missing)))
        return cls(**given)

    def age_on(self, day: date) -> int:
        """Full years of age on a day."""
        return (
            day.year
            - self.birth_date.year
            - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of an examination report; `flag` is ↑, ↓ or empty."""

    item: str
    result: str
    unit: str
    normal: str
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Illness:
    """What the papers of one case of illness say, in the words that doctors use. `specimen` and `pathology` are
    for a pathology report, `operation` and `course` for a record of surgery, `dialysis` for one of dialysis; empty
    where the illness has none."""

    diagnosis: str
    department: str
    complaint: str
    history: str
    examination: str
    treatment: str
    advice: str
    findings: tuple[Finding, ...]
    specimen: str = ""
    pathology: str = ""
    operation: str = ""
    course: str = ""
    dialysis: str = ""


def _load() -> dict[str, Illness]:
    text = (files(__package__) / "illnesses.toml").read_text("utf-8")
    return {
        name: Illness(**{**told, "findings": tuple(Finding(**line) for line in told["findings"])})
        for name, told in tomllib.loads(text).items()
    }


ILLNESSES = _load()
"""By the name of its section in illnesses.toml."""

HYPERTENSION = ILLNESSES["hypertension"]
DIABETES = ILLNESSES["diabetes"]
LUNG_MASS = ILLNESSES["lung_mass"]
HEART_ATTACK = ILLNESSES["heart_attack"]
PNEUMONIA = ILLNESSES["pneumonia"]
MILD_HYPERTENSION = ILLNESSES["mild_hypertension"]
CORONARY = ILLNESSES["coronary"]
COPD = ILLNESSES["copd"]
LUNG_CANCER = ILLNESSES["lung_cancer"]
KIDNEY_FAILURE = ILLNESSES["kidney_failure"]
