"""What follows when experts have spoken: the product itself moves the case on, in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings import assigning
from app.filings import service as filings
from app.filings.declaration import Effect
from app.filings.intake import CorrectionItem
from app.filings.models import Assignment, Ended, Filing
from app.identity.actor import Role
from app.services.chronic_disease import hospitals, offering, opinions
from app.services.chronic_disease.benefits import disease_name
from app.services.chronic_disease.dispatch import call_expert
from app.services.chronic_disease.models import ChronicItem, ItemStatus
from app.workflow.table import Action, Mark

NO_EXPERT = "expert_draw"
"""The stage of a case for which nobody can be drawn; it waits with the agency, which may try again."""
WITH_EXPERTS = "expert_review"


def items_of(session: Session, filing_id: UUID) -> Sequence[ChronicItem]:
    """The diseases of a case, in the order in which they were applied for: a handful."""
    query = select(ChronicItem).where(ChronicItem.filing_id == filing_id).order_by(ChronicItem.id)
    return session.execute(query).scalars().all()


@dataclass(frozen=True)
class Called:
    """What came of calling experts: how many were drawn, and whether every group has one now."""

    drawn: int
    complete: bool


def call_missing_experts(effect: Effect) -> Called:
    """Draw an expert for every group of diseases that waits for one. The case's queue says whether all have one."""
    session, filing, now = effect.session, effect.filing, effect.now
    waiting = [one for one in items_of(session, filing.id) if one.state is ItemStatus.WAITING]
    # Who asked for a correction goes on after it: nobody else is drawn for that part.
    taken = {(one.part, one.round) for one in (*_open(session, filing.id), *_asked(session, filing.id))}
    found = hospitals.treating(session, effect.form)
    drawn, complete = 0, True
    for key, group in groupby(sorted(waiting, key=_part), key=_part):
        if key in taken:
            continue
        if call_expert(session, filing, list(group), found, now) is None:
            complete = False
        else:
            drawn += 1
    _place(session, filing, complete=complete)
    return Called(drawn, complete)


def conclude(effect: Effect) -> None:
    """Move the case on if every expert has spoken: to a third expert, back to the applicant, or to its next state."""
    session, filing = effect.session, effect.filing
    if still_open := _open(session, filing.id):
        if filing.stage == WITH_EXPERTS:
            filing.due_at = min(one.due_at for one in still_open)
        return
    asked = _asked(session, filing.id)
    items = items_of(session, filing.id)
    unseen = {_part(one) for one in items if one.state is ItemStatus.WAITING}
    if unseen - {(one.part, one.round) for one in asked}:
        # Before the notice goes out, for it names everything: those experts may miss something too.
        call_missing_experts(effect)
        return
    if asked:
        _send_back(effect, asked)
        return
    statuses = {one.state for one in items}
    offering.follow_decision(effect, items)
    refused = [one for one in items if one.state is ItemStatus.REFUSED and not one.appealed]
    for one in refused:
        # The time for an appeal runs from when the applicant is told, which another disease's correction may put off.
        one.decided_at = effect.now
    appealable = bool(refused)
    filing.marks = frozenset({Mark.APPEALABLE}) if appealable else frozenset()
    if ItemStatus.CERTIFIED in statuses:
        filings.follow_up(effect, Action.HAND_OVER)
    else:
        _close(effect, items, appealable=appealable)


def keep_what_was_approved(effect: Effect, items: Sequence[ChronicItem], reason: str | None = None) -> bool:
    """Lead a case that just ended otherwise back to ``approved`` if a benefit came of it before. Returns whether."""
    kept = any(one.state is ItemStatus.APPROVED for one in items)
    if kept:
        filings.follow_up(effect, Action.KEEP_APPROVED, reason=reason)
    return kept


