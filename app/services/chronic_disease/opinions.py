"""What an expert finds on one disease: criterion by criterion, with a reason for each that is not met, and signed."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings.models import Filing
from app.kit import ids, signing
from app.kit.api.schemas import BoundedList, CleanString, Length, ListLength, RequestSchema, StrictBoolean
from app.kit.crypto import SealBroken
from app.kit.errors import invalid
from app.kit.sealing import is_whole
from app.kit.signing import KeyPair, is_signed, new_key_pair, sign
from app.kit.text import Text
from app.services.chronic_disease import errors, experts
from app.services.chronic_disease.form import DISEASE_CODE
from app.services.chronic_disease.models import ChronicItem, ExpertKey, ExpertOpinion
from app.services.chronic_disease.pack_model import DiseaseCriteria

PURPOSE = "expert_opinion"


class Finding(RequestSchema):
    """One criterion of the list. ``note``: where it is seen, or, when it is not met, why not."""

    criterion = CleanString(required=True, validate=Length(min=1, max=40))
    met = StrictBoolean(required=True)
    note = CleanString(load_default="", validate=Length(max=300))


class OpinionData(RequestSchema):
    """What ``certify`` and ``refuse`` take: the disease (may be left out when only one waits) and every criterion."""

    disease_code = CleanString(load_default=None, allow_none=True, validate=DISEASE_CODE)
    findings = BoundedList(fields.Nested(Finding), required=True, validate=ListLength(min=1, max=40))


def check(criteria: DiseaseCriteria, findings: Sequence[Mapping[str, Any]], *, certified: bool) -> None:
    """Raise what is wrong with a list of findings, all at once; then, whether it fits the decision."""
    known = {criterion.id for criterion in criteria.criteria}
    given = [finding["criterion"] for finding in findings]
    problems: dict[str, list[Text]] = {}
    for place, finding in enumerate(findings):
        entry = f"data.findings.{place}"
        if finding["criterion"] not in known:
            problems[f"{entry}.criterion"] = [Text("标准里没有这一条。", "There is no such criterion.")]
        elif given.index(finding["criterion"]) != place:
            problems[f"{entry}.criterion"] = [Text("同一条只填一次。", "Give each criterion once.")]
        elif not finding["met"] and not finding["note"] and not certified:
            problems[f"{entry}.note"] = [Text("不符合的，请写明理由。", "Say why it is not met.")]
    missing = [criterion.text for criterion in criteria.criteria if criterion.id not in given]
    if missing:
        problems["data.findings"] = [
            Text(f"请逐条勾选，还缺：{text}", f"Tick every criterion; missing: {text.en}") for text in missing
        ]
    if problems:
        raise invalid(problems)
    ticks = {finding["criterion"]: finding["met"] for finding in findings}
    if certified and not criteria.satisfied(ticks):
        unmet = criteria.unmet(ticks)
        words = Text("；".join(str(one.text) for one in unmet), "; ".join(one.text.en for one in unmet))
        raise errors.CRITERIA_UNMET(unmet=words)
    if not certified and criteria.satisfied(ticks):
        raise errors.CRITERIA_MET()


def write(
    session: Session,
    filing: Filing,
    item: ChronicItem,
    account_id: UUID,
    *,
    certified: bool,
    findings: Sequence[Mapping[str, Any]],
    reason: str | None,
    at: datetime,
) -> ExpertOpinion:
    """Sign the opinion and keep it."""
    # The profile is locked first: of two first signatures at the same moment one makes the key.
    profile = experts.profile_of(session, account_id)
    key = _key_of(session, account_id, at)
    opinion = ExpertOpinion(
        id=ids.new_id(),
        filing_id=filing.id,
        item_id=item.id,
        person_id=filing.person_id,
        round=item.round,
        account_id=account_id,
        certified=certified,
        key_id=key.id,
        at=at,
    )
    text = canonical(
        {
            "id": str(opinion.id),
            "filing": filing.number,
            "filing_id": str(filing.id),
            "item": str(item.id),
            "pack": filing.pack_id,
            "form": filing.form,
            "disease": item.disease_code,
            "round": item.round,
            "expert": str(account_id),
            "post": "" if profile is None else f"{profile.hospital}{profile.title}",
            "certified": certified,
            "findings": [dict(finding) for finding in findings],
            "reason": reason or "",
            "at": at.isoformat(),
        }
    )
    opinion.content = {"signed": text}
    opinion.signature = sign(KeyPair(key.algorithm, key.private or "", key.public), PURPOSE, text)
    session.add(opinion)
    session.flush()
    return opinion


def canonical(content: Mapping[str, Any]) -> str:
    """The one text that stands for this content, as it is signed."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_of(opinion: ExpertOpinion) -> dict[str, Any]:
    """What was signed, as data."""
    found: dict[str, Any] = json.loads(opinion.content["signed"])
    return found


def signed_entries(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Disease → its entry in the form that was signed with an opinion (``content_of``)."""
    return {entry["disease_code"]: entry for entry in content["form"]["diseases"]}


def is_genuine(opinion: ExpertOpinion, key: ExpertKey) -> bool:
    """Whether the opinion is what its expert signed: the text, the columns beside it, and the key."""
    try:
        text = opinion.content["signed"]
    except SealBroken:
        return False
    content = json.loads(text)
    beside = {
        "id": str(opinion.id),
        "filing_id": str(opinion.filing_id),
        "item": str(opinion.item_id),
        "expert": str(opinion.account_id),
        "certified": opinion.certified,
        "round": opinion.round,
        "at": opinion.at.isoformat(),
    }
    return (
        all(content[name] == value for name, value in beside.items())
        and key.account_id == opinion.account_id
        and is_whole(key)
        and is_signed(key.algorithm, key.public, PURPOSE, text, opinion.signature)
    )


def of_filing(session: Session, filing_id: UUID) -> Sequence[ExpertOpinion]:
    """All opinions on a case, the oldest first: at most three for each of its few diseases."""
    query = select(ExpertOpinion).where(ExpertOpinion.filing_id == filing_id).order_by(ExpertOpinion.id)
    return session.execute(query).scalars().all()


def keys_of(session: Session, opinions: Sequence[ExpertOpinion]) -> dict[UUID, ExpertKey]:
    """The keys with which these were signed."""
    wanted = {opinion.key_id for opinion in opinions}
    if not wanted:
        return {}
    rows = session.execute(select(ExpertKey).where(ExpertKey.id.in_(wanted))).scalars()
    return {key.id: key for key in rows}


def _key_of(session: Session, account_id: UUID, at: datetime) -> ExpertKey:
    """The expert's key of the algorithm that is configured; made at the first signature, replaced after a change.

    The caller has locked the expert's profile.
    """
    query = select(ExpertKey).where(ExpertKey.account_id == account_id, ExpertKey.retired_at.is_(None))
    found = session.execute(query.with_for_update()).scalar_one_or_none()
    if found is not None and found.algorithm is signing.algorithm():
        return found
    if found is not None:
        found.retired_at = at
        session.flush()
    pair = new_key_pair(signing.algorithm())
    made = ExpertKey(
        id=ids.new_id(), account_id=account_id, algorithm=pair.algorithm, public=pair.public, created_at=at
    )
    made.private = pair.private
    session.add(made)
    session.flush()
    return made
