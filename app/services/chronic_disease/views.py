"""Diseases, cases and entitlements as answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import assigning
from app.filings.models import Filing
from app.filings.service import SeenFiling
from app.identity import service as identity
from app.identity.actor import Actor
from app.kit import clock
from app.kit.pages import Page
from app.kit.text import Text
from app.materials import service as materials
from app.services.chronic_disease import entitlements, opinions, seeds
from app.services.chronic_disease.benefits import Benefit, disease_name, require_criteria
from app.services.chronic_disease.catalogue import find
from app.services.chronic_disease.concluding import items_of
from app.services.chronic_disease.effects import appeal_until
from app.services.chronic_disease.models import (
    ChronicEntitlement,
    ChronicItem,
    DrawSeed,
    EntitlementStatus,
    ExpertKey,
    ExpertOpinion,
    ItemStatus,
)
from app.services.chronic_disease.offer_views import case_evidence
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria
from app.services.chronic_disease.packs import pack_by_id
from app.services.chronic_disease.wording import state_of
from app.workflow.table import Status


def present_diseases(pack: CriteriaPack, benefit: Benefit, language: str) -> dict[str, Any]:
    """What can be applied for in a region, and what each takes."""
    offered = pack.diseases if benefit is Benefit.CHRONIC else pack.two_disease
    return {
        "pack_id": pack.pack_id,
        "pack_name": pack.name.in_language(language),
        "max_institutions": pack.max_institutions,
        "items": [_disease(pack, code, rules, language) for code, rules in offered.items()],
    }


def _disease(pack: CriteriaPack, code: str, rules: DiseaseCriteria, language: str) -> dict[str, Any]:
    known = find(code)
    return {
        "code": code,
        "name": disease_name(code),
        "settles_across_provinces": known is not None and known.settles_across_provinces,
        "two_disease": known is not None and known.two_disease,
        "specialty": rules.specialty,
        "min_hospital_level": rules.min_hospital_level,
        "validity_months": rules.validity_months,
        "yearly_limit_fen": rules.yearly_limit_fen,
        "yearly_limit_text": rules.yearly_limit_text.in_language(language),
        "general": code in pack.general,
        **checklist(rules, language),
        "papers": [
            {
                "kinds": list(rule.kinds),
                "names": _either([materials.kind_name(kind) for kind in rule.kinds]).in_language(language),
                "why": rule.why.in_language(language),
                "within_months": rule.within_months,
            }
            for rule in rules.papers
        ],
        "source": {"kind": rules.source.kind, "ref": rules.source.ref, "text": rules.source.text},
    }


def _either(names: Sequence[Text]) -> Text:
    return Text("或".join(str(one) for one in names), " or ".join(one.en for one in names))


def checklist(rules: DiseaseCriteria, language: str) -> dict[str, Any]:
    """The criteria as an expert ticks them."""
    return {
        "criteria": [
            {
                "id": one.id,
                "text": one.text.in_language(language),
                "evidence": one.evidence.in_language(language),
                "group": one.group,
            }
            for one in rules.criteria
        ],
        "groups": [
            {"name": name, "at_least": group.at_least, "text": group.text.in_language(language)}
            for name, group in rules.groups.items()
        ],
    }


def present_case(session: Session, actor: Actor, seen: SeenFiling, language: str) -> dict[str, Any]:
    """The diseases of a case with their criteria and what experts found; a fixed number of statements."""
    filing = seen.filing
    found = opinions.of_filing(session, filing.id)
    keys = opinions.keys_of(session, found)
    names = identity.display_names_of_accounts(session, {one.account_id for one in found})
    given = {one.opsp_dise_code: one for one in entitlements.of_filing(session, filing.id)}
    mine = {
        (one.part, one.round)
        for one in assigning.of_filing(session, filing.id)
        if one.ended_at is None and one.account_id == actor.account_id
    }
    pack = pack_by_id(filing.pack_id) if filing.pack_id is not None else None
    evidence = case_evidence(session, filing)
    noted = items_of(session, filing.id)
    items = []
    for item in noted:
        if pack is None:
            raise RuntimeError(f"case {filing.number} has diseases and no pack")
        rules = require_criteria(pack, Benefit(filing.service_code), item.disease_code)
        own = [one for one in found if one.item_id == item.id]
        items.append(
            {
                "disease_code": item.disease_code,
                "disease_name": disease_name(item.disease_code),
                "specialty": item.specialty,
                "status": item.state,
                "status_text": state_of(item).in_language(language),
                "round": item.round,
                "yours": item.state is ItemStatus.WAITING and (item.specialty, item.round) in mine,
                "appeal_until": _appeal_until(filing, item, noted, pack),
                **checklist(rules, language),
                "evidence": evidence.get(item.disease_code, []),
                "opinions": [_opinion(one, keys[one.key_id], names, rules, language) for one in own],
                "entitlement_id": given[item.disease_code].id if item.disease_code in given else None,
                "entitlement_version": given[item.disease_code].version
                if item.disease_code in given
                else None,
            }
        )
    return {"filing_id": filing.id, "pack_id": filing.pack_id, "items": items}


def _appeal_until(
    filing: Filing, item: ChronicItem, items: Sequence[ChronicItem], pack: CriteriaPack
) -> date | None:
    if item.state is not ItemStatus.REFUSED or item.appealed or filing.status is Status.WITHDRAWN:
        return None
    return appeal_until(items, pack.appeal_days)


def _opinion(
    opinion: ExpertOpinion,
    key: ExpertKey,
    names: Mapping[UUID, str],
    rules: DiseaseCriteria,
    language: str,
) -> dict[str, Any]:
    content = opinions.content_of(opinion)
    texts = {one.id: one.text.in_language(language) for one in rules.criteria}
    return {
        "id": opinion.id,
        "round": opinion.round,
        "certified": opinion.certified,
        "expert": names.get(opinion.account_id, ""),
        "reason": content["reason"],
        "findings": [
            {**finding, "text": texts.get(finding["criterion"], finding["criterion"])}
            for finding in content["findings"]
        ],
        "at": opinion.at,
        "algorithm": key.algorithm,
        "signature": opinion.signature,
    }


def present_entitlements(session: Session, page: Page[ChronicEntitlement], language: str) -> dict[str, Any]:
    """A page of entitlements with the institutions chosen for each."""
    chosen = entitlements.institutions_of(session, [one.id for one in page.items])
    items = [present_entitlement(one, chosen.get(one.id, []), language) for one in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def present_entitlement(
    entitlement: ChronicEntitlement, institution_ids: Sequence[UUID], language: str
) -> dict[str, Any]:
    """One entitlement."""
    today = clock.today()
    times = pack_by_id(entitlement.pack_id).institution_changes_per_year
    free_from = entitlements.next_change(entitlement, times)
    return {
        "id": entitlement.id,
        "filing_id": entitlement.filing_id,
        "benefit": entitlement.benefit,
        "opsp_dise_code": entitlement.opsp_dise_code,
        "opsp_dise_name": entitlement.opsp_dise_name,
        "insutype": entitlement.insutype,
        "insu_admdvs": entitlement.insu_admdvs,
        "psn_no": entitlement.psn_no,
        "hosp_ide_date": entitlement.hosp_ide_date,
        "appy_date": entitlement.appy_date,
        "begndate": entitlement.begndate,
        "enddate": entitlement.enddate,
        "status": entitlement.state,
        "in_force": entitlement.state is EntitlementStatus.ACTIVE
        and entitlement.begndate <= today
        and (entitlement.enddate is None or today <= entitlement.enddate),
        "validity_text": entitlements.words(entitlement).in_language(language),
        "withdrawn_reason": entitlement.withdrawn_reason,
        "institution_ids": list(institution_ids),
        "institutions_free_from": free_from if free_from is not None and free_from > today else None,
        "version": entitlement.version,
    }


def present_draw_days(pool_name: str, days: Sequence[DrawSeed]) -> dict[str, Any]:
    """Commitments of all days, and the seeds of those that are over."""
    return {
        "pool": pool_name,
        "items": [
            {
                "day": one.day,
                "commitment": one.commitment,
                "committed_at": one.created_at,
                "seed": one.seed if seeds.is_shown(one) else None,
            }
            for one in days
        ],
    }
