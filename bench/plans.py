"""How PostgreSQL answers the statements with many cases in the table: by which index, reading how many rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bench.database import Database
from bench.script import with_constants
from bench.statements import Statement

SMALL_TABLE: Final = 1_000
"""Reading all of a table with fewer rows is no fault, and often faster than an index."""


@dataclass(frozen=True)
class Found:
    """The plan of one statement. whole_tables: large tables that it reads from end to end."""

    what: str
    text: str
    indexes: tuple[str, ...]
    whole_tables: tuple[str, ...]
    rows_read: int
    millis: float


def explain(database: Database, what: str, statement: Statement) -> Found:
    """Run a SELECT and say how it was done."""
    query = f"EXPLAIN (ANALYZE, FORMAT JSON) {with_constants(statement)}"
    with database.connect() as connection:
        row = connection.execute(query.encode()).fetchone()
        if row is None:
            raise RuntimeError("EXPLAIN gave no plan")
        large = {
            name
            for (name,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= %s", [SMALL_TABLE]
            )
        }
    plan = row[0][0]
    nodes = list(_nodes(plan["Plan"]))
    whole = {node["Relation Name"] for node in nodes if node["Node Type"].endswith("Seq Scan")}
    return Found(
        what=what,
        text=" ".join(statement.text.split()),
        indexes=tuple(dict.fromkeys(node["Index Name"] for node in nodes if "Index Name" in node)),
        whole_tables=tuple(sorted(whole & large)),
        rows_read=sum(_rows(node) for node in nodes if "Relation Name" in node),
        millis=plan["Execution Time"],
    )


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _rows(node: Mapping[str, Any]) -> int:
    """Rows that the node took from its table, those thrown away too."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + removed) * node["Actual Loops"])
