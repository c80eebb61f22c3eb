"""What the methods of the API share: the prefix, and one call of a phone."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from mock_client.answers import Answer, JsonValue
from mock_client.transport import FilePart

PREFIX = "/api/v1"

Query = Mapping[str, str | int | bool | None]


class Caller(Protocol):
    """What makes the calls: a `Phone`, or anything that speaks as one."""

    def new_key(self) -> str: ...

    def call(
        self,
        method: str,
        path: str,
        *,
        json: JsonValue = None,
        params: Query | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        signed: bool = True,
        expect: int | Collection[int] | None = None,
    ) -> Answer: ...


class Calls:
    """One caller's calls. Whatever is not the expected success raises `Refused`, `Unexpected` or `NoSignal`.

    `last` is the whole answer to the latest call that succeeded: its status, headers, time and tries.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.last: Answer | None = None

    def _get(self, path: str, params: Query | None = None, *, signed: bool = True) -> Any:
        return self._send("GET", path, params=params, signed=signed).json

    def _post(self, path: str, json: JsonValue = None, *, expect: int = 200, signed: bool = True) -> Any:
        return self._send("POST", path, json=json, expect=expect, signed=signed).json

    def _create(self, path: str, json: JsonValue, key: str | None, *, expect: int = 200) -> Any:
        """A POST under an Idempotency-Key, a fresh one unless it is given: safe to be sent again."""
        key = key or self._caller.new_key()
        return self._send("POST", path, json=json, key=key, expect=expect).json

    def _send(
        self,
        method: str,
        path: str,
        *,
        json: JsonValue = None,
        params: Query | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, FilePart] | None = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        signed: bool = True,
        expect: int | Collection[int] = 200,
    ) -> Answer:
        self.last = self._caller.call(
            method,
            PREFIX + path,
            json=json,
            params=params,
            form=form,
            files=files,
            headers=headers,
            idempotency_key=key,
            signed=signed,
            expect=expect,
        )
        return self.last


def given(**fields: JsonValue) -> dict[str, JsonValue]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
