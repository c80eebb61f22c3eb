"""Rows of chronic-disease cases that were edited or removed by hand: found by ``zhangban audit verify``.

Diseases, benefits and signing keys bear keyed seals (kit.sealing.SealedRow); opinions bear their experts' signatures.
What is missing shows against what cannot be changed unseen: the case's sealed form names the diseases, its chained
history every opinion, and an approved disease its benefit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings import history
from app.filings.declaration import Break
from app.filings.models import Filing
from app.kit.crypto import SealBroken
from app.kit.sealing import is_whole
from app.services.chronic_disease import opinions
from app.services.chronic_disease.benefits import CHRONIC_CODE, TWO_DISEASE_CODE
from app.services.chronic_disease.models import (
    ChronicEntitlement,
    ChronicItem,
    ExpertKey,
    ExpertOpinion,
    ItemStatus,
)
from app.workflow.table import Action, Status

_NOT_NOTED = frozenset({Status.DRAFT, Status.NEEDS_CORRECTION, Status.WITHDRAWN})
"""Before the submission, and while the form is being corrected, form and diseases may differ."""
_OPINIONS = {Action.CERTIFY.value: True, Action.REFUSE.value: False}
Row = TypeVar("Row", ChronicItem, ChronicEntitlement, ExpertOpinion)


def audit(session: Session, filings: Sequence[Filing]) -> Iterator[Break]:
    """Rows of these cases that were changed by hand, and those that are gone. Five statements for all cases."""
    cases = {one.id: one for one in filings if one.service_code in {CHRONIC_CODE, TWO_DISEASE_CODE}}
    if not cases:
        return
    items = _by_case(session, ChronicItem, cases)
    given = _by_case(session, ChronicEntitlement, cases)
    found = _by_case(session, ExpertOpinion, cases)
    keys = opinions.keys_of(session, [one for several in found.values() for one in several])
    said = _said(session, cases)
    for filing in cases.values():
        own_items, own_given, own_opinions = items[filing.id], given[filing.id], found[filing.id]
        yield from _edited(filing, (*own_items, *own_given))
        yield from _forged(filing, own_opinions, keys)
        yield from _missing_items(filing, own_items)
        yield from _missing_opinions(filing, own_opinions, said[filing.id])
        yield from _missing_benefits(filing, own_items, own_given)


def _by_case(
    session: Session, model: type[Row], cases: Mapping[UUID, Filing]
) -> defaultdict[UUID, list[Row]]:
    rows: defaultdict[UUID, list[Row]] = defaultdict(list)
    query = select(model).where(model.filing_id.in_(cases)).order_by(model.id)
    for row in session.execute(query).scalars():
        rows[row.filing_id].append(row)
    return rows


def _said(session: Session, cases: Mapping[UUID, Filing]) -> defaultdict[UUID, Counter[tuple[UUID, bool]]]:
    """Case → who certified or refused how often, by the history."""
    said: defaultdict[UUID, Counter[tuple[UUID, bool]]] = defaultdict(Counter)
    for step in history.steps_of_duty(session, cases, "expert"):
        if step.action in _OPINIONS and step.actor_account_id is not None:
            said[step.filing_id][step.actor_account_id, _OPINIONS[step.action]] += 1
    return said


def _edited(filing: Filing, rows: Iterable[ChronicItem | ChronicEntitlement]) -> Iterator[Break]:
    for row in rows:
        if not is_whole(row):
            what = "the row was changed by hand: its seal does not fit"
            yield Break(row.__tablename__, str(row.id), filing.number, what)


def _forged(filing: Filing, own: Iterable[ExpertOpinion], keys: Mapping[UUID, ExpertKey]) -> Iterator[Break]:
    for opinion in own:
        key = keys.get(opinion.key_id)
        if key is None or not opinions.is_genuine(opinion, key):
            what = "the opinion or its key was changed by hand: the signature is not valid"
            yield Break("expert_opinion", str(opinion.id), filing.number, what)


def _missing_items(filing: Filing, items: Iterable[ChronicItem]) -> Iterator[Break]:
    if filing.status in _NOT_NOTED:
        return
    try:
        wanted = [entry["disease_code"] for entry in filing.form["diseases"]]
    except SealBroken:
        return  # the walk of the history names this case already
    there = {item.disease_code for item in items}
    for code in wanted:
        if code not in there:
            yield Break("filing", str(filing.id), filing.number, f"its disease {code} is missing")


def _missing_opinions(
    filing: Filing, own: Iterable[ExpertOpinion], said: Counter[tuple[UUID, bool]]
) -> Iterator[Break]:
    kept = Counter((one.account_id, one.certified) for one in own)
    lacking = (said - kept).total()
    if lacking:
        what = f"{lacking} of the opinions that its history tells of are missing"
        yield Break("filing", str(filing.id), filing.number, what)


def _missing_benefits(
    filing: Filing, items: Iterable[ChronicItem], given: Iterable[ChronicEntitlement]
) -> Iterator[Break]:
    there = {one.opsp_dise_code for one in given}
    approved = [item for item in items if item.state is ItemStatus.APPROVED]
    for item in approved:
        if item.disease_code not in there:
            what = "the disease was approved, and the benefit that it gave is missing"
            yield Break("chronic_item", str(item.id), filing.number, what)
    if filing.status is Status.APPROVED and not approved:
        yield Break("filing", str(filing.id), filing.number, "the case was approved, and no disease of it is")
