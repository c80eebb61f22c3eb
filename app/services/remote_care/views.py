"""Advice and records as answers."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from app.kit import clock
from app.kit.api.ready import as_json
from app.kit.packs import Source
from app.kit.pages import Page
from app.places import regions
from app.services.remote_care.advice import Advice, CategoryAdvice, ProofAdvice
from app.services.remote_care.categories import CATEGORIES, Decision
from app.services.remote_care.models import VALID, RemoteCareRecord
from app.services.remote_care.recording import validity_words
from app.services.remote_care.service import Question
from app.services.remote_care.shares import ShareLine

KEPT_ANSWERS: Final = 400
"""Of some ten kilobytes each: 4 MB at most."""


@lru_cache(maxsize=KEPT_ANSWERS)
def advice_text(question: Question, language: str) -> str:
    """The whole answer as JSON. Many ask the same within a day: it is worked out and written once."""
    return as_json(present_advice(question.answer(), language))


def present_advice(advice: Advice, language: str) -> dict[str, Any]:
    """The whole answer in the reader's language."""
    lines = [*advice.without_filing, *(line for category in advice.categories for line in category.shares)]
    return {
        "must_file": advice.must_file.value,
        "reason": str(advice.reason),
        "text": advice.words.in_language(language),
        "source": _source(advice.source),
        "pack_id": advice.pack_id,
        "pack_until": advice.pack_until,
        "numbers_known": any(line.percent is not None for line in lines),
        "with_filing": [_category(category, language) for category in advice.categories],
        "without_filing": _shares(advice.without_filing, language),
        "notes": [
            {"text": note.words.in_language(language), "source": _source(note.source)}
            for note in advice.notes
        ],
    }


def _category(advice: CategoryAdvice, language: str) -> dict[str, Any]:
    return {
        "category": advice.category,
        "name": advice.name.in_language(language),
        "for_whom": advice.for_whom.in_language(language),
        "proofs": [_proof(proof, language) for proof in advice.proofs],
        "valid_until": advice.valid_until,
        "lock_until": advice.lock_until,
        "text": advice.words.in_language(language),
        "shares": _shares(advice.shares, language),
    }


def _proof(advice: ProofAdvice, language: str) -> dict[str, Any]:
    return {
        "proof": advice.proof.value,
        "papers": [[kind.value for kind in group.any_of] for group in advice.papers],
        "instant": advice.decision is Decision.INSTANT,
        "deadline_days": advice.deadline_days,
        "text": advice.words.in_language(language),
        "source": _source(advice.source),
    }


def _shares(lines: Sequence[ShareLine], language: str) -> list[dict[str, Any]]:
    return [
        {
            "situation": line.situation.value,
            "hospital_level": line.hospital_level,
            "percent": line.percent,
            "example_fund_fen": line.example_fund_fen,
            "example_person_fen": line.example_person_fen,
            "text": line.words.in_language(language),
            "source": _source(line.source) if line.source is not None else None,
        }
        for line in lines
    ]


def _source(source: Source) -> dict[str, str]:
    return {"kind": source.kind, "ref": source.ref, "text": source.text}


def present_record(record: RemoteCareRecord, language: str) -> dict[str, Any]:
    """A record under the platform's names, and in words."""
    today = clock.today()
    ends = record.enddate
    names = {column.key: getattr(record, column.key) for column in RemoteCareRecord.__table__.columns}
    return {
        **names,
        "place_name": regions.full_name(record.rloc_admdvs),
        "category_name": CATEGORIES[record.category].name.in_language(language),
        "validity_text": validity_words(record).in_language(language),
        "in_force": record.vali_flag == VALID
        and record.begndate <= today
        and (ends is None or today <= ends),
    }


def present_records(page: Page[RemoteCareRecord], language: str) -> dict[str, Any]:
    return {
        "items": [present_record(record, language) for record in page.items],
        "next_cursor": page.next_cursor,
    }
