"""Pages of lists: newest first by UUIDv7, with an opaque cursor and no total (a total would read the whole list)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


def encode_cursor(last_id: UUID) -> str:
    return base64.urlsafe_b64encode(last_id.bytes).decode().rstrip("=")


def decode_cursor(cursor: str) -> UUID:
    """Raises a 422 problem when the cursor is not one of ours."""
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise invalid({"cursor": [BAD_CURSOR]}) from None


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
            statement, given["last_id"] = self._next, decode_cursor(cursor)
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
