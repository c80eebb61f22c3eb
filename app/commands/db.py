"""``zhangban db``: migrations."""

import click

from app.commands.common import console, fail, settings
from app.kit import migrate


@click.group()
def db() -> None:
    """Bring the database to another version, or check it."""


@db.command()
@click.option("--to", "revision", default="head", show_default=True, help="The revision to reach.")
def upgrade(revision: str) -> None:
    """Migrate up; makes an empty database complete."""
    found = settings()
    found.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(found.effective_database_url, revision)
    current, _ = migrate.current_and_head(found.effective_database_url)
    console.print(f"The database is at {current}.")


@db.command()
@click.option(
    "--to", "revision", required=True, help="The revision to go back to, or “base” to remove all tables."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Migrate down. What newer versions wrote may be lost."""
    found = settings()
    if not yes:
        click.confirm("Data of newer versions may be lost. Go on?", abort=True)
    migrate.downgrade(found.effective_database_url, revision)
    console.print(
        f"The database is at {migrate.current_and_head(found.effective_database_url)[0] or 'nothing'}."
    )


@db.command()
def check() -> None:
    """Whether the database is at the newest migration and agrees with the models."""
    found = settings()
    current, head = migrate.current_and_head(found.effective_database_url)
    if current != head:
        fail(
            f"The database is at {current or 'nothing'}, the program needs {head}. Run: zhangban db upgrade",
            1,
        )
    differences = migrate.differences(found.effective_database_url)
    if differences:
        fail("The database differs from the models:\n" + "\n".join(differences), 1)
    console.print(f"The database is at {current} and agrees with the models.")


@db.command(hidden=True)
@click.argument("message")
def revision(message: str) -> None:
    """Write a migration from the database to the models (for developers)."""
    migrate.new_revision(settings().effective_database_url, message)
