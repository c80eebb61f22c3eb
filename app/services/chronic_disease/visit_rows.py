"""One row of the feed of visits, as text from a CSV file or as JSON, checked: everything that is wrong with it at once.

Columns (UTF-8, comma, one header line; a terminal's API takes the same names):

=================  ==================================================================================
visit_no           the hospital's own number of the visit: letters, digits and ``._/-``, at most 40
institution_code   fixmedins_code of the national platform, H or P and 11 digits; a terminal may leave it out
id_no              ID card number, or birth certificate number
visited_on         first day, 2026-01-31
kind               inpatient | outpatient
icd10              main diagnosis (at discharge, for a stay), national clinical version: I11.000
diagnosis          in words; read past, never kept
discharged_on      last day of a stay; a stay is reported once it is over. Empty for an outpatient visit
=================  ==================================================================================
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.identity import service as identity
from app.kit.csv_rows import BadLine, Fault
from app.kit.text import Text
from app.services.chronic_disease.proof import VisitKind

COLUMNS: Final = (
    "visit_no",
    "institution_code",
    "id_no",
    "visited_on",
    "kind",
    "icd10",
    "diagnosis",
    "discharged_on",
)
OPTIONAL_COLUMNS: Final = frozenset({"diagnosis"})
"""What a file may leave out."""
_VISIT_NO = re.compile(r"[0-9A-Za-z._/-]{1,40}", re.ASCII)
_INSTITUTION = re.compile(r"[HP]\d{11}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ICD10 = re.compile(r"[A-Z]\d{2}(\.[0-9X][0-9A-Z]{0,9})?", re.ASCII)
_ICD10_SIGNS = "+*†"
"""Dagger and asterisk of the classification: they say nothing about which disease it is."""

REQUIRED = Text("必须填写", "is required")
NOT_TEXT = Text("应为文字", "must be text")
BAD_VISIT_NO = Text("只能是字母、数字和 . _ / -，最多 40 位", "only letters, digits and . _ / -, at most 40")
BAD_INSTITUTION = Text("应为 H 或 P 加 11 位数字", "must be H or P and 11 digits")
BAD_DAY = Text("不是正确的日期，例如 2026-01-31", "is not a date such as 2026-01-31")
LATER = Text("不能晚于今天", "must not be later than today")
BAD_KIND = Text("只能是 inpatient 或 outpatient", "must be inpatient or outpatient")
BAD_ICD10 = Text("不是 ICD-10 编码，例如 I11.000", "is not an ICD-10 code such as I11.000")
NOT_DISCHARGED = Text(
    "住院要在出院后上报，并填出院日期", "a stay is reported after the discharge, with its day"
)
SURPLUS_DISCHARGE = Text("门诊没有出院日期", "an outpatient visit has no discharge")
BEFORE_ADMISSION = Text("出院不能早于入院", "must not be before the first day")
UNKNOWN_COLUMN = Text("没有这一项", "there is no such entry")


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A row that can be. line: of the file, or its position in the call; institution_code None: the terminal's own."""

    line: int
    visit_no: str
    institution_code: str | None
    id_no: str = field(repr=False)
    visited_on: date
    kind: VisitKind
    icd10: str
    discharged_on: date | None


class _Entries:
    """The entries of a row, read one by one; what is wrong is noted."""

    def __init__(self, row: Mapping[str, object]) -> None:
        self._row = row
        self.faults: list[Fault] = []

    def wrong(self, name: str, text: Text) -> None:
        self.faults.append(Fault(name, text))

    def text(self, name: str, *, required: bool = True) -> str | None:
        value = self._row.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.wrong(name, REQUIRED)
            return None
        if not isinstance(value, str):
            self.wrong(name, NOT_TEXT)
            return None
        return value.strip()

    def match(self, name: str, form: re.Pattern[str], text: Text, *, required: bool = True) -> str | None:
        value = self.text(name, required=required)
        if value is not None and not form.fullmatch(value):
            self.wrong(name, text)
            return None
        return value

    def day(self, name: str, today: date, *, required: bool) -> date | None:
        value = self.match(name, _DAY, BAD_DAY, required=required)
        if value is None:
            return None
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.wrong(name, BAD_DAY)
            return None
        if day > today:
            self.wrong(name, LATER)
            return None
        return day

    def id_no(self) -> str | None:
        value = self.text("id_no")
        if value is None:
            return None
        try:
            return identity.tidy_number(value)
        except identity.BadNumber as error:
            self.wrong("id_no", error.text)
            return None

    def kind(self) -> VisitKind | None:
        value = self.text("kind")
        if value is None:
            return None
        try:
            return VisitKind(value)
        except ValueError:
            self.wrong("kind", BAD_KIND)
            return None

    def icd10(self) -> str | None:
        value = self.text("icd10")
        if value is None:
            return None
        code = value.upper().rstrip(_ICD10_SIGNS)
        if not _ICD10.fullmatch(code):
            self.wrong("icd10", BAD_ICD10)
            return None
        return code


def read_row(
    line: int, row: Mapping[str, object], today: date, *, own_institution: bool
) -> VisitRow | BadLine:
    """Read one row. own_institution: the institution goes without saying, as at a terminal."""
    entries = _Entries(row)
    visit_no = entries.match("visit_no", _VISIT_NO, BAD_VISIT_NO)
    institution = entries.match(
        "institution_code", _INSTITUTION, BAD_INSTITUTION, required=not own_institution
    )
    id_no, kind, icd10 = entries.id_no(), entries.kind(), entries.icd10()
    visited_on = entries.day("visited_on", today, required=True)
    discharged_on = entries.day("discharged_on", today, required=False)
    if kind is VisitKind.INPATIENT and not row.get("discharged_on"):
        entries.wrong("discharged_on", NOT_DISCHARGED)
    if kind is VisitKind.OUTPATIENT and discharged_on is not None:
        entries.wrong("discharged_on", SURPLUS_DISCHARGE)
    if visited_on is not None and discharged_on is not None and discharged_on < visited_on:
        entries.wrong("discharged_on", BEFORE_ADMISSION)
    for name in row:
        if name not in COLUMNS:
            entries.wrong(str(name)[:40], UNKNOWN_COLUMN)
    if (
        entries.faults
        or visit_no is None
        or id_no is None
        or kind is None
        or icd10 is None
        or visited_on is None
    ):
        return BadLine(line, tuple(entries.faults))
    return VisitRow(line, visit_no, institution, id_no, visited_on, kind, icd10, discharged_on)
