"""No personal data leaks: logs at their most talkative, URLs, background messages and metrics are searched for it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from app.kit import outbox
from app.kit.api.application import Application
from app.kit.api.metrics import exposition
from app.kit.db import Base
from app.kit.outbox import OutboxMessage
from app.registry import outbox_handlers
from tests.promises.chronic_story import tell_of_chronic_disease
from tests.world import Somebody, World


class Everything(logging.Handler):
    """Keeps every log line of every logger, as it would be written and with its raw arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {record.args} {record.exc_info}")


@pytest.fixture
def everything() -> Iterator[Everything]:
    handler = Everything()
    root = logging.getLogger()
    levels = {
        name: logging.getLogger(name).level
        for name in ("", "sqlalchemy.engine", "urllib3", "werkzeug", "huey")
    }
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


def live(world: World) -> tuple[Somebody, list[str]]:
    """What happens in a life: filing, a correction, a rejection, a disease recognised by experts, refusals, looks by staff.

    Gives the paths called.
    """
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen, "needs_correction")
    paper = world.paper(citizen, "residence_proof")
    back = world.act(citizen, case, "resubmit", material_ids=[paper["id"]])
    handler.ok("GET", f"/materials/{paper['id']}/content")
    held = world.act(handler, back, "claim")
    world.act(handler, held, "reject", reason=f"{citizen.name}的居住证明看不清")
    wrong = {
        "service_code": "remote_care",
        "form": {"category": citizen.name, "care_region_code": citizen.id_no},
    }
    citizen.refused("POST", "/filings", {**wrong, "submit": True})
    wrong_digit = "1" if citizen.id_no[-1] == "0" else "0"
    citizen.refused("POST", "/real-name", {"name": citizen.name, "id_no": citizen.id_no[:-1] + wrong_digit})
    shown = show_voucher(world, citizen)
    recognised = tell_of_chronic_disease(world, citizen, citizen.name, citizen.id_no)
    paths = ["/me", "/me/accesses", "/me/notices", "/filings", f"/filings/{case['id']}/events"]
    paths += ["/voucher", f"/voucher/codes/{shown['id']}/image"]
    paths += [f"/filings/{case['id']}/form.pdf", f"/chronic/cases/{recognised}", "/chronic/entitlements"]
    for path in paths:
        citizen.ok("GET", path)
    return citizen, paths


def show_voucher(world: World, citizen: Somebody) -> dict[str, Any]:
    """Activated on a phone that bears its owner's name. Phone number and code are to be found nowhere either."""
    phone = {"device_no": "phone-of-the-citizen-0001"}
    citizen.ok("POST", "/voucher/activation", {**phone, "device_name": f"{citizen.name}的手机"})
    keys = citizen.ok("POST", "/voucher/keys", phone)["keys"]
    shown: dict[str, Any] = citizen.ok("POST", "/voucher/codes", phone)
    world.personal |= {phone["device_no"], shown["code"], *(entry["key"] for entry in keys)}
    return shown


def test_no_name_number_or_phone_reaches_a_log_a_url_or_a_message(
    app: Application, everything: Everything
) -> None:
    world = World(app)
    _, paths = live(world)
    with world.parts.database.reading() as session:
        messages = [str(row.payload) for row in session.execute(select(OutboxMessage)).scalars()]
    outbox.drain(world.parts.database, outbox_handlers(world.parts))

    written = "\n".join([*everything.lines, *paths, *messages, exposition(dict)[0].decode()])

    assert len(everything.lines) > 100, "the logs were really listened to"
    assert world.personal
    assert [word for word in world.personal if word in written] == []


def test_nothing_personal_lies_open_in_the_database(app: Application) -> None:
    world = World(app)
    live(world)
    openly = []
    with world.parts.database.reading() as session:
        for table in Base.metadata.tables:
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                for value in row:
                    shown = value if isinstance(value, str) else repr(value)
                    openly += [(table, word) for word in world.personal if word in shown]
    assert openly == []
