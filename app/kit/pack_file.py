"""Reads one TOML file of a pack and collects everything that is wrong with it, each named by its place in the file.

A reader of one kind of packs derives from ``PackFile``, reads its own tables inside ``collecting()`` and ends with
``finish()``.
"""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from app.kit.packs import (
    DEFAULT_REGION,
    PackHead,
    PackNote,
    Ruled,
    Source,
    SourceKind,
    is_region_code,
)
from app.kit.text import Text
from app.kit.toml_section import PackError, Section

T = TypeVar("T")


class PackFile:
    """``errors`` holds everything that is wrong; a table with an error is left out. ``root``: the file's own table."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.errors: list[PackError] = []
        self.root = self._load(path)
        self._sources: dict[str, Source] = {}
        self._used: set[str] = set()

    def _load(self, path: Path) -> Section:
        try:
            return Section(self.file, "", tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            self.errors.append(PackError(self.file, "(file)", f"is not readable as TOML: {problem}"))
            return Section(self.file, "", {})

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """What is wrong inside the block becomes one of ``errors`` and ends the block."""
        try:
            yield
        except PackError as problem:
            self.errors.append(problem)

    def read_head(self, *, ends: bool) -> PackHead | None:
        """Which pack it is, or None if not even that can be read. ends: whether packs of this kind say when they end."""
        if self.errors:
            return None
        with self.collecting():
            return self._head(ends=ends)
        return None

    def _head(self, *, ends: bool) -> PackHead:
        root = self.root
        head = PackHead(
            file=self.file,
            region_code=root.text("region_code"),
            name=Text(root.text("name"), root.text("name_en")),
            title=root.text("title"),
            effective_from=root.day("effective_from"),
            effective_until=root.day("effective_until") if ends and root.has("effective_until") else None,
            baseline=root.text("baseline") if root.has("baseline") else None,
        )
        if head.region_code != DEFAULT_REGION and not is_region_code(head.region_code):
            raise root.error("region_code", f"must be 2, 4 or 6 digits or {DEFAULT_REGION!r}")
        if self.file != f"{head.region_code}-{head.effective_from.isoformat()}.toml":
            raise root.error("effective_from", "the file's name must be REGION-EFFECTIVE_FROM.toml")
        if head.effective_until is not None and head.effective_until < head.effective_from:
            raise root.error("effective_until", "lies before effective_from")
        return head

    def read_sources(self) -> None:
        """``[sources.KEY]``: what values rest on. Before the first ``source``."""
        with self.collecting():
            table = self.root.table("sources")
            for key in table.names():
                with self.collecting():
                    entry = table.table(key)
                    self._sources[key] = Source(
                        entry.choice("kind", SourceKind), entry.text("ref"), entry.text("text")
                    )
                    entry.finish()

    def source(self, section: Section, name: str = "source") -> Source:
        """The source that a table names under a key. Raises PackError where the file has none of that name."""
        key = section.text(name)
        if key not in self._sources:
            raise section.error(name, f"there is no [sources.{key}]")
        self._used.add(key)
        return self._sources[key]

    def ruled(self, section: Section, key: str, read: Callable[[Section], T]) -> Ruled[T]:
        """A table that holds one value, as ``read`` takes it, and names its source."""
        table = section.table(key)
        ruled = Ruled(read(table), self.source(table))
        table.finish()
        return ruled

    def notes(self) -> list[PackNote]:
        """``[[note]]``: words for people, in both languages, with their source."""
        found: list[PackNote] = []
        with self.collecting():
            for section in self.root.tables("note"):
                with self.collecting():
                    words = Text(section.text("zh"), section.text("en"))
                    found.append(PackNote(words, self.source(section)))
                    section.finish()
        return found

    def finish(self) -> None:
        """Refuse what nothing has read, and sources on which nothing rests."""
        if not self.errors:  # a table with an error has not got as far as its sources
            for key in sorted(self._sources.keys() - self._used):
                self.errors.append(PackError(self.file, f"sources.{key}", "is used by nothing: take it out"))
        with self.collecting():
            self.root.finish()
