"""Every test of identity ends with a look at what was logged: nothing personal, nothing secret."""

import logging
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from identity_world import PRIVATE, Caller, WeChatControl
from structlog.testing import capture_logs

from mock_client.standins import StandIns

_LOOKS_PERSONAL = re.compile(r"(?<![0-9a-f-])(\d{17}[\dX]|1[3-9]\d{9})(?![0-9a-f-])")


@pytest.fixture
def wechat(standins: StandIns) -> WeChatControl:
    return WeChatControl(standins)


@pytest.fixture
def anybody(client: FlaskClient) -> Caller:
    """A caller without a token."""
    return Caller(client)


@pytest.fixture(autouse=True)
def _standins_forget(standins: StandIns) -> Iterator[None]:
    yield
    standins.reset()


@pytest.fixture(autouse=True)
def _logs_hold_nothing_personal(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    PRIVATE.clear()
    caplog.set_level(logging.DEBUG)
    with capture_logs() as events:
        yield
    for entry in events:
        # pytest shows these beside a failed test.
        logging.getLogger("structlog").info("%r", entry)
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    written = "\n".join(record.getMessage() for record in records) + repr(events)
    leaked = sorted(word for word in PRIVATE if word in written)
    assert not leaked
    assert not _LOOKS_PERSONAL.findall(written)
