"""A whole life with the product: every answer is as documented, and nothing personal is logged or called by address."""

import logging
import re
from collections.abc import Iterator

import pytest
import schemathesis
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.failures import FailureGroup
from werkzeug.test import TestResponse

from app.kit.api.application import Application
from tests.promises.story import NAME, tell
from tests.world import API, World

LOOKS_PERSONAL = re.compile(r"(?<![0-9a-f-])(\d{17}[\dXx]|1[3-9]\d{9})(?![0-9a-f-])")
TOKEN = re.compile(r"eyJ[\w-]{10,}\.")


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


class Listener(logging.Handler):
    """Every line of every logger, before the last guard scrubs it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.msg!r} {record.args!r} {record.exc_info!r}")


@pytest.fixture
def listener() -> Iterator[Listener]:
    root, listening = logging.getLogger(), Listener()
    level = root.level
    root.addHandler(listening)
    root.setLevel(logging.DEBUG)
    yield listening
    root.removeHandler(listening)
    root.setLevel(level)


class Comparison:
    """Compares each answer with openapi.json: status, media type, schema."""

    def __init__(self, app: Application) -> None:
        self.document = schemathesis.openapi.from_wsgi("/openapi.json", app)
        self.urls = app.url_map.bind("localhost")
        self.seen: set[tuple[str, int]] = set()
        self.faults: list[str] = []

    def __call__(self, method: str, address: str, answer: TestResponse) -> None:
        path = address.partition("?")[0]
        if not self.urls.test(path, method) or not path.startswith(API):
            return
        rule, _ = self.urls.match(path, method, return_rule=True)
        template = re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)
        operation = self.document[template][method]
        self.seen.add((f"{method} {template}", answer.status_code))
        where = f"{method} {template} {answer.status_code}"
        if str(answer.status_code) not in operation.responses.status_codes:
            self.faults.append(f"{where}: not documented")
        try:
            operation.validate_response(answer)
        except (FailureGroup, SchemathesisError) as fault:
            self.faults.append(f"{where}: {fault}")


def test_every_answer_of_a_whole_life_is_as_documented(app: Application, world: World) -> None:
    comparison = Comparison(app)
    world.watchers.append(comparison)

    tell(world)

    assert comparison.faults == []
    succeeded = {operation for operation, status in comparison.seen if status < 300}
    documented = {operation.ok().label for operation in comparison.document.get_all_operations()}
    assert documented - succeeded == set(), "the story leaves an operation out"


def test_nothing_personal_is_logged_or_called_by_address(
    app: Application, world: World, listener: Listener
) -> None:
    tell(world)

    written = "\n".join(listener.lines)
    assert len(listener.lines) > 80
    assert [word for word in world.personal if word in written] == []
    assert LOOKS_PERSONAL.findall(written) == []
    assert TOKEN.findall(written) == []


def test_what_is_answered_masks_names_and_numbers(app: Application, world: World) -> None:
    """No answer holds a whole name or number; what one wrote oneself (an address, a reason) comes back to oneself."""
    answers: list[str] = []

    def keep(method: str, address: str, answer: TestResponse) -> None:
        answers.append(answer.get_data().decode("utf-8", "replace"))

    world.watchers.append(keep)

    tell(world)

    whole = [one for one in world.personal if LOOKS_PERSONAL.fullmatch(one)]
    names = [one for one in world.personal if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", one)]
    assert len(whole) > 10
    assert len(names) > 5
    shown = "\n".join(answers)
    assert [one for one in whole if one in shown] == []
    # The one name that the handler wrote into the list of corrections is shown as written.
    assert [one for one in names if one in shown and one != NAME] == []
