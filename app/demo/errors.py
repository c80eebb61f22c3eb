"""What the demo refuses."""

from collections.abc import Sequence

from app.kit.text import Text


class DemoError(ValueError):
    """Something that the demo cannot do; its words are for whoever typed the command."""


class ImpossiblePerson(DemoError):  # noqa: N818 - says what is wrong, as a person would
    """Who was asked for cannot be. ``problems`` are all the reasons."""

    def __init__(self, problems: Sequence[Text]) -> None:
        super().__init__("\n".join(f"{problem} {problem.en}" for problem in problems))
        self.problems = tuple(problems)


class NoDeadline(DemoError):  # noqa: N818 - likewise
    """A case that waits for nobody, or that there is not."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"办件 {number} 没有期限可过。 The case {number} waits for nobody, or there is none."
        )
