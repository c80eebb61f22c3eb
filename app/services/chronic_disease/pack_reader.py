"""Reads one pack of criteria from TOML into typed values, and names the file and table of everything that is wrong.

A pack states what its region's own sources say and builds on a ``baseline`` for the rest; each value keeps the source
of the pack that states it. ``[general]`` speaks for every disease, ``[disease.CODE]`` for one; see ``packs``.

A long pack is laid out in parts: ``default-2022-01-01.toml`` is its head, ``default-2022-01-01.heart.toml`` adds
diseases to it and names sources of its own.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.kit.text import Text
from app.kit.toml_section import PackError, Section
from app.services.chronic_disease import catalogue
from app.services.chronic_disease.criteria_reader import CriteriaReader, Ruled, StatedCriteria
from app.services.chronic_disease.pack_model import (
    DEFAULT_REGION,
    SPECIALTIES,
    TERM_LIMITS,
    PackNote,
    Source,
    SourceKind,
)


@dataclass
class StatedPack:
    """What the files of one pack state, before its baseline is laid under it.

    ``files``: the file in which a disease is stated, for the errors that show only when all is put together.
    """

    file: str
    region_code: str
    name: Text
    title: str
    effective: date
    baseline: str | None
    source: Source | None = None
    terms: dict[str, Ruled[int]] = field(default_factory=dict)
    specialties: dict[str, Ruled[str]] = field(default_factory=dict)
    general: StatedCriteria = field(default_factory=StatedCriteria)
    diseases: dict[str, StatedCriteria] = field(default_factory=dict)
    two_disease: dict[str, StatedCriteria] = field(default_factory=dict)
    notes: list[PackNote] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def pack_id(self) -> str:
        return f"{self.region_code}@{self.effective.isoformat()}"


class PackReader:
    """Reads one file. ``errors`` holds everything that is wrong; a table with an error is left out."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.errors: list[PackError] = []
        self._sources: dict[str, Source] = {}
        self._used: set[str] = set()
        self._criteria = CriteriaReader(self._source)
        self._root = self._load(path)

    def read(self) -> StatedPack | None:
        """The pack whose head this file is, or None if not even the head can be read; see ``errors``."""
        if self.errors:
            return None
        stated: StatedPack | None = None
        with self._collecting():
            stated = self._head()
        if stated is None:
            return None
        self._read_sources()
        with self._collecting():
            stated.source = self._source(self._root, "source")
        self._read_terms(stated)
        with self._collecting():
            self._read_specialties(stated)
        if self._root.has("general"):
            with self._collecting():
                stated.general = self._criteria.read(self._root.table("general"))
        self._read_diseases(stated)
        with self._collecting():
            self._read_notes(stated)
        self._finish()
        return stated

    def read_part(self, stated: StatedPack) -> None:
        """Add this file's diseases to the pack whose part it is; see ``errors``."""
        if self.errors:
            return
        self._read_sources()
        self._read_diseases(stated)
        self._finish()

    def _load(self, path: Path) -> Section:
        try:
            return Section(self.file, "", tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            self.errors.append(PackError(self.file, "(file)", f"is not readable as TOML: {problem}"))
            return Section(self.file, "", {})

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        try:
            yield
        except PackError as problem:
            self.errors.append(problem)

    def _head(self) -> StatedPack:
        root = self._root
        stated = StatedPack(
            file=self.file,
            region_code=root.text("region_code"),
            name=Text(root.text("name"), root.text("name_en")),
            title=root.text("title"),
            effective=root.day("effective_from"),
            baseline=root.text("baseline") if root.has("baseline") else None,
        )
        if stated.region_code != DEFAULT_REGION and not stated.region_code.isdecimal():
            raise root.error("region_code", f"must be digits or {DEFAULT_REGION!r}")
        if self.file != f"{stated.region_code}-{stated.effective.isoformat()}.toml":
            raise root.error("effective_from", "the file's name must be REGION-EFFECTIVE_FROM.toml")
        return stated

    def _read_sources(self) -> None:
        with self._collecting():
            table = self._root.table("sources")
            for key in table.names():
                with self._collecting():
                    entry = table.table(key)
                    self._sources[key] = Source(
                        entry.choice("kind", SourceKind), entry.text("ref"), entry.text("text")
                    )
                    entry.finish()

    def _source(self, section: Section, name: str) -> Source:
        key = section.text(name)
        if key not in self._sources:
            raise section.error(name, f"there is no [sources.{key}]")
        self._used.add(key)
        return self._sources[key]

    def _read_terms(self, stated: StatedPack) -> None:
        if not self._root.has("terms"):
            return
        with self._collecting():
            table = self._root.table("terms")
            for key in table.names():
                with self._collecting():
                    entry = table.table(key)
                    if key not in TERM_LIMITS:
                        raise table.error(key, f"is none of {', '.join(TERM_LIMITS)}")
                    stated.terms[key] = Ruled(
                        entry.integer("value", *TERM_LIMITS[key]), self._source(entry, "source")
                    )
                    entry.finish()

    def _read_specialties(self, stated: StatedPack) -> None:
        if not self._root.has("specialties"):
            return
        table = self._root.table("specialties")
        source = self._source(table, "source")
        for name in table.names():
            if name == "source":
                continue
            if name not in SPECIALTIES:
                raise table.error(name, f"is none of {'、'.join(sorted(SPECIALTIES))}")
            for code in map(str, table.items(name)):
                if catalogue.find(code) is None:
                    raise table.error(name, f"{code!r} is no disease of the catalogue")
                if code in stated.specialties:
                    raise table.error(name, f"{code} has its specialty already")
                stated.specialties[code] = Ruled(name, source)

    def _read_diseases(self, stated: StatedPack) -> None:
        for kind, criteria in (("disease", stated.diseases), ("two_disease", stated.two_disease)):
            if not self._root.has(kind):
                continue
            with self._collecting():
                table = self._root.table(kind)
                for code in table.names():
                    with self._collecting():
                        disease = catalogue.find(code)
                        if disease is None:
                            raise table.error(code, "is no disease of the catalogue")
                        if kind == "two_disease" and not disease.two_disease:
                            raise table.error(code, "is not one of the two diseases of 两病")
                        if code in criteria:
                            raise table.error(code, f"is stated in {stated.files[f'{kind}.{code}']} already")
                        stated.files[f"{kind}.{code}"] = self.file
                        criteria[code] = self._criteria.read(table.table(code))

    def _read_notes(self, stated: StatedPack) -> None:
        for section in self._root.tables("note"):
            with self._collecting():
                words = Text(section.text("zh"), section.text("en"))
                stated.notes.append(PackNote(words, self._source(section, "source")))
                section.finish()

    def _finish(self) -> None:
        if not self.errors:  # a table with an error has not got as far as its sources
            for key in self._sources.keys() - self._used:
                self.errors.append(PackError(self.file, f"sources.{key}", "is used by nothing: take it out"))
        with self._collecting():
            self._root.finish()
