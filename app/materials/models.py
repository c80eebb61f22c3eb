"""What is known of each uploaded paper. The photograph itself is in the object store, encrypted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.materials.kinds import PaperKind


class Material(Base):
    """One paper: a cleaned photograph that ``account_id`` uploaded, about ``person_id``.

    A content is kept once for its owner: rows of different kinds or persons with the same ``sha256`` (of
    the cleaned photograph) share one object. ``uploaded_at`` is when it was last sent, ``attached_at`` when
    it first became part of a case; papers that are in no case are deleted (app.materials.purge).
    """

    __tablename__ = "material"
    __table_args__ = (
        Index(
            "uq_material_account_id_sha256_kind_person_id",
            "account_id",
            "sha256",
            "kind",
            "person_id",
            unique=True,
        ),
        Index("ix_material_account_id_created_at", "account_id", "created_at"),
        Index(
            "ix_material_unattached",
            "uploaded_at",
            sqlite_where=text("attached_at IS NULL"),
            postgresql_where=text("attached_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    person_id: Mapped[UUID] = mapped_column(refers("person.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(Choice(PaperKind, 32))
    media_type: Mapped[str] = mapped_column(String(32))
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    uploaded_at: Mapped[datetime]
    attached_at: Mapped[datetime | None]

    @property
    def object_key(self) -> str:
        """Where the photograph lies in the store of papers."""
        return object_key(self.account_id, self.sha256)


def object_key(account_id: UUID, sha256: str) -> str:
    """The key made of owner and content alone, so that a retry writes the same object again."""
    return f"materials/{account_id.hex}/{sha256}"