def _close(effect: Effect, items: Sequence[ChronicItem], *, appealable: bool) -> None:
    """Nothing was certified. With the experts' reasons for all diseases, as the applicant reads them."""
    reason = _why_refused(effect, items)
    if keep_what_was_approved(effect, items, reason):
        return
    filings.follow_up(effect, Action.CLOSE_REFUSED if appealable else Action.REJECT, reason=reason)


def reasons_against(session: Session, filing_id: UUID, items: Sequence[ChronicItem]) -> dict[str, str]:
    """Disease → why it was not granted: in the words of the last expert who refused it, or of the agency."""
    reasons = {one.disease_code: one.reason for one in items if one.state is ItemStatus.REJECTED}
    refused = {one.id: one.disease_code for one in items if one.state is ItemStatus.REFUSED}
    for opinion in opinions.of_filing(session, filing_id) if refused else ():
        if opinion.item_id in refused and not opinion.certified:
            reasons[refused[opinion.item_id]] = opinions.content_of(opinion)["reason"]
    return {code: why for code, why in reasons.items() if why}


def _why_refused(effect: Effect, items: Sequence[ChronicItem]) -> str:
    """Disease by disease the reasons of the experts."""
    refused = [one for one in items if one.state is ItemStatus.REFUSED]
    reasons = reasons_against(effect.session, effect.filing.id, refused)
    return "；".join(f"{disease_name(code)}：{why}" for code, why in reasons.items())


def end_open(effect: Effect, how: Ended) -> Sequence[Assignment]:
    """End all open assignments of the case. Returns them."""
    found = _open(effect.session, effect.filing.id)
    for one in found:
        assigning.end(one, how, at=effect.now)
    return found


def end_late(effect: Effect) -> int:
    """End those open assignments whose time is over: how many. Their experts are not drawn for this case again."""
    late = [one for one in _open(effect.session, effect.filing.id) if one.due_at < effect.now]
    for one in late:
        assigning.end(one, Ended.LATE, at=effect.now)
    return len(late)


def resume_asked(effect: Effect, due_at: datetime) -> None:
    """After a correction the experts who asked for it go on, each with what is left of the part they had."""
    session, filing = effect.session, effect.filing
    waiting = {_part(one) for one in items_of(session, filing.id) if one.state is ItemStatus.WAITING}
    for one in _asked(session, filing.id):
        one.ended = Ended.DONE
        if (one.part, one.round) in waiting:
            assigning.assign(session, filing, one.account_id, part=one.part, round_=one.round, due_at=due_at)


def _send_back(effect: Effect, asked: Sequence[Assignment]) -> None:
    """One notice with what all experts ask for (一次性告知)."""
    items = [
        CorrectionItem(text=item["text"], kind=item.get("kind"), field=item.get("field"))
        for one in asked
        for item in one.asked["items"]
    ]
    reasons = [one.asked["reason"] for one in asked if one.asked.get("reason")]
    filings.follow_up(effect, Action.SEND_BACK, reason="；".join(reasons) or None, items=items)


def _place(session: Session, filing: Filing, *, complete: bool) -> None:
    """A case whose experts cannot all be drawn waits with the agency, so that somebody sees it."""
    filing.stage = WITH_EXPERTS if complete else NO_EXPERT
    if complete:
        filing.queue_role = Role.EXPERT
    elif filing.queue_role != Role.SUPERVISOR:  # an escalated one stays there
        filing.queue_role = Role.HANDLER
    filing.queue_region = filing.region_code
    filing.queue_organisation_id = None
    open_now = _open(session, filing.id)
    if complete and open_now:
        filing.due_at = min(one.due_at for one in open_now)


def _part(item: ChronicItem) -> tuple[str, int]:
    return item.specialty, item.round


def _open(session: Session, filing_id: UUID) -> list[Assignment]:
    return [one for one in assigning.of_filing(session, filing_id) if one.ended_at is None]


def _asked(session: Session, filing_id: UUID) -> list[Assignment]:
    return [one for one in assigning.of_filing(session, filing_id) if one.ended is Ended.ASKED]
