"""The stories that QA plays, in the order in which they are best read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from mock_client.scenarios import (
    backfile_direct,
    backfile_manual,
    bad_input,
    cancel_change,
    change_after_lock,
    claim_race,
    conflict,
    correction,
    foreign_case,
    guardian,
    instant,
    locked,
    real_name,
    referral,
    rejected,
    retry_storm,
    sms_fallback,
    student_exempt,
    tokens,
    wrong_moment,
)
from mock_client.world import World


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario: its identifier, what it tells, and how it goes."""

    name: str
    title: str
    run: Callable[[World], None]

    @classmethod
    def of(cls, module: ModuleType) -> "Story":
        return cls(module.NAME, module.TITLE, module.run)


STORIES: Final[Sequence[Story]] = tuple(
    Story.of(module)
    for module in (
        instant,
        correction,
        referral,
        backfile_direct,
        backfile_manual,
        student_exempt,
        locked,
        cancel_change,
        change_after_lock,
        guardian,
        foreign_case,
        retry_storm,
        real_name,
        sms_fallback,
        claim_race,
        conflict,
        rejected,
        wrong_moment,
        tokens,
        bad_input,
    )
)
BY_NAME: Final = {story.name: story for story in STORIES}
