"""The stories that QA plays, in the order in which they are best read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from mock_client.scenarios import (
    backfile_direct,
    backfile_manual,
    bad_input,
    cancel_change,
    change_after_lock,
    chronic,
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
    voucher,
    wrong_moment,
)
from mock_client.world import World


@dataclass(frozen=True, slots=True)
class Story:
    """A scenario: its identifier, what it tells, how it goes, and the group with which it is played."""

    name: str
    title: str
    run: Callable[[World], None]
    group: str = ""

    @classmethod
    def of(cls, module: ModuleType, group: str) -> "Story":
        return cls(module.NAME, module.TITLE, module.run, group)


_MODULES: Final[Mapping[str, Sequence[ModuleType]]] = {
    "remote_care": (
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
        claim_race,
        conflict,
        rejected,
    ),
    "chronic": chronic.MODULES,
    "voucher": voucher.MODULES,
    "everywhere": (
        retry_storm,
        real_name,
        sms_fallback,
        wrong_moment,
        tokens,
        bad_input,
    ),
}
STORIES: Final[Sequence[Story]] = tuple(
    Story.of(module, group) for group, modules in _MODULES.items() for module in modules
)
BY_NAME: Final = {story.name: story for story in STORIES}
GROUPS: Final = tuple(_MODULES)
"""What `run` takes beside names: all stories of a service, or what holds for every service."""
