"""Reads one pack of criteria from TOML into typed values, and names the file and table of everything that is wrong.

A pack states what its region's own sources say and builds on a ``baseline`` for the rest; each value keeps the source
of the pack that states it. ``[general]`` speaks for every disease, ``[disease.CODE]`` for one; see ``packs``.

A long pack is laid out in parts: ``default-2022-01-01.toml`` is its head, ``default-2022-01-01.heart.toml`` adds
diseases to it and names sources of its own.
"""

from dataclasses import dataclass, field

from app.kit.pack_file import PackFile
from app.kit.packs import PackHead, PackNote, Ruled, Source
from app.services.chronic_disease import catalogue
from app.services.chronic_disease.criteria_reader import StatedCriteria, read_criteria
from app.services.chronic_disease.pack_model import SPECIALTIES, TERM_LIMITS


@dataclass
class StatedPack:
    """What the files of one pack state, before its baseline is laid under it.

    ``files``: the file in which a disease is stated, for the errors that show only when all is put together.
    """

    head: PackHead
    source: Source | None = None
    terms: dict[str, Ruled[int]] = field(default_factory=dict)
    specialties: dict[str, Ruled[str]] = field(default_factory=dict)
    general: StatedCriteria = field(default_factory=StatedCriteria)
    diseases: dict[str, StatedCriteria] = field(default_factory=dict)
    two_disease: dict[str, StatedCriteria] = field(default_factory=dict)
    notes: list[PackNote] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


class PackReader(PackFile):
    """Reads one file: the head of a pack, or a part of one."""

    def read(self) -> StatedPack | None:
        """The pack whose head this file is, or None if not even the head can be read; see ``errors``."""
        head = self.read_head(ends=False)
        if head is None:
            return None
        stated = StatedPack(head)
        self.read_sources()
        with self.collecting():
            stated.source = self.source(self.root)
        self._read_terms(stated)
        with self.collecting():
            self._read_specialties(stated)
        if self.root.has("general"):
            with self.collecting():
                stated.general = read_criteria(self, self.root.table("general"))
        self._read_diseases(stated)
        stated.notes = self.notes()
        self.finish()
        return stated

    def read_part(self, stated: StatedPack) -> None:
        """Add this file's diseases to the pack whose part it is; see ``errors``."""
        if self.errors:
            return
        self.read_sources()
        self._read_diseases(stated)
        self.finish()

    def _read_terms(self, stated: StatedPack) -> None:
        if not self.root.has("terms"):
            return
        with self.collecting():
            table = self.root.table("terms")
            for key in table.names():
                with self.collecting():
                    entry = table.table(key)
                    if key not in TERM_LIMITS:
                        raise table.error(key, f"is none of {', '.join(TERM_LIMITS)}")
                    stated.terms[key] = Ruled(entry.integer("value", *TERM_LIMITS[key]), self.source(entry))
                    entry.finish()

    def _read_specialties(self, stated: StatedPack) -> None:
        if not self.root.has("specialties"):
            return
        table = self.root.table("specialties")
        source = self.source(table)
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
            if not self.root.has(kind):
                continue
            with self.collecting():
                table = self.root.table(kind)
                for code in table.names():
                    with self.collecting():
                        disease = catalogue.find(code)
                        if disease is None:
                            raise table.error(code, "is no disease of the catalogue")
                        if kind == "two_disease" and not disease.two_disease:
                            raise table.error(code, "is not one of the two diseases of 两病")
                        if code in criteria:
                            raise table.error(code, f"is stated in {stated.files[f'{kind}.{code}']} already")
                        stated.files[f"{kind}.{code}"] = self.file
                        criteria[code] = read_criteria(self, table.table(code))
