"""What a call can end in: an answer, a refusal with its reason, or no signal."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

JsonValue: TypeAlias = "Mapping[str, JsonValue] | Sequence[JsonValue] | str | int | float | bool | None"
"""What may be sent as JSON."""

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the server. Its repr shows no header and no content, since those hold personal data.

    `json` is the parsed body, or None if the body is not JSON; `elapsed_ms` is the time of the last try
    alone; `tries` how many requests it took.
    """

    status: int
    json: Any = field(repr=False)  # what it holds depends on the route; api.py knows the type of each
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    elapsed_ms: float
    request_id: str | None
    tries: int = 1

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case; empty if there is none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class CallFailed(Exception):  # noqa: N818 - its children read as what happened: NoSignal, Refused
    """A call did not end as it was meant to."""


class NoSignal(CallFailed):
    """No answer came, however patiently the phone tried.

    `perhaps_done` is False only if no request can have reached the server; otherwise the server may have done
    the work, and only a repetition with the same Idempotency-Key is safe.
    """

    def __init__(self, tries: int, *, perhaps_done: bool) -> None:
        super().__init__(f"no answer after {tries} {'try' if tries == 1 else 'tries'}")
        self.tries = tries
        self.perhaps_done = perhaps_done


class Refused(CallFailed):
    """The server refused with a problem document (RFC 9457).

    `detail` is the sentence for the person, `code` the stable reason, `errors` field → messages with nested
    fields joined by dots.
    """

    def __init__(self, answer: Answer) -> None:
        document = answer.json
        self.status = answer.status
        self.code = str(document.get("code", ""))
        self.detail = str(document.get("detail", ""))
        self.errors = flatten_errors(document.get("errors"))
        self.answer = answer
        super().__init__(f"{self.status} {self.code}: {self.detail}")


class Unexpected(CallFailed):
    """Neither the expected status nor a problem document: the server broke its contract."""

    def __init__(self, answer: Answer, expected: Collection[int]) -> None:
        wanted = " or ".join(str(status) for status in sorted(expected))
        super().__init__(f"{answer.status} ({answer.media_type or 'no content type'}) instead of {wanted}")
        self.answer = answer


def refusal(answer: Answer) -> Refused | None:
    """The refusal that an answer carries, or None if it is not a problem document."""
    if answer.media_type == PROBLEM and isinstance(answer.json, Mapping):
        return Refused(answer)
    return None


def check(answer: Answer, expect: int | Collection[int] | None) -> Answer:
    """Returns the answer if its status is expected (None expects anything), raises `Refused` or `Unexpected`
    otherwise."""
    if expect is None:
        return answer
    expected = {expect} if isinstance(expect, int) else set(expect)
    if answer.status in expected:
        return answer
    raise refusal(answer) or Unexpected(answer, expected)


def flatten_errors(errors: object, prefix: str = "") -> dict[str, list[str]]:
    """Field → messages, with nested objects and list positions joined by dots: `form.begin_date`,
    `papers.0`."""
    if errors is None:
        return {}
    if isinstance(errors, Mapping):
        flat: dict[str, list[str]] = {}
        for name, inner in errors.items():
            flat.update(flatten_errors(inner, f"{prefix}.{name}" if prefix else str(name)))
        return flat
    if isinstance(errors, Sequence) and not isinstance(errors, str):
        return {prefix: [str(message) for message in errors]}
    return {prefix: [str(errors)]}
