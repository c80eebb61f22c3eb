"""Reads one policy pack from TOML into typed values, and names the file and key of everything that is wrong.

A pack states everything that holds in its region from its first day on: it builds on no other, so that one file is the
whole answer to what was paid on a day. How a pack is written: docs/policy-packs.md.
"""

import re
from typing import TypeVar

from app.benefits.model import EMPLOYEE, RESIDENT, ItemKind, MedType, PersonGroup, PlaceKind, Standing
from app.benefits.pack_model import (
    Band,
    Benefit,
    DiseaseLimit,
    Figure,
    PersonLimit,
    PolicyPack,
    Scope,
    ShareKey,
    ShareRow,
    Where,
)
from app.benefits.rounding import WHOLE
from app.kit.pack_file import PackFile
from app.kit.packs import DEFAULT_REGION, PackHead, SourceKind, is_region_code
from app.kit.text import Text
from app.kit.toml_section import PackError, Section

T = TypeVar("T", MedType, PlaceKind, ItemKind)

INSUTYPES = (EMPLOYEE, RESIDENT)
LEVELS = {"any": None, "1": 1, "2": 2, "3": 3}
MOST_YUAN = 10_000_000
_DISEASE = re.compile(r"M[0-9]{5}")
_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


class PolicyReader(PackFile):
    """Reads one file."""

    def read(self) -> PolicyPack | None:
        """The pack as far as it could be read, or None if not even its head can be; see ``errors``."""
        head = self.read_head(ends=False)
        if head is None:
            return None
        with self.collecting():
            if head.baseline is not None:
                raise self.root.error(
                    "baseline", "a policy pack builds on no other: state all that holds here"
                )
            if head.region_code == DEFAULT_REGION:
                raise self.root.error(
                    "region_code", "no region's numbers hold everywhere: give a region's code"
                )
        self.read_sources()
        pack = PolicyPack(
            head=head,
            sources=dict(self._sources),
            first_shares=self._first_shares(),
            benefits=tuple(self._benefits(head)),
            person_limits=tuple(self._person_limits(head)),
        )
        self.finish()
        return pack

    def _key(self, section: Section) -> str:
        """The key of the source that a table names; it is there, and used."""
        self.source(section)
        return section.text("source")

    def _ours(self, section: Section) -> bool:
        """Whether a table rests on nobody's word but ours."""
        return self.source(section).kind is SourceKind.OURS

    def _sourced(self, table: Section, value: int) -> Figure:
        return Figure(value, self._key(table), self._ours(table))

    def _figure(self, section: Section, key: str, unit: str, low: int, high: int, times: int = 1) -> Figure:
        table = section.table(key)
        figure = self._sourced(table, table.integer(unit, low, high) * times)
        table.finish()
        return figure

    def _yuan(self, section: Section, key: str, low: int) -> Figure:
        return self._figure(section, key, "yuan", low, MOST_YUAN, times=100)

    # ---- class B

    def _first_shares(self) -> dict[ItemKind, tuple[Band, ...]]:
        found: dict[ItemKind, list[Band]] = {}
        for section in self.root.tables("first_share"):
            with self.collecting():
                self._first_share(section, found)
        for kind, bands in found.items():
            if bands[-1].up_to_e4 is not None:
                words = (
                    f"for {kind}: the last one must have no unit_price_up_to_yuan, or dear lines have no rule"
                )
                self.errors.append(PackError(self.file, "first_share", words))
        return {kind: tuple(bands) for kind, bands in found.items()}

    def _first_share(self, section: Section, found: dict[ItemKind, list[Band]]) -> None:
        kinds = _members(section, "kinds", ItemKind)
        up_to = None
        if section.has("unit_price_up_to_yuan"):
            up_to = section.integer("unit_price_up_to_yuan", 1, MOST_YUAN) * 10_000
        permille = section.integer("permille", 0, WHOLE)
        source = self._key(section)
        section.finish()
        for kind in kinds:
            bands = found.setdefault(kind, [])
            over = 0 if not bands else bands[-1].up_to_e4
            if over is None or (up_to is not None and up_to <= over):
                raise section.error("kinds", f"{kind} has a rule for such prices already, in a row above")
            bands.append(Band(over, up_to, permille, source))

    # ---- benefits

    def _benefits(self, head: PackHead) -> list[Benefit]:
        found: list[Benefit] = []
        for name, section in self._named("benefit"):
            with self.collecting():
                found.append(self._benefit(head, name, section))
        return found

    def _named(self, key: str) -> list[tuple[str, Section]]:
        if not self.root.has(key):
            return []
        with self.collecting():
            table = self.root.table(key)
            for name in table.names():
                if not _NAME.fullmatch(name):
                    raise table.error(name, "must be a name such as outpatient_pooling")
            return [(name, table.table(name)) for name in table.names()]
        return []

    def _benefit(self, head: PackHead, name: str, section: Section) -> Benefit:
        scope = self._scope(section)
        benefit = Benefit(
            benefit_id=name,
            name=section.words("name"),
            scope=scope,
            kinds=_members(section, "kinds", ItemKind) if section.has("kinds") else frozenset(),
            deductible=self._yuan(section, "deductible", 0),
            shares=self._shares(section),
            retired_plus=self._optional(section, "retired_plus", "permille", WHOLE),
            fund_cap=self._optional(section, "fund_cap", "yuan", MOST_YUAN, times=100),
            counted_caps=self._counted_caps(section),
            disease_limits=self._disease_limits(section),
            accumulator=self._accumulator(head, section),
        )
        section.finish()
        return benefit

    def _optional(self, section: Section, key: str, unit: str, high: int, times: int = 1) -> Figure | None:
        return self._figure(section, key, unit, 1, high, times) if section.has(key) else None

    def _scope(self, section: Section) -> Scope:
        insutypes = section.items("insutypes")
        for value in insutypes:
            if value not in INSUTYPES:
                raise section.error("insutypes", f"{value!r} is none of {', '.join(INSUTYPES)}")
        regions: tuple[str, ...] = ()
        area: Text | None = None
        if section.has("regions"):
            codes = section.items("regions")
            if not all(is_region_code(code) for code in codes):
                raise section.error("regions", "must be region codes of 2, 4 or 6 digits")
            regions = tuple(str(code) for code in codes)
            area = section.words("area")
        return Scope(
            insutypes=frozenset(str(value) for value in insutypes),
            med_types=_members(section, "med_types", MedType),
            where=section.choice("where", Where),
            regions=regions,
            area=area,
            institutions=_members(section, "institutions", PlaceKind),
        )

    def _accumulator(self, head: PackHead, section: Section) -> str:
        """The name with the region in front: that of a parent region, if it says so, whose year then goes on here."""
        region, _, name = section.text("accumulator").rpartition(":")
        if not _NAME.fullmatch(name):
            raise section.error("accumulator", "must be a name such as outpatient_pooling")
        if region and not (is_region_code(region) and head.region_code.startswith(region)):
            raise section.error("accumulator", "may have a region in front: this one, or one that it lies in")
        return f"{region or head.region_code}:{name}"

    def _counted_caps(self, section: Section) -> tuple[Figure, ...]:
        """``{ yuan = [1600, 2000], source = "both" }``: for holders of one disease, of two."""
        if not section.has("counted_cap"):
            return ()
        table = section.table("counted_cap")
        values = table.items("yuan")
        if not all(type(value) is int and 0 < value <= MOST_YUAN for value in values):
            raise table.error("yuan", "must be a list of whole yuan above zero: for one disease, for two, …")
        caps = tuple(self._sourced(table, value * 100) for value in values if isinstance(value, int))
        table.finish()
        return caps

    def _disease_limits(self, section: Section) -> dict[str | None, DiseaseLimit]:
        """``{ disease = "M03900", counted_yuan = 2000, fund_yuan = 1200, source = "x" }``; without a disease: all others."""
        found: dict[str | None, DiseaseLimit] = {}
        for table in section.tables("disease_limit"):
            disease = table.text("disease") if table.has("disease") else None
            if disease is not None and not _DISEASE.fullmatch(disease):
                raise table.error("disease", "must be a disease's code such as M03900")
            if disease in found:
                raise table.error("disease", "another row limits the same disease already")
            found[disease] = DiseaseLimit(
                disease=disease,
                counted=self._limit(table, "counted_yuan"),
                fund=self._limit(table, "fund_yuan"),
                source=self._key(table),
            )
            table.finish()
        return found

    def _limit(self, table: Section, key: str) -> Figure | None:
        return self._sourced(table, table.integer(key, 1, MOST_YUAN) * 100) if table.has(key) else None

    def _shares(self, section: Section) -> dict[ShareKey, ShareRow]:
        rows: dict[ShareKey, ShareRow] = {}
        tables = section.tables("share")
        if not tables:
            raise section.error("share", "is missing: a benefit that pays no share is none")
        for table in tables:
            row = self._share(table)
            if row.key in rows:
                raise table.error("permille", "another row says the share of the same case already")
            rows[row.key] = row
        return rows

    def _share(self, table: Section) -> ShareRow:
        level = table.text("level") if table.has("level") else "any"
        if level not in LEVELS:
            raise table.error("level", f"{level!r} is none of {', '.join(LEVELS)}")
        row = ShareRow(
            person=table.choice("person", PersonGroup) if table.has("person") else PersonGroup.ANY,
            standing=table.choice("standing", Standing) if table.has("standing") else None,
            level=LEVELS[level],
            permille=table.integer("permille", 0, WHOLE),
            at_least=table.flag("at_least") if table.has("at_least") else False,
            source=self._key(table),
            ours=self._ours(table),
        )
        table.finish()
        return row

    # ---- limits of what the person pays

    def _person_limits(self, head: PackHead) -> list[PersonLimit]:
        found: list[PersonLimit] = []
        for name, section in self._named("low_income_limit"):
            with self.collecting():
                limit = PersonLimit(
                    limit_id=name,
                    name=section.words("name"),
                    scope=self._scope(section),
                    limit=self._figure(section, "of_bill", "permille", 0, WHOLE - 1),
                    accumulator=self._accumulator(head, section),
                )
                section.finish()
                found.append(limit)
        return found


def _members(section: Section, key: str, kind: type[T]) -> frozenset[T]:
    return frozenset(section.member(key, value, kind) for value in section.items(key))
