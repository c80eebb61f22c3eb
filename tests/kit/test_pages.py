"""Pages of a list: every item once, the newest first, and a cursor that is ours or is refused."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.gateways.parts import Parts
from app.kit import outbox
from app.kit.errors import Problem
from app.kit.outbox import OutboxMessage
from app.kit.pages import DEFAULT_LIMIT, MAX_LIMIT, PageQuery, decode_cursor, encode_cursor, newest_first


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def fill(parts: Parts) -> Callable[[int], list[UUID]]:
    """Write so many messages; their ids, the newest first."""

    def write(count: int) -> list[UUID]:
        def put(session: Session) -> None:
            for number in range(count):
                outbox.put(session, f"topic-{number % 2}", {"number": number})

        parts.database.run(put)
        with parts.database.reading() as session:
            return sorted(session.execute(select(OutboxMessage.id)).scalars(), reverse=True)

    return write


def walk(parts: Parts, limit: int, topic: str | None = None) -> tuple[list[UUID], int]:
    """All items page by page, and how many pages there were."""
    query = select(OutboxMessage)
    if topic is not None:
        query = query.where(OutboxMessage.topic == topic)
    found: list[UUID] = []
    cursor: str | None = None
    for pages in range(1, 100):
        with parts.database.reading() as session:
            page: Any = newest_first(session, query, OutboxMessage.id, cursor, limit)  # type: ignore[arg-type]
        assert len(page.items) <= limit
        found += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found, pages
    raise AssertionError("the list does not end")


@pytest.mark.parametrize(
    ("count", "limit", "pages"), [(0, 5, 1), (4, 5, 1), (5, 5, 1), (6, 5, 2), (23, 5, 5), (3, 1, 3)]
)
def test_every_item_comes_once_newest_first(
    parts: Parts, fill: Callable[[int], list[UUID]], count: int, limit: int, pages: int
) -> None:
    everything = fill(count)

    assert walk(parts, limit) == (everything, pages)


def test_a_narrowed_list_pages_too(parts: Parts, fill: Callable[[int], list[UUID]]) -> None:
    fill(9)

    found, _ = walk(parts, 2, "topic-0")

    assert len(found) == 5
    assert found == sorted(found, reverse=True)


def test_what_is_added_meanwhile_moves_nothing(parts: Parts, fill: Callable[[int], list[UUID]]) -> None:
    """A person who pages through sees each item of then once, whatever comes in at the top."""
    everything = fill(6)
    query = select(OutboxMessage)
    with parts.database.reading() as session:
        first: Any = newest_first(session, query, OutboxMessage.id, None, 3)  # type: ignore[arg-type]

    fill(4)

    with parts.database.reading() as session:
        second: Any = newest_first(session, query, OutboxMessage.id, first.next_cursor, 3)  # type: ignore[arg-type]
    assert [item.id for item in (*first.items, *second.items)] == everything


@given(st.uuids())
def test_a_cursor_comes_back_as_what_it_was(identity: UUID) -> None:
    cursor = encode_cursor(identity)

    assert decode_cursor(cursor) == identity
    assert PageQuery().load({"cursor": cursor})["cursor"] == cursor


@given(st.text(max_size=60))
def test_any_other_text_is_refused_as_an_entry_and_is_never_an_accident(text: str) -> None:
    try:
        outcome: UUID | Problem = decode_cursor(text)
    except Problem as problem:
        outcome = problem

    if isinstance(outcome, Problem):
        assert (outcome.kind.status, set(outcome.errors)) == (422, {"cursor"})
    else:
        assert len(text.rstrip("=")) == 22


@pytest.mark.parametrize(
    ("query", "cursor", "limit"),
    [
        ({}, None, DEFAULT_LIMIT),
        ({"cursor": ""}, None, DEFAULT_LIMIT),
        ({"cursor": "abc", "limit": "7"}, "abc", 7),
        ({"limit": str(MAX_LIMIT)}, None, MAX_LIMIT),
    ],
)
def test_what_a_list_may_be_asked_for(query: dict[str, str], cursor: str | None, limit: int) -> None:
    assert PageQuery().load(query) == {"cursor": cursor, "limit": limit}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": str(MAX_LIMIT + 1)}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"cursor": "a b"}, "cursor"),
        ({"cursor": "x" * 201}, "cursor"),
        ({"page": "2"}, "page"),
    ],
)
def test_what_it_may_not(query: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PageQuery().load(query)
    assert set(refused.value.messages) == {field}
