"""Names as on identity cards: Chinese, Chinese with middle dots (买买提·艾力), or Latin of foreigners.

Characters are kept as typed: normalising ideographs (NFC, NFKC) would turn some rare ones of real names into
others.
"""

import re
import unicodedata

from app.kit.text import Text

MIN_LENGTH = 2
MAX_LENGTH = 50

# Unified ideographs with extensions A to I, compatibility ideographs, 〇 and 々.
_HAN = (
    r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0002a6df\U0002a700-\U0002ebef\U0002ebf0-\U0002ee5d\U0002f800-\U0002fa1f\U00030000-\U000323af"
)
_LETTER = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_CHINESE_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")
_LATIN_NAME = re.compile(rf"[{_LETTER}]+(?:(?:[ '·-]|[.,] ?)[{_LETTER}]+)*\.?")

# The dots that keyboards give for the one between the parts of a name.
_DOTS = re.compile(r"\s*[\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff65\uff0e\u25cf\u2e31]\s*")
_BLANK_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}·])\s+(?=[{_HAN}·])")

BAD_NAME = Text(
    "姓名应为 2 到 50 个汉字（可含间隔号“·”）或英文字母，请按身份证填写。",
    "A name has 2 to 50 Chinese characters (a middle dot is allowed) or Latin letters, as on the card.",
)


class BadName(ValueError):  # noqa: N818 - what it is; it never crosses the edge
    """What was typed is no name. The exception does not hold it."""

    def __init__(self) -> None:
        super().__init__(BAD_NAME.en)
        self.text = BAD_NAME


def tidy_name(typed: str) -> str:
    """The name in its one form: one kind of dot, no blanks inside Chinese names. Raises BadName."""
    name = _DOTS.sub("·", typed.strip())
    name = _BLANK_BETWEEN_HAN.sub("", name)
    if not _CHINESE_NAME.fullmatch(name):
        name = unicodedata.normalize("NFKC", re.sub(r"\s+", " ", name)).replace("’", "'")
        if not _LATIN_NAME.fullmatch(name):
            raise BadName
    if not MIN_LENGTH <= len(name) <= MAX_LENGTH:
        raise BadName
    return name


def same_name(left: str, right: str) -> bool:
    """Whether two tidy names are one; the case of Latin letters does not matter."""
    return left.casefold() == right.casefold()
