"""An upload's way: cleaned, stored encrypted, and only then written down.

Nothing slow happens inside a transaction, and a retry of a lost answer ends with the same object and the
same row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.actor import Actor
from app.kit.db import Database
from app.kit.images import CleanPhoto
from app.kit.storage import ObjectStore, StoreUnavailable
from app.materials import photos, service
from app.materials.errors import PAPERS_UNAVAILABLE
from app.materials.kinds import PaperKind
from app.materials.models import Material, object_key


@dataclass(frozen=True)
class Limits:
    """What an upload may be, from the settings."""

    max_bytes: int
    max_pixels: int
    per_day: int


@dataclass(frozen=True)
class Upload:
    """What was sent. ``person_id`` None: about the sender."""

    stream: IO[bytes]
    kind: PaperKind
    person_id: UUID | None


def receive(
    upload: Upload,
    actor: Actor,
    *,
    database: Database,
    session: Callable[[], Session],
    papers: ObjectStore,
    limits: Limits,
) -> tuple[Material, bool]:
    """The paper, and whether it is new.

    session: gives the request's transaction, asked for once the photograph is in the store. Raises the
    refusals of app.materials.errors.
    """
    # The edge runs the view again when the database asks for it.
    upload.stream.seek(0)
    photo = photos.clean(
        upload.stream.read(limits.max_bytes + 1), max_bytes=limits.max_bytes, max_pixels=limits.max_pixels
    )
    with database.reading() as reading:
        subject_id = service.subject_of_upload(reading, actor, upload.person_id)
        seen = service.copies_of(reading, actor, subject_id, upload.kind, photo.sha256)
        if not seen.same:
            service.check_daily_limit(reading, actor.account_id, limits.per_day)
    _store(papers, actor, photo)
    material, is_new, store_again = service.keep(
        session(), actor, subject_id, upload.kind, photo, seen=seen, daily_limit=limits.per_day
    )
    if store_again:
        _store(papers, actor, photo)
    return material, is_new


def _store(papers: ObjectStore, actor: Actor, photo: CleanPhoto) -> None:
    try:
        papers.put(object_key(actor.account_id, photo.sha256), photo.content, photo.media_type)
    except StoreUnavailable:
        raise PAPERS_UNAVAILABLE(headers={"Retry-After": "30"}) from None
