"""Typed reading of one table of a TOML data file; every error names the file and the key."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.kit.text import Text

E = TypeVar("E", bound=StrEnum)


class PackError(Exception):
    """A data file that cannot be trusted: which file, which key, what is wrong. Further findings are its notes."""

    def __init__(self, file: str, key: str, message: str) -> None:
        super().__init__(f"{file}: {key}: {message}")
        self.file = file
        self.key = key


class Section:
    """A table of the file: typed reading, and an error that names the key."""

    def __init__(self, file: str, key: str, values: Mapping[str, object]) -> None:
        self.file = file
        self.key = key
        self._values = values
        self._read: set[str] = set()

    def error(self, key: str, message: str) -> PackError:
        return PackError(self.file, f"{self.key}.{key}" if self.key else key, message)

    def has(self, key: str) -> bool:
        return key in self._values

    def names(self) -> list[str]:
        return list(self._values)

    def get(self, key: str) -> object:
        if key not in self._values:
            raise self.error(key, "is missing")
        self._read.add(key)
        return self._values[key]

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "must be a text that is not empty")
        return value

    def words(self, key: str) -> Text:
        """A sentence in both languages: a table with ``zh`` and ``en``."""
        table = self.table(key)
        words = Text(table.text("zh"), table.text("en"))
        table.finish()
        return words

    def flag(self, key: str) -> bool:
        value = self.get(key)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        value = self.get(key)
        if type(value) is not int or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}, not {value!r}")
        return value

    def day(self, key: str) -> date:
        value = self.get(key)
        if type(value) is not date:
            raise self.error(key, "must be a plain date such as 2023-07-01")
        return value

    def choice(self, key: str, kind: type[E]) -> E:
        return self.member(key, self.text(key), kind)

    def member(self, key: str, value: object, kind: type[E]) -> E:
        if not isinstance(value, str) or value not in kind._value2member_map_:
            raise self.error(key, f"{value!r} is none of {', '.join(kind)}")
        return kind(value)

    def items(self, key: str) -> list[object]:
        value = self.get(key)
        if not isinstance(value, list) or not value:
            raise self.error(key, "must be a list that is not empty")
        return value

    def table(self, key: str) -> "Section":
        value = self.get(key)
        if not isinstance(value, dict):
            raise self.error(key, "must be a table")
        return Section(self.file, f"{self.key}.{key}" if self.key else key, value)

    def tables(self, key: str) -> "list[Section]":
        if not self.has(key):
            return []
        value = self.get(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, "must be a list of tables")
        path = f"{self.key}.{key}" if self.key else key
        return [Section(self.file, f"{path}[{number}]", item) for number, item in enumerate(value, start=1)]

    def finish(self) -> None:
        """Refuse keys that nothing has read: a misspelt rule must not be silently without effect."""
        unknown = [key for key in self._values if key not in self._read]
        if unknown:
            raise self.error(unknown[0], "is not a key of this table")
