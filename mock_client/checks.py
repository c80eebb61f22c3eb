"""What a scenario says when something is not as it must be."""

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

Item = TypeVar("Item")


class NotAsItMustBe(Exception):  # noqa: N818 - says what happened
    """The server answered, but not what the story asks for. The message says what was expected, in Chinese."""


def must(held: object, otherwise: str) -> None:
    """Raises with the words ``otherwise`` unless ``held`` is true."""
    if not held:
        raise NotAsItMustBe(otherwise)


def must_be(what: str, found: object, wanted: object) -> None:
    """Raises unless the two are equal; says both."""
    if found != wanted:
        raise NotAsItMustBe(f"{what} 应为 {wanted!r}，实际是 {found!r}")


def must_say(text: str, *words: str) -> None:
    """Raises unless the person's sentence has all of these words."""
    missing = [word for word in words if word not in text]
    if missing:
        raise NotAsItMustBe(f"“{text}”里应当说到：{'、'.join(missing)}")


def must_hold(what: str, found: Collection[object], wanted: Collection[object]) -> None:
    """Raises unless everything ``wanted`` is among what was ``found``."""
    missing = [one for one in wanted if one not in found]
    if missing:
        raise NotAsItMustBe(f"{what} 里缺少 {missing!r}，只有 {list(found)!r}")


def the_one(what: str, items: Iterable[Item], fits: Callable[[Item], bool]) -> Item:
    """The only item that fits. Raises, naming ``what``, if there is none or more."""
    found = [item for item in items if fits(item)]
    if len(found) != 1:
        raise NotAsItMustBe(f"应当正好有一个{what}，实际有 {len(found)} 个")
    return found[0]
