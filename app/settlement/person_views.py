"""Bills as the person reads them, in the reader's language."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits import packs
from app.benefits.pack_model import PolicyPack
from app.kit.crypto import SealBroken
from app.kit.packs import Source
from app.kit.pages import Page
from app.kit.sealing import is_whole
from app.kit.text import EN
from app.places import service as places
from app.settlement import person_words
from app.settlement.models import PAID_COLUMNS, PART_COLUMNS, Settlement, SettlementState
from app.settlement.summary import BenefitUse, Year

_LINE = (
    "number",
    "name",
    "amount_fen",
    "own_expense_fen",
    "over_limit_fen",
    "first_share_fen",
    "in_scope_fen",
)


def names_of_places(session: Session, bills: Collection[Settlement]) -> Mapping[UUID, str]:
    """What the institutions of these bills are called. One statement, none without bills."""
    if not bills:
        return {}
    found = places.institutions_by_ids(session, {one.institution_id for one in bills})
    return {institution_id: one.name for institution_id, one in found.items()}


def place_of(bill: Settlement, names: Mapping[UUID, str], language: str) -> str:
    return names.get(bill.institution_id) or person_words.UNKNOWN_PLACE.in_language(language)


def present_page(session: Session, page: Page[Settlement], language: str) -> dict[str, Any]:
    names = names_of_places(session, page.items)
    items = [_bill(one, names, language) for one in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


def present_bill(bill: Settlement, names: Mapping[UUID, str], language: str) -> dict[str, Any]:
    """One bill with why it came to so much, each step with the source that its pack names."""
    pack = _pack_of(bill)
    detail, genuine = _detail_of(bill)
    return {
        **_bill(bill, names, language),
        **{name: getattr(bill, name) for name in PART_COLUMNS},
        "psn_part_fen": bill.medfee_fen - bill.fund_pay_fen,
        "balance_fen": bill.balance_fen,
        "insutype": bill.insutype,
        "insutype_text": person_words.insurance(bill.insutype.value).in_language(language),
        "insu_admdvs": bill.insu_admdvs,
        "insured_in": places.full_name(bill.insu_admdvs),
        "mdtrt_id": bill.mdtrt_id or None,
        "chrg_bchno": bill.chrg_bchno,
        "pack_id": bill.pack_id,
        "pack_title": pack.title if pack is not None else None,
        "genuine": genuine,
        "genuine_text": None if genuine else person_words.NOT_GENUINE.in_language(language),
        "steps": [_step(one, pack, language) for one in detail.get("steps", ())],
        "lines": [_line(one, pack, language) for one in detail.get("lines", ())],
    }


def _bill(bill: Settlement, names: Mapping[UUID, str], language: str) -> dict[str, Any]:
    place = place_of(bill, names, language)
    return {
        "id": bill.id,
        "person_id": bill.person_id,
        "institution_id": bill.institution_id,
        "institution_name": place,
        "day": bill.day,
        "year": bill.year,
        "settled_at": bill.settled_at,
        "med_type": bill.med_type,
        "med_type_text": person_words.care(bill.med_type).in_language(language),
        "state": bill.state,
        "state_text": person_words.STATES[bill.state].in_language(language),
        "counts": bill.state is SettlementState.SETTLED,
        "ended_at": bill.ended_at,
        **{name: getattr(bill, name) for name in PAID_COLUMNS},
        "text": person_words.bill_sentence(bill, place).in_language(language),
    }


def _detail_of(bill: Settlement) -> tuple[Mapping[str, Any], bool]:
    """The lines and steps, and whether the row is as we wrote it; nothing where they do not even open."""
    try:
        return bill.detail, is_whole(bill)
    except (SealBroken, ValueError):
        return {}, False


def _pack_of(bill: Settlement) -> PolicyPack | None:
    if bill.pack_id is None:
        return None
    try:
        return packs.pack_by_id(bill.pack_id)
    except LookupError:
        return None


def _step(step: Mapping[str, Any], pack: PolicyPack | None, language: str) -> dict[str, Any]:
    return {
        "kind": step["kind"],
        "text": _words(step, language),
        "amount_fen": step["amount_fen"],
        "rule": step["rule"],
        "source": _source(pack, step["source"]),
    }


def _line(line: Mapping[str, Any], pack: PolicyPack | None, language: str) -> dict[str, Any]:
    return {
        **{name: line[name] for name in _LINE},
        "text": _words(line, language),
        "source": _source(pack, line["source"]),
    }


def _words(said: Mapping[str, Any], language: str) -> str:
    return str(said["en"] if language == EN else said["zh"])


def _source(pack: PolicyPack | None, key: str | None) -> dict[str, Any] | None:
    if pack is None or key is None or key not in pack.sources:
        return None
    return present_source(pack.sources[key])


def present_source(source: Source) -> dict[str, Any]:
    return {"kind": source.kind, "ref": source.ref, "text": source.text}


def present_year(found: Year, language: str) -> dict[str, Any]:
    return {
        "person_id": found.person_id,
        "year": found.year,
        "until": found.until,
        "totals": asdict(found.totals),
        "care": [
            {
                "med_type": one.med_type,
                "med_type_text": person_words.care(one.med_type).in_language(language),
                **asdict(one.totals),
            }
            for one in found.care
        ],
        "benefits": [_use(one, language) for one in found.benefits],
        "without_benefit": asdict(found.without_benefit),
        "taken_back": found.taken_back,
        "text": found.words.in_language(language),
    }


def _use(one: BenefitUse, language: str) -> dict[str, Any]:
    return {
        "accumulator": one.accumulator,
        "name": one.name.in_language(language),
        "region": one.region.in_language(language),
        "counted_fen": one.used.counted_fen,
        "counted_caps_fen": list(one.counted_caps_fen),
        "deductible_used_fen": one.used.deductible_fen,
        "deductible_yearly_fen": one.deductible_yearly_fen,
        "fund_paid_fen": one.used.fund_fen,
        "fund_cap_fen": one.fund_cap_fen,
        "bills": asdict(one.bills) if one.bills is not None else None,
        "text": one.words.in_language(language),
        "sources": [present_source(source) for source in one.sources],
    }
