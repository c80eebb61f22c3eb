"""What every table keeps to, so that it can be spread over machines, migrated on SQLite, and lost without harm."""

import re

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    Table,
    TypeDecorator,
    Uuid,
)

from app import models
from app.kit.db import Base
from app.kit.sealing import Sealed, SealedJson

assert models.ALL
TABLES = tuple(sorted(Base.metadata.tables.values(), key=lambda table: table.name))
CLASSES = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}

NOT_OF_ONE_PERSON = {
    "person": "the person itself: its id is the key",
    "data_key": "keys of the product",
    "idempotent_answer": "spread by the hash of its key, deleted after a week",
    "outbox_message": "identifiers only, deleted once done",
    "organisation": "an office",
    "institution": "a hospital, clinic or pharmacy",
    "service_point": "a station or room",
    "wechat_login": "of an account, which may have no person yet",
    "staff_login": "of an account",
    "terminal_login": "of an account of a machine",
    "sign_in_failure": "of a user name, somebody's or nobody's, by its keyed hash; forgotten after an hour",
    "account_change": "of an account",
    "role_grant": "of an account at an organisation",
    "sign_in_session": "of an account",
    "refresh_token": "of a sign-in, by its hash",
    "draw_seed": "of a pool of experts and a day",
    "expert_key": "of an account",
    "expert_leave": "of an account",
    "expert_pool_change": "of an account",
    "settlement_claim": "a number that an institution gave to a message or a bill",
}
"""Tables without ``person_id``, each with the reason. A new table of a person's data must have one."""

PERSONAL = (
    "name",
    "id_no",
    "phone",
    "address",
    "openid",
    "employer",
    "reason",
    "comment",
    "form",
    "missing",
    "params",
    "body",
)
OPEN = {
    ("organisation", "name"): "an office's name",
    ("institution", "name"): "a hospital's name",
    ("institution", "address"): "a hospital's address",
    ("institution", "phone"): "a hospital's telephone",
    ("service_point", "name"): "a station's name",
    ("service_point", "address"): "a station's address",
    ("service_point", "phone"): "a station's telephone",
    ("idempotent_answer", "body"): "sealed by app.kit.api.idempotency",
}
"""Columns that sound personal and are not, or are sealed elsewhere."""

tables = pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])


def test_the_tables_are_found() -> None:
    assert len(TABLES) >= 20
    assert set(NOT_OF_ONE_PERSON) <= {table.name for table in TABLES}, (
        "a reason stands for a table that is gone"
    )


@tables
def test_a_table_of_a_person_s_data_has_person_id_with_an_index(table: Table) -> None:
    if table.name in NOT_OF_ONE_PERSON:
        assert "person_id" not in table.columns, "it has a person_id: take it off the list"
        return
    assert "person_id" in table.columns, "add person_id, or a reason to NOT_OF_ONE_PERSON"
    assert _leads(table, "person_id"), "an index must begin with person_id"


@tables
def test_keys_are_made_in_the_application(table: Table) -> None:
    """No sequences, no autoincrement: any number of machines make them."""
    key = list(table.primary_key.columns)
    assert key, "every table has a primary key"
    for column in key:
        assert isinstance(_plain(column), Uuid | String | Integer)
        if isinstance(_plain(column), Integer):
            assert column.autoincrement is False, f"{column.name} would be counted by the database"
    for column in table.columns:
        assert not isinstance(column.default, Sequence)
        assert not isinstance(column.server_default, Identity)


@tables
def test_the_database_fills_in_nothing(table: Table) -> None:
    """Server defaults, computed columns and triggers would hide a rule in one database."""
    assert [column.name for column in table.columns if column.server_default or column.server_onupdate] == []
    assert [column.name for column in table.columns if column.computed is not None] == []


@tables
def test_every_constraint_and_index_is_named(table: Table) -> None:
    unnamed = [constraint for constraint in table.constraints if constraint.name is None]
    assert unnamed == []
    assert [index for index in table.indexes if not index.name] == []
    for thing in (*table.constraints, *table.indexes):
        assert len(str(thing.name)) <= 63, f"PostgreSQL would cut {thing.name}"


@tables
def test_a_foreign_key_is_checked_at_the_commit_and_deletes_nothing(table: Table) -> None:
    for key in table.foreign_keys:
        assert (key.deferrable, key.initially) == (True, "DEFERRED"), f"use refers() for {key.column}"
        assert key.ondelete is None


@tables
def test_what_is_personal_is_sealed(table: Table) -> None:
    for column in table.columns:
        bare = re.sub(r"_(sealed|index)$", "", column.name)
        if bare not in PERSONAL or (table.name, column.name) in OPEN:
            continue
        assert column.name != bare, f"{table.name}.{column.name} lies open"
        _check_sealed_or_index(table, column)


def test_every_reason_for_an_open_column_is_still_needed() -> None:
    existing = {(table.name, column.name) for table in TABLES for column in table.columns}
    assert set(OPEN) <= existing


@tables
def test_a_sealed_column_has_its_attribute_and_can_be_read_only_by_it(table: Table) -> None:
    sealed = {column.name for column in table.columns if column.name.endswith("_sealed")}
    attributes = vars(CLASSES[table.name]).values()
    opened = {one.column for one in attributes if isinstance(one, Sealed)} | {
        one._text.column for one in attributes if isinstance(one, SealedJson)
    }
    by_hand = (
        {"comment_sealed"} if table.name == "rating" else set()
    )  # keyed by its filing: sealed in ratings.py
    assert sealed == opened | by_hand


@tables
def test_text_is_bounded_and_times_are_aware(table: Table) -> None:
    for column in table.columns:
        plain = _plain(column)
        if isinstance(plain, String):
            assert plain.length, f"{table.name}.{column.name} has no length"
        if type(column.type).__name__ == "DateTime":
            raise AssertionError(f"{table.name}.{column.name}: annotate it with datetime, for UTC")


@tables
def test_no_check_lists_the_members_of_an_enum(table: Table) -> None:
    """A new member would rebuild the table."""
    assert [column.name for column in table.columns if type(column.type).__name__ == "Enum"] == []
    assert [
        column.name
        for column in table.columns
        if isinstance(column.type, Boolean) and column.type.create_constraint
    ] == []


def _check_sealed_or_index(table: Table, column: Column[object]) -> None:
    if column.name.endswith("_sealed"):
        assert isinstance(column.type, LargeBinary)
        assert not any(column.name in index.columns for index in table.indexes), "ciphertext is not searched"
    else:
        assert isinstance(column.type, String)
        assert column.type.length == 64
        assert _leads(table, column.name), "a blind index is there to be searched"


def _plain(column: Column[object]) -> object:
    """The database's type under a type of ours."""
    return column.type.impl if isinstance(column.type, TypeDecorator) else column.type


def _leads(table: Table, name: str) -> bool:
    """Whether an index, unique constraint or primary key begins with the column."""
    lists = [list(index.columns.keys()) for index in table.indexes if not _partial(index)]
    lists += [
        list(constraint.columns.keys())
        for constraint in table.constraints
        if hasattr(constraint, "columns") and not _is_foreign(constraint)
    ]
    return any(names[:1] == [name] for names in lists)


def _partial(index: Index) -> bool:
    return any(value is not None for name, value in index.dialect_kwargs.items() if name.endswith("_where"))


def _is_foreign(constraint: object) -> bool:
    return type(constraint).__name__ in {"ForeignKeyConstraint", "CheckConstraint"}
