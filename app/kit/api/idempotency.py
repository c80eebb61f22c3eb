"""Idempotency keys: the same key and body give the first answer again.

The key's row is written in the same transaction as the work, so there is never an answer without the work or the work
without its answer. Of two calls at the same time the second waits for the first (on its unique row) and then gets the
first one's answer. Failed calls leave no row: they may be sent again.
"""

import hashlib
import re
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, request
from sqlalchemy import LargeBinary, String, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import clock
from app.kit.db import Base, insert_if_absent
from app.kit.errors import define
from app.kit.sealing import sealer

KEEP = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{8,128}")

KEY_MALFORMED = define(
    "idempotency_key_malformed",
    422,
    "请求标识（Idempotency-Key）应为 8 到 128 个字符，建议使用 UUID。请更新小程序后重试。",
    "The Idempotency-Key must have 8 to 128 visible characters; a UUID is best.",
)
KEY_REUSED = define(
    "idempotency_key_reused",
    422,
    "这次提交的内容和上次同一请求标识的内容不同，没有办理。请重新提交。",
    "This Idempotency-Key was used with other content. Nothing was done; send it again with a new key.",
)
KEY_FOREIGN = define(
    "idempotency_key_foreign",
    422,
    "这个请求标识已被使用，没有办理。请重新提交。",
    "This Idempotency-Key belongs to somebody else's request. Nothing was done; send it again with a new key.",
)


class IdempotentAnswer(Base):
    """The first answer given to a key. Keyed by the key's hash, so rows spread over any number of machines."""

    __tablename__ = "idempotent_answer"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID]
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


def replay_or_begin(session: Session, account_id: UUID, key: str) -> Response | None:
    """Claim the key for this request; if it was claimed before, the answer of then.

    Raises KEY_MALFORMED, KEY_REUSED (another body) or KEY_FOREIGN (another account's key).
    """
    if not _KEY.fullmatch(key):
        raise KEY_MALFORMED()
    key_hash, request_hash = _hash(key.encode()), _request_hash()
    row = {
        "key_hash": key_hash,
        "account_id": account_id,
        "request_hash": request_hash,
        "created_at": clock.now(),
    }
    if insert_if_absent(session, IdempotentAnswer, row):
        return None
    first = session.execute(
        select(IdempotentAnswer).where(IdempotentAnswer.key_hash == key_hash)
    ).scalar_one()
    if first.account_id != account_id:
        raise KEY_FOREIGN()
    if first.request_hash != request_hash:
        raise KEY_REUSED()
    body = (
        ""
        if first.body is None
        else sealer().open(first.body, table="idempotent_answer", column="body", row=key_hash)
    )
    response = Response(body, status=first.status, content_type="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    return response


def remember_answer(session: Session, key: str, response: Response) -> None:
    """Keep the answer in the same transaction as the work."""
    key_hash = _hash(key.encode())
    body = sealer().seal(
        response.get_data(as_text=True), table="idempotent_answer", column="body", row=key_hash
    )
    session.connection().execute(
        _REMEMBER, {"hash_of_key": key_hash, "status": response.status_code, "body": body}
    )


_REMEMBER = update(IdempotentAnswer).where(IdempotentAnswer.key_hash == bindparam("hash_of_key"))


def forget_old_answers(session: Session) -> int:
    """Delete answers older than KEEP. Returns how many."""
    result = session.connection().execute(
        delete(IdempotentAnswer).where(IdempotentAnswer.created_at < clock.now() - KEEP)
    )
    return result.rowcount


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _request_hash() -> str:
    return _hash(b"\0".join((request.method.encode(), request.path.encode(), request.get_data(cache=True))))
