"""Packs: what holds in one region from one day on, kept as data, each value with the source it rests on.

The packs of one kind lie in a folder of TOML files (``pack_file`` reads one). A pack states what its region's own sources
say and builds on a ``baseline`` for the rest. Here is what all kinds have in common: the head, the baseline, what must
not be wrong with a folder, and how the pack of a region on a day is found.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

from app.kit.text import Text
from app.kit.toml_section import PackError

T = TypeVar("T")

DEFAULT_REGION: Final = "default"
"""The region of the packs that hold where no other does."""
CODE_LENGTHS: Final = (6, 4, 2)
"""A county's pack before its city's, a city's before its province's."""
_REGION_CODE: Final = re.compile(r"[0-9]{2}(?:[0-9]{2}){0,2}")


def is_region_code(code: object) -> bool:
    """Whether this is the code of a province, a city or a county, as packs name regions: 2, 4 or 6 digits."""
    return isinstance(code, str) and _REGION_CODE.fullmatch(code) is not None


class SourceKind(StrEnum):
    """Who says so: a national rule, a region's, a professional guideline, a national code list, or nobody but us."""

    NATIONAL = "national"
    REGIONAL = "regional"
    GUIDELINE = "guideline"
    CODE = "code"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: ``ref`` names the document, ``text`` gives its gist or its words."""

    kind: SourceKind
    ref: str
    text: str


@dataclass(frozen=True, slots=True)
class Ruled(Generic[T]):
    """One value and the source it rests on."""

    value: T
    source: Source


@dataclass(frozen=True, slots=True)
class PackNote:
    """Something people of the region should know that is no number we can compute with."""

    words: Text
    source: Source


@dataclass(frozen=True, slots=True)
class PackHead:
    """Which pack it is. ``file``: in which this is written. ``effective_until``: its last day; None: no end is known."""

    file: str
    region_code: str
    name: Text
    title: str
    effective_from: date
    effective_until: date | None
    baseline: str | None

    @property
    def pack_id(self) -> str:
        return f"{self.region_code}@{self.effective_from.isoformat()}"


@dataclass(frozen=True, slots=True)
class RegionPack:
    """A pack that is complete; each kind adds what it rules. What was judged by it keeps ``pack_id`` for ever."""

    head: PackHead

    @property
    def pack_id(self) -> str:
        return self.head.pack_id

    @property
    def region_code(self) -> str:
        return self.head.region_code

    @property
    def name(self) -> Text:
        return self.head.name

    @property
    def title(self) -> str:
        return self.head.title

    @property
    def effective_from(self) -> date:
        return self.head.effective_from

    @property
    def effective_until(self) -> date | None:
        return self.head.effective_until

    @property
    def baseline(self) -> str | None:
        return self.head.baseline

    def in_force(self, on: date) -> bool:
        """Whether the day lies between this pack's first and last day, a later pack of the region left aside."""
        return self.effective_from <= on and (self.effective_until is None or on <= self.effective_until)


P = TypeVar("P", bound=RegionPack)


class PackCatalogue(Generic[P]):
    """All packs of one kind.

    Raises PackError if there are errors: the first, with the others as its notes.
    """

    def __init__(self, kind: str, packs: Sequence[P], errors: Sequence[PackError] = ()) -> None:
        """``kind``: what one of them is called, for those who look for one in vain."""
        if errors:
            first, *rest = errors
            for other in rest:
                first.add_note(str(other))
            raise first
        self.packs = tuple(packs)
        self._kind = kind
        self._by_id = {pack.pack_id: pack for pack in self.packs}
        self._by_region: dict[str, list[P]] = {}
        for pack in sorted(self.packs, key=lambda pack: pack.effective_from, reverse=True):
            self._by_region.setdefault(pack.region_code, []).append(pack)

    def pack_for(self, region_code: str, on: date) -> P:
        """The pack of the region that had last begun on that day, unless it had ended; else that of the nearest parent,
        else the default one. Raises LookupError for a day before the oldest default pack."""
        parents = [region_code[:length] for length in CODE_LENGTHS if len(region_code) >= length]
        for code in (*parents, DEFAULT_REGION):
            begun = (pack for pack in self._by_region.get(code, ()) if pack.effective_from <= on)
            latest = next(begun, None)
            if latest is not None and latest.in_force(on):
                return latest
        raise LookupError(f"no {self._kind} is in force on {on.isoformat()}")

    def pack_by_id(self, pack_id: str) -> P:
        """The pack with this id. Raises LookupError if there is none."""
        if pack_id not in self._by_id:
            raise LookupError(f"there is no {self._kind} {pack_id!r}")
        return self._by_id[pack_id]


