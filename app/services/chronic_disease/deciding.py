"""The agency's decision: what experts certified, or of 两病 what was applied for, is granted or not, disease by disease."""

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from app.filings.declaration import Effect, Said
from app.filings.models import Filing
from app.kit import clock
from app.kit.api.schemas import BoundedList, CleanString, Length, ListLength, RequestSchema
from app.kit.errors import invalid
from app.kit.text import Text
from app.kit.workdays import add_workdays
from app.notices.service import NoticeKind
from app.services.chronic_disease import concluding, doubles, entitlements, errors, offering
from app.services.chronic_disease.benefits import Benefit, disease_name
from app.services.chronic_disease.concluding import items_of
from app.services.chronic_disease.form import DISEASE_CODE, MAX_DISEASES
from app.services.chronic_disease.models import ChronicItem, ItemStatus
from app.services.chronic_disease.packs import pack_by_id
from app.workflow.table import Mark

REJECTED = "rejected"
"""In the history: the codes of the diseases that an approval left out."""
_BEFORE_THE_AGENCY = frozenset({ItemStatus.CERTIFIED, ItemStatus.WAITING})


class RejectedDisease(RequestSchema):
    """A disease that is not granted, and why: the applicant reads it."""

    disease_code = CleanString(required=True, validate=DISEASE_CODE)
    reason = CleanString(required=True, validate=Length(min=2, max=200))


class DecisionData(RequestSchema):
    """What ``approve`` takes: which of the diseases before the agency are not granted. All others are."""

    rejected = BoundedList(
        fields.Nested(RejectedDisease), load_default=list, validate=ListLength(max=MAX_DISEASES)
    )


def said(session: Session, filing: Filing, data: Mapping[str, Any], reason: str | None) -> Said:
    """An approval that leaves diseases out says which and why. Told as what it is: granted in part, also where it was the
    experts who refused the rest; then with the last day for an appeal."""
    rejected: Sequence[Mapping[str, str]] = data["rejected"]
    own = [f"{disease_name(one['disease_code'])}：{one['reason']}" for one in rejected]
    refused = _refused_by_experts(session, filing)
    kept = _joined([reason or "", *own]) or None
    if not own and not refused:
        return Said(kept)
    facts = {REJECTED: [one["disease_code"] for one in rejected]} if own else None
    told = _joined([reason or "", *own, *refused])
    return Said(kept, NoticeKind.FILING_APPROVED_IN_PART, facts, told)


def _refused_by_experts(session: Session, filing: Filing) -> list[str]:
    """What the experts refused and why, and until when the applicant may appeal."""
    refused = [one for one in items_of(session, filing.id) if one.state is ItemStatus.REFUSED]
    if not refused:
        return []
    reasons = concluding.reasons_against(session, filing.id, refused)
    words = [f"{disease_name(code)}：{why}" for code, why in reasons.items()]
    if Mark.APPEALABLE in filing.marks:
        days = pack_by_id(str(filing.pack_id)).appeal_days
        words.append(f"对专家的结论不服的，可在 {add_workdays(clock.today(), days)} 前申请复核一次")
    return words


def _joined(parts: Sequence[str]) -> str:
    return "；".join(part for part in parts if part)


def grant_entitlements(effect: Effect) -> None:
    """Grant what lies before the agency, but for the diseases that it rejects with a reason each.

    Raises what is wrong with these, NOTHING_TO_GRANT, HELD_MEANWHILE.
    """
    session, filing = effect.session, effect.filing
    items = [one for one in items_of(session, filing.id) if one.state in _BEFORE_THE_AGENCY]
    rejected = _rejected(effect, items)
    granted = [one for one in items if one.disease_code not in rejected]
    doubles.refuse_grant(
        session,
        filing.person_id,
        filing.id,
        pack_by_id(str(filing.pack_id)),
        Benefit(filing.service_code),
        [one.disease_code for one in granted],
        clock.china_day(effect.now),
    )
    for item in granted:
        item.state, item.decided_at = ItemStatus.APPROVED, effect.now
        entitlements.grant(effect, item)
    left_out = [one for one in items if one.disease_code in rejected]
    for item in left_out:
        _reject(effect, item, rejected[item.disease_code])
    session.flush()
    offering.follow_decision(effect, left_out)


def reject_items(effect: Effect) -> None:
    """The agency rejects what lies before it; what was approved before stays."""
    items = items_of(effect.session, effect.filing.id)
    for item in items:
        if item.state in _BEFORE_THE_AGENCY:
            _reject(effect, item, effect.reason)
    effect.session.flush()
    offering.follow_decision(effect, items)
    concluding.keep_what_was_approved(effect, items)


def _reject(effect: Effect, item: ChronicItem, reason: str | None) -> None:
    item.state, item.decided_at, item.reason = ItemStatus.REJECTED, effect.now, reason


def _rejected(effect: Effect, items: Sequence[ChronicItem]) -> dict[str, str]:
    """Disease → why it is not granted. Raises all that is wrong with the list at once."""
    given: Sequence[Mapping[str, str]] = effect.data.get("rejected", ())
    codes = [one["disease_code"] for one in given]
    before_us = [item.disease_code for item in items]
    names = "、".join(map(disease_name, before_us))
    problems: dict[str, list[Text]] = {}
    for place, code in enumerate(codes):
        if code not in before_us:
            words = Text(
                f"这个病种不在待您复核之列。待复核的有：{names}。", f"Not before you. These are: {names}."
            )
        elif codes.index(code) != place:
            words = Text("同一个病种只列一次。", "Name each disease once.")
        else:
            continue
        problems[f"data.rejected.{place}.disease_code"] = [words]
    if problems:
        raise invalid(problems)
    if set(codes) == set(before_us):
        raise errors.NOTHING_TO_GRANT()
    return {one["disease_code"]: one["reason"] for one in given}
