"""Shows a paper to its owner, or to whoever is concerned with a case that it belongs to."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from app.identity.actor import Actor
from app.kit.crypto import SealBroken
from app.kit.db import Database
from app.kit.storage import Content, ObjectMissing, ObjectStore, StoreUnavailable
from app.materials import service
from app.materials.errors import MATERIAL_UNREADABLE, PAPERS_UNAVAILABLE
from app.materials.models import Material
from app.materials.service import MaterialReader

_log = structlog.get_logger(__name__)


def find(database: Database, actor: Actor, material_id: UUID, readers: Sequence[MaterialReader]) -> Material:
    """The paper. Raises NOT_FOUND for whoever has nothing to do with it.

    The owner's look costs a read; anybody else's is recorded in a transaction of its own, which stays even if
    the photograph then cannot be sent.
    """
    with database.reading() as session:
        material = service.own_material(session, actor, material_id)
    if material is not None:
        return material
    return database.run(lambda session: service.others_material(session, actor, material_id, readers))


def open_content(papers: ObjectStore, material: Material) -> Content:
    """The photograph as a stream, for outside of transactions. Raises one of the two errors below."""
    try:
        return papers.open(material.object_key)
    except StoreUnavailable:
        raise PAPERS_UNAVAILABLE(headers={"Retry-After": "30"}) from None
    except (ObjectMissing, SealBroken) as error:
        _log.error("material_unreadable", material_id=str(material.id), kind=type(error).__name__)
        raise MATERIAL_UNREADABLE() from None
