"""The bench replays what the application really executes; a small run measures every call and leaves nothing behind."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg import sql
from rich.console import Console

from app.settlement import claims
from bench import bills
from bench.__main__ import run
from bench.calls import CALLS
from bench.keys import Kind, key, new_sql_key, sql_key
from bench.plan import QUICK, Crowd
from bench.script import literal
from tests.conftest import POSTGRES, REQUIRE_ALL, needs_postgres

pytestmark = [pytest.mark.postgres, needs_postgres]
needs_pgbench = pytest.mark.skipif(
    not REQUIRE_ALL and shutil.which("pgbench") is None, reason="pgbench is not installed"
)

# PostgreSQL keeps no NUL in a text.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.binary(max_size=20),
    st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    TEXTS,
)
SQL_TYPE = {bool: "boolean", int: "bigint", bytes: "bytea", date: "date", str: "text", type(None): "text"}


@pytest.fixture(scope="module")
def connection() -> Iterator[psycopg.Connection]:
    with psycopg.connect(POSTGRES, autocommit=True) as connected:
        yield connected


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES)
def test_a_constant_means_in_sql_what_it_meant_in_python(
    connection: psycopg.Connection, value: object
) -> None:
    expression = literal(value)

    row = connection.execute(sql.SQL(f"SELECT ({expression})::{SQL_TYPE[type(value)]}")).fetchone()  # type: ignore[arg-type]

    assert row == (value,)
    # pgbench would take what follows a colon for a variable; only a cast may have one.
    assert ":" not in expression.replace("::bytea", "")


@given(kind=st.sampled_from(Kind), number=st.integers(0, 10_000_000))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_python_and_sql_name_the_same_person(connection: psycopg.Connection, kind: Kind, number: int) -> None:
    row = connection.execute(sql.SQL(f"SELECT {sql_key(kind, str(number))}")).fetchone()  # type: ignore[arg-type]

    assert row == (key(kind, number),)


def test_a_bill_made_in_bulk_uses_the_numbers_that_the_product_would_use(
    connection: psycopg.Connection,
) -> None:
    columns = ", ".join(bills.CLAIMS)
    row = connection.execute(sql.SQL(f"SELECT {columns} FROM (VALUES (7)) AS made (i)")).fetchone()  # type: ignore[arg-type]

    number = hashlib.md5(b"7", usedforsecurity=False).hexdigest()
    assert row == (claims.of_message(number), claims.of_bill("V1", number[:30]))


def test_new_ids_never_come_twice_and_sort_as_they_are_counted(connection: psycopg.Connection) -> None:
    made: list[UUID] = []
    for counter in range(3):
        for ordinal in (1, 2):
            for writer in (0, 1, 16):
                expression = new_sql_key(1_800_000_000_000, str(counter), ordinal, str(writer))
                row = connection.execute(sql.SQL(f"SELECT {expression}")).fetchone()  # type: ignore[arg-type]
                assert row is not None
                made.append(row[0])

    assert len(set(made)) == len(made)
    assert made == sorted(made)


@needs_pgbench
def test_a_small_run_measures_every_call_and_drops_its_databases(connection: psycopg.Connection) -> None:
    before = _databases(connection)
    plan = replace(
        QUICK,
        few=500,
        many=2_000,
        few_people=Crowd(first=1_000, count=3_000, filer_step=2, reader_step=100),
        more_people=Crowd(first=100_000, count=2_400, filer_step=2, reader_step=100),
        rounds=1,
        seconds=0.3,
    )

    report = run(plan, CALLS, Console(quiet=True)).as_json()

    assert set(report["calls"]) == {call.name for call in CALLS}
    for figures in report["calls"].values():
        # At worst it is slow; never did it do nothing.
        assert figures["ratio_to_pgbench"] > 0
        assert figures["p99_ms"] >= figures["p50_ms"] > 0
        assert figures["statements"] >= 4
    assert all(plan["text"].startswith("SELECT") for plan in report["plans"])
    assert _databases(connection) <= before


def _databases(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'zhangban_bench_%'")
    return {row[0] for row in rows}
