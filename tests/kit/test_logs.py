"""Logs: one JSON object a line on stderr, scrubbed, with what the request bound to it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars

from app.kit import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    clear_contextvars()
    logs.configure("info")
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Any:
    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    return lines


def test_a_line_is_one_json_object_with_what_was_bound(written: Any) -> None:
    logs.configure("info")
    bind_contextvars(request_id="r-1")

    structlog.get_logger("app.test").info("something", cases=3)

    [line] = written()
    assert line["event"] == "something"
    assert (line["level"], line["logger"], line["cases"], line["request_id"]) == (
        "info",
        "app.test",
        3,
        "r-1",
    )
    assert line["timestamp"].endswith("Z")


def test_chinese_stays_readable(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    structlog.get_logger("app.test").info("备案")
    assert "备案" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("number 610902198503121234 there", "610902198503121234"),
        ("call 13800001111", "13800001111"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIiOiIxIn0"),
        ("password=hunter2hunter2", "hunter2hunter2"),
    ],
)
def test_what_looks_personal_or_secret_is_scrubbed_whoever_logs_it(
    written: Any, value: str, hidden: str
) -> None:
    logs.configure("info")

    structlog.get_logger("app.test").info("event", text=value)
    logging.getLogger("somebody.else").warning("text %s", value)
    structlog.get_logger("app.test").error("failed", exc_info=ValueError(value))

    lines = written()
    assert len(lines) == 3
    assert hidden not in json.dumps(lines, ensure_ascii=False)


@pytest.mark.parametrize(("level", "shown"), [("debug", 3), ("info", 2), ("warning", 1)])
def test_the_level_of_the_settings_counts(written: Any, level: str, shown: int) -> None:
    logs.configure(level)
    log = structlog.get_logger(f"app.test.{level}")

    log.debug("d")
    log.info("i")
    log.warning("w")

    assert len(written()) == shown


def test_libraries_that_log_addresses_are_silent_even_at_debug(written: Any) -> None:
    logs.configure("debug")

    for name in ("urllib3.connectionpool", "werkzeug", "botocore.endpoint", "huey"):
        logging.getLogger(name).info("GET /sns/jscode2session?secret=abc")

    assert written() == []


def test_for_people_there_are_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", json_lines=False)
    structlog.get_logger("app.plain").info("something", cases=3)
    text = capsys.readouterr().err
    assert "something" in text
    assert not text.lstrip().startswith("{")
