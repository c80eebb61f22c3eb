"""What the subcommands share: settings with errors for people, and output for people or machines."""

import json
import sys
from typing import NoReturn

import click
from rich.console import Console
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from app.config import Settings, SettingsError, load_settings
from app.gateways.parts import Parts, build_parts
from app.kit import clock, logs, migrate
from app.kit.crypto import MasterKeyError
from app.kit.sealing import WrongSuite

console = Console(stderr=True, highlight=False)


def settings() -> Settings:
    """The settings, or a message that names every variable that is wrong."""
    try:
        found = load_settings()
    except SettingsError as error:
        fail(f"The settings are not right:\n{error}")
    clock.shift_seconds(found.clock_offset_seconds)
    logs.configure("warning")
    return found


def demo_settings() -> Settings:
    """The settings of a demo; refused in production."""
    found = settings()
    if not found.is_demo:
        fail("This command works in demo mode only (ZHANGBAN_MODE=demo): it makes people who do not exist.")
    return found


def fail(message: str, code: int = 2) -> NoReturn:
    """End with a sentence on standard error. It is not broken into lines: its commands are there to be copied."""
    console.print(message, style="red", markup=False, soft_wrap=True)
    sys.exit(code)


class Commands(click.Group):
    """The commands. What is wrong with the database or the keys is said in a sentence, whichever of them meets it."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (OperationalError, ArgumentError, NoSuchModuleError) as error:
            fail(
                f"The database does not answer as it should: {_first_line(error)}\n"
                "Check ZHANGBAN_DATABASE_URL (and ZHANGBAN_DATA_DIR), then run: zhangban doctor"
            )
        except (MasterKeyError, WrongSuite) as error:
            fail(f"The keys do not open: {error}\nCheck ZHANGBAN_MASTER_KEYS and ZHANGBAN_CRYPTO_SUITE.")


def _first_line(error: SQLAlchemyError) -> str:
    """What the driver says, without the statement."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def prepare_database(found: Settings) -> None:
    """Make the data folder and bring the database up to date."""
    found.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(found.effective_database_url)


def need_migrated(found: Settings) -> None:
    """Stop with advice when the database is not at the newest migration."""
    current, head = migrate.current_and_head(found.effective_database_url)
    if current != head:
        fail(f"The database is at {current or 'nothing'}, the program needs {head}. Run: zhangban db upgrade")


def opened_parts(found: Settings) -> Parts:
    """The parts of a process, on a database that is up to date."""
    need_migrated(found)
    return build_parts(found)
