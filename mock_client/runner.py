"""Plays the scenarios against a running server and keeps their journal."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mock_client.control import SmsControl, StandInGone, WeChatControl
from mock_client.journal import Journal
from mock_client.office import Office, OfficeClosed, is_up
from mock_client.people import Entry, People
from mock_client.scenarios import BY_NAME, GROUPS, STORIES, Story
from mock_client.world import Addresses, World


class CannotRun(Exception):  # noqa: N818 - says what happened
    """Something that every scenario needs is not there. The message says what to do."""


def choose(names: Sequence[str], *, everything: bool) -> list[Story]:
    """The named scenarios and those of the named groups in their own order, or all. Raises CannotRun naming those
    that there are not."""
    unknown = [name for name in names if name not in BY_NAME and name not in GROUPS]
    if unknown:
        raise CannotRun(
            f"There is no scenario or group {', '.join(unknown)}. There are the groups {', '.join(GROUPS)} "
            f"and the scenarios {', '.join(BY_NAME)} (run --list)."
        )
    if everything and not names:
        return list(STORIES)
    if not names:
        raise CannotRun("Name scenarios or a group, or give --all. `run --list` shows what there is.")
    return [story for story in STORIES if story.name in names or story.group in names]


def read_people(file: Path | None, office: Office | None) -> People:
    """The people from a file, or from the ``zhangban`` command. Raises CannotRun."""
    if file is not None:
        try:
            entries = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CannotRun(f"{file} cannot be read: {error}") from None
        return _checked(entries)
    if office is None:
        raise CannotRun(
            "The zhangban command was not found on this machine, or the server is on another one. "
            "Give the people with --people FILE, made by `zhangban demo people --json > FILE`."
        )
    try:
        return _checked(office.people())
    except OfficeClosed as closed:
        raise CannotRun(f"The demo's people could not be listed: {closed}") from None


def _checked(entries: Sequence[Entry]) -> People:
    people = People(entries)
    if not people.citizens or not people.reviewers:
        raise CannotRun("There are no demo people yet. Run `zhangban demo load`.")
    return people


def check_reachable(addresses: Addresses, *, standins: bool = True) -> None:
    """Raises CannotRun unless the server and the stand-ins answer."""
    if not is_up(addresses.server):
        raise CannotRun(f"No server is ready at {addresses.server}. Start one with `zhangban serve`.")
    if standins:
        try:
            WeChatControl(addresses.wechat).look("health")
            SmsControl(addresses.sms).look("health")
        except StandInGone as gone:
            raise CannotRun(
                f"{gone}. `zhangban serve` starts the stand-ins in a demo; otherwise run "
                "`python -m mock_client.standins`, or name theirs with --wechat-url and --sms-url."
            ) from None


@dataclass(frozen=True)
class Run:
    """A finished run."""

    journal: Journal
    base_url: str

    @property
    def ok(self) -> bool:
        return self.journal.ok

    def files(self, ending: str) -> list[str]:
        """The files that the people got, by the end of their names."""
        return [
            str(path)
            for scenario in self.journal.scenarios
            for step in scenario.steps
            for path in step.attachments
            if path.name.endswith(ending)
        ]

    def to_json(self) -> Mapping[str, Any]:
        """`Journal.to_json` with ``base_url``, ``out`` (the folder), ``receipts`` (PDF) and ``codes`` (PNG)."""
        return {
            **self.journal.to_json(),
            "base_url": self.base_url,
            "out": str(self.journal.folder),
            "receipts": self.files(".pdf"),
            "codes": self.files("-code.png"),
        }


def play(world: World, stories: Sequence[Story], started: Callable[[Story], None] = lambda _: None) -> Run:
    """Play the stories one after the other; one that fails does not keep the others from being played."""
    for story in stories:
        started(story)
        with world.telling(story.name, story.title):
            story.run(world)
    return Run(world.journal, world.base_url)
