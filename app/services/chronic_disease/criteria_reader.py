"""Reads one table of criteria of a pack, ``[general]``, ``[disease.CODE]`` or ``[two_disease.CODE]``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypedDict

from app.kit.pack_file import PackFile
from app.kit.packs import Ruled
from app.kit.text import Text
from app.kit.toml_section import Section
from app.services.chronic_disease import catalogue
from app.services.chronic_disease.pack_model import (
    INSUTYPES,
    PAPER_KINDS,
    Criterion,
    CriterionGroup,
    PaperRule,
    Renewal,
    Screening,
)

OPEN_ENDED: Final = 0
"""How a pack writes a validity without end."""
ANY_AGE: Final = 0
"""How a pack writes that a paper may be of any age."""
SNAKE_CASE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
ID_LENGTH: Final = 40
"""Opinions keep criteria by their ids."""
ICD10_PREFIX: Final = re.compile(r"[A-Z](\d(\d(\.\d{1,2}(x\d{3})?)?)?)?")
"""The beginning of a diagnosis code of the insurance's edition of ICD-10: ``C``, ``I21``, ``E11.2``, ``I25.1x003``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The criteria and their groups: they are stated together or not at all."""

    criteria: tuple[Criterion, ...]
    groups: Mapping[str, CriterionGroup]


@dataclass(frozen=True, slots=True)
class Validity:
    """Months None: open-ended."""

    months: int | None
    renewal: Renewal | None


@dataclass(frozen=True, slots=True)
class YearlyLimit:
    fen: int | None
    text: Text


class StatedCriteria(TypedDict, total=False):
    """What one file states about one disease, or about all of them."""

    rule: Ruled[Rule]
    papers: Ruled[tuple[PaperRule, ...]]
    min_hospital_level: Ruled[int]
    validity: Ruled[Validity]
    limit: Ruled[YearlyLimit]
    excludes: Ruled[frozenset[str]]
    includes: Ruled[frozenset[str]]
    insutypes: Ruled[frozenset[str]]
    screening: Ruled[Screening]


def read_criteria(file: PackFile, section: Section) -> StatedCriteria:
    """What the table states, with the sources of its file. Raises PackError at the first thing that is wrong with it."""
    stated: StatedCriteria = {}
    if section.has("criterion") or section.has("group"):
        stated["rule"] = Ruled(_rule(section), file.source(section))
    if section.has("paper"):
        stated["papers"] = Ruled(_papers(section, "paper"), file.source(section, "papers_source"))
    if section.has("min_hospital_level"):
        stated["min_hospital_level"] = file.ruled(section, "min_hospital_level", _hospital_level)
    if section.has("validity"):
        stated["validity"] = file.ruled(section, "validity", _validity)
    if section.has("limit"):
        stated["limit"] = file.ruled(section, "limit", _limit)
    if section.has("excludes"):
        stated["excludes"] = file.ruled(section, "excludes", _codes)
    if section.has("includes"):
        stated["includes"] = file.ruled(section, "includes", _codes)
    if section.has("insutypes"):
        stated["insutypes"] = file.ruled(section, "insutypes", _insutypes)
    if section.has("screening"):
        stated["screening"] = file.ruled(section, "screening", _screening)
    section.finish()
    return stated


def _rule(section: Section) -> Rule:
    criteria: list[Criterion] = []
    for table in section.tables("criterion"):
        criterion = Criterion(
            id=_snake_case(table, "id"),
            text=table.words("text"),
            evidence=table.words("evidence"),
            group=_snake_case(table, "group") if table.has("group") else None,
        )
        table.finish()
        if any(other.id == criterion.id for other in criteria):
            raise table.error("id", f"{criterion.id!r} is given a second time; opinions are kept under it")
        criteria.append(criterion)
    if not criteria:
        raise section.error("criterion", "must hold at least one criterion")
    groups = _groups(section) if section.has("group") else {}
    for criterion in criteria:
        if criterion.group is not None and criterion.group not in groups:
            raise section.error(f"group.{criterion.group}", f"is missing, but {criterion.id!r} belongs to it")
    for name, group in groups.items():
        size = sum(criterion.group == name for criterion in criteria)
        if not 1 <= group.at_least <= size:
            raise section.error(
                f"group.{name}.at_least", f"must be from 1 to {size}, the criteria of this group"
            )
    return Rule(tuple(criteria), groups)


