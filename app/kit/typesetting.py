"""Chinese text broken into lines, and brought to the characters that a font has."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from app.kit.fonts import Font

NOT_FIRST: Final = frozenset("，。、；：？！）》〉」』】〕”’％‰℃…—·,.;:?!)]}%")
"""May not begin a line (GB/T 15834 5.1)."""
NOT_LAST: Final = frozenset("（《〈「『【〔“‘¥￥([{")
"""May not end a line."""
_SUBSTITUTE: Final = "□"
# Control, format (also those that turn the direction of writing) and halves of surrogates. Private and unknown
# characters are not among them: registers use both for rare characters of names, so that they must show.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs"})


@dataclass
class Characters:
    """Collects what a paper uses of a font, and what of its text the font lacks."""

    font: Font
    used: set[str] = field(default_factory=lambda: {" "})
    lacking: list[str] = field(default_factory=list)

    def fitted(self, text: str) -> str:
        """The text with what cannot be printed replaced: by its plain form if there is one, else by □.

        Line breaks stay, other control characters and marks that the font lacks (variation selectors) go.
        """
        lines = unicodedata.normalize("NFC", text).replace("\t", " ").splitlines()
        return "\n".join("".join(map(self._fitted_character, line)) for line in lines)

    def _fitted_character(self, character: str) -> str:
        category = unicodedata.category(character)
        if category in _INVISIBLE:
            return ""
        if self.font.glyph_of(character):
            self.used.add(character)
            return character
        if category == "Mn":
            return ""
        plain = unicodedata.normalize("NFKC", character)
        if plain != character and all(map(self.font.glyph_of, plain)):
            self.used.update(plain)
            return plain
        if character not in self.lacking:
            self.lacking.append(character)
        self.used.add(_SUBSTITUTE)
        return _SUBSTITUTE


def broken_into_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Lines no wider than `width`, at least one.

    Chinese breaks between any two characters, Latin words and numbers stay whole where they fit, and no line
    begins with a closing mark or ends with an opening one.
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for unit in _units(paragraph):
            for piece in _cut(unit, width, measure):
                if line and measure(line + piece.rstrip(" ")) > width:
                    lines.append(line.rstrip(" "))
                    line = piece.lstrip(" ")
                else:
                    line += piece
        lines.append(line.rstrip(" "))
    return lines


def _units(text: str) -> Iterator[str]:
    """What must not be torn apart: words with the marks that cling to them."""
    unit = ""
    for character in text:
        clings = character in NOT_FIRST or character == " " or (unit and unit[-1] in NOT_LAST)
        continues_word = unit and _is_latin(unit[-1]) and _is_latin(character)
        if unit and not clings and not continues_word:
            yield unit
            unit = ""
        unit += character
    if unit:
        yield unit


def _is_latin(character: str) -> bool:
    return character.isascii() and not character.isspace()


def _cut(unit: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """The unit itself, or its characters one by one where even a whole line is too short for it."""
    if measure(unit.rstrip(" ")) <= width:
        yield unit
    else:
        yield from unit
