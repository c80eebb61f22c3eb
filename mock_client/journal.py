"""The journal of a run: who did what, and what the person saw, step by step, scenario by scenario.

It is printed while it happens, summed up in a table at the end, and given out as JSON. Names are masked, and
numbers that belong to people never get in.
"""

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mock_client.answers import Refused
from mock_client.masking import mask_name, scrub

MARKS = {None: ("…", "dim"), True: ("✓", "green"), False: ("✗", "bold red")}


@dataclass(frozen=True, slots=True)
class Who:
    """Who acts: a role in Chinese (参保人, 帮代办员, 经办人员 …) and a name, which the journal masks."""

    role: str
    name: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.role} {mask_name(self.name)}".strip()


class Step:
    """One thing that somebody does. Open until its block ends; failed if an error leaves the block."""

    def __init__(self, journal: "Journal", folder: Path, who: Who, did: str) -> None:
        self.who = who
        self.did = journal.clean(did)
        self.seen: list[str] = []
        self.attachments: list[Path] = []
        self.ok: bool | None = None
        self.error: str | None = None
        self.elapsed_ms = 0.0
        self._journal = journal
        self._folder = folder

    def saw(self, text: str) -> None:
        """What the person saw on the screen, in a few words of Chinese."""
        self.seen.append(self._journal.clean(text))

    def saw_refusal(self, refused: Refused) -> None:
        """The person was refused, as the story wants it: the sentence, and the code behind it."""
        self.saw(f"{refused.detail} [{refused.code}]")

    def attach(self, name: str, content: bytes) -> Path:
        """Saves a file that the person got, such as a receipt or a code's picture, and returns where it
        lies."""
        safe = re.sub(r"[^\w.\-]+", "_", self._journal.clean(name)).strip("._") or "file"
        self._folder.mkdir(parents=True, exist_ok=True)
        taken = len(list(self._folder.iterdir()))
        path = self._folder / f"{taken + 1:02d}-{safe}"
        path.write_bytes(content)
        self.attachments.append(path)
        return path

    def to_json(self) -> dict[str, Any]:
        """The step as JSON; see `Journal.to_json`."""
        return {
            "who": {"role": self.who.role, "name": mask_name(self.who.name)},
            "did": self.did,
            "saw": list(self.seen),
            "ok": self.ok,
            "error": self.error,
            "elapsed_ms": round(self.elapsed_ms, 1),
            "attachments": [str(path) for path in self.attachments],
        }


class Scenario:
    """One story of several steps."""

    def __init__(self, journal: "Journal", name: str, title: str) -> None:
        self.name = name
        self.title = journal.clean(title)
        self.steps: list[Step] = []
        self.ok: bool | None = None
        self.error: str | None = None
        self.elapsed_ms = 0.0
        self._journal = journal

    @contextmanager
    def step(self, who: Who, did: str) -> Iterator[Step]:
        """Opens a step; an error that leaves the block fails it and goes on."""
        journal = self._journal
        journal.know(who.name)
        step = Step(journal, journal.folder / self.name, who, did)
        self.steps.append(step)
        started = time.perf_counter()
        try:
            with journal.progress(f"{step.who}  {step.did}"):
                yield step
        except Exception as error:
            step.ok, step.error = False, journal.clean(f"{type(error).__name__}: {error}")
            raise
        else:
            step.ok = True
        finally:
            step.elapsed_ms = (time.perf_counter() - started) * 1000
            journal.print_step(step)

    def to_json(self) -> dict[str, Any]:
        """The scenario as JSON; see `Journal.to_json`."""
        return {
            "name": self.name,
            "title": self.title,
            "ok": self.ok,
            "error": self.error,
            "elapsed_ms": round(self.elapsed_ms, 1),
            "steps": [step.to_json() for step in self.steps],
        }


