"""What a phone keeps while there is no signal: drafts and photographs, sent later in order, and each once.

A draft may need what an earlier one brought, as a filing needs the id of a photograph: it then holds a `Ref`.
A draft that the server refuses is set aside with its reason, and so are those that need it; it never blocks
the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TypeAlias

from mock_client.answers import Answer, JsonValue, NoSignal, Refused
from mock_client.transport import FilePart

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Refusals that say nothing about the draft: it stays, like one that found no signal."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for a field of the answer to an earlier draft, named by that draft's key."""

    draft: str
    field: str = "id"


DraftValue: TypeAlias = (
    "Mapping[str, DraftValue] | Sequence[DraftValue] | Ref | str | int | float | bool | None"
)
"""JSON that may hold `Ref`s."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One call that waits. `key` is its Idempotency-Key on every try; `label` is what the person calls it."""

    key: str
    label: str
    method: str
    path: str
    json: DraftValue = field(default=None, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, FilePart] = field(default_factory=dict, repr=False)

    def needs(self) -> frozenset[str]:
        """The keys of the drafts that have to be delivered first."""
        return frozenset(_refs(self.json))


@dataclass(frozen=True, slots=True)
class SetAside:
    """A draft that will not be sent again by itself: refused, or in need of one that was (`refused` is then
    that one's)."""

    draft: Draft
    refused: Refused


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one attempt to empty the outbox brought. `waiting` counts the drafts still in it for want of
    signal, or because the server is in trouble."""

    delivered: Mapping[str, Answer]
    set_aside: Sequence[SetAside]
    waiting: int


class Outbox:
    """The drafts of one phone, in memory, oldest first."""

    def __init__(self, new_key: Callable[[], str]) -> None:
        self._new_key = new_key
        self._drafts: list[Draft] = []
        self._answers: dict[str, Answer] = {}
        self._refused: dict[str, Refused] = {}
        self._drafts_lock = Lock()
        self._flushing = RLock()

    def __len__(self) -> int:
        return len(self._drafts)

    @property
    def waiting(self) -> Sequence[Draft]:
        """The drafts that still wait, oldest first."""
        with self._drafts_lock:
            return tuple(self._drafts)

    def add(
        self,
        label: str,
        method: str,
        path: str,
        *,
        json: DraftValue = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
    ) -> Draft:
        """Keeps a call for later and returns it; its key serves in `Ref`s of later drafts. Raises ValueError
        if it needs a draft that was never kept."""
        draft = Draft(self._new_key(), label, method, path, json, form or {}, files or {})
        with self._drafts_lock:
            known = {kept.key for kept in self._drafts} | self._answers.keys() | self._refused.keys()
            if unknown := draft.needs() - known:
                raise ValueError(f"{label!r} needs drafts that were never kept: {sorted(unknown)}")
            self._drafts.append(draft)
        return draft

    def flush(self, send: Callable[[Draft, JsonValue], Answer]) -> Flushed:
        """Sends what waits, in order, and stops at the first that finds no signal or a server in trouble.
        `send` gets the draft and its JSON with every `Ref` filled in; it raises `Refused` or `NoSignal`. Any
        other error leaves the draft in place and is passed on. One flush runs at a time; a second waits for
        it and finds less to do."""
        delivered: dict[str, Answer] = {}
        set_aside: list[SetAside] = []
        with self._flushing:
            for draft in self.waiting:
                try:
                    answer = self._deliver(draft, send)
                except NoSignal:
                    break
                except Refused as refused:
                    if refused.status in PASSING:
                        break
                    self._refused[draft.key] = refused
                    set_aside.append(SetAside(draft, refused))
                else:
                    self._answers[draft.key] = delivered[draft.key] = answer
                with self._drafts_lock:
                    self._drafts.remove(draft)
            return Flushed(delivered, set_aside, len(self))

    def _deliver(self, draft: Draft, send: Callable[[Draft, JsonValue], Answer]) -> Answer:
        for key in draft.needs():
            if key in self._refused:
                raise self._refused[key]
        return send(draft, _fill(draft.json, self._answers))


def _refs(value: DraftValue) -> set[str]:
    if isinstance(value, Ref):
        return {value.draft}
    if isinstance(value, Mapping):
        return set().union(*(_refs(inner) for inner in value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return set().union(*(_refs(inner) for inner in value))
    return set()


def _fill(value: DraftValue, answers: Mapping[str, Answer]) -> JsonValue:
    if isinstance(value, Ref):
        found: JsonValue = answers[value.draft].json[value.field]
        return found
    if isinstance(value, Mapping):
        return {name: _fill(inner, answers) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_fill(inner, answers) for inner in value]
    return value
