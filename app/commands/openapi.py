"""``zhangban openapi``: the API's document."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from app import create_app
from app.commands.common import console, fail
from app.config import Settings
from app.kit import migrate
from app.kit.api.application import Application
from app.kit.api.document import breaking_changes, dumps, openapi_document

DOCUMENT = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"


@click.group()
def openapi() -> None:
    """The OpenAPI document: generated from the code, committed, compared."""


@contextmanager
def scratch_app() -> Iterator[Application]:
    """The application with an empty database of its own, for what is drawn from the code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        scratch = replace(Settings(), data_dir=path, database_url=f"sqlite:///{path / 'scratch.sqlite3'}")
        migrate.upgrade(scratch.effective_database_url)
        app = create_app(scratch)
        yield app
        app.database.dispose()


def current_document() -> str:
    """The document of the code as it is."""
    with scratch_app() as app:
        return dumps(openapi_document(app))


@openapi.command()
@click.option(
    "--allow-breaking", is_flag=True, help="Write though a client of the document before would break."
)
def write(allow_breaking: bool) -> None:
    """Write openapi/openapi.json."""
    new = current_document()
    if DOCUMENT.exists() and not allow_breaking:
        broken = breaking_changes(json.loads(DOCUMENT.read_text("utf-8")), json.loads(new))
        if broken:
            fail("Clients would break (say --allow-breaking if that is meant):\n" + "\n".join(broken), 1)
    DOCUMENT.write_text(new, "utf-8")
    console.print(f"Wrote {DOCUMENT.name}: {len(json.loads(new)['paths'])} paths.")


@openapi.command()
def check() -> None:
    """Exit 1 if the committed document is not that of the code."""
    if not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != current_document():
        fail("openapi/openapi.json is not up to date. Run: zhangban openapi write", 1)
    console.print("openapi/openapi.json is up to date.")
    sys.exit(0)
