"""What a person holds or has under way already, of which another application would be a double."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.filings import service as filings
from app.kit.errors import Problem
from app.kit.text import Text
from app.services.chronic_disease import entitlements, errors
from app.services.chronic_disease.benefits import Benefit, criteria_of, disease_name
from app.services.chronic_disease.models import ChronicEntitlement
from app.services.chronic_disease.pack_model import CriteriaPack, DiseaseCriteria

RENEWAL_DAYS = 90
"""So many days before its end an entitlement may be applied for anew where the pack says nothing. Ours."""


def find(
    session: Session,
    person_id: UUID,
    filing_id: UUID,
    pack: CriteriaPack,
    benefit: Benefit,
    codes: Sequence[str],
    today: date,
) -> Problem | None:
    """Why these diseases cannot be applied for beside what there is, the case itself left out. The first reason."""
    held = held_besides(session, person_id, filing_id, today)
    for code in codes:
        rules = criteria_of(pack, benefit, code)
        problem = None if rules is None else _held(pack, benefit, rules, held, today)
        if problem is not None:
            return problem
    return _pending(session, person_id, filing_id, pack, benefit, codes)


def refuse(
    session: Session,
    person_id: UUID,
    filing_id: UUID,
    pack: CriteriaPack,
    benefit: Benefit,
    codes: Sequence[str],
    today: date,
) -> None:
    """Raise what ``find`` finds."""
    problem = find(session, person_id, filing_id, pack, benefit, codes, today)
    if problem is not None:
        raise problem


def refuse_grant(
    session: Session,
    person_id: UUID,
    filing_id: UUID,
    pack: CriteriaPack,
    benefit: Benefit,
    codes: Iterable[str],
    today: date,
) -> None:
    """Raise HELD_MEANWHILE, naming every disease against which stands what the person has got since the submission."""
    held = held_besides(session, person_id, filing_id, today)
    against: dict[str, ChronicEntitlement] = {}
    for code in codes:
        rules = criteria_of(pack, benefit, code)
        other = None if rules is None else _standing_against(benefit, rules, held, today)
        if other is not None:
            against[code] = other
    if not against:
        return
    words = [
        Text(
            f"“{disease_name(code)}”（已有“{other.opsp_dise_name}”待遇）",
            f"{disease_name(code)} (holds {other.opsp_dise_name})",
        )
        for code, other in against.items()
    ]
    raise errors.HELD_MEANWHILE(
        diseases=Text("、".join(map(str, words)), ", ".join(one.en for one in words)),
        errors={"data.rejected": words},
        extra={"disease_codes": list(against)},
    )


def held_besides(session: Session, person_id: UUID, filing_id: UUID, today: date) -> list[ChronicEntitlement]:
    """What the person holds today or later, otherwise than by this very case."""
    found = entitlements.not_ended(session, person_id, today)
    return [one for one in found if one.filing_id != filing_id]


def renewed_by(held: Iterable[ChronicEntitlement], benefit: Benefit, code: str) -> ChronicEntitlement | None:
    """The entitlement for the same disease that ends last, to which another one would be the renewal."""
    same = [one for one in held if one.benefit == benefit and one.opsp_dise_code == code]
    return max(same, key=lambda one: one.enddate or date.max, default=None)


def _held(
    pack: CriteriaPack,
    benefit: Benefit,
    rules: DiseaseCriteria,
    held: Sequence[ChronicEntitlement],
    today: date,
) -> Problem | None:
    name = disease_name(rules.disease_code)
    against = _standing_against(benefit, rules, held, today)
    if against is not None and against.opsp_dise_code == rules.disease_code and against.benefit == benefit:
        until = f"有效期至 {against.enddate}" if against.enddate else "长期有效"
        return errors.ALREADY_ENTITLED(disease=name, until=until)
    if against is not None:
        return errors.EXCLUDED(disease=name, other=against.opsp_dise_name)
    for one in held:
        wider = criteria_of(pack, Benefit.CHRONIC, one.opsp_dise_code)
        if one.benefit == Benefit.CHRONIC and wider is not None and rules.disease_code in wider.includes:
            return errors.COVERED(disease=name, other=one.opsp_dise_name)
    return None


def _standing_against(
    benefit: Benefit, rules: DiseaseCriteria, held: Sequence[ChronicEntitlement], today: date
) -> ChronicEntitlement | None:
    """What must not be held beside this disease: another for the same that does not end soon, or an excluded one."""
    same = renewed_by(held, benefit, rules.disease_code)
    if same is not None and not _renewable(same.enddate, rules, today):
        return same
    return next(
        (one for one in held if one.benefit == Benefit.CHRONIC and one.opsp_dise_code in rules.excludes),
        None,
    )


def _renewable(enddate: date | None, rules: DiseaseCriteria, today: date) -> bool:
    days = rules.renewal.from_days_before if rules.renewal is not None else RENEWAL_DAYS
    return enddate is not None and today >= enddate - timedelta(days=days)


def _pending(
    session: Session,
    person_id: UUID,
    filing_id: UUID,
    pack: CriteriaPack,
    benefit: Benefit,
    codes: Sequence[str],
) -> Problem | None:
    for filing in filings.pending_of_subject(session, person_id, benefit.value, filing_id):
        under_way = [entry.get("disease_code") for entry in filing.form.get("diseases", ())]
        for code in codes:
            if code in under_way:
                return errors.ALREADY_PENDING(disease=disease_name(code), number=filing.number)
            rules = criteria_of(pack, benefit, code)
            for other in under_way:
                if rules is not None and other in rules.excludes:
                    return errors.EXCLUDED_PENDING(
                        disease=disease_name(code), other=disease_name(other), number=filing.number
                    )
    return None
