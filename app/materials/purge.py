"""Deletes papers that never became part of a case: nobody needs them, so nobody should keep them."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import Database
from app.kit.storage import ObjectStore
from app.materials.models import Material

KEEP_UNATTACHED = timedelta(days=30)
"""Ours: long enough for a draft that waits for a paper from far away."""


def delete_unattached(database: Database, papers: ObjectStore) -> int:
    """Delete the papers that were last sent KEEP_UNATTACHED ago and belong to no case. Returns how many."""
    deleted = 0
    while database.run(lambda session: _delete_oldest(session, papers)):
        deleted += 1
    return deleted


def _delete_oldest(session: Session, papers: ObjectStore) -> bool:
    """Delete one in one transaction.

    The photograph goes before the row's end is committed, while the row is locked: an upload of the same
    content either comes before and keeps the row, or waits, finds the row gone, and stores the photograph
    again.
    """
    query = (
        select(Material)
        .where(Material.attached_at.is_(None), Material.uploaded_at < clock.now() - KEEP_UNATTACHED)
        .order_by(Material.uploaded_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    material = session.execute(query).scalar_one_or_none()
    if material is None:
        return False
    others = select(Material.id).where(
        Material.account_id == material.account_id,
        Material.sha256 == material.sha256,
        Material.id != material.id,
    )
    if session.execute(others.limit(1)).first() is None:
        papers.delete(material.object_key)
    session.delete(material)
    session.flush()
    return True
