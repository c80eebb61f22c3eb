"""Alembic's environment: the models' metadata, batch mode on SQLite, one migration at a time on PostgreSQL."""

from alembic import context
from sqlalchemy import Connection, text

from app import models
from app.kit.db import Base, Choice, Choices, UtcDateTime

ADVISORY_LOCK = 7_412_011


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Migrations name the database's types, not ours: they must run when the program has moved on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Choice | Choices):
        return f"sa.String(length={item.impl_instance.length})"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            connection.execute(text("SET LOCAL lock_timeout = '3s'"))
        context.run_migrations()


if not models.ALL:
    raise RuntimeError("no tables to migrate")
run(context.config.attributes["connection"])
