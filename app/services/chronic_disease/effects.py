"""The effects of the workflow: what each step of applicant and experts does to the diseases and assignments of a case.

What the agency decides: deciding.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.filings import assigning
from app.filings.declaration import Effect
from app.filings.models import Assignment, Ended, Filing
from app.kit import clock, ids
from app.kit.workdays import add_workdays, deadline
from app.services.chronic_disease import concluding, doubles, errors, offering, opinions
from app.services.chronic_disease.benefits import Benefit, require_criteria
from app.services.chronic_disease.concluding import items_of
from app.services.chronic_disease.models import ChronicItem, ExpertOpinion, ItemStatus
from app.services.chronic_disease.packs import pack_by_id
from app.workflow.table import Action, Mark

FIRST, SECOND, THIRD = 1, 2, 3
"""The rounds: the first expert, a second after an appeal, a third where those two differ."""


def call_experts(effect: Effect) -> None:
    """At submission: note the diseases and draw. After a correction those who asked for it go on."""
    session, filing = effect.session, effect.filing
    _note_diseases(effect)
    pack = pack_by_id(str(filing.pack_id))
    concluding.resume_asked(effect, deadline(effect.now, pack.expert_days))
    session.flush()
    if concluding.call_missing_experts(effect).complete:
        # Nothing may be left to decide: the disease that the correction was about has been taken out.
        concluding.conclude(effect)


def dismiss_experts(effect: Effect) -> None:
    """The applicant withdrew, or did not correct in time: nobody need look at it any more.

    Of an appeal the first refusal stands then, and what was approved before it.
    """
    concluding.end_open(effect, Ended.DISMISSED)
    items = items_of(effect.session, effect.filing.id)
    for item in items:
        if item.state is ItemStatus.WAITING and item.appealed:
            item.state, item.decided_at = ItemStatus.REFUSED, effect.now
        elif item.state in {ItemStatus.WAITING, ItemStatus.CERTIFIED}:
            item.state, item.decided_at = ItemStatus.WITHDRAWN, effect.now
    if any(item.state is ItemStatus.APPROVED for item in items):
        _drop_unsigned(effect, {item.disease_code for item in items})
    offering.reopen(effect.session, effect.filing.id, clock.china_day(effect.now))
    concluding.keep_what_was_approved(effect, items)


def reopen_offers(effect: Effect) -> None:
    """A 两病 application was withdrawn or lapsed: the question that it had answered stands again."""
    offering.reopen(effect.session, effect.filing.id, clock.china_day(effect.now))


def _drop_unsigned(effect: Effect, codes: Collection[str]) -> None:
    """What was entered while the form was with the applicant and never handed in is no part of what stays."""
    filing, signed = effect.filing, {}
    for opinion in opinions.of_filing(effect.session, filing.id):
        signed.update(opinions.signed_entries(opinions.content_of(opinion)))
    entries = filing.form.get("diseases", [])
    kept = [entry for entry in entries if entry.get("disease_code") in codes]
    kept = [signed.get(entry["disease_code"], entry) for entry in kept]
    if kept != entries:
        filing.form = {**filing.form, "diseases": kept}


def close_appeal(effect: Effect) -> None:
    """The time for an appeal is over."""
    effect.filing.marks = effect.filing.marks - {Mark.APPEALABLE}


def give_opinion(effect: Effect) -> None:
    """``certify`` or ``refuse``: one expert's signed word on one disease. Raises what is wrong with it."""
    session, filing = effect.session, effect.filing
    certified = effect.action is Action.CERTIFY
    assignment, item = _item_to_decide(effect)
    criteria = require_criteria(
        pack_by_id(str(filing.pack_id)), Benefit(filing.service_code), item.disease_code
    )
    findings: Sequence[dict[str, Any]] = effect.data["findings"]
    opinions.check(criteria, findings, certified=certified)
    before = [one for one in opinions.of_filing(session, filing.id) if one.item_id == item.id]
    opinions.write(
        session,
        filing,
        item,
        assignment.account_id,
        certified=certified,
        findings=findings,
        reason=effect.reason,
        at=effect.now,
    )
    _settle_item(item, before, certified=certified, effect=effect)
    if not _left_for(session, effect, assignment):
        assigning.end(assignment, Ended.DONE, at=effect.now)
    session.flush()
    concluding.conclude(effect)


def ask_correction(effect: Effect) -> None:
    """An expert misses something. The notice goes out when all experts have spoken, so that it names everything."""
    assignment = _own_assignment(effect)
    items = [{"kind": item.kind, "field": item.field, "text": item.text} for item in effect.items]
    assignment.asked = {"items": items, "reason": effect.reason}
    assigning.end(assignment, Ended.ASKED, at=effect.now)
    effect.session.flush()
    concluding.conclude(effect)


def redraw_experts(effect: Effect) -> None:
    """The time of an expert is over, or there was none: draw anew. Raises NO_EXPERT_YET where that changes nothing."""
    late = concluding.end_late(effect)
    effect.session.flush()
    called = concluding.call_missing_experts(effect)
    if not called.complete and not called.drawn and not late:
        raise errors.NO_EXPERT_YET()
    if called.complete:
        concluding.conclude(effect)


