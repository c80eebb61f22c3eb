"""Notices for other domains: queue one; and for their reader: the list of all, with how each was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity import service as identity
from app.identity.actor import Actor
from app.kit import clock, ids, outbox
from app.kit.errors import NOT_FOUND
from app.kit.pages import Page, newest_first
from app.kit.text import Text
from app.notices import templates
from app.notices.models import Channel, Notice, NoticeKind, NoticeStatus, Outcome
from app.notices.templates import Facts, sentence, short_name, tidy
from app.notices.wording import (
    CHANNEL_WORDS,
    NOT_BY_SMS,
    OUTCOME_WORDS,
    STATUS_WORDS,
    WECHAT_ALONE,
    WORDINGS,
)

__all__ = ("TOPIC", "NoticeKind", "page_of", "queue_bill_notice", "queue_notice")

TOPIC = "notice.send"
"""The outbox's topic; its messages hold the id of a notice."""

REASON_UNITS = 500
_PLAIN = ("number", "reason", "due", "until")
_KNOWN = frozenset({"service", *_PLAIN})
_SETTLEMENT = "settlement_id"


def queue_notice(
    session: Session,
    *,
    person_id: UUID,
    kind: NoticeKind,
    filing_id: UUID | None,
    params: Mapping[str, str | Text],
    also_person_id: UUID | None = None,
) -> list[UUID]:
    """Tell ``person_id``, whom it is about, and ``also_person_id``, who applied, after the commit.

    params: service and number are always said; reason, due and until (dates, 2026-12-31) where the kind has a place for
    them. A Text as service or reason keeps both languages. Returns the notices' ids. ValueError for other params.
    """
    unknown = set(params) - _KNOWN
    if unknown:
        raise ValueError(f"a notice has no place for {sorted(unknown)}")
    readers = [person_id]
    if also_person_id is not None and also_person_id != person_id:
        # A guardian who reads for a child without a phone is told as the one who applied.
        stands_in = also_person_id in stand_ins(session, person_id)
        readers = [also_person_id] if stands_in else [person_id, also_person_id]
    said = _said(params)
    return [_write(session, reader, person_id, kind, filing_id, said) for reader in readers]


def queue_bill_notice(
    session: Session, *, person_id: UUID, kind: NoticeKind, settlement_id: UUID, service: Text, reason: Text
) -> list[UUID]:
    """Tell whose bill it is, and a minor's guardians: each once, however often this is called. Returns the new ids.

    The caller has locked the bill. A minor who can be reached by nothing is told through the guardians alone. For whoever
    has no WeChat the notice lies in the app, and no worker is asked to send it.
    """
    guardians = identity.guardians_of(session, person_id)
    readers = list(guardians) if guardians and stand_ins(session, person_id) else [person_id, *guardians]
    told = _told_of_bill(session, readers, kind, settlement_id)
    said = {**_said({"service": service, "reason": reason}), _SETTLEMENT: str(settlement_id)}
    written = []
    for reader in readers:
        if reader not in told:
            to_send = WORDINGS[kind].sms or identity.wechat_openid_of_person(session, reader) is not None
            written.append(_write(session, reader, person_id, kind, None, said, to_send=to_send))
    return written


def _told_of_bill(
    session: Session, readers: Sequence[UUID], kind: NoticeKind, settlement_id: UUID
) -> set[UUID]:
    """Who has this notice already. Ids are in the order of time, so none of it is older than its bill."""
    query = select(Notice).where(
        Notice.person_id.in_(readers), Notice.id > settlement_id, Notice.kind == kind
    )
    rows = session.execute(query).scalars()
    return {one.person_id for one in rows if settlement_of(one) == settlement_id}


def settlement_of(notice: Notice) -> UUID | None:
    """The bill that a notice is about, if it is about one."""
    text = notice.params.get(_SETTLEMENT)
    return UUID(text) if text else None


def stand_ins(session: Session, person_id: UUID) -> Sequence[UUID]:
    """The guardians of a minor who can be reached neither by WeChat nor by phone; otherwise nobody."""
    if identity.wechat_openid_of_person(session, person_id) or identity.phone_of_person(session, person_id):
        return ()
    return identity.guardians_of(session, person_id)


def _said(params: Mapping[str, str | Text]) -> dict[str, Any]:
    """The params as they are kept: free text on one line, without numbers that identify anybody."""
    service = params.get("service", "")
    english = service.en if isinstance(service, Text) else str(service)
    said: dict[str, Any] = {"service": {"zh": tidy(str(service)), "en": tidy(english)}}
    for name in _PLAIN:
        value = params.get(name)
        if value:
            said[name] = tidy(str(value)) if name == "reason" else str(value)
    reason = params.get("reason")
    if isinstance(reason, Text):
        said["reason_en"] = templates.shorten(tidy(reason.en), REASON_UNITS)
    if "reason" in said:
        said["reason"] = templates.shorten(said["reason"], REASON_UNITS)
    for name in ("due", "until"):
        if name in said:
            date.fromisoformat(said[name])
    return said


