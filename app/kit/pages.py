"""Pages of lists: newest first by UUIDv7, with an opaque cursor and no total (a total would read the whole list)."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from marshmallow import fields, post_load
from sqlalchemy import Select, bindparam
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.kit.api.schemas import AnswerSchema, CleanString, Length, Range, Regexp, RequestSchema
from app.kit.errors import invalid
from app.kit.text import Text

DEFAULT_LIMIT = 20
MAX_LIMIT = 50
MAX_CURSOR = 200
BAD_CURSOR = Text("翻页标识不对，请从第一页重新看。", "Not a valid cursor; start at the first page.")


Item = TypeVar("Item")
Key = TypeVar("Key")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some items and where to go on; ``next_cursor`` is None at the end."""

    items: Sequence[Item]
    next_cursor: str | None


class PageQuery(RequestSchema):
    """Mix into the query schema of a list."""

    cursor = CleanString(
        load_default=None,
        validate=[Length(max=MAX_CURSOR), Regexp(r"^[A-Za-z0-9_-]*$", BAD_CURSOR)],
        metadata={"description": "next_cursor of the page before"},
    )
    limit = fields.Integer(load_default=DEFAULT_LIMIT, validate=Range(min=1, max=MAX_LIMIT))

    @post_load
    def empty_means_first(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """``cursor=`` asks for the first page, as no cursor does."""
        return {**data, "cursor": data["cursor"] or None}


class PageAnswer(AnswerSchema):
    """Mix into the answer schema of a list and add ``items``."""

    next_cursor = fields.String(
        allow_none=True, metadata={"description": "Ask with ?cursor= for the next page"}
    )


def encode_cursor(last_id: UUID, key: str = "") -> str:
    """Where a page ended: its last row's id and, where a list is ordered by something before the id, that as text."""
    return base64.urlsafe_b64encode(last_id.bytes + key.encode("ascii")).decode().rstrip("=")


def decode_cursor(cursor: str, read_key: Callable[[str], Key]) -> tuple[Key, UUID]:
    """The key and the id of ``encode_cursor``. ``read_key`` raises ValueError for a text that is no key of its list.

    Raises a 422 problem when the cursor is not one of ours.
    """
    try:
        last_id, text = _parts(cursor)
        return read_key(text), last_id
    except ValueError:
        raise invalid({"cursor": [BAD_CURSOR]}) from None


_ID_BYTES = 16


def _parts(cursor: str) -> tuple[UUID, str]:
    raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    last_id, text = UUID(bytes=raw[:_ID_BYTES]), raw[_ID_BYTES:].decode("ascii")
    # Base64 can write the same bytes in several ways; we write one.
    if encode_cursor(last_id, text) != cursor:
        raise ValueError("not as we write it")
    return last_id, text


def no_key(text: str) -> None:
    """The key of a list that is ordered by nothing but the id."""
    if text:
        raise ValueError("a list by id has no other key")


def moment_as_key(moment: datetime) -> str:
    """The key of a list that is ordered by a time."""
    return moment.astimezone(UTC).isoformat()


def read_moment(text: str) -> datetime:
    """The time of ``moment_as_key``. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    # The offset first: at the edge of the calendar another one could not be turned into UTC.
    if moment.utcoffset() != timedelta(0) or moment_as_key(moment) != text:
        raise ValueError("not as we write it")
    return moment


class NewestFirst(Generic[Item]):
    """A list by descending id. Made once where it is asked for often: building a statement takes longer than executing
    it. ``query`` then holds ``bindparam``s, and ``page`` gives their values."""

    def __init__(self, query: Select[Item], id_column: InstrumentedAttribute[UUID]) -> None:
        in_order = query.order_by(id_column.desc()).limit(bindparam("rows_of_page"))
        self._first = in_order
        self._next = in_order.where(id_column < bindparam("last_id"))
        self._key = id_column.key

    def page(
        self, session: Session, values: Mapping[str, object], cursor: str | None, limit: int
    ) -> Page[Item]:
        """The page after ``cursor``: one statement over the index that ends in the id."""
        given = {**values, "rows_of_page": limit + 1}
        statement = self._first
        if cursor is not None:
            statement, (_, given["last_id"]) = self._next, decode_cursor(cursor, no_key)
        rows = session.execute(statement, given).scalars().all()
        items = rows[:limit]
        more = len(rows) > limit
        last = getattr(items[-1], self._key) if items else None
        return Page(items, encode_cursor(last) if more and last is not None else None)


def newest_first(
    session: Session,
    query: Select[Item],
    id_column: InstrumentedAttribute[UUID],
    cursor: str | None,
    limit: int,
) -> Page[Item]:
    """The page of ``query`` after ``cursor``, by descending id."""
    return NewestFirst(query, id_column).page(session, {}, cursor, limit)