def open_appeal(effect: Effect) -> None:
    """A second expert looks at what the first refused.

    Raises APPEAL_TOO_LATE, NOTHING_TO_APPEAL, and what the person has got or applied for anew meanwhile.
    """
    session, filing = effect.session, effect.filing
    items = items_of(session, filing.id)
    refused = [one for one in items if one.state is ItemStatus.REFUSED and not one.appealed]
    if not refused:
        raise errors.NOTHING_TO_APPEAL()
    pack = pack_by_id(str(filing.pack_id))
    until = appeal_until(items, pack.appeal_days)
    if clock.china_day(effect.now) > until:
        raise errors.APPEAL_TOO_LATE(until=until)
    doubles.refuse(
        session,
        filing.person_id,
        filing.id,
        pack,
        Benefit(filing.service_code),
        [one.disease_code for one in refused],
        clock.china_day(effect.now),
    )
    for item in refused:
        item.state, item.round, item.appealed, item.decided_at = (
            ItemStatus.WAITING,
            SECOND,
            True,
            None,
        )
    filing.marks = filing.marks - {Mark.APPEALABLE}
    session.flush()
    concluding.call_missing_experts(effect)


def marks_that_hold(session: Session, filing: Filing, now: datetime) -> frozenset[Mark]:
    """The case's marks, but for that of the appeal once its time is over."""
    if Mark.APPEALABLE not in filing.marks:
        return filing.marks
    until = appeal_until(items_of(session, filing.id), pack_by_id(str(filing.pack_id)).appeal_days)
    return filing.marks - {Mark.APPEALABLE} if clock.china_day(now) > until else filing.marks


def appeal_until(items: Sequence[ChronicItem], days: int) -> date:
    """The last day for an appeal: working days after the latest decision on any disease of the case.

    Not after the refusal alone: while the agency has other diseases of the case before it there is no appeal yet.
    """
    latest = max(one.decided_at for one in items if one.decided_at is not None)
    return add_workdays(clock.china_day(latest), days)


def note_diseases(effect: Effect) -> None:
    """At the submission of a 两病 application, which no expert sees."""
    _note_diseases(effect)


def _note_diseases(effect: Effect) -> None:
    """The form's diseases as rows. After a correction new ones come in and ones that no expert saw may have gone.

    The judgement has refused a form that drops a disease on which there is an opinion.
    """
    session, filing = effect.session, effect.filing
    pack = pack_by_id(str(filing.pack_id))
    wanted = [entry["disease_code"] for entry in effect.form["diseases"]]
    offering.note_application(session, filing.person_id, Benefit(filing.service_code), wanted, filing.id)
    present = {one.disease_code: one for one in items_of(session, filing.id)}
    for code, item in present.items():
        if code not in wanted and item.state is ItemStatus.WAITING:
            session.delete(item)
    for code in wanted:
        if code not in present:
            session.add(
                ChronicItem(
                    id=ids.new_id(),
                    filing_id=filing.id,
                    person_id=filing.person_id,
                    disease_code=code,
                    specialty=require_criteria(pack, Benefit(filing.service_code), code).specialty,
                    state=ItemStatus.WAITING,
                    round=FIRST,
                    appealed=False,
                    created_at=effect.now,
                )
            )
    session.flush()


def _settle_item(
    item: ChronicItem, before: Sequence[ExpertOpinion], *, certified: bool, effect: Effect
) -> None:
    """The first decides unless there is an appeal; the second too, unless the two differ; then the third."""
    differs = item.round == SECOND and any(one.certified != certified for one in before)
    if differs:
        item.round = THIRD
        return
    item.state = ItemStatus.CERTIFIED if certified else ItemStatus.REFUSED
    item.decided_at = effect.now


def _own_assignment(effect: Effect) -> Assignment:
    """The open assignment of whoever acts; the engine has checked that there is one."""
    if effect.actor is None:
        raise RuntimeError("an opinion without an expert")
    for one in assigning.of_filing(effect.session, effect.filing.id):
        if one.ended_at is None and one.account_id == effect.actor.account_id:
            return one
    raise errors.NOT_YOURS()


def _item_to_decide(effect: Effect) -> tuple[Assignment, ChronicItem]:
    """Which disease the expert decides: the one named, or the only one that waits."""
    wanted: str | None = effect.data.get("disease_code")
    assignment = _own_assignment(effect)
    waiting = _waiting(effect.session, effect, assignment)
    if wanted is None:
        if len(waiting) > 1:
            raise errors.WHICH_DISEASE()
        if waiting:
            return assignment, waiting[0]
    for item in waiting:
        if item.disease_code == wanted:
            return assignment, item
    raise errors.NOT_YOURS()


def _waiting(session: Session, effect: Effect, assignment: Assignment) -> list[ChronicItem]:
    return [
        one
        for one in items_of(session, effect.filing.id)
        if one.state is ItemStatus.WAITING
        and (one.specialty, one.round) == (assignment.part, assignment.round)
    ]


def _left_for(session: Session, effect: Effect, assignment: Assignment) -> bool:
    session.flush()
    return bool(_waiting(session, effect, assignment))
