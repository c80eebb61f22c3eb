"""Who fails too often has to wait; nobody else, and nobody for what succeeds."""

from typing import Any

import pytest
from limits.errors import StorageError

from app.kit.api.failures import FailureLimit
from app.kit.errors import Problem


def test_after_so_many_failures_a_key_has_to_wait_and_no_other() -> None:
    limit = FailureLimit("2/minute")
    for _ in range(2):
        limit.check("code", "one")
        limit.count("code", "one")

    with pytest.raises(Problem, match="too_many_requests") as refused:
        limit.check("code", "one")

    assert 0 < int(refused.value.headers["Retry-After"]) <= 60
    limit.check("code", "two")
    limit.check("name", "one")


def test_asking_counts_nothing() -> None:
    limit = FailureLimit("1/minute")
    for _ in range(5):
        limit.check("code", "one")


def test_without_a_rate_nothing_is_bounded() -> None:
    limit = FailureLimit(None)
    for _ in range(5):
        limit.count("code", "one")
        limit.check("code", "one")


def test_while_the_shared_storage_does_not_answer_the_process_counts_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = FailureLimit("2/minute")

    def broken(*_: Any, **__: Any) -> Any:
        raise StorageError(ConnectionError("no answer"))

    for name in ("incr", "get", "get_expiry"):
        monkeypatch.setattr(limit._shared.storage, name, broken)
    limit.count("code", "one")
    limit.check("code", "one")
    limit.count("code", "one")
    with pytest.raises(Problem, match="too_many_requests"):
        limit.check("code", "one")
