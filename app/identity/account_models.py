"""The table of what administrators did with accounts."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.kit.sealing import Sealed, SealedRow


class AccountAct(StrEnum):
    """What was done with an account of staff or of a machine."""

    ADDED = "added"
    SECRET_CHANGED = "secret_changed"  # noqa: S105 - an act, not a secret
    DISABLED = "disabled"
    ENABLED = "enabled"


class AccountChange(SealedRow, Base):
    """One act of an administrator: on which account, what, when, by whom. Append-only.

    ``seq``: from 1 for each account. ``said``: with ``added`` the name that signs in and the roles, else nothing.
    """

    __tablename__ = "account_change"
    __table_args__ = (Index("uq_account_change_account_id_seq", "account_id", "seq", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(refers("account.id"))
    seq: Mapped[int]
    what: Mapped[AccountAct] = mapped_column(Choice(AccountAct, 16))
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    by_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]

    by = Sealed("by_sealed")