class Stated(Protocol):
    """What the files of one pack state, before its baseline is laid under it."""

    @property
    def head(self) -> PackHead: ...


S = TypeVar("S", bound=Stated)


def check_default(folder: Path, stated: Collection[Stated]) -> Iterator[PackError]:
    """A folder has a default pack, or most regions would have none."""
    if not any(pack.head.region_code == DEFAULT_REGION for pack in stated):
        yield PackError(folder.name, DEFAULT_REGION, "there is no default pack that can be read")


def check_overlaps(stated: Collection[Stated]) -> Iterator[PackError]:
    """For packs that say when they end: no two of a region hold on the same day.

    Without this check a later pack takes over from an earlier one without a word.
    """
    heads = sorted((pack.head for pack in stated), key=lambda head: (head.region_code, head.effective_from))
    for earlier, later in pairwise(heads):
        if earlier.region_code != later.region_code:
            continue
        if earlier.effective_until is None or earlier.effective_until >= later.effective_from:
            yield PackError(
                earlier.file,
                "effective_until",
                f"must be a day before {later.effective_from.isoformat()}, when {later.pack_id} begins",
            )


def with_baseline(
    own: S, stated: Mapping[str, S], lay_over: Callable[[S, S], S], *, of_parents: bool = False
) -> S:
    """What the pack states itself, laid over its baseline, which was laid over its own before. stated: by pack id.

    lay_over: given the baseline and the own. of_parents: whether a region may build on its province's or city's pack.
    Raises PackError for a baseline that cannot be one.
    """
    head = own.head
    if head.baseline is None:
        return own
    base = stated.get(head.baseline)
    if base is None:
        raise PackError(head.file, "baseline", f"there is no pack {head.baseline!r}")
    if base.head.effective_from > head.effective_from or base.head.pack_id == head.pack_id:
        raise PackError(head.file, "baseline", "must be another pack that began no later than this one")
    _check_region(head, base.head.region_code, of_parents=of_parents)
    return lay_over(with_baseline(base, stated, lay_over, of_parents=of_parents), own)


def _check_region(head: PackHead, of_base: str, *, of_parents: bool) -> None:
    if of_base in {DEFAULT_REGION, head.region_code}:
        return
    if not of_parents:
        raise PackError(head.file, "baseline", "must be a default pack or an earlier one of the same region")
    if not head.region_code.startswith(of_base):
        raise PackError(
            head.file,
            "baseline",
            "must be a default pack, an earlier one of this region, or one of its parents",
        )


def completed(
    stated: Iterable[S], complete: Callable[[S], P], contradictions: Callable[[S, P], Iterable[PackError]]
) -> tuple[list[P], list[PackError]]:
    """The packs that could be completed, and everything that is wrong with any of them.

    complete: raises PackError at what is missing. contradictions: what only shows when all is put together.
    """
    packs: list[P] = []
    errors: list[PackError] = []
    for one in stated:
        try:
            pack = complete(one)
        except PackError as problem:
            errors.append(problem)
            continue
        packs.append(pack)
        errors.extend(contradictions(one, pack))
    return packs, errors