def _groups(section: Section) -> Mapping[str, CriterionGroup]:
    groups: dict[str, CriterionGroup] = {}
    table = section.table("group")
    for name in table.names():
        entry = table.table(name)
        groups[name] = CriterionGroup(entry.integer("at_least", 0, 99), entry.words("text"))
        entry.finish()
    return groups


def _snake_case(table: Section, key: str) -> str:
    name = table.text(key)
    if SNAKE_CASE.fullmatch(name) is None or len(name) > ID_LENGTH:
        raise table.error(
            key, f"{name!r} must be lower-case words joined by underscores, {ID_LENGTH} letters at most"
        )
    return name


def _papers(section: Section, key: str) -> tuple[PaperRule, ...]:
    papers: list[PaperRule] = []
    for table in section.tables(key):
        kinds = tuple(str(kind) for kind in table.items("kinds"))
        for kind in kinds:
            if kind not in PAPER_KINDS:
                raise table.error("kinds", f"{kind!r} is none of {', '.join(sorted(PAPER_KINDS))}")
        months = table.integer("within_months", ANY_AGE, 120)
        papers.append(PaperRule(kinds, table.words("why"), None if months == ANY_AGE else months))
        table.finish()
    return tuple(papers)


def _hospital_level(table: Section) -> int:
    return table.integer("value", 1, 3)


def _validity(table: Section) -> Validity:
    months = table.integer("months", OPEN_ENDED, 120)
    if months == OPEN_ENDED:
        if table.has("renewal"):
            raise table.error("renewal", "must not be given: what has no end needs no renewal")
        return Validity(None, None)
    entry = table.table("renewal")
    days = entry.integer("from_days_before", 1, 366)
    if days >= months * 28:
        raise entry.error("from_days_before", "must be shorter than the validity itself")
    renewal = Renewal(days, _papers(entry, "papers"), entry.words("text"))
    entry.finish()
    return Validity(months, renewal)


def _limit(table: Section) -> YearlyLimit:
    fen = table.integer("fen", 1, 10_000_000_00) if table.has("fen") else None
    return YearlyLimit(fen, table.words("text"))


def _codes(table: Section) -> frozenset[str]:
    codes = [str(code) for code in table.items("codes")]
    for code in codes:
        if catalogue.find(code) is None:
            raise table.error("codes", f"{code!r} is no disease of the catalogue")
    return frozenset(codes)


def _insutypes(table: Section) -> frozenset[str]:
    insutypes = [str(code) for code in table.items("value")]
    for code in insutypes:
        if code not in INSUTYPES:
            raise table.error("value", f"{code!r} is none of {', '.join(INSUTYPES)}")
    return frozenset(insutypes)


def _screening(table: Section) -> Screening:
    icd10 = tuple(str(prefix) for prefix in table.items("icd10"))
    for prefix in icd10:
        if ICD10_PREFIX.fullmatch(prefix) is None:
            raise table.error("icd10", f"{prefix!r} is no beginning of an ICD-10 code")
    screening = Screening(
        icd10=icd10,
        min_hospital_level=table.integer("min_hospital_level", 1, 3),
        inpatient_stay=table.flag("inpatient_stay"),
        outpatient_days=table.integer("outpatient_days", 1, 100) if table.has("outpatient_days") else None,
        within_months=table.integer("within_months", 1, 120),
    )
    if not screening.inpatient_stay and screening.outpatient_days is None:
        raise table.error(
            "inpatient_stay", "must be true, or outpatient_days be given: else nothing proves it"
        )
    return screening
