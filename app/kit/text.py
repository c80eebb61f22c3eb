"""Sentences for people in two languages, Chinese first."""

import re
from collections.abc import Mapping
from typing import Final, Self

ZH = "zh-CN"
EN = "en"
_LONGEST_NAME: Final = 80
_NOT_SHOWN: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Text(str):
    """A Chinese sentence that carries its English one.

    It is a ``str`` (the Chinese), so that libraries which expect message strings take it; ``format`` keeps both.
    """

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str) -> Self:
        self = super().__new__(cls, zh)
        self.en = en
        return self

    @property
    def zh(self) -> str:
        """The Chinese alone, as a plain string."""
        return str.__str__(self)

    def format(self, *args: object, **values: object) -> "Text":
        english = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        return Text(super().format(*args, **values), self.en.format(*args, **english))

    def in_language(self, language: str) -> str:
        return self.en if language == EN else str(self)


def shown_name(name: str) -> str:
    """The name of a field as somebody sent it, which may be anything: cut, and without what cannot be printed or sent."""
    return _NOT_SHOWN.sub("?", name)[:_LONGEST_NAME]


def localize(value: object, language: str) -> object:
    """Turn every ``Text`` inside nested lists and mappings into a plain string of ``language``."""
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): localize(item, language) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [localize(item, language) for item in value]
    return value
