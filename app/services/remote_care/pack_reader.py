"""Reads one policy pack from TOML into typed values, and names the file and key of everything that is wrong.

A pack states what its region's own sources say and builds on a ``baseline`` for the rest; each value keeps
the source of the pack that states it. ``[group.long_term]`` and ``[group.temporary]`` speak for three
categories each, ``[category.NAME]`` for one, and the nearer statement wins: own category, own group, then
the baseline's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypedDict, TypeVar

from app.kit.pack_file import PackFile
from app.kit.packs import PackHead, PackNote, Ruled, Source, is_region_code
from app.kit.toml_section import Section
from app.materials.kinds import PaperKind
from app.services.remote_care.categories import (
    EMPLOYEE,
    RESIDENT,
    Approver,
    BothDirections,
    Category,
    Decision,
    MedType,
    Proof,
    ProofMode,
    Situation,
)
from app.services.remote_care.pack_model import (
    MONTHS_OF_LOCK_AT_MOST,
    AreaScope,
    BackfilePolicy,
    ExemptionKind,
    ExemptionRule,
    Ground,
    PaperGroup,
    ShareRow,
    StartWindow,
)

E = TypeVar("E", bound=StrEnum)

INSUTYPES = (EMPLOYEE, RESIDENT)
PERSONS = ("any", "employed", "retired", "student")
HOSPITAL_LEVELS: Mapping[str, int | None] = {"any": None, "1": 1, "2": 2, "3": 3}
GROUPS: Mapping[str, tuple[Category, ...]] = {
    "long_term": tuple(c for c in Category if c.long_term),
    "temporary": tuple(c for c in Category if not c.long_term),
}


class StatedRules(TypedDict, total=False):
    """The rules that one file states for a category."""

    offered: Ruled[bool]
    proof: Ruled[ProofMode]
    papers: Ruled[Mapping[Proof, tuple[PaperGroup, ...]]]
    decision: Ruled[Mapping[Proof, Decision]]
    approver: Ruled[Approver]
    deadline_days: Ruled[int]
    validity_months: Ruled[int]
    lock_months: Ruled[int]
    change_allowed: Ruled[bool]
    cancel_allowed: Ruled[bool]
    start_window: Ruled[StartWindow]
    backfile: Ruled[BackfilePolicy]
    both_directions: Ruled[Mapping[Proof, BothDirections]]


@dataclass
class StatedPack:
    """What one file states, before its baseline is laid under it."""

    head: PackHead
    home_area: Ruled[AreaScope] | None = None
    grounds: dict[Ground, Source] = field(default_factory=dict)
    rules: dict[Category, StatedRules] = field(default_factory=dict)
    exemptions: list[ExemptionRule] = field(default_factory=list)
    shares: list[ShareRow] = field(default_factory=list)
    drop_limits: dict[Situation, Ruled[int]] = field(default_factory=dict)
    notes: list[PackNote] = field(default_factory=list)


class PackReader(PackFile):
    """Reads one file."""

    def read(self) -> StatedPack | None:
        """The stated pack, or None if not even its head can be read; see ``errors``."""
        head = self.read_head(ends=True)
        if head is None:
            return None
        stated = StatedPack(head)
        self.read_sources()
        self._read_rules(stated)
        with self.collecting():
            self._read_lists(stated)
        stated.notes = self.notes()
        self.finish()
        return stated

    def _read_rules(self, stated: StatedPack) -> None:
        """Groups first, so that a category's own statement overrides its group's."""
        for kind, members in (("group", GROUPS), ("category", {c.value: (c,) for c in Category})):
            if not self.root.has(kind):
                continue
            with self.collecting():
                table = self.root.table(kind)
                for key in table.names():
                    if key not in members:
                        raise table.error(key, f"is none of {', '.join(members)}")
                    rules = self._stated_rules(table.table(key))
                    for category in members[key]:
                        stated.rules[category] = {**stated.rules.get(category, {}), **rules}

    def _stated_rules(self, section: Section) -> StatedRules:
        rules: StatedRules = {}
        for key in section.names():
            with self.collecting():
                if not (self._states_proof(rules, section, key) or self._states_time(rules, section, key)):
                    raise section.error(key, "is not a rule of a category")
        return rules

    def _states_proof(self, rules: StatedRules, section: Section, key: str) -> bool:
        """Read a rule on what is asked for and who decides; False if the key is none of these."""
        match key:
            case "offered":
                rules["offered"] = self.ruled(section, key, _flag)
            case "proof":
                rules["proof"] = self.ruled(section, key, _choice(ProofMode))
            case "papers":
                rules["papers"] = self.ruled(section, key, _papers)
            case "decision":
                rules["decision"] = self.ruled(section, key, _by_proof(Decision))
            case "approver":
                rules["approver"] = self.ruled(section, key, _choice(Approver))
            case "deadline_days":
                rules["deadline_days"] = self.ruled(section, key, _number(1, 60))
            case "both_directions":
                rules["both_directions"] = self.ruled(section, key, _by_proof(BothDirections))
            case _:
                return False
        return True

    def _states_time(self, rules: StatedRules, section: Section, key: str) -> bool:
        """Read a rule on how long a filing holds and when it may move; False if the key is none of these."""
        match key:
            case "validity_months":
                rules["validity_months"] = self.ruled(section, key, _number(0, 120))
            case "lock_months":
                rules["lock_months"] = self.ruled(section, key, _number(0, MONTHS_OF_LOCK_AT_MOST))
            case "change_allowed":
                rules["change_allowed"] = self.ruled(section, key, _flag)
            case "cancel_allowed":
                rules["cancel_allowed"] = self.ruled(section, key, _flag)
            case "start_window":
                rules["start_window"] = self.ruled(section, key, _start_window)
            case "backfile":
                rules["backfile"] = self.ruled(section, key, _backfile)
            case _:
                return False
        return True

    def _read_lists(self, stated: StatedPack) -> None:
        if self.root.has("home_area"):
            with self.collecting():
                stated.home_area = self.ruled(self.root, "home_area", _choice(AreaScope))
        if self.root.has("grounds"):
            with self.collecting():
                table = self.root.table("grounds")
                for key in table.names():
                    stated.grounds[table.member(key, key, Ground)] = self.source(table, key)
        for section in self.root.tables("exemption"):
            with self.collecting():
                stated.exemptions.append(self._exemption(section))
        for section in self.root.tables("share"):
            with self.collecting():
                row = self._share(section)
                if any(other.key == row.key for other in stated.shares):
                    raise section.error("percent", "another row says the share of the same case already")
                stated.shares.append(row)
        for section in self.root.tables("drop_limit"):
            with self.collecting():
                situation = section.choice("situation", Situation)
                limit = Ruled(section.integer("points", 0, 100), self.source(section))
                section.finish()
                stated.drop_limits[situation] = limit

    def _exemption(self, section: Section) -> ExemptionRule:
        kind = section.choice("kind", ExemptionKind)
        med_types = frozenset(section.member("med_types", v, MedType) for v in section.items("med_types"))
        regions: tuple[str, ...] = ()
        if kind is ExemptionKind.ALLIANCE:
            regions = tuple(str(code) for code in section.items("regions"))
            if not all(map(is_region_code, regions)):
                raise section.error("regions", "must be region codes of 2, 4 or 6 digits")
        rule = ExemptionRule(kind, section.day("since"), med_types, regions, self.source(section))
        section.finish()
        return rule

    def _share(self, section: Section) -> ShareRow:
        insutype, person, level = (section.text(key) for key in ("insutype", "person", "hospital_level"))
        for key, value, known in (
            ("insutype", insutype, INSUTYPES),
            ("person", person, PERSONS),
            ("hospital_level", level, tuple(HOSPITAL_LEVELS)),
        ):
            if value not in known:
                raise section.error(key, f"{value!r} is none of {', '.join(known)}")
        row = ShareRow(
            insutype,
            person,
            section.choice("med_type", MedType),
            section.choice("situation", Situation),
            HOSPITAL_LEVELS[level],
            section.integer("percent", 0, 100),
            self.source(section),
        )
        section.finish()
        return row


def _flag(table: Section) -> bool:
    return table.flag("value")


def _number(low: int, high: int) -> Callable[[Section], int]:
    return lambda table: table.integer("value", low, high)


def _choice(kind: type[E]) -> Callable[[Section], E]:
    return lambda table: table.choice("value", kind)


def _start_window(table: Section) -> StartWindow:
    return StartWindow(table.integer("earliest_days", 0, 366), table.integer("latest_days", 0, 366))


def _backfile(table: Section) -> BackfilePolicy:
    return BackfilePolicy(table.flag("before_settlement"), table.flag("after_self_paid"))


def _by_proof(kind: type[E]) -> Callable[[Section], Mapping[Proof, E]]:
    """``value`` speaks for every proof, or each proof is named."""

    def read(table: Section) -> Mapping[Proof, E]:
        if table.has("value"):
            return dict.fromkeys(Proof, table.choice("value", kind))
        return {proof: table.choice(proof, kind) for proof in Proof if table.has(proof)}

    return read


def _papers(table: Section) -> Mapping[Proof, tuple[PaperGroup, ...]]:
    """Per proof a list of papers, each a list of kinds of which any one will do."""
    papers: dict[Proof, tuple[PaperGroup, ...]] = {}
    for proof in Proof:
        if not table.has(proof):
            continue
        groups: list[PaperGroup] = []
        for group in table.items(proof):
            if not isinstance(group, list) or not group:
                raise table.error(proof, "each paper is a list of the kinds of which any will do")
            groups.append(PaperGroup(tuple(table.member(proof, kind, PaperKind) for kind in group)))
        papers[proof] = tuple(groups)
    return papers
