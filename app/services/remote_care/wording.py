"""Small pieces of the sentences that remote care says to people."""

from collections.abc import Iterable
from datetime import date

from app.kit.text import Text
from app.materials.kinds import kind_asked_for
from app.services.remote_care.pack_model import PaperGroup

HOTLINE = "12393"
"""The national medical insurance hotline."""


def zh_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def paper_words(group: PaperGroup) -> Text:
    """One paper to hand in, its alternatives joined by "or"."""
    names = [kind_asked_for(kind) for kind in group.any_of]
    return Text("或".join(name.zh for name in names), " or ".join(name.en for name in names))


def papers_words(groups: Iterable[PaperGroup]) -> Text:
    """Several papers as one list."""
    words = [paper_words(group) for group in groups]
    return Text("；".join(word.zh for word in words), "; ".join(word.en for word in words))