def _write(
    session: Session,
    reader_id: UUID,
    subject_id: UUID,
    kind: NoticeKind,
    filing_id: UUID | None,
    said: dict[str, Any],
    *,
    to_send: bool = True,
) -> UUID:
    notice = Notice(
        id=ids.new_id(),
        person_id=reader_id,
        subject_id=subject_id,
        filing_id=filing_id,
        kind=kind,
        status=NoticeStatus.QUEUED if to_send else NoticeStatus.UNDELIVERABLE,
        attempts=0,
        tries=[],
        created_at=clock.now(),
    )
    notice.params = said
    session.add(notice)
    if to_send:
        outbox.put(session, TOPIC, {"id": str(notice.id)})
    return notice.id


def facts_of(notice: Notice, subject_name: str | None) -> Facts:
    """What the notice says. ``subject_name``: of whom it is about, where its reader is somebody else."""
    said = notice.params
    return Facts(
        kind=NoticeKind(notice.kind),
        service=Text(said["service"]["zh"], said["service"]["en"]),
        number=said.get("number", ""),
        at=notice.created_at,
        reason=Text(said.get("reason", ""), said.get("reason_en", said.get("reason", ""))),
        due=_day(said.get("due")),
        until=_day(said.get("until")),
        whose=short_name(subject_name) if subject_name else None,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class TryView:
    """One try to send, in words."""

    at: datetime
    channel: str
    outcome: str
    text: str


@dataclass(frozen=True)
class NoticeView:
    """A notice as its reader sees it."""

    id: UUID
    kind: str
    text: str
    filing_id: UUID | None
    settlement_id: UUID | None
    status: str
    status_text: str
    channel: str | None
    channel_text: str | None
    attempts: int
    tries: Sequence[TryView]
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None


def page_of(
    session: Session, actor: Actor, language: str, *, cursor: str | None, limit: int
) -> Page[NoticeView]:
    """The actor's own notices, newest first; none for an account without a person."""
    if actor.person_id is None:
        return Page([], None)
    query = select(Notice).where(Notice.person_id == actor.person_id)
    page: Page[Notice] = newest_first(session, query, Notice.id, cursor, limit)
    others = {notice.subject_id for notice in page.items if notice.subject_id != notice.person_id}
    names = {person.id: person.name for person in identity.persons_by_ids(session, others).values()}
    views = [view(notice, names.get(notice.subject_id), language) for notice in page.items]
    return Page(views, page.next_cursor)


def mark_read(session: Session, actor: Actor, notice_id: UUID, language: str) -> NoticeView:
    """Note that the reader has read it; once more changes nothing. Raises NOT_FOUND for anybody else's."""
    query = (
        select(Notice).where(Notice.id == notice_id, Notice.person_id == actor.person_id).with_for_update()
    )
    notice = session.execute(query).scalar_one_or_none()
    if notice is None:
        raise NOT_FOUND()
    if notice.read_at is None:
        notice.read_at = clock.now()
    subject = None
    if notice.subject_id != notice.person_id:
        subject = identity.get_person(session, notice.subject_id)
    return view(notice, subject.name if subject else None, language)


def view(notice: Notice, subject_name: str | None, language: str) -> NoticeView:
    """The notice in the reader's language."""
    kind = NoticeKind(notice.kind)
    channel = Channel(notice.channel) if notice.channel else None
    return NoticeView(
        id=notice.id,
        kind=notice.kind,
        text=sentence(facts_of(notice, subject_name)).in_language(language),
        filing_id=notice.filing_id,
        settlement_id=settlement_of(notice),
        status=notice.status,
        status_text=_status_words(kind, NoticeStatus(notice.status)).in_language(language),
        channel=channel,
        channel_text=CHANNEL_WORDS[channel].in_language(language) if channel else None,
        attempts=notice.attempts,
        tries=[_try_view(kind, entry, language) for entry in notice.tries],
        created_at=notice.created_at,
        sent_at=notice.sent_at,
        read_at=notice.read_at,
    )


def _status_words(kind: NoticeKind, status: NoticeStatus) -> Text:
    if not WORDINGS[kind].sms and status in NOT_BY_SMS:
        return NOT_BY_SMS[status]
    return STATUS_WORDS[status]


def _try_view(kind: NoticeKind, entry: Mapping[str, Any], language: str) -> TryView:
    channel, outcome = Channel(entry["channel"]), Outcome(entry["outcome"])
    words = OUTCOME_WORDS[channel, outcome]
    if not WORDINGS[kind].sms:
        words = WECHAT_ALONE.get(outcome, words)
    return TryView(datetime.fromisoformat(entry["at"]), channel, outcome, words.in_language(language))
