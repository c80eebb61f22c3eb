"""What people were told: each notice, how it went out and every try."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base, Choice, refers
from app.kit.sealing import SealedJson


class NoticeKind(StrEnum):
    """What has happened."""

    FILING_SUBMITTED = "filing_submitted"
    FILING_ACCEPTED = "filing_accepted"
    FILING_CERTIFIED = "filing_certified"
    FILING_REFUSED = "filing_refused"
    CORRECTION_NEEDED = "correction_needed"
    CORRECTION_REMINDER = "correction_reminder"
    FILING_APPROVED = "filing_approved"
    FILING_APPROVED_IN_PART = "filing_approved_in_part"
    FILING_REJECTED = "filing_rejected"
    FILING_WITHDRAWN = "filing_withdrawn"
    FILING_LAPSED = "filing_lapsed"
    OVERDUE_ESCALATED = "overdue_escalated"
    RECORD_CHANGED = "record_changed"
    RECORD_CANCELLED = "record_cancelled"
    RENEWAL_REMINDER = "renewal_reminder"
    RESULT_KEPT = "result_kept"
    ENTITLEMENT_ENDING = "entitlement_ending"
    ENTITLEMENT_WITHDRAWN = "entitlement_withdrawn"
    BENEFIT_OFFERED = "benefit_offered"
    OFFER_REMINDER = "offer_reminder"
    VOUCHER_ACTIVATED = "voucher_activated"
    BILL_SETTLED = "bill_settled"
    BILL_TAKEN_BACK = "bill_taken_back"


class NoticeStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    """The outside systems did not take it, however often it was tried."""
    UNDELIVERABLE = "undeliverable"
    """There is no way to this person: no WeChat subscription and no phone that takes messages."""


class Channel(StrEnum):
    WECHAT = "wechat"
    SMS = "sms"


class Outcome(StrEnum):
    """How one try ended."""

    SENT = "sent"
    REFUSED = "refused"  # the person has not subscribed, or the number takes no messages
    LIMITED = "limited"  # a quota of WeChat, the SMS system or the number
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"  # the system does not accept our message or our settings


class Notice(Base):
    """One notice to ``person_id`` about something of ``subject_id``. What it says is sealed.

    tries: [{at, channel, outcome, code}] in their order. claimed_until: until then one worker is sending it.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person_id_id", "person_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(refers("person.id"))
    subject_id: Mapped[UUID] = mapped_column(refers("person.id"))
    filing_id: Mapped[UUID | None]
    kind: Mapped[NoticeKind] = mapped_column(Choice(NoticeKind, 32))
    params_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[NoticeStatus] = mapped_column(Choice(NoticeStatus, 16))
    channel: Mapped[Channel | None] = mapped_column(Choice(Channel, 8))
    attempts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    last_error: Mapped[str | None] = mapped_column(String(80))
    sms_serial: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    params = SealedJson("params_sealed")