class Journal:
    """All scenarios of one run. `folder` takes the attachments; `console=None` prints nothing (for
    --json)."""

    def __init__(self, folder: Path, console: Console | None = None, *, seed: int | None = None) -> None:
        self.folder = folder
        self.seed = seed
        self.scenarios: list[Scenario] = []
        self._started_at = datetime.now(UTC)
        self._console = console
        self._names: set[str] = set()
        self._progress = Lock()

    @property
    def ok(self) -> bool:
        """True if there was a scenario and none failed."""
        return bool(self.scenarios) and all(scenario.ok for scenario in self.scenarios)

    def know(self, *names: str) -> None:
        """Names of people in the story: from here on they are masked wherever they appear."""
        self._names.update(name for name in names if name)

    def clean(self, text: str) -> str:
        """The text without numbers that belong to people, and with the known names masked."""
        return scrub(text, self._names)

    @contextmanager
    def scenario(self, name: str, title: str, *, keep_going: bool = False) -> Iterator[Scenario]:
        """Opens a scenario; `name` is its identifier, `title` says in Chinese what it tells. An error that
        leaves the block fails it, and goes on unless `keep_going`."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9_\-]*", name):
            raise ValueError(f"{name!r} cannot name a scenario: lower-case letters, digits, - and _ only")
        scenario = Scenario(self, name, title)
        self.scenarios.append(scenario)
        self._print(Text.assemble(("\n▌ ", "cyan"), (scenario.title, "bold"), (f"  {name}", "dim")))
        started = time.perf_counter()
        try:
            yield scenario
        except Exception as error:
            scenario.ok, scenario.error = False, self.clean(f"{type(error).__name__}: {error}")
            if not keep_going:
                raise
        else:
            scenario.ok = True
        finally:
            scenario.elapsed_ms = (time.perf_counter() - started) * 1000
            if scenario.error and not any(step.error for step in scenario.steps):
                self._print(Text.assemble(("  ✗ ", "bold red"), (scenario.error, "red")))

    def progress(self, text: str) -> AbstractContextManager[object]:
        """A spinner beside the text while a step runs, on a terminal; elsewhere nothing."""
        console = self._console
        if console is None or not console.is_terminal or self._progress.locked():
            return nullcontext()
        return self._spinner(console, text)

    @contextmanager
    def _spinner(self, console: Console, text: str) -> Iterator[None]:
        # One live display at a time is all that a terminal holds; a scenario beside it goes without.
        if not self._progress.acquire(blocking=False):
            yield
            return
        try:
            with console.status(Text(text, "dim")):
                yield
        finally:
            self._progress.release()

    def print_step(self, step: Step) -> None:
        """Prints a finished step: who, what, how long; below it what was seen and where the files lie."""
        mark, style = MARKS[step.ok]
        self._print(
            Text.assemble(
                (f"  {mark} ", style),
                (str(step.who), "cyan"),
                f"  {step.did}",
                (f"  {step.elapsed_ms:.0f} ms", "dim"),
            )
        )
        for seen in step.seen:
            self._print(Text.assemble(("      看到：", "dim"), seen))
        if step.error:
            self._print(Text.assemble(("      出错：", "red"), (step.error, "red")))
        for path in step.attachments:
            self._print(Text.assemble(("      文件：", "dim"), (str(path), "blue")))

    def print_summary(self) -> None:
        """The table at the end."""
        table = Table(title="掌上办 · 场景结果", title_justify="left")
        for heading in ("", "场景", "步骤", "用时", "文件"):
            table.add_column(heading, justify="right" if heading in ("步骤", "用时", "文件") else "left")
        for scenario in self.scenarios:
            mark, style = MARKS[scenario.ok]
            done = sum(step.ok is True for step in scenario.steps)
            files = sum(len(step.attachments) for step in scenario.steps)
            table.add_row(
                Text(mark, style),
                Text(f"{scenario.title}\n{scenario.name}"),
                f"{done}/{len(scenario.steps)}",
                f"{scenario.elapsed_ms / 1000:.1f} s",
                str(files or ""),
            )
        self._print(Text())
        self._print(table)
        passed = sum(scenario.ok is True for scenario in self.scenarios)
        style = "bold green" if self.ok else "bold red"
        self._print(Text(f"{passed}/{len(self.scenarios)} 个场景通过", style))

    def to_json(self) -> dict[str, Any]:
        """The whole run: `started_at seed ok scenarios[name title ok error elapsed_ms steps[who{role name}
        did saw[] ok error elapsed_ms attachments[]]]`; `ok` is null while a block is open, times are
        milliseconds."""
        return {
            "started_at": self._started_at.isoformat(timespec="milliseconds"),
            "seed": self.seed,
            "ok": self.ok,
            "scenarios": [scenario.to_json() for scenario in self.scenarios],
        }

    def _print(self, what: Text | Table) -> None:
        if self._console is not None:
            self._console.print(what)
