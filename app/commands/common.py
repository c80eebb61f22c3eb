"""What the subcommands share: settings with errors for people, and output for people or machines."""

import json
import sys
from typing import NoReturn

import click
from rich.console import Console

from app.config import Settings, SettingsError, load_settings
from app.kit import clock, logs, migrate

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
    console.print(f"[red]{message}[/red]")
    sys.exit(code)


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
