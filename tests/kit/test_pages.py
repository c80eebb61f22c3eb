"""Pages of a list: every item once, the newest first, and a cursor that is ours or is refused."""

from collections.abc import Callable
from datetime import UTC, datetime
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
from app.kit.api.application import Application
from app.kit.errors import Problem
from app.kit.outbox import OutboxMessage
from app.kit.pages import (
    BAD_CURSOR,
    DEFAULT_LIMIT,
    MAX_LIMIT,
    PageQuery,
    decode_cursor,
    encode_cursor,
    moment_as_key,
    newest_first,
    no_key,
    read_moment,
)
from tests.world import World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def world(app: Application) -> World:
    return World(app)


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


KEYS = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=60)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones())  # noqa: DTZ001 - Hypothesis adds the zone


@given(st.uuids(), KEYS)
def test_a_cursor_comes_back_as_what_it_was(identity: UUID, key: str) -> None:
    cursor = encode_cursor(identity, key)

    assert decode_cursor(cursor, str) == (key, identity)
    assert PageQuery().load({"cursor": cursor})["cursor"] == cursor


@given(st.uuids(), MOMENTS)
def test_a_time_in_a_cursor_comes_back_whatever_zone_it_was_in(identity: UUID, moment: datetime) -> None:
    cursor = encode_cursor(identity, moment_as_key(moment))

    assert decode_cursor(cursor, read_moment) == (moment.astimezone(UTC), identity)


@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_=-]{20,40}", fullmatch=True))
def test_any_other_text_is_refused_as_an_entry_and_is_never_an_accident(text: str) -> None:
    for read_key in (no_key, read_moment, str):
        outcome = outcome_of(text, read_key)
        if isinstance(outcome, Problem):
            assert (outcome.kind.status, outcome.errors) == (422, {"cursor": [BAD_CURSOR]})
        else:
            key, identity = outcome
            written = moment_as_key(key) if isinstance(key, datetime) else key or ""
            assert encode_cursor(identity, written) == text


def outcome_of(text: str, read_key: Callable[[str], Any]) -> tuple[Any, UUID] | Problem:
    try:
        return decode_cursor(text, read_key)
    except Problem as problem:
        return problem


@pytest.mark.parametrize(
    "key",
    [
        "2026-01-31T09:30:00",
        "2026-01-31T09:30:00+08:00",
        "0001-01-01T00:00:00+14:00",
        "2026-02-30T00:00:00+00:00",
        "soon",
        "",
    ],
)
def test_a_time_that_we_did_not_write_is_refused(key: str) -> None:
    """One at the edge of the calendar would end in an error of its own when it is turned into UTC."""
    cursor = encode_cursor(UUID(int=7), key)

    with pytest.raises(Problem):
        decode_cursor(cursor, read_moment)


def test_every_list_refuses_the_cursor_of_another_in_the_same_words(world: World) -> None:
    citizen, handler = world.citizen(), world.handler()
    case = world.filing(citizen)
    of_time = encode_cursor(UUID(int=7), moment_as_key(datetime(2026, 1, 31, tzinfo=UTC)))
    of_id = encode_cursor(UUID(int=7))
    asked = [
        (citizen, f"/filings?cursor={of_time}"),
        (citizen, f"/me/notices?cursor={of_time}"),
        (citizen, f"/remote-care/records?cursor={of_time}"),
        (citizen, f"/filings/{case['id']}/events?cursor={of_id}"),
        (citizen, f"/institutions?cursor={of_time}"),
        (handler, f"/filings?scope=queue&cursor={of_id}"),
    ]
    for who, path in asked:
        answer = who.send("GET", path)
        assert (answer.status_code, answer.json["errors"]) == (422, {"cursor": [str(BAD_CURSOR)]}), path


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
